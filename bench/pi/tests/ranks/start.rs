//! Starts `pi` on ranks, and checks its answers and errors.
//!
//! `MPIEXEC` names the launcher of the MPI with which the command was built. The default is mpiexec.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub fn pi() -> PathBuf {
    assert_cmd::cargo::cargo_bin("pi")
}

pub fn is_open_mpi() -> bool {
    static IS: OnceLock<bool> = OnceLock::new();
    *IS.get_or_init(|| {
        let output = Command::new(launcher()).arg("--version").output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", launcher()));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.contains("Open MPI") || said.contains("OpenRTE") || said.contains("PRRTE")
    })
}

pub fn launcher() -> String {
    std::env::var("MPIEXEC").unwrap_or_else(|_| "mpiexec".to_owned())
}

/// The compiler of the MPI.
pub fn mpicc() -> String {
    std::env::var("MPICC").unwrap_or_else(|_| "mpicc".to_owned())
}

/// The launcher with these flags, with a time limit in case something hangs.
pub fn mpiexec(flags: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command.args(["600", &launcher()]);
    if is_open_mpi() {
        // Open MPI needs flags to start more ranks than cores, and to start ranks as root.
        command.arg("--oversubscribe");
        command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    }
    for variable in ["LIBPI_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS", "OMP_PLACES"] {
        command.env_remove(variable);
    }
    command.args(flags).stdin(Stdio::null());
    command
}

/// `pi` with these arguments on so many ranks.
pub fn on_ranks(ranks: usize, flags: &[&str], arguments: &str) -> Command {
    let mut command = mpiexec(flags);
    command.args(["-n", &ranks.to_string()]).arg(pi()).args(arguments.split(' '));
    command
}

pub fn run(mut command: Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn json(mut command: Command) -> Value {
    command.arg("--json");
    answer(command)
}

/// Checks for an empty stdout, one message with these words on stderr, and exit code 2 on all ranks.
pub fn refuses(command: Command, words: &[&str]) {
    let said = fails(command, 2, words);
    assert!(!said.to_lowercase().contains("mpi_abort"), "{said}");
}

/// After so long a rank says what a lower rank has said too, if the launcher has not ended it by then. On
/// a busy machine some launchers need longer.
const TURN: Duration = Duration::from_secs(4);

/// Checks for an empty stdout, one message with these words on stderr, and this exit code.
pub fn fails(command: Command, code: i32, words: &[&str]) -> String {
    let begin = Instant::now();
    let output = run(command);
    let is_ended_in_time = begin.elapsed() < TURN;
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    let voices = said.matches("error: ").count();
    assert!(voices == 1 || voices > 1 && !is_ended_in_time, "{voices} voices: {said}");
    for word in words {
        assert!(said.contains(word), "'{word}' is not in: {said}");
    }
    said
}

/// `pi` with these arguments on two ranks, each started by its own command.
pub fn on_two(flags: &[&str], commands: [&[&str]; 2], arguments: &str) -> Command {
    let mut command = mpiexec(flags);
    for (rank, before) in commands.into_iter().enumerate() {
        command.args(if rank == 0 { &[][..] } else { &[":"] }).args(["-n", "1"]);
        command.args(before).arg(pi()).args(arguments.split(' '));
        if arguments.contains("sample") {
            command.arg("--json");
        }
    }
    command
}

/// The answer of [`on_two`], which one rank prints for both.
pub fn answer(command: Command) -> Value {
    let output = run(command);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("one object, from one rank")
}

/// Builds a library that is loaded before all others. Returns `LD_PRELOAD=...` for `env`.
pub fn preloaded(folder: &Path, source: &str) -> String {
    let (file, library) = (folder.join("before.c"), folder.join("before.so"));
    fs::write(&file, source).unwrap();
    let mut compiler = Command::new(mpicc());
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&file);
    assert!(compiler.status().unwrap().success());
    format!("LD_PRELOAD={}", library.display())
}

/// `pi` on so many ranks, with a library that is loaded before all others.
pub fn on_ranks_with(preload: &str, ranks: usize, arguments: &str) -> Command {
    let mut command = mpiexec(&["-n", &ranks.to_string(), "env", preload]);
    command.arg(pi()).args(arguments.split(' '));
    command
}

/// `LD_PRELOAD=...` for a library that ends the process when MPI is initialised.
pub fn without_mpi(folder: &Path) -> String {
    let source = "#include <stdlib.h>\nint MPI_Init(void) { _Exit(77); }\n\
                  int MPI_Init_thread(void) { _Exit(77); }\n";
    preloaded(folder, source)
}

/// A job in which each rank runs this line in a shell. `$rank` is the rank.
pub fn script(flags: &[&str], line: &str) -> Command {
    let mut command = mpiexec(flags);
    let rank = "rank=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}; pi=$0";
    command.args(["-n", "2", "sh", "-c", &format!("{rank}; {line}")]).arg(pi());
    command
}

/// The flags with which this launcher does not bind ranks.
pub fn unbound() -> &'static [&'static str] {
    if is_open_mpi() { &["--bind-to", "none"] } else { &[] }
}
