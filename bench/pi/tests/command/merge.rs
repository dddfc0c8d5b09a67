//! `pi sample --shard` and `pi merge`: the parts of a count are counted alone, and add up to the whole.

use crate::run::{pi, refuses};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Writes the answer of `pi sample` with these options into a file.
fn sample(folder: &Path, file: &str, options: &str) -> Value {
    let output = pi().arg("sample").args(options.split(' ')).arg("--json").assert().success();
    fs::write(folder.join(file), &output.get_output().stdout).unwrap();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

/// `pi merge` of these files of a folder.
fn merge(folder: &TempDir, files: &[&str]) -> assert_cmd::Command {
    let mut command = pi();
    command.current_dir(folder.path()).arg("merge").args(files);
    command
}

fn hits(mut command: assert_cmd::Command) -> u64 {
    let assert = command.arg("--json").assert().success();
    let answer: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    answer["hits"].as_u64().unwrap()
}

/// There are 16 blocks, so some of 17 parts are empty.
#[test]
fn shards_in_any_order_have_the_hits_of_the_whole() {
    for parts in [1, 3, 17] {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (1..=parts).map(|part| format!("{part}.json")).collect();
        let mut counts: Vec<u64> = Vec::new();
        for (part, name) in (1..).zip(&names) {
            let answer = sample(folder.path(), name, &format!("-n 1e6 --shard {part}/{parts}"));
            counts.push(answer["count"].as_u64().unwrap());
            assert_eq!(
                answer["shard"],
                json!({"number": part, "of": parts, "first": 0, "count": 1_000_000})
            );
        }
        assert_eq!(counts.iter().sum::<u64>(), 1_000_000);
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        fastrand::shuffle(&mut names);
        assert_eq!(hits(merge(&folder, &names)), 785_987, "{names:?}");
        // All answers in one stream, as JSON lines too.
        let all = names.iter().map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
        let all: String = all.collect();
        let mut stream = merge(&folder, &["-"]);
        stream.write_stdin(all);
        assert_eq!(hits(stream), 785_987);
    }
}

#[test]
fn what_is_missing_is_named_by_the_command_that_counts_it() {
    let folder = tempfile::tempdir().unwrap();
    for part in [2, 4] {
        sample(folder.path(), &format!("{part}.json"), &format!("-n 1e6 --shard {part}/4"));
    }
    let assert = merge(&folder, &["2.json", "4.json"]).assert().code(1).stdout("");
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let commands: Vec<&str> =
        said.lines().filter_map(|line| line.trim().strip_prefix("pi sample ")).collect();
    assert_eq!(commands.len(), 2, "{said}");
    for (number, command) in commands.iter().enumerate() {
        sample(folder.path(), &format!("gap{number}.json"), command.trim_end_matches(" --json"));
    }
    let files = ["gap1.json", "2.json", "gap0.json", "4.json"];
    assert_eq!(hits(merge(&folder, &files)), 785_987);
    let text = merge(&folder, &files).assert().success();
    text.stdout(contains("pi = 3.1439 ±").and(contains("4 answers")));
}

#[test]
fn an_answer_of_merge_is_merged_again() {
    let folder = tempfile::tempdir().unwrap();
    for part in 1..=3 {
        sample(folder.path(), &format!("{part}.json"), &format!("-n 1e6 --first {part}000000"));
    }
    let assert = merge(&folder, &["1.json", "2.json", "--json"]).assert().success();
    fs::write(folder.path().join("both.json"), &assert.get_output().stdout).unwrap();
    let whole = sample(folder.path(), "whole.json", "-n 3e6 --first 1e6");
    assert_eq!(hits(merge(&folder, &["3.json", "both.json"])), whole["hits"].as_u64().unwrap());
    let assert = merge(&folder, &["both.json", "2.json"]).assert().code(1);
    assert.stderr(contains(
        "'both.json' and '2.json' both have the 1000000 samples from sample 2000000",
    ));
}

#[test]
fn files_that_do_not_fit_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path(), "good.json", "-n 1e5");
    sample(folder.path(), "seed.json", "-n 1e5 --first 1e5 --seed 43");
    sample(folder.path(), "textbook.json", "-n 1e5 --generator textbook");
    let good = fs::read_to_string(folder.path().join("good.json")).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("truncated.json", &good[..good.len() / 2]);
    write("empty.json", "");
    write("foreign.json", "{\"hits\": 1}");
    write("tail.json", &format!("{good}x"));
    write("text.json", "pi = 3.14\n");
    write("fraction.json", &good.replace("\"count\": 100000", "\"count\": 1e5"));
    for (file, words) in [
        ("seed.json", "seed 43; 'good.json' has generator philox, seed 42"),
        ("textbook.json", "statistical"),
        ("truncated.json", "answer 1: it is no answer"),
        ("empty.json", "is empty"),
        ("foreign.json", "missing field"),
        ("text.json", "it is no answer"),
        ("fraction.json", "it is no answer"),
        ("good.json", "'good.json' and 'good.json' both have the 100000 samples from sample 0"),
    ] {
        let assert = merge(&folder, &["good.json", file]).assert().code(1).stdout("");
        assert.stderr(contains(words).and(contains(file)));
    }
    // A checkpoint has the keys of an answer, but its hits are those of the part that is done.
    let file = folder.path().join("run.json");
    sample(folder.path(), "whole.json", &format!("-n 1e6 --checkpoint {}", file.display()));
    let assert = merge(&folder, &["run.json"]).assert().code(1).stdout("");
    assert.stderr(contains("'run.json', answer 1: it is a checkpoint").and(contains("--resume")));
    write("array.json", "[\"philox\", 42, 0, 10, 5, true, null, null]");
    let assert = merge(&folder, &["array.json"]).assert().code(1).stdout("");
    assert.stderr(contains("it is no answer"));
    write("twice.json", &format!("{good}{good}"));
    let assert = merge(&folder, &["twice.json"]).assert().code(1).stdout("");
    assert.stderr(contains("'twice.json', answer 1, and 'twice.json', answer 2, both have"));
    let assert = merge(&folder, &["tail.json"]).assert().code(1).stdout("");
    assert.stderr(contains("'tail.json', answer 2: it is no answer"));
    let assert = merge(&folder, &["good.json", "none.json"]).assert().code(2).stdout("");
    assert.stderr(contains("'none.json' cannot be read"));
    let assert = merge(&folder, &["good.json", "."]).assert().code(2).stdout("");
    assert.stderr(contains("'.' cannot be read: Is a directory"));
}

