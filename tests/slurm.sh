#!/bin/sh
# Runs the command under Slurm, in a private cluster that consists of this machine. `pi` must find
# its ranks when srun starts them, by PMIx (Open MPI) and PMI-2 (MPICH), and when an mpiexec inside
# a job starts them. The job scripts of bench/slurm run here as they are.
set -eu
cd "$(dirname "$0")/.."

[ "$(id -u)" -eq 0 ] || { echo "skipped: only root can start Slurm's daemons" >&2; exit 0; }
[ "$(nproc)" -gt 1 ] || { echo "skipped: two tasks need two CPUs" >&2; exit 0; }

folder=$(mktemp -d)
stop() {
    for daemon in slurmd slurmctld munged; do
        [ ! -s "$folder/$daemon.pid" ] || kill "$(cat "$folder/$daemon.pid")" || true
    done
    # The daemons write to the folder until they end.
    for _ in $(seq 100); do
        pgrep --full "$folder" >/dev/null || break
        sleep 0.1
    done
    pkill -KILL --full "$folder" || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

head --bytes=128 /dev/urandom >"$folder/key"
chmod 400 "$folder/key"
munged --force --key-file="$folder/key" --seed-file="$folder/seed" --socket="$folder/munge" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log"
cat >"$folder/slurm.conf" <<END
ClusterName=private
SlurmctldHost=$(hostname -s)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
# A job is queued again only after its credential has expired: 2 minutes by default.
AuthInfo=socket=$folder/munge,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/affinity
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
NodeName=$(hostname -s) CPUs=$(nproc)
PartitionName=all Nodes=ALL Default=YES
END
mkdir "$folder/state" "$folder/spool"
export SLURM_CONF="$folder/slurm.conf"
slurmctld -f "$SLURM_CONF" -L "$folder/slurmctld.log"
slurmd -f "$SLURM_CONF" -L "$folder/slurmd.log"

# expect PATTERN COMMAND...: the command must succeed and print a line that matches. The time limit
# ends a job that Slurm never starts.
expect() {
    pattern=$1
    shift
    echo "--- $*"
    timeout 300 "$@" >"$folder/output" || { cat "$folder/output" "$folder"/slurm*.log; exit 1; }
    grep --extended-regexp "$pattern" "$folder/output" ||
        { cat "$folder/output"; echo "no line matches '$pattern'" >&2; exit 1; }
}

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
for mpi in openmpi mpich; do
    make --quiet build MPI=$mpi
    pi=$(cat "${CARGO_TARGET_DIR:-target}/$mpi/install/release/folder")/pi
    [ $mpi = openmpi ] && plugin=pmix || plugin=pmi2
    # The known hits of the first 10^8 samples of philox with seed 42.
    hits='78544189 of 100000000'
    ranks='serial/2x1$'
    expect "$hits" srun --mpi="$plugin" -n 2 "$pi" sample -n 1e8
    expect "$ranks" srun --mpi="$plugin" -n 2 "$pi" sample -n 1e8
    # mpiexec starts its helpers with srun, so the ranks see the variables of srun too.
    expect "$ranks" salloc --quiet -n 2 mpiexec.$mpi -n 2 "$pi" sample -n 1e8
    # A single task may be the shell of an interactive job, whose PMI need not fit the MPI. So `pi`
    # in a single task runs alone.
    expect 'serial/1x1$' srun --mpi=pmi2 -n 1 "$pi" sample -n 1e8 --threads 1
done

export PI="$pi"
scripts=$PWD/bench/slurm
cd "$folder"

# Ends when a file is there. Fails after 20 minutes.
wait_for() {
    for _ in $(seq 1200); do
        [ ! -s "$1" ] || return 0
        sleep 1
    done
    cat ./*.out "$folder/slurmctld.log"
    echo "$1 did not come" >&2
    exit 1
}

# Class E of NAS Parallel Benchmarks' EP takes longer than the time limit of a minute, which is the
# shortest. Each job ends, is queued again and goes on, and the hits are those that are published.
sbatch --time=1 --signal=USR1@20 --output=long.out "$scripts/long.sh" \
    long -n 2^40 --generator npb --threads 1
wait_for long.json
expect '"hits": 863554308186' cat long.json
expect 'stopped by SIGUSR1' cat long.out
expect 'long.checkpoint' ls long.checkpoint

# The first merge lacks a part, and names the command that counts it.
shards() {
    id=$(sbatch --parsable --array="$1" --output=shard-%a.out "$scripts/shards.sh" shards 5 -n 1e8)
    sbatch --wait --dependency="afterok:$id" --output=merge.out "$scripts/merge.sh" shards
}
if shards 1-4; then
    echo "a merge without the last part succeeded" >&2
    exit 1
fi
expect 'pi sample -n [0-9]+ --first [0-9]+ --generator philox --seed 42' cat merge.out
shards 5
expect '"hits": 78544189' cat shards.json
