//! The command on the ranks of MPI jobs: the same counts, one voice, and threads where they belong.
//!
//! `MPIEXEC` names the launcher of the MPI that the command was built with; otherwise it is mpiexec.

use libpi::cpus::{CpuCount, CpuMask};
use libpi::known::COUNTS;
use libpi::{Generator, Level};
use pi_harness::results::Results;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{fs, thread};

fn pi() -> PathBuf {
    assert_cmd::cargo::cargo_bin("pi")
}

fn is_open_mpi() -> bool {
    static IS: OnceLock<bool> = OnceLock::new();
    *IS.get_or_init(|| {
        let output = Command::new(launcher()).arg("--version").output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", launcher()));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.contains("Open MPI") || said.contains("OpenRTE") || said.contains("PRRTE")
    })
}

fn launcher() -> String {
    std::env::var("MPIEXEC").unwrap_or_else(|_| "mpiexec".to_owned())
}

/// The launcher with these flags of its own, ended in the end in case something hangs.
fn mpiexec(flags: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command.args(["600", &launcher()]);
    if is_open_mpi() {
        // Open MPI wants to be told that it may start more ranks than cores, and as root.
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
fn on_ranks(ranks: usize, flags: &[&str], arguments: &str) -> Command {
    let mut command = mpiexec(flags);
    command.args(["-n", &ranks.to_string()]).arg(pi()).args(arguments.split(' '));
    command
}

fn run(mut command: Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(mut command: Command) -> Value {
    command.arg("--json");
    answer(command)
}

/// Nothing on stdout, these words in one message on stderr, exit code 2 on all ranks.
fn refuses(command: Command, words: &[&str]) {
    let said = fails(command, 2, words);
    assert!(!said.to_lowercase().contains("mpi_abort"), "{said}");
}

/// Nothing on stdout, these words in one message on stderr, this exit code.
fn fails(command: Command, code: i32, words: &[&str]) -> String {
    let output = run(command);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "'{word}' is not in: {said}");
    }
    said
}

/// `pi` with these arguments on two ranks, each started by a command of its own.
fn on_two(flags: &[&str], commands: [&[&str]; 2], arguments: &str) -> Command {
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

/// What one rank of [`on_two`] answers for both.
fn answer(command: Command) -> Value {
    let output = run(command);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("one object, from one rank")
}

/// A library to stand before the others, as `LD_PRELOAD=...` for `env`.
fn preloaded(folder: &Path, source: &str) -> String {
    let (file, library) = (folder.join("before.c"), folder.join("before.so"));
    fs::write(&file, source).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&file);
    assert!(compiler.status().unwrap().success());
    format!("LD_PRELOAD={}", library.display())
}

/// `pi` on so many ranks, with a library before the others.
fn on_ranks_with(preload: &str, ranks: usize, arguments: &str) -> Command {
    let mut command = mpiexec(&["-n", &ranks.to_string(), "env", preload]);
    command.arg(pi()).args(arguments.split(' '));
    command
}

/// The exact kernels of the highest level that this CPU has.
fn best_kernels() -> String {
    let level = Level::ALL.iter().rfind(|level| level.missing().is_none()).unwrap();
    format!("[npx]*/*@{level}")
}

#[test]
fn every_kernel_and_driver_counts_right_on_any_number_of_ranks_and_threads() {
    for ranks in 1..=4 {
        for threads in 1..=3 {
            let arguments = format!("verify {} --threads {threads}", best_kernels());
            let report = json(on_ranks(ranks, &[], &arguments));
            assert_eq!(report["ok"], true, "{ranks}x{threads}: {report}");
            let cells = report["cells"].as_array().unwrap();
            assert_eq!(cells.len(), 3 * 3 * 5);
            let suffix = format!("/{ranks}x{threads}");
            assert!(cells.iter().any(|cell| cell["cell"].as_str().unwrap().ends_with(&suffix)));
        }
    }
}

/// Also where there are fewer blocks than ranks, and at the ends of the range.
#[test]
fn samples_are_dealt_to_ranks_once_each() {
    let known = COUNTS.iter().filter(|known| known.count < 1_100_000);
    for known in known.filter(|known| known.generator != Generator::Xoshiro) {
        let arguments = format!(
            "sample -n {} --seed {} --first {} --generator {}",
            known.count, known.seed, known.first, known.generator
        );
        let answer = json(on_ranks(3, &[], &arguments));
        assert_eq!(answer["hits"].as_u64(), Some(known.hits), "{known:?}");
        assert_eq!(answer["ranks"], 3);
        assert_eq!(answer["workers"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn kernels_are_dealt_to_ranks_in_turn() {
    for driver in ["serial", "rayon", "openmp-c", "openmp-fortran"] {
        let arguments = format!("sample -n 1e7 --kernel rust,c,fortran@x86-64 --driver {driver}");
        let arguments = arguments.replace("x86-64", Level::ALL[0].name());
        let answer = json(on_ranks(4, &[], &arguments));
        assert_eq!(answer["hits"], 7_855_825, "{driver}");
        assert_eq!(answer["kernel"], "rust+c+fortran");
        let kernels: Vec<&str> = answer["workers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rank| rank["kernel"].as_str().unwrap().split('@').next().unwrap())
            .collect();
        assert_eq!(kernels, ["rust", "c", "fortran", "rust"]);
    }
    let mut command = on_ranks(2, &[], "sample -n 1e7 --kernel");
    command.arg("rust, c, fortran");
    let answer = json(command);
    assert_eq!(answer["kernel"], "rust+c");
    assert!(answer["warnings"].to_string().contains("nobody counts with fortran"), "{answer}");
}

#[test]
fn times_are_those_of_all_ranks() {
    let answer = json(on_ranks(2, &[], "sample -n 1e8 --threads 1"));
    let compute = &answer["phases"]["compute"];
    let seconds = |value: &Value| value.as_f64().unwrap();
    assert_eq!(answer["seconds"], compute["max"]);
    assert!(seconds(&compute["min"]) <= seconds(&compute["median"]));
    assert!(seconds(&compute["median"]) <= seconds(&compute["max"]));
    assert!(seconds(&answer["phases"]["startup"]) > 0.0);
    assert!(seconds(&answer["phases"]["reduce"]) >= 0.0);
    assert!(seconds(&answer["imbalance"]) >= 0.0);
}

#[test]
fn wrong_options_end_all_ranks_with_one_message() {
    refuses(on_ranks(3, &[], "sample -n -1"), &["'-1'", "0 or more"]);
    refuses(on_ranks(3, &[], "sample -n 1 --kernel fortan"), &["'fortan'", "did you mean"]);
    refuses(on_ranks(3, &[], "sample -n 1 --seed 42 --generator npb"), &["odd"]);
    refuses(on_ranks(2, &[], "sample -n 1 --kernel rust,c,fortan"), &["'fortan'"]);
    refuses(on_ranks(2, &[], "verify philox nothing"), &["'nothing'"]);
    refuses(on_ranks(2, &[], "verify philox/c/threads/1x2"), &["2xTHREADS"]);
    refuses(on_ranks(2, &[], "sample -n 1e7 --pin 99"), &["CPU 99"]);
    refuses(on_ranks(2, &["--bind-to", "none"], "sample -n 1e7 --pin 0"), &["1 CPU(s) for 2"]);
    let mut nonsense = on_ranks(2, &[], "sample -n 1e7");
    nonsense.env("LIBPI_NUM_THREADS", "none");
    refuses(nonsense, &["LIBPI_NUM_THREADS=none"]);
}

/// Each rank would start all processes, and write the results.
#[test]
fn what_starts_processes_itself_is_refused_on_ranks() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in ["bench", "check-runner pi runner"] {
        let mut command = on_ranks(2, &[], arguments);
        command.current_dir(folder.path());
        let output = run(command);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        for word in ["on 2 ranks", "start it once", "_SIZE=2", "--ranks-from none"] {
            assert!(stderr(&output).contains(word), "{}", stderr(&output));
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn ranks_that_were_started_with_other_arguments_are_refused() {
    let mut command = on_ranks(1, &[], "sample -n 1e6");
    command.args([":", "-n", "1"]).arg(pi()).args(["sample", "-n", "1e7"]);
    refuses(command, &["disagree", "sample -n 1e6", "sample -n 1e7"]);
}

#[test]
fn ranks_that_are_asked_for_other_threads_are_refused() {
    let commands = ["env LIBPI_NUM_THREADS=1", "env LIBPI_NUM_THREADS=2"];
    let commands = commands.map(|command| command.split(' ').collect::<Vec<_>>());
    let commands = [&*commands[0], &*commands[1]];
    let words = ["disagree", "LIBPI_NUM_THREADS", "--threads", "rank 0 has '1', rank 1 has '2'"];
    refuses(on_two(&[], commands, "sample -n 1e8"), &words);
    refuses(on_two(&[], commands, "verify philox/c/serial"), &words);
    // Nobody asks them where the command line says it.
    answer(on_two(&[], commands, "sample -n 1e7 --threads 1"));
}

/// The others have hours to go. Where all fail, one says so.
#[test]
fn an_error_on_one_rank_ends_the_job_at_once() {
    let source = r#"
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <pthread.h>
        #include <stdlib.h>
        #include <string.h>
        int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*what)(void *), void *with) {
            int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
                dlsym(RTLD_NEXT, "pthread_create");
            const char *rank = getenv("OMPI_COMM_WORLD_RANK"), *failing = getenv("FAILING");
            if (!rank) rank = getenv("PMI_RANK");
            static int calls;
            int late = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) > 12;
            return late && strstr(failing, rank) ? EAGAIN : create(thread, how, what, with);
        }"#;
    let folder = tempfile::tempdir().unwrap();
    let preload = preloaded(folder.path(), source);
    for (failing, rank) in [("1", "rank 1: "), ("01", "rank 0: ")] {
        let arguments = "sample -n 1e14 --threads 4 --driver threads";
        let mut command = on_ranks_with(&preload, 2, arguments);
        command.env("FAILING", failing);
        fails(command, 1, &[rank, "thread"]);
    }
}

/// The first rank is well and waits for the second in MPI, or none is.
#[test]
fn a_rank_that_cannot_join_says_so() {
    let source = "int MPI_Initialized(int *is) { *is = 1; return 0; }\n";
    let folder = tempfile::tempdir().unwrap();
    let preload = preloaded(folder.path(), source);
    let second = on_two(&[], [&[], &["env", &preload]], "sample -n 1e6");
    refuses(second, &["rank 1: ", "started 2 ranks", "initialised before"]);
    let all = on_ranks_with(&preload, 3, "sample -n 1e6");
    refuses(all, &["error: ", "started 3 ranks", "initialised before"]);
}

/// It may be a shell, and MPI can be initialised once.
#[test]
fn the_only_rank_may_start_it_many_times() {
    let twice = format!("{0} sample -n 1e6 && {0} sample -n 1e6", pi().display());
    let mut command = mpiexec(&["-n", "1", "sh", "-c"]);
    command.arg(twice);
    let output = run(command);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches("785987").count(), 2);
    let mut command = Command::new("timeout");
    command.arg("600").arg(pi()).args(["sample", "-n", "1e6"]);
    command.envs([("PMI_RANK", "0"), ("PMI_SIZE", "1"), ("PMI_FD", "7")]);
    assert!(run(command).status.success());
}

/// Each rank writes into a pipe of its own, whose reader has seen enough after a line.
#[test]
fn a_reader_that_has_seen_enough_ends_the_job_quietly() {
    let mut command = mpiexec(&["-n", "2", "sh", "-c"]);
    command.arg(format!("{} verify 'philox/*/serial' | head -n 1", pi().display()));
    let output = run(command);
    let said = stderr(&output).to_lowercase();
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    assert!(!said.contains("abort") && !said.contains("error"), "{said}");
}

/// The reader is gone before anything is written, and nothing is written but at the end.
#[test]
fn a_reader_that_sees_nothing_leaves_no_rank_waiting() {
    let mut command = mpiexec(&["-n", "2", "sh", "-c"]);
    let cell = format!("philox/c@{}/serial", Level::ALL[0]);
    command.arg(format!("{} verify --json {cell} | true", pi().display()));
    assert!(run(command).status.success());
}

/// Mutants, made by an MPI that does not keep its word.
#[test]
fn a_wrong_split_or_sum_is_caught() {
    for source in [
        "int MPI_Comm_rank(void *of, int *rank) { *rank = 0; return 0; }",
        "#include <string.h>\n\
         int MPI_Allreduce(void *mine, void *all) { memcpy(all, mine, 4); return 0; }",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let preload = preloaded(folder.path(), source);
        let cell = format!("verify philox/c@{}/serial", Level::ALL[0]);
        let output = run(on_ranks_with(&preload, 2, &cell));
        assert_eq!(output.status.code(), Some(1), "{source}: {}", stderr(&output));
        assert!(String::from_utf8_lossy(&output.stdout).contains("WRONG"), "{source}");
    }
}

/// As `LD_PRELOAD=...`: a library in which MPI cannot be initialised without ending the process.
fn without_mpi(folder: &Path) -> String {
    let source = "#include <stdlib.h>\nint MPI_Init(void) { _Exit(77); }\n\
                  int MPI_Init_thread(void) { _Exit(77); }\n";
    preloaded(folder, source)
}

/// A file of these tests as a job: a shell runs the line, in which `$rank` is the rank.
fn script(flags: &[&str], line: &str) -> Command {
    let mut command = mpiexec(flags);
    let rank = "rank=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}; pi=$0";
    command.args(["-n", "2", "sh", "-c", &format!("{rank}; {line}")]).arg(pi());
    command
}

#[test]
fn what_needs_no_ranks_answers_for_itself_and_never_asks_mpi() {
    let folder = tempfile::tempdir().unwrap();
    let preload = without_mpi(folder.path());
    for (arguments, word) in [
        ("--version", "pi 0"),
        ("--help", "Usage: pi"),
        ("sample --help", "Usage: pi sample"),
        ("list", "Generators"),
        ("info", "Usable CPUs"),
    ] {
        let output = run(on_ranks_with(&preload, 2, arguments));
        assert!(output.status.success(), "{arguments}: {}", stderr(&output));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(text.matches(word).count(), 2, "{arguments}: {text}");
        // On one of them alone, while the other has yet to come.
        for rank in ["0", "1"] {
            let line = format!("[ $rank != {rank} ] || env {preload} $pi {arguments}");
            let output = run(script(&[], &line));
            assert!(output.status.success(), "{arguments}: {}", stderr(&output));
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(text.matches(word).count(), 1, "{arguments}: {text}");
        }
    }
    for arguments in ["compare nofile", "report nofile", "info --diff nofile nofile"] {
        let output = run(on_ranks_with(&preload, 2, arguments));
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("could not read nofile"), "{}", stderr(&output));
    }
}

/// The other rank is another program, which never comes to MPI.
#[test]
fn ranks_that_do_not_come_are_waited_for_a_stated_time() {
    for (rank, arguments) in [("0", "sample -n 1e6"), ("1", "verify philox"), ("0", "runner")] {
        let line = format!(
            "if [ $rank = {rank} ]; then exec $pi {arguments} --join-timeout 1s; fi; \
             sleep 60"
        );
        let words = ["started 2 ranks", "within 1s", "every rank must start pi", "--join-timeout"];
        fails(script(&[], &line), 1, &words);
    }
    let line = "if [ $rank = 0 ]; then exec $pi sample -n 1e6; fi; sleep 60";
    let mut command = script(&[], line);
    command.env("LIBPI_JOIN_TIMEOUT", "1s");
    fails(command, 1, &["within 1s", "LIBPI_JOIN_TIMEOUT"]);
}

/// The second comes to MPI and then does something else: the first waits in what they do together.
#[test]
fn ranks_that_do_something_else_are_waited_for_a_stated_time() {
    let source = "#include <unistd.h>\nint MPI_Comm_split_type(void) { for (;;) pause(); }\n";
    let folder = tempfile::tempdir().unwrap();
    let preload = preloaded(folder.path(), source);
    let second = on_two(&[], [&[], &["env", &preload]], "sample -n 1e6 --join-timeout 3s");
    fails(second, 1, &["error: ", "within 3s"]);
}

#[test]
fn an_error_before_the_ranks_join_is_seen_from_any_of_them() {
    for rank in ["0", "1"] {
        let line = format!(
            "if [ $rank = {rank} ]; then exec $pi sample -n many; fi; exec $pi sample -n 1e6"
        );
        refuses(script(&[], &line), &["'many'"]);
    }
    let mut command = on_ranks(2, &[], "sample -n 1e6");
    command.env("LIBPI_RANKS_FROM", "nobody");
    refuses(command, &["LIBPI_RANKS_FROM=nobody", "auto, none, openmpi, pmi, slurm"]);
}

#[test]
fn an_mpi_that_ends_the_process_is_explained() {
    let source = "#include <stdlib.h>\nint MPI_Init_thread(void) { exit(15); }\n";
    let folder = tempfile::tempdir().unwrap();
    let preload = preloaded(folder.path(), source);
    let mut command = Command::new("env");
    command.arg(&preload).arg(pi()).args(["sample", "-n", "1e6"]);
    command.env("OMPI_COMM_WORLD_RANK", "1").env("OMPI_COMM_WORLD_SIZE", "2");
    refuses(command, &["rank 1: ", "OMPI_COMM_WORLD_SIZE=2", "MPI ended", "--ranks-from none"]);
}

#[test]
fn ranks_may_be_left_out_of_account() {
    let output = run(on_ranks(2, &[], "sample -n 1e6 --ranks-from none"));
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text.matches("785987 of 1000000").count(), 2, "{text}");
    let mine = if is_open_mpi() { "openmpi" } else { "pmi" };
    let both = json(on_ranks(2, &[], &format!("sample -n 1e6 --ranks-from {mine}")));
    assert_eq!(both["ranks"], 2);
}

/// The processes that were started with this word among their arguments.
fn processes_with(word: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let read = |file| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let arguments = read("cmdline");
        let is_pi = Path::new(&*String::from_utf8_lossy(&read("comm"))).starts_with("pi\n");
        is_pi && arguments.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes())
    })
    .collect()
}