/// Answers of a problem of the user's own have no estimate.
#[test]
fn the_parts_of_a_problem_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let part = |first: u64| {
        json!({"generator": "thirds", "seed": 42, "first": first, "count": 30, "hits": 10,
               "exact": true, "pi": null})
    };
    fs::write(folder.path().join("1.json"), format!("{} {}", part(0), part(30))).unwrap();
    fs::write(folder.path().join("2.json"), part(90).to_string()).unwrap();
    let assert = merge(&folder, &["1.json", "--json"]).assert().success();
    let answer: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!((&answer["hits"], &answer["pi"]), (&20.into(), &Value::Null));
    let text = merge(&folder, &["1.json"]).assert().success();
    text.stdout(contains("hits = 20 of 60 indices").and(contains("problem       thirds")));
    let command = "pi sample -n 30 --first 60 --generator thirds --seed 42 --load NAME=FILE:SYMBOL";
    merge(&folder, &["1.json", "2.json"]).assert().code(1).stdout("").stderr(contains(command));
}

#[test]
fn many_answers_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let line = |part: u64| {
        json!({"generator": "npb", "seed": 271_828_183, "first": part * 10, "count": 10, "hits": 7,
               "exact": true, "wanted": 10, "shard": null})
    };
    let lines: Vec<String> = (0..30_000).rev().map(|part| line(part).to_string()).collect();
    fs::write(folder.path().join("lines.json"), lines.join("\n")).unwrap();
    assert_eq!(hits(merge(&folder, &["lines.json"])), 210_000);
}

#[test]
fn shards_that_make_no_sense_are_refused() {
    for shard in ["0/4", "5/4"] {
        refuses(&format!("sample -n 1e6 --shard {shard}"), &[shard, "from 1 to 4"]);
    }
    refuses("sample -n 1e6 --shard 1/0", &["1/0", "1 or more"]);
    refuses("sample -n 1e6 --shard -1/4", &["such as 2/4"]);
    refuses("sample --time 1s --shard 1/4", &["--shard", "--time"]);
    refuses("sample -n 1e6 --shard 1/4 --generator textbook", &["--shard", "split"]);
    refuses("merge", &["FILE"]);
}
