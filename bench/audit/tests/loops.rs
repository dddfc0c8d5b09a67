//! Counts instructions of small functions whose code is known.

#![cfg(target_arch = "x86_64")]

use pi_audit::{Audit, Flow, Image, Lines, Tally, Width, hot_loop};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Calls the kernel with the number of samples that the command line gives.
const MAIN: &str = r"
#include <stdint.h>
#include <stdlib.h>
uint64_t kernel(uint64_t seed, uint64_t first, uint64_t count);
int main(int words, char **word) {
    (void)words;
    return kernel(1, 0, strtoull(word[1], 0, 10)) == 12345;
}
";

/// A function that compilers inline, in a folder of its own.
const SQUARE: &str = "static inline float square(float x) { return x * x; }";

/// A program with a kernel in assembly language, C or Rust.
struct Program {
    _folder: TempDir,
    path: PathBuf,
}

impl Program {
    fn new(name: &str, source: &str, options: &[&str]) -> Self {
        Self::by("cc", name, source, options)
    }

    fn by(compiler: &str, name: &str, source: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        fs::write(folder.path().join("main.c"), MAIN).unwrap();
        fs::create_dir(folder.path().join("other")).unwrap();
        fs::write(folder.path().join("other/square.h"), SQUARE).unwrap();
        fs::write(folder.path().join(name), source).unwrap();
        let kernel =
            if name.ends_with(".rs") { rust_object(folder.path(), name) } else { name.to_owned() };
        let done = Command::new(compiler)
            .current_dir(folder.path())
            .args(options)
            .args(["main.c", &kernel, "-o", "program"])
            .status()
            .unwrap();
        assert!(done.success());
        Self { _folder: folder, path }
    }

    fn image(&self) -> Image {
        Image::open(&self.path).unwrap()
    }

    fn audit(&self) -> anyhow::Result<Audit> {
        let image = self.image();
        Audit::new(&image, image.function("kernel")?, |samples| {
            let mut command = Command::new(&self.path);
            command.arg(samples.to_string());
            Ok(command)
        })
    }

    fn work(&self) -> Vec<(String, f64)> {
        self.audit().unwrap().work().into_iter().collect()
    }

    fn tally(&self) -> Tally {
        self.audit().unwrap().tally()
    }
}

fn rust_object(folder: &Path, name: &str) -> String {
    let done = Command::new("rustc")
        .current_dir(folder)
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--emit=obj",
            "-Copt-level=3",
            "-o",
            "kernel.o",
            name,
        ])
        .status()
        .unwrap();
    assert!(done.success());
    "kernel.o".to_owned()
}

/// One sample a turn: 7 instructions, of which one multiplies, one shifts, one loads and one stores.
const ONE_BY_ONE: &str = r"
    .globl kernel
    .type kernel, @function
kernel:
    xorl %eax, %eax
    pushq %rdi
again:
    imulq %rdi, %rdi
    movq %rdi, (%rsp)
    shrq $7, %rdi
    xorq (%rsp), %rdi
    addq %rdi, %rax
    decq %rdx
    jnz again
    popq %rdi
    ret
    .section .note.GNU-stack
";