/// The CPU time that a process has used by itself, in hundredths of a second.
fn cpu_ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name before may have spaces in it; user time is the twelfth field after it.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    fields.split_whitespace().nth(11).and_then(|ticks| ticks.parse().ok()).unwrap_or(0)
}

/// Waits until something holds; in the end in vain.
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(300), "waited in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_rank_that_dies_ends_the_job() {
    let seed = (1_000_000_000 + u64::from(std::process::id())).to_string();
    let mut command = on_ranks(3, &[], &format!("sample -n 1e15 --threads 1 --seed {seed}"));
    let mut job = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // At work, and not still coming to be: then Open MPI's launcher may wait for a dead rank for ever.
    wait_until("three ranks at work", || {
        let ranks = processes_with(&seed);
        ranks.len() == 3 && ranks.into_iter().all(|pid| cpu_ticks(pid) >= 100)
    });
    let victim = processes_with(&seed)[1].to_string();
    assert!(Command::new("kill").args(["-9", &victim]).status().unwrap().success());
    let status = job.wait().unwrap();
    assert!(!status.success(), "{status}");
    assert_ne!(status.code(), Some(124), "it went on until the timeout");
    wait_until("no orphans", || processes_with(&seed).is_empty());
}

/// The masks of the workers, rank by rank.
fn workers(answer: &Value) -> Vec<Vec<String>> {
    let ranks = answer["workers"].as_array().unwrap().iter();
    let masks = ranks.map(|rank| rank["threads"].as_array().unwrap().iter());
    masks.map(|masks| masks.map(|mask| mask.as_str().unwrap().to_owned()).collect()).collect()
}

