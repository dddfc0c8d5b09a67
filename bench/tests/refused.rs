//! Where the system refuses what placing needs, as in some containers: the counts are right, and what
//! was wished for in vain is said.

mod refuse;

use refuse::{GET_AFFINITY, SET_AFFINITY, can_refuse, refuse};
use std::process::{Command, Output};

/// `pi` with these arguments, whose calls the system refuses.
fn pi(arguments: &[&str], calls: &[i64]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("pi"));
    refuse(&mut command, calls);
    command.args(arguments).output().unwrap()
}

#[test]
fn nothing_is_lost_where_nothing_was_wished_for() {
    if !can_refuse() {
        return;
    }
    for calls in [&[SET_AFFINITY][..], &[GET_AFFINITY], &[SET_AFFINITY, GET_AFFINITY]] {
        let output = pi(&["sample", "-n", "1000000", "--threads", "2", "--json"], calls);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["hits"], 785_987);
    }
}
