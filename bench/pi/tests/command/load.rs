//! Kernels from shared libraries, in every subcommand that takes them.

use crate::libraries::{Libraries, PHILOX, THIRDS, THIRDS_OF_INT};
use pi_harness::results::{ErrorKind, Results};
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn json(libraries: &Libraries, arguments: &str) -> Value {
    let output = libraries.pi(arguments).arg("--json").assert().success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

#[test]
fn a_loaded_kernel_counts_as_ours_do_under_every_driver() {
    let libraries = Libraries::new();
    libraries.add("libmine.so", PHILOX, &[]);
    let answer = json(
        &libraries,
        "sample -n 1e6 --driver threads --threads 2 --load mine=libmine.so:count_hits",
    );
    assert_eq!(
        (&answer["hits"], &answer["cell"]),
        (&785_987.into(), &"philox/mine/threads/1x2".into())
    );
    let verified = json(
        &libraries,
        "verify philox/mine philox/rust@x86-64/serial --load mine=libmine.so:count_hits",
    );
    let cells: BTreeSet<&str> = verified["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["cell"].as_str().unwrap())
        .collect();
    assert!(cells.iter().any(|cell| cell.starts_with("philox/mine/serial/")), "{cells:?}");
    assert!(cells.iter().any(|cell| cell.starts_with("philox/mine/rayon/")), "{cells:?}");
    assert_eq!(verified["ok"], true);
}

#[test]
fn a_kernel_that_claims_a_generator_and_counts_wrong_is_refused() {
    let libraries = Libraries::new();
    libraries.add("libodd.so", PHILOX, &["-DFROM=(first+first%2)"]);
    libraries
        .pi("sample -n 1e6 --load odd=libodd.so:count_hits")
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr(contains("kernel philox/odd is wrong").and(contains("pi verify philox/odd")));
    libraries
        .pi("verify philox/odd/serial --load odd=libodd.so:count_hits")
        .assert()
        .code(1)
        .stdout(contains("WRONG"));
}

#[test]
fn a_problem_has_hits_and_no_pi() {
    let libraries = Libraries::new();
    libraries.add("libthirds.so", THIRDS, &[]);
    let load = "--load thirds=libthirds.so:count_hits --generator threes";
    let answer = json(&libraries, &format!("sample -n 1000000 --first 1 {load} --driver serial"));
    assert_eq!((&answer["hits"], &answer["generator"]), (&333_333.into(), &"threes".into()));
    assert_eq!(answer["cell"], "threes/thirds/serial/1x1");
    for key in ["pi", "standard_error", "confidence_interval"] {
        assert_eq!(answer.get(key), Some(&Value::Null), "{key}");
    }
    libraries
        .pi(&format!("sample -n 1000 {load}"))
        .assert()
        .success()
        .stdout(contains("hits = 334 of 1000 indices (33.4%)").and(contains("pi =").not()));
    libraries
        .pi(&format!("sample --precision 1e-3 {load}"))
        .assert()
        .code(2)
        .stderr(contains("threes is another problem: use -n or --time"));
}

#[test]
fn kernels_of_a_problem_are_compared_with_the_first() {
    let libraries = Libraries::new();
    libraries.add("libright.so", THIRDS, &[]).add("libint.so", THIRDS_OF_INT, &[]);
    let verify = "verify threes/*/serial --generator threes --load right=libright.so:count_hits";
    libraries.pi(verify).assert().success().stdout(contains("1 cell, all counts right"));
    libraries
        .pi(&format!("{verify} --load int=libint.so:count_hits"))
        .assert()
        .code(1)
        .stdout(contains("first 2147483598").and(contains("WRONG").count(1)))
        .stderr(contains("1 of 2 cells are wrong: threes/int/serial/1x1"));
}

/// The kernel would end this process as if all counts were right.
#[test]
fn a_kernel_that_exits_with_0_is_an_error() {
    let libraries = Libraries::new();
    let source = "#include <stdlib.h>\nuint64_t leave(void) { exit(0); }";
    libraries.add("libleave.so", source, &[]);
    let load = "--load mine=libleave.so:leave --generator many";
    for arguments in [format!("sample -n 1000 {load}"), format!("verify many {load}")] {
        let said = contains("error: a loaded kernel ended the process");
        libraries.pi(&arguments).assert().code(1).stderr(said);
    }
}

#[test]
fn more_hits_than_indices_are_an_error() {
    let libraries = Libraries::new();
    let source =
        "uint64_t twice(uint64_t s, uint64_t f, uint64_t n) { (void)s; (void)f; return 2 * n; }";
    libraries.add("libtwice.so", source, &[]);
    let load = "--load twice=libtwice.so:twice --generator many";
    let said = contains("once at most");
    libraries.pi(&format!("sample -n 1000 {load}")).assert().code(1).stderr(said.clone());
    libraries.pi(&format!("verify many {load}")).assert().code(1).stderr(said);
}

#[test]
fn what_cannot_be_loaded_is_bad_usage_in_every_subcommand() {
    let libraries = Libraries::new();
    libraries.add("libmine.so", PHILOX, &[]).write("text.so", "no library");
    for subcommand in ["sample -n 1", "verify", "list", "bench", "audit"] {
        for (load, words) in [
            ("mine=text.so:count_hits", "philox/mine: text.so: it is not a shared library"),
            ("mine=libmine.so:count", "it has no function count: its functions are count_hits"),
            ("mine=libnone.so:f", "could not be read"),
            ("rust=libmine.so:count_hits", "'rust' is the name of a kernel of libpi"),
            (
                "mine=libmine.so:count_hits --load mine=libmine.so:count_hits",
                "two kernels philox/mine",
            ),
            ("mine=libmine.so", "not FILE:SYMBOL"),
        ] {
            libraries
                .pi(&format!("{subcommand} --load {load}"))
                .assert()
                .code(2)
                .stdout(is_empty())
                .stderr(contains(words));
        }
    }
    libraries
        .pi("sample -n 1 --generator threes")
        .assert()
        .code(2)
        .stderr(contains("unknown generator"));
    libraries.pi("verify --generator npb").assert().code(2).stderr(contains("--load"));
}

#[test]
fn a_loaded_kernel_is_listed_with_its_file() {
    let libraries = Libraries::new();
    libraries.add("libthirds.so", THIRDS, &[]);
    let list = json(&libraries, "list --load thirds=libthirds.so:count_hits --generator threes");
    let last = list["kernels"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["name"], &last["level"]), (&"thirds".into(), &Value::Null));
    assert_eq!(last["library"]["symbol"], "count_hits");
    assert!(last["library"]["file"].as_str().unwrap().ends_with("/libthirds.so"));
    assert_eq!(last["library"]["sha256"].as_str().unwrap().len(), 64);
    let generators = list["generators"].as_array().unwrap();
    assert_eq!(generators.last().unwrap()["name"], "threes");
}

const SUITE: &str = "name = 'threes'
question = '?'
picture = 'ladder'
budget = '1s'
[[load]]
name = 'right'
problem = 'threes'
file = 'libright.so'
symbol = 'count_hits'
language = 'C'
version = 'of today'
[[load]]
name = 'int'
generator = 'threes'
file = 'libint.so'
symbol = 'count_hits'
[[load]]
name = 'gone'
generator = 'threes'
file = 'libgone.so'
symbol = 'count_hits'
build = 'make gone'
[[cells]]
why = 'Two of them are not timed.'
generators = ['threes']
kernels = ['right', 'int', 'gone']
drivers = ['serial']
count = 100_000
[[cells]]
why = 'Ours.'
generators = ['philox']
kernels = ['rust']
drivers = ['serial']
count = 100_000
";

/// The suite's files are found beside it, whatever the folder of the process.
#[test]
fn a_suite_measures_loaded_kernels_beside_ours_and_times_no_wrong_one() {
    let libraries = Libraries::new();
    libraries
        .add("libright.so", THIRDS, &[])
        .add("libint.so", THIRDS_OF_INT, &[])
        .add("libmine.so", PHILOX, &[])
        .write("threes.toml", SUITE);
    let mut pi = crate::run::pi();
    let load = format!("mine={}:count_hits", libraries.path("libmine.so").display());
    pi.arg("bench").arg(libraries.path("threes.toml")).args(["--processes", "1", "--load", &load]);
    let file = libraries.path("results.jsonl");
    pi.arg("-o").arg(&file).assert().code(1).stderr(contains("threes/int/serial/1x1"));

    let results = Results::read(&file).unwrap();
    let timed: BTreeSet<String> = results
        .blocks
        .iter()
        .filter(|block| !block.runs.is_empty())
        .map(|block| format!("{} {}", block.cell.generator, block.cell.kernel_name()))
        .collect();
    assert_eq!(timed, ["philox mine", "philox rust", "threes right"].map(str::to_owned).into());
    let block = |kernel: &str| {
        results.blocks.iter().find(|block| block.cell.kernel_name() == kernel).unwrap()
    };
    assert_eq!((block("right").runs[0].hits, &*block("right").language), (33_334, "C"));
    assert_eq!(
        (block("mine").runs[0].hits, &*block("mine").compiler),
        (block("rust").runs[0].hits, "")
    );
    let error = block("int").error.as_ref().unwrap();
    assert_eq!(error.kind, ErrorKind::WrongHits);
    assert!(error.message.contains("first 2147483598"), "{}", error.message);
    assert!(results.skipped[0].reason.contains("to build it: make gone"));
    let libraries: Vec<(&str, &str)> =
        results.header.libraries.iter().map(|one| (&*one.kernel, &*one.version)).collect();
    let page = crate::run::pi().arg("report").arg(&file).args(["-o", "-"]).assert().success();
    let page = String::from_utf8_lossy(&page.get_output().stdout).into_owned();
    assert!(page.contains("kernel threes/right"), "{page}");
    assert!(page.contains(&results.header.libraries[0].sha256), "{page}");
    assert_eq!(libraries, [("right", "of today"), ("int", ""), ("mine", "")]);
}

/// The results of the suite with these sources of its two kernels, which ends with exit code 1 and this message.
fn failed_bench(right: &str, int: &str, message: &'static str) -> Results {
    let libraries = Libraries::new();
    libraries.add("libright.so", right, &[]).add("libint.so", int, &[]).write("threes.toml", SUITE);
    let run = libraries.pi("bench ./threes.toml --processes 1 -o results.jsonl").assert().code(1);
    run.stderr(contains(message));
    Results::read(&libraries.path("results.jsonl")).unwrap()
}

#[test]
fn a_kernel_that_crashes_has_an_error_and_the_others_are_measured() {
    let crash = "#include <stdlib.h>\nuint64_t count_hits(void) { abort(); }";
    let results = failed_bench(THIRDS, crash, "1 cell has errors");
    let error = |kernel: &str| {
        let of = results.blocks.iter().find(|block| block.cell.kernel == kernel);
        of.and_then(|block| block.error.as_ref()).map(|error| error.kind)
    };
    assert_eq!((error("int"), error("right")), (Some(ErrorKind::Crash), None));
}

#[test]
fn a_first_kernel_of_a_problem_that_crashes_is_called_once() {
    let crash = "#include <stdio.h>\n#include <stdlib.h>\n\
                 uint64_t count_hits(void) { fclose(fopen(\"called\", \"ax\")); abort(); }";
    let results = failed_bench(crash, THIRDS, "2 cells have errors");
    for kernel in ["right", "int"] {
        let of = results.blocks.iter().find(|block| block.cell.kernel == kernel).unwrap();
        let error = of.error.as_ref().unwrap();
        // A second call finds the file and crashes by another signal.
        assert!(error.message.contains("kernel threes/right"), "{}", error.message);
        assert!(error.message.contains("signal 6"), "{}", error.message);
    }
}

#[test]
fn the_runner_refuses_a_file_that_has_changed() {
    let libraries = Libraries::new();
    libraries.add("libmine.so", PHILOX, &[]);
    let list = json(&libraries, "list --load mine=libmine.so:count_hits");
    let hash = list["kernels"].as_array().unwrap().last().unwrap()["library"]["sha256"].clone();
    let runner =
        format!("runner --load mine=libmine.so:count_hits --sha256 {}", hash.as_str().unwrap());
    let request = "kernel mine\ncount 1000000\n";
    libraries.pi(&runner).write_stdin(request).assert().success().stdout(contains(" 785987\n"));
    let mut bytes = fs::read(libraries.path("libmine.so")).unwrap();
    bytes.push(0);
    fs::write(libraries.path("libmine.so"), bytes).unwrap();
    libraries
        .pi(&runner)
        .write_stdin(request)
        .assert()
        .code(2)
        .stderr(contains("has changed since"));
}

/// The worked example is built by its own Makefile, in a copy of its folder.
#[test]
fn the_example_of_another_problem_agrees_in_all_its_languages() {
    let libraries = Libraries::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/primes");
    for file in ["Makefile", "primes.c", "primes.f90", "primes.rs", "primes.toml"] {
        fs::copy(folder.join(file), libraries.path(file)).unwrap();
    }
    let has_fortran = Command::new("gfortran").arg("--version").output().is_ok();
    let languages = if has_fortran { &["c", "rust", "fortran"][..] } else { &["c", "rust"] };
    let mut make = Command::new("make");
    make.current_dir(libraries.path("."))
        .args(languages.iter().map(|one| format!("libprimes_{one}.so")));
    assert!(make.output().unwrap().status.success());
    let loads = languages
        .iter()
        .map(|one| format!("--load {one}-primes=./libprimes_{one}.so:count_primes"));
    let loads = loads.collect::<Vec<_>>().join(" ");
    libraries
        .pi(&format!("verify primes/*/serial primes/*/threads/1x2 --generator primes {loads}"))
        .assert()
        .success()
        .stdout(contains("all counts right"));
    let answer = json(&libraries, &format!("sample -n 1e6 --generator primes {loads}"));
    assert_eq!((&answer["hits"], &answer["pi"]), (&78_498.into(), &Value::Null));
    for one in languages {
        // Across 2^63, where signed numbers end. These eight have small divisors.
        let kernel = format!("--kernel {one}-primes --generator primes {loads}");
        let answer = json(&libraries, &format!("sample --first 9223372036854775807 -n 8 {kernel}"));
        assert_eq!(answer["hits"], 0, "{one}");
    }

    let bench = "bench primes.toml --processes 1 --filter primes/*/serial -o results.jsonl";
    libraries.pi(bench).assert().success();
    let results = Results::read(&libraries.path("results.jsonl")).unwrap();
    let measured: BTreeSet<&str> = results.blocks.iter().map(|block| &*block.language).collect();
    assert_eq!(measured.len(), languages.len(), "{measured:?}");
}