/// The first CPUs of the first two cores, or nothing where there are not two or may not be used: then
/// there is nothing to place.
fn two_cpus() -> Option<[String; 2]> {
    let mask = CpuMask::of_this_thread();
    let first_of_core = |cpu: &usize| {
        let siblings = siblings(*cpu);
        siblings.split([',', '-']).next().is_none_or(|first| first == cpu.to_string())
    };
    let mut cpus = mask.cpus().filter(first_of_core).map(|cpu| cpu.to_string());
    let usable = CpuCount::of_this_process().usable;
    Some([cpus.next()?, cpus.next()?]).filter(|_| usable >= 2)
}

/// The CPUs that share a core with this one, as Linux lists them.
fn siblings(cpu: usize) -> String {
    let file = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    fs::read_to_string(file).unwrap_or_else(|_| cpu.to_string()).trim().to_owned()
}

/// Whether a launcher binds a rank to one CPU of these tests' when it binds it to a core, and nobody
/// has bound these tests before.
fn binds_to_one_cpu() -> bool {
    let own = CpuMask::of_this_thread();
    (0..8192).collect::<CpuMask>().apply_to_this_thread().unwrap();
    let all = CpuMask::of_this_thread();
    own.apply_to_this_thread().unwrap();
    own == all && own.cpus().all(|cpu| siblings(cpu) == cpu.to_string())
}

