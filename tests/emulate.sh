#!/bin/bash
# Runs an x86-64 Linux program on an emulated AVX-512 CPU: emulate.sh PROGRAM [ARGS...]
#
# A wrong result may be the emulator's fault: Bochs 2.7 rounds uint64 to floating point wrongly
# in rare cases (vcvtuqq2pd), and its vpconflictd and 512-bit vgatherqps are wrong.
#
# The script boots a Debian kernel under Bochs (QEMU's TCG has no AVX-512). The initramfs
# contains only PROGRAM and the libraries that `ldd` lists. PROGRAM's stdout and stderr both go
# to stdout. The exit code is PROGRAM's (128+N if signal N ended it), or one of the script's own:
# 2 a package is missing, 124 timed out, 125 the emulated machine failed, 127 no such program or
# library.
#
# Environment variables, with their defaults:
#   EMULATE_TIMEOUT  seconds on the host, including the boot (1200)
#   EMULATE_CPU      Bochs model (corei7_skylake_x: AVX-512 F CD BW DQ VL, which is
#                    x86-64-v4; corei3_cnl adds IFMA and VBMI)
#   EMULATE_CPUS     processors (1); more are not faster, because they share one host thread
#   EMULATE_MEMORY   MiB (1024)
#   EMULATE_FILES    other files or folders that PROGRAM reads, separated by spaces
#   EMULATE_KERNEL   a vmlinuz to use instead of Debian's cloud kernel
# The script passes OMP_*, GOMP_*, GFORTRAN_*, RUST_* and GLIBC_TUNABLES on to PROGRAM.
set -euo pipefail
die() { echo "emulate: ${*:2}" >&2; exit "$1"; }
[ $# -ge 1 ] || die 2 "usage: ${0##*/} PROGRAM [ARGS...]"

isolinux=/usr/lib/ISOLINUX/isolinux.bin ldlinux=/usr/lib/syslinux/modules/bios/ldlinux.c32
bios=/usr/share/bochs/BIOS-bochs-latest vgabios=/usr/share/vgabios/vgabios.bin
for need in "$isolinux" "$ldlinux" "$bios" "$vgabios" "$(type -P bochs)" "$(type -P busybox)" \
            "$(type -P xorriso)" "$(compgen -G '/usr/lib/*/bochs/plugins/libbx_term_gui.so')"; do
  [ -e "$need" ] || die 2 "packages are missing: apt-get install --no-install-recommends" \
    "bochs bochs-term bochsbios vgabios busybox-static isolinux syslinux-common xorriso"
done
program=$(realpath -e -- "$(type -P -- "$1")" 2>/dev/null) || die 127 "$1: no such program"
shift
work=$(mktemp -d) pid='' new=''
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || :; rm -rf "$work" ${new:+"$new"}' EXIT
trap 'exit 130' INT; trap 'exit 143' TERM; trap 'exit 129' HUP

# The kernel package is unpacked but not installed. The script keeps the kernel for later runs.
kernel=${EMULATE_KERNEL:-${XDG_CACHE_HOME:-$HOME/.cache}/emulate-avx512/vmlinuz}
if [ ! -e "$kernel" ]; then
  [ -z "${EMULATE_KERNEL:-}" ] || die 2 "$kernel: no such kernel"
  (cd "$work"
   package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends:/ { print $2; exit }')
   apt-get -qq -o APT::Sandbox::User=root download "$package" >&2
   dpkg -x "$package"_*.deb kernel) || die 2 "no kernel: run apt-get update, or set EMULATE_KERNEL"
  mkdir -p "${kernel%/*}"
  new=$(mktemp "${kernel%/*}/.vmlinuz.XXXXXX")
  cp "$work"/kernel/boot/vmlinuz-* "$new"
  mv "$new" "$kernel"   # the file is complete even if several scripts run at once
fi

# Files keep their path. Libraries go to /lib under the name by which programs load them.
root=$work/root; mkdir -p "$root"/{bin,dev,lib,proc,sys,tmp} "$work/iso" "$root$PWD"
add() { mkdir -p "$root${1%/*}"; cp -aL -- "$1" "$root${1%/*}/"; }
cp -L "$(type -P busybox)" "$root/bin/busybox"
for elf in "$program" "$root/bin/busybox"; do
  while read -r name arrow path _; do
    case $name:$arrow:$path in
      *:'=>':/*) cp -L -- "$path" "$root/lib/$name" ;;
      *:'=>':*) die 127 "$program: $name not found" ;;
      /*) add "$name" ;;   # the loader, whose path is fixed
    esac
  done < <(ldd "$elf" 2>/dev/null || :)   # ldd fails for a static program
done
add "$program"
for file in ${EMULATE_FILES:-}; do add "$(realpath -e -- "$file")"; done

# The program's output goes to the first serial port, unchanged. Kernel messages and the exit code
# go to the second port, so that they do not mix with the output.
{ cat <<'X'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev; $b mount -t proc proc /proc; $b mount -t sysfs sys /sys
$b mkdir -p /dev/shm; $b ln -s /proc/self/fd /dev/fd
$b stty -F /dev/ttyS0 raw
$b dmesg -n 8   # makes the kernel report faults
export PATH=/bin HOME=/tmp LD_LIBRARY_PATH=/lib LD_BIND_NOW=1
X
  for v in $(compgen -e | grep -E '^(OMP_|GOMP_|GFORTRAN_|RUST_|GLIBC_TUNABLES$)'); do echo "export $v=${!v@Q}"; done
  cat <<X
cd ${PWD@Q}; echo emulate-start >/dev/ttyS1
${program@Q} ${*@Q} </dev/null >/dev/ttyS0 2>&1
echo "emulate-exit:\$?:" >/dev/ttyS1
\$b stty -F /dev/ttyS0 raw; \$b poweroff -f   # stty waits for the output to drain
X
} >"$root/init"
chmod +x "$root/init"
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/iso/initrd"

# Bochs 2.7 reports a wrong size for XSAVEC's area, which would make the kernel turn AVX off. So the
# options below restrict the kernel to plain XSAVE. Under Bochs, ld.so faults when it resolves a
# symbol lazily while AVX-512 registers are in use; LD_BIND_NOW, set above, prevents that.
# tsc_early_khz is the true rate (CPUID claims 3.5 GHz). The other options save boot time; skipping
# the crypto self-tests saves the most.
ips=40000000   # near the true speed, so that the guest's clock runs about as fast as the host's
cat >"$work/iso/isolinux.cfg" <<X
default linux
prompt 0
label linux
kernel /linux
initrd /initrd
append console=ttyS1,115200 quiet noxsaves clearcpuid=xsavec tsc_early_khz=$((ips / 1000)) panic=-1 reboot=t mitigations=off nokaslr cryptomgr.notests initcall_blacklist=trace_eval_init,init_kprobe_trace,cubictcp_register
X
cp "$kernel" "$work/iso/linux"; cp "$isolinux" "$ldlinux" "$work/iso/"
xorriso -as mkisofs -quiet -o "$work/boot.iso" -b isolinux.bin -c boot.cat -no-emul-boot \
  -boot-load-size 4 -boot-info-table "$work/iso" 2>"$work/log" || die 125 "$(<"$work/log")"
# Bochs ends on power-off, and on the triple fault that follows a kernel panic.
cat >"$work/bochsrc" <<X
plugin_ctrl: speaker=0
cpu: model=${EMULATE_CPU:-corei7_skylake_x}, count=${EMULATE_CPUS:-1}, ips=$ips, reset_on_triple_fault=0, ignore_bad_msrs=1
memory: guest=${EMULATE_MEMORY:-1024}, host=${EMULATE_MEMORY:-1024}
romimage: file=$bios
vgaromimage: file=$vgabios
ata0-master: type=cdrom, path=$work/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/output
com2: enabled=1, mode=file, dev=$work/console
display_library: term
clock: sync=none, time0=utc
log: $work/log
panic: action=fatal
X
touch "$work/output" "$work/console"
# Debian's build of Bochs starts in its debugger; the command "c" continues.
TERM=xterm timeout -k 1 "${EMULATE_TIMEOUT:-1200}" bochs -q -f "$work/bochsrc" <<<c >"$work/bochs" 2>&1 &
pid=$!
status=0   # the 2> of the group hides the shell's message that the job was killed
{ tail -f -s 0.2 -n +1 --pid="$pid" "$work/output"; wait "$pid"; } 2>/dev/null || status=$?
pid=
code=$(sed -n 's/.*emulate-exit:\([0-9]*\):.*/\1/p' "$work/console" | tail -n 1)
if [ -z "$code" ] || [ "$code" -gt 128 ]; then   # prints the kernel's messages
  sed -n '/emulate-start/,/emulate-exit/ { /emulate-/!p }' "$work/console" >&2
fi
[ -z "$code" ] || exit "$code"
case $status in 124 | 137) die 124 "timed out after ${EMULATE_TIMEOUT:-1200} s" ;; esac
tail -n 20 "$work/console" "$work/bochs" >&2
die 125 "the emulated machine stopped early"