#[test]
fn each_instruction_of_a_loop_is_counted_by_its_kind() {
    let tally = Program::new("kernel.S", ONE_BY_ONE, &[]).tally();
    let expected = Tally {
        instructions: 7.0,
        multiplies: 1.0,
        shifts: 1.0,
        logic: 1.0,
        additions: 2.0,
        loads: 1.0,
        stores: 1.0,
        spills: 2.0,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
    assert_eq!(tally.width(), Width::Scalar);
}

/// Eight samples a turn, in an inner loop of two turns with 2 vectors of 2 samples each, and a call.
const NESTED: &str = r"
    .globl kernel
    .type kernel, @function
kernel:
    xorl %eax, %eax
again:
    movl $2, %ecx
inner:
    pmuludq %xmm1, %xmm0
    pmuludq %xmm3, %xmm2
    paddq %xmm2, %xmm0
    decl %ecx
    jnz inner
    call helper
    subq $8, %rdx
    ja again
    ret
    .type helper, @function
helper:
    psrlq $62, %xmm0
    ret
    .section .note.GNU-stack
";

#[test]
fn inner_loops_and_called_functions_are_counted_as_often_as_they_run() {
    let program = Program::new("kernel.S", NESTED, &[]);
    let tally = program.tally();
    // 4 turns' worth of overhead is counted too: 1 + 2 * 5 + 1 + 2 + 2 instructions for 8 samples.
    assert_eq!(tally.instructions, 16.0 / 8.0);
    assert_eq!((tally.vector, tally.multiplies), (7.0 / 8.0, 4.0 / 8.0));
    assert_eq!((tally.shifts, tally.calls), (1.0 / 8.0, 1.0 / 8.0));
    assert_eq!((tally.spills, tally.fma), (0.0, 0.0));
    assert_eq!(tally.width(), Width::Bits(128));
}

#[test]
fn the_hot_loop_is_the_inner_loop_if_it_has_most_instructions() {
    let audit = Program::new("kernel.S", NESTED, &[]).audit().unwrap();
    let lines: Vec<_> = hot_loop(&audit).unwrap().lines().collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(lines[0].2, "pmuludq %xmm1,%xmm0");
    assert_eq!(lines[0].1, 0.25);
}

/// The loop is reached by a jump through a register, which no reading of the code can follow.
const JUMPS: &str = r"
    .globl kernel
    .type kernel, @function
kernel:
    leaq again(%rip), %rcx
    jmp *%rcx
    ud2
again:
    rolq $3, %rax
    decq %rdx
    jnz again
    ret
    .section .note.GNU-stack
";

#[test]
fn code_behind_a_jump_through_a_register_is_found_when_it_runs() {
    let tally = Program::new("kernel.S", JUMPS, &[]).tally();
    assert_eq!((tally.instructions, tally.shifts), (3.0, 1.0));
}

/// Keeps the number of samples below the stack pointer, and the carry flag across blocks: 8 instructions for
/// two samples.
const FLAGS: &str = r"
    .globl kernel
    .type kernel, @function
kernel:
    movq %rdx, -8(%rsp)
    movl $77, %eax
again:
    subq $2, -8(%rsp)
    ja second
    jmp last
second:
    ja third
    ud2
third:
    movq -8(%rsp), %rcx
    cmpl $77, %eax
    jne last
    incl %ecx
    jmp again
last:
    ret
    .section .note.GNU-stack
";

#[test]
fn counting_leaves_flags_registers_and_the_memory_below_the_stack_alone() {
    let tally = Program::new("kernel.S", FLAGS, &[]).tally();
    assert_eq!((tally.instructions, tally.loads, tally.stores), (4.0, 1.0, 0.5));
}

/// A jump through a register in each turn: 4 instructions a sample.
const SWITCH: &str = r"
    .globl kernel
    .type kernel, @function
kernel:
    leaq again(%rip), %rcx
again:
    rolq $3, %rax
    decq %rdx
    jz last
    jmp *%rcx
last:
    ret
    .section .note.GNU-stack
";

#[test]
fn jumps_through_a_register_in_the_loop_are_counted_with_fewer_samples() {
    let tally = Program::new("kernel.S", SWITCH, &[]).tally();
    assert_eq!((tally.instructions, tally.shifts), (4.0, 1.0));
}

/// Instructions of each kind and width, and moves, which need no unit that computes: one turn a sample.
const KINDS: &str = r"
    .globl kernel
    .type kernel, @function
kernel:
again:
    vpmuludq %ymm1, %ymm2, %ymm3
    vpaddq -64(%rsp), %ymm3, %ymm3
    vfmadd231pd %ymm1, %ymm2, %ymm3
    vmulpd %xmm1, %xmm2, %xmm3
    vaddsd %xmm1, %xmm2, %xmm4
    vcmppd $1, %ymm1, %ymm2, %ymm4
    vcvtdq2pd %xmm1, %ymm4
    vpbroadcastq -8(%rsp), %ymm5
    vpbroadcastq %xmm1, %ymm5
    vmovdqa %ymm5, %ymm6
    vmovdqu %xmm5, -64(%rsp)
    vpblendd $3, %ymm1, %ymm2, %ymm6
    vmovmskpd %ymm6, %eax
    movq %rax, %rcx
    imulq %rcx, %rcx
    popcntq %rcx, %rcx
    decq %rdx
    jnz again
    ret
    .section .note.GNU-stack
";

#[test]
fn the_work_of_a_core_has_kinds_and_widths() {
    if !(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")) {
        eprintln!("this CPU lacks AVX2 or FMA: its instructions are not counted");
        return;
    }
    let expected = [
        ("add-256", 1.0),
        ("add-64", 1.0),
        ("blend-256", 1.0),
        ("float-add-128", 1.0),
        ("float-multiply-128", 1.0),
        ("fma-256", 1.0),
        ("instructions", 17.0),
        ("load-256", 1.0),
        ("load-64", 1.0),
        ("multiply-256", 1.0),
        ("multiply-64", 1.0),
        ("other-256", 3.0),
        ("other-64", 1.0),
        ("shuffle-256", 1.0),
        ("slots-128", 2.0),
        ("slots-256", 8.0),
        ("slots-64", 3.0),
        ("store-128", 1.0),
    ];
    let expected = expected.map(|(name, times)| (name.to_owned(), times));
    let program = Program::new("kernel.S", KINDS, &[]);
    assert_eq!(program.work(), expected);
    assert_eq!(program.tally().fma, 1.0);
}

/// Eight sums, so that compilers add vectors without changing the order of additions.
const C: &str = r#"
#include <stdint.h>
#include "other/square.h"
uint64_t kernel(uint64_t seed, uint64_t first, uint64_t count) {
    float sum[8] = {0};
    for (uint64_t i = 0; i < count; i += 8)
        for (int lane = 0; lane < 8; lane++) {
            float x = (float)(int32_t)(seed + first + i + (uint64_t)lane);
            sum[lane] += square(x);
        }
    float all = 0;
    for (int lane = 0; lane < 8; lane++)
        all += sum[lane];
    return (uint64_t)all;
}
"#;

#[test]
fn gcc_and_clang_make_a_loop_of_floats_with_one_multiplication_each() {
    for compiler in ["gcc", "clang", "clang-19"] {
        if Command::new(compiler).arg("--version").output().is_err() {
            eprintln!("{compiler} is not installed: its code is not audited");
            continue;
        }
        let program = Program::by(compiler, "kernel.c", C, &["-O3", "-ffp-contract=off"]);
        let tally = program.tally();
        // A multiplication for each sample, or one for a vector of them.
        assert!(tally.multiplies <= 1.0 && tally.multiplies >= 1.0 / 16.0, "{compiler}: {tally:?}");
        assert_eq!(tally.fma, 0.0, "{compiler}");
    }
}

#[test]
fn the_source_is_that_of_the_kernel_rather_than_of_functions_from_elsewhere() {
    let program = Program::new("kernel.c", C, &["-O3", "-g"]);
    let audit = program.audit().unwrap();
    let mut lines = Lines::new(&program.image());
    let loops = hot_loop(&audit).unwrap();
    let places: Vec<_> = loops.lines().filter_map(|line| lines.at(line.0)).collect();
    let is_of_kernel = |place: &(String, String)| place.0.starts_with("kernel.c:");
    assert!(!places.is_empty() && places.iter().all(is_of_kernel), "{places:?}");
    assert!(places.iter().any(|place| place.1 == "sum[lane] += square(x);"), "{places:?}");
}

const RUST: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn kernel(seed: u64, first: u64, count: u64) -> u64 {
    let mut state = seed;
    for i in first..first + count {
        state = state.rotate_left(5) ^ i.wrapping_mul(state);
    }
    state
}
"#;

#[test]
fn rustc_keeps_a_loop_whose_turns_depend_on_each_other() {
    let tally = Program::new("kernel.rs", RUST, &[]).tally();
    assert_eq!((tally.multiplies, tally.shifts, tally.logic), (1.0, 1.0, 1.0), "{tally:?}");
    assert_eq!(tally.width(), Width::Scalar);
}

#[test]
fn a_kernel_without_a_loop_has_none() {
    let source = "#include <stdint.h>\nuint64_t kernel(uint64_t s, uint64_t f, uint64_t c) { return s + f + c; }";
    let program = Program::new("kernel.c", source, &["-O2"]);
    let audit = program.audit().unwrap();
    assert!(hot_loop(&audit).is_none());
    assert_eq!(audit.tally(), Tally::default());
    assert_eq!(audit.tally().width(), Width::Scalar);
}

#[test]
fn what_is_no_program_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text");
    fs::write(&path, "#!/bin/sh\n").unwrap();
    let error = Image::open(&path).unwrap_err().to_string();
    assert!(error.contains("is no program in machine code"), "{error}");
    let error = Image::open(&folder.path().join("nothing")).unwrap_err().to_string();
    assert!(error.contains("cannot read"), "{error}");
}

#[test]
fn a_stripped_program_and_an_unknown_function_say_so() {
    let stripped = Program::new("kernel.S", NESTED, &["-s"]);
    let error = stripped.image().function("kernel").unwrap_err().to_string();
    assert!(error.contains("it was stripped"), "{error}");
    let error = Program::new("kernel.S", NESTED, &[]).image().function("other").unwrap_err();
    assert!(error.to_string().contains("has no function other"), "{error}");
}

#[test]
fn a_program_that_never_calls_the_kernel_says_so() {
    let program = Program::new("kernel.S", NESTED, &[]);
    let image = program.image();
    let entry = image.function("kernel").unwrap();
    // Without an argument main crashes before its call.
    let error = Audit::new(&image, entry, |_| Ok(Command::new(&program.path))).unwrap_err();
    assert!(error.to_string().contains("without a call of the kernel"), "{error}");
}

#[test]
fn no_code_is_no_kernel() {
    let program = Program::new("kernel.S", NESTED, &[]);
    let error = Flow::new(&program.image(), &[0]).unwrap_err().to_string();
    assert!(error.contains("no machine code at 0x0"), "{error}");
}