/// The flags by which this launcher leaves ranks unbound.
fn unbound() -> &'static [&'static str] {
    if is_open_mpi() { &["--bind-to", "none"] } else { &[] }
}

/// The flags by which both launchers bind each rank to a core.
const BOUND: [&str; 2] = ["--bind-to", "core"];

const DRIVERS: [&str; 4] = ["threads", "rayon", "openmp-c", "openmp-fortran"];

#[test]
fn ranks_get_cpus_of_their_own() {
    let Some([a, b]) = two_cpus() else { return };
    for (flags, places) in [(unbound(), None), (unbound(), Some("cores")), (&[][..], None)] {
        for driver in DRIVERS {
            let arguments = format!("sample -n 1e7 --threads 1 --driver {driver}");
            let mut command = on_ranks(2, flags, &arguments);
            command.envs(places.map(|places| ("OMP_PLACES", places)));
            let answer = json(command);
            assert_eq!(workers(&answer), [[a.as_str()], [&b]], "{driver} {flags:?} {places:?}");
            assert_eq!(answer["shared_cpus"], false);
        }
    }
}

#[test]
fn threads_of_a_rank_get_cpus_of_their_own() {
    let Some([a, b]) = two_cpus() else { return };
    for places in [None, Some("cores")] {
        for driver in DRIVERS {
            let arguments = format!("sample -n 1e7 --threads 2 --driver {driver} --pin cores");
            let mut command = on_ranks(1, unbound(), &arguments);
            command.envs(places.map(|places| ("OMP_PLACES", places)));
            let mut masks = workers(&json(command)).concat();
            masks.sort();
            // One thread of rayon's may have taken both parts.
            masks.dedup();
            let expected = [a.clone(), b.clone()];
            assert!(masks == expected || driver == "rayon" && expected.contains(&masks[0]));
        }
    }
}

#[test]
fn a_list_says_where_workers_run() {
    let Some([a, b]) = two_cpus() else { return };
    let pin = format!("sample -n 1e7 --threads 1 --pin {b},{a}");
    assert_eq!(workers(&json(on_ranks(2, unbound(), &pin))), [[b.as_str()], [&a]]);
    let all = CpuMask::of_this_thread().to_string();
    let none = json(on_ranks(2, unbound(), "sample -n 1e7 --threads 1 --pin none"));
    assert_eq!(workers(&none), [[all.as_str()], [&all]]);
    assert_eq!(none["shared_cpus"], false);
}

#[test]
fn a_launcher_that_binds_too_narrowly_is_reported() {
    let Some([a, b]) = two_cpus().filter(|_| binds_to_one_cpu()) else { return };
    let arguments = "sample -n 1e7 --threads 2 --driver openmp-c";
    for ranks in [1, 2] {
        let answer = json(on_ranks(ranks, &BOUND, arguments));
        assert_eq!(answer["shared_cpus"], true);
        assert_eq!(answer["oversubscribed"], true);
        let warnings = answer["warnings"].to_string();
        assert!(warnings.contains("--bind-to none"), "{answer}");
        assert!(!warnings.contains("--threads"), "{answer}");
        assert_eq!(answer["hits"], 7_855_825);
    }
    // Too few for the machine, though not for what they were asked.
    let all = CpuMask::of_this_thread();
    for (flags, is_noted) in [(&BOUND[..], true), (unbound(), false)] {
        let answer = json(on_ranks(1, flags, "sample -n 1e8"));
        let note = format!("of the CPUs {all} of a node");
        assert_eq!(answer["warnings"].to_string().contains(&note), is_noted, "{answer}");
    }
    // A list is held against each rank's own CPU.
    let list = |list: String| format!("sample -n 1e7 --threads 1 --pin {list}");
    let answer = json(on_ranks(2, &BOUND, &list(format!("{a},{b}"))));
    assert_eq!(workers(&answer), [[a.as_str()], [&b]]);
    let words = ["rank 0", &format!("CPU {b}"), "--bind-to none"];
    refuses(on_ranks(2, &BOUND, &list(format!("{b},{a}"))), &words);
}

#[test]
fn unequal_masks_are_kept() {
    let Some([a, b]) = two_cpus() else { return };
    let both = format!("{a},{b}");
    let (narrow, wide) = (["taskset", "-c", &b], ["taskset", "-c", &both]);
    for pin in ["auto", "cores"] {
        let arguments = format!("sample -n 1e7 --threads 1 --pin {pin}");
        let one = answer(on_two(unbound(), [&narrow, &wide], &arguments));
        assert_eq!(workers(&one), [[b.as_str()], [&a]]);
        let other = answer(on_two(unbound(), [&wide, &narrow], &arguments));
        assert_eq!(workers(&other), [[a.as_str()], [&b]]);
    }
    let narrow = [&narrow[..], &narrow[..]];
    let pinned = on_two(unbound(), narrow, "sample -n 1e7 --threads 1 --pin cores");
    refuses(pinned, &["1 CPU(s) for 2 workers"]);
}

#[test]
fn a_tasks_number_of_cpus_is_its_own() {
    if two_cpus().is_none() {
        return;
    }
    let mut command = on_ranks(2, unbound(), "sample -n 1e8 --threads 1");
    command.env("SLURM_CPUS_PER_TASK", "1");
    assert_eq!(json(command)["oversubscribed"], false);
}

#[test]
fn a_runtime_that_starts_too_few_threads_is_reported_with_its_rank() {
    let limit = ["env", "OMP_THREAD_LIMIT=1"];
    let arguments = "sample -n 1e7 --threads 2 --driver openmp-c";
    let warnings = answer(on_two(&[], [&[], &limit], arguments))["warnings"].to_string();
    assert!(warnings.contains("rank 1: 1 of 2 threads ran"), "{warnings}");
}

/// Without a launcher there is no binding to be undone.
#[test]
fn threads_on_one_cpu_are_reported_without_ranks() {
    let cpu = CpuMask::of_this_thread().cpus().next().unwrap().to_string();
    let mut command = Command::new("taskset");
    command.args(["-c", &cpu]).arg(pi());
    command.args(["sample", "-n", "1e7", "--threads", "2", "--driver", "openmp-c"]);
    let answer = json(command);
    assert_eq!(answer["shared_cpus"], true);
    let warnings = answer["warnings"].to_string();
    assert!(warnings.contains("taskset") && !warnings.contains("--bind-to"), "{warnings}");
}

#[test]
fn a_mask_that_was_set_is_kept() {
    let cpu = CpuMask::of_this_thread().cpus().next().unwrap().to_string();
    let mut command = Command::new("taskset");
    command.args(["-c", &cpu]);
    let inner = on_ranks(2, unbound(), "sample -n 1e7 --json");
    command.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        value.map(|value| command.env(name, value));
    }
    let output = run(command);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("an answer");
    assert_eq!(workers(&answer), [[cpu.as_str()], [&cpu]]);
    for mark in ["oversubscribed", "shared_cpus"] {
        assert_eq!(answer[mark], true, "{mark}");
    }
    assert_eq!(answer["threads"], 1);
}

/// What the other MPI's launcher leaves, without it: this process finds itself alone.
#[test]
fn the_launcher_of_another_mpi_is_recognised() {
    let (rank, size) = if is_open_mpi() {
        ("PMI_RANK", "PMI_SIZE")
    } else {
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
    };
    let started_as = |number: &str| {
        let mut command = Command::new("timeout");
        command.arg("600").arg(pi()).args(["sample", "-n", "1e6"]);
        command.env(rank, number).env(size, "4");
        command
    };
    refuses(started_as("0"), &["started 4 ranks", "knows of 1", "another MPI"]);
    refuses(started_as("1"), &["rank 1: ", "another MPI"]);
    // There is no launcher, so none of them waits for another to say it.
    let begin = Instant::now();
    let words = ["rank 3: ", "_SIZE=4", "left over", "--ranks-from none"];
    refuses(started_as("3"), &words);
    assert!(begin.elapsed() < Duration::from_secs(8), "it waited for a launcher");
    let mut alone = started_as("3");
    alone.args(["--ranks-from", "none"]);
    assert!(run(alone).status.success());
    let mut alone = started_as("3");
    alone.env("LIBPI_RANKS_FROM", "none");
    assert!(run(alone).status.success());
}

/// A library that ends the process when MPI is initialised stands before the real one.
#[test]
fn a_command_that_is_started_alone_does_not_touch_mpi() {
    let folder = tempfile::tempdir().unwrap();
    let preload = without_mpi(folder.path());
    // As the only rank it does not either; of two it does: the test sees what it means to see.
    for (size, code) in [(None, 0), (Some("1"), 0), (Some("2"), 77)] {
        let mut command = Command::new("env");
        command.arg(&preload).arg(pi()).args(["sample", "-n", "1e6"]);
        if let Some(size) = size {
            command.env("OMPI_COMM_WORLD_RANK", "0").env("OMPI_COMM_WORLD_SIZE", size);
        }
        let output = run(command);
        assert_eq!(output.status.code(), Some(code), "{size:?}: {}", stderr(&output));
    }
}

#[test]
fn an_mpi_that_was_asked_for_must_be_there() {
    let mut command = Command::new("make");
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command.args(["--silent", "build", "MPI=mpitch", "CARGO=true"]).env_remove("MAKEFLAGS");
    let output = run(command);
    let said = stderr(&output);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("MPI=mpitch") && said.contains("no mpicc.mpitch"), "{said}");
}

/// And of no thread that an MPI has for itself.
#[test]
fn a_runner_names_the_cpus_of_its_workers() {
    let Some(cpus) = two_cpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let request = folder.path().join("request");
    fs::write(&request, "count 1000000\nthreads 1\n\n").unwrap();
    let mut command = on_ranks(2, unbound(), "runner");
    command.stdin(fs::File::open(request).unwrap());
    let output = run(command);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let masks: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("info mask ")).collect();
    assert_eq!(masks, cpus, "{text}{}", stderr(&output));
}

/// A suite of two cells on two ranks, measured by its `pi bench` in a folder of its own.
fn bench(folder: &Path, more: &[&str]) -> Output {
    run(bench_command(folder, more))
}

fn bench_command(folder: &Path, more: &[&str]) -> Command {
    let suite = "name = 'ranks'\nquestion = '?'\npicture = 'scaling'\nbudget = '1ms'\n[[cells]]\n\
                 why = '?'\ngenerators = ['philox']\nkernels = ['c']\ndrivers = ['serial', 'rayon']\n\
                 ranks = [2]\nthreads = [2]\ncount = 1000000\n";
    fs::write(folder.join("ranks.toml"), suite).unwrap();
    let mut command = Command::new(pi());
    command.current_dir(folder).args(["bench", "./ranks.toml", "-o", "ranks.jsonl"]);
    command.args(["--oversubscribe", "--processes", "1"]).args(more);
    command
}

/// The harness starts the launcher itself, and the ranks split what is counted.
#[test]
fn cells_with_ranks_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let output = bench(folder.path(), &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let results = Results::read(&folder.path().join("ranks.jsonl")).unwrap();
    assert_eq!(results.skipped, []);
    for cell in ["/serial/2x1", "/rayon/2x2"] {
        let block = results.blocks.iter().find(|block| block.cell.ends_with(cell)).unwrap();
        assert_eq!(block.command[0], launcher());
        assert!(block.command.windows(2).any(|words| words == ["-n", "2"]), "{:?}", block.command);
        assert!(!block.runs.is_empty() && block.runs.iter().all(|run| run.hits == 785_987));
        assert_eq!(block.info["ranks"], "2");
    }
}

/// The processes that the harness starts are not to believe what it was told to ignore, nor to ignore
/// what their own launcher tells them.
#[test]
fn cells_are_measured_where_a_launchers_variables_are_left_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = bench_command(folder.path(), &["--filter", "philox/c/serial"]);
    command.env("PMI_RANK", "1").env("PMI_SIZE", "4").env("LIBPI_RANKS_FROM", "none");
    let output = run(command);
    assert!(output.status.success(), "{}", stderr(&output));
    let results = Results::read(&folder.path().join("ranks.jsonl")).unwrap();
    assert!(results.blocks.iter().all(|block| block.info["ranks"] == "2"));
}

/// Counted on one rank all hits are right, and the time is not that of two.
#[test]
fn a_launcher_that_starts_fewer_ranks_gives_no_times() {
    let folder = tempfile::tempdir().unwrap();
    let launcher = folder.path().join("one");
    fs::write(&launcher, "#!/bin/sh\nshift 2\nexec \"$@\"\n").unwrap();
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755)).unwrap();
    let output = bench(folder.path(), &["--launcher", "./one"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let results = Results::read(&folder.path().join("ranks.jsonl")).unwrap();
    assert_eq!(results.blocks.len(), 2);
    for block in results.blocks {
        let message = block.error.expect("an error").message;
        assert!(message.contains("ranks 2: this job has 1; start as many"), "{message}");
    }
}
