//! The contents of a page.

use super::{all, crossings, drivers, markdown, report, scaling};
use crate::made_up::{Session, is_obeyed};
use pi_harness::results::ErrorKind;
use predicates::str::contains;
use std::fs;
use std::slice::from_ref;

#[test]
fn a_page_in_markdown() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    report(&all(folder.path()), &page).assert().success().stdout(contains("page.md"));
    insta::assert_snapshot!(fs::read_to_string(page).unwrap());
}

#[test]
fn no_law_is_fitted_to_three_numbers_of_processors() {
    let three = markdown(scaling(&[1, 2, 4]));
    assert!(
        three.contains("2 of 2 series here have fewer") && !three.contains("serial fraction 2"),
        "{three}"
    );
    let four = markdown(scaling(&[1, 2, 4, 8]));
    assert!(four.contains("serial fraction 2.0%") && !four.contains("have fewer"), "{four}");
}

#[test]
fn the_batch_is_named_from_which_on_a_call_costs_less_than_a_hundredth() {
    // 2 ns are 1% of 200 ns: a call and 396 samples of 0.5 ns. 50 ns are 1% of 5000 ns: 9900 samples.
    let page = markdown(crossings());
    let row = |way: &str| {
        let start = format!("| C → Rust | {way} | ");
        let row = page
            .lines()
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("no row of {way} in {page}"));
        let columns: Vec<&str> = row.split(" | ").collect();
        [2, 3, 5].map(|column| columns[column].to_owned())
    };
    // The answer comes first: the cost above the loop, and the batch. A batch is near the best where
    // the call costs less than 5% of 0.5 ns a sample.
    assert_eq!(row("direct"), ["2.00 ns", "2^10", "256"]);
    assert_eq!(row("checked"), ["50.3 ns", "2^14", "2^12"]);
    // The loop of this way was not measured, so its cost is not known.
    assert_eq!(row("shared"), ["-", "-", "256"]);
}

#[test]
fn wrong_hits_have_no_time_on_the_page() {
    let cell = "philox/fortran@x86-64-v4/openmp-fortran/1x2";
    let page = markdown(drivers());
    let lines: Vec<&str> = page.lines().filter(|line| line.contains(cell)).collect();
    assert_eq!(lines.len(), 1, "{page}");
    assert!(lines[0].contains("wrong-hits") && !lines[0].contains("G/s"), "{}", lines[0]);
}

#[test]
fn the_page_carries_the_results_and_fetches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let results = all(folder.path());
    let page = folder.path().join("page.html");
    report(&results, &page).assert().success();
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("default-src 'none'"));
    for word in ["http://", "https://", "src=", "@import", "url(", "<script", "<link", "<b>of"] {
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(word), "{word}");
    }
    for path in results {
        let name = path.file_name().unwrap().to_str().unwrap();
        let start = format!("download=\"{name}.gz\" href=\"data:application/gzip;base64,");
        let (_, rest) = page.split_once(&start).unwrap();
        let (data, _) = rest.split_once('"').unwrap();
        let packed =
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
        let mut text = String::new();
        let mut decoder = flate2::read::GzDecoder::new(&*packed);
        std::io::Read::read_to_string(&mut decoder, &mut text).unwrap();
        assert_eq!(text, fs::read_to_string(path).unwrap());
    }
}

#[test]
fn a_command_does_not_break_out_of_its_fence() {
    let page = markdown(drivers().command(&["pi", "bench", "a\n```\n<script>", "two words"]));
    let line = r"pi bench $'a\n```\n<script>' 'two words'";
    assert!(page.contains(&format!("\n````\n{line}\n````\n")), "{page}");
}

#[test]
fn a_runner_without_a_version_command_tells_it_in_its_blocks() {
    let session = drivers().runner("plain-c", "").runner("pi", "pi 0.1.0").with(
        "philox/c-plain/serial/1x1",
        0.5,
        |block| {
            block.runner = "plain-c".to_owned();
            block.version = "gcc 12.2.0".to_owned();
        },
    );
    let page = markdown(session);
    assert!(page.contains("| runner plain-c | gcc 12.2.0 |"), "{page}");
    assert!(page.contains("| runner pi | pi 0.1.0 |"), "{page}");
}

#[test]
fn a_disturbed_cell_is_marked_in_the_matrix() {
    let session = Session::new("default", "matrix", 1)
        .cell("philox/rust@x86-64/serial/1x1", 0.5)
        .cell("philox/rust@x86-64/threads/1x2", 0.25)
        .cell("philox/c@x86-64/serial/1x1", 0.5)
        .with("philox/c@x86-64/threads/1x2", 0.5, |block| block.disturbed = true);
    let page = markdown(session);
    assert_eq!(page.matches("G/s \\* |").count(), 1, "{page}");
}

#[test]
fn a_result_without_any_time_is_a_page_too() {
    let session = Session::new("default", "matrix", 1);
    let page = markdown(session.error("philox/c@x86-64/serial/1x1", ErrorKind::Crash, "signal 11"));
    assert!(page.contains("0 cells") && page.contains("signal 11"), "{page}");
}

#[test]
fn nothing_that_a_file_holds_is_obeyed_by_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let results = Session::hostile().write(folder.path(), "a`b<b>\u{202e}.jsonl");
    for name in ["page.html", "page.md"] {
        let page = folder.path().join(name);
        report(from_ref(&results), &page).assert().success();
        let text = fs::read_to_string(page).unwrap();
        assert!(!is_obeyed(&text), "{name}");
        if name.ends_with("html") {
            assert!(!text.contains("<script") && !text.contains("<b>"), "{name}");
        } else {
            let outside: String = text.split("\n```\n").step_by(2).collect();
            assert!(!outside.replace("\\<script", "").contains("<script"), "{outside}");
            // A bar in a cell would start a new column.
            for table in text.split("\n\n").filter(|part| part.starts_with("| ")) {
                let bars = |line: &str| line.matches('|').count() - line.matches("\\|").count();
                let columns = bars(table.lines().next().unwrap());
                assert!(table.trim_end().lines().all(|line| bars(line) == columns), "{table}");
            }
        }
    }
}

#[test]
fn no_title_stands_twice_on_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let results = all(folder.path());
    for results in [&results[..1], &results[1..2], &results[2..]] {
        report(results, &page).assert().success();
        let page = fs::read_to_string(&page).unwrap();
        let pieces = page.split("<h").skip(1).filter_map(|piece| piece.split_once('>'));
        let pieces = pieces.filter(|(level, _)| level.chars().all(|digit| digit.is_ascii_digit()));
        let mut titles: Vec<&str> =
            pieces.map(|(_, rest)| rest.split("</h").next().unwrap()).collect();
        let all = titles.len();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), all, "{titles:?}");
        assert!(!titles.iter().any(|title| title.starts_with("Suite")), "{titles:?}");
    }
}

#[test]
fn a_table_that_a_picture_shows_is_in_markdown_alone() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    let page = folder.path().join("page.html");
    report(from_ref(&results), &page).assert().success();
    let heads = "openmp-fortran 1x2";
    assert!(markdown(drivers()).contains(heads));
    assert!(!fs::read_to_string(page).unwrap().contains(&format!(">{heads}<")));
}

#[test]
fn chapters_of_one_suite_are_told_apart_by_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["a.jsonl", "b.jsonl"].map(|name| drivers().write(folder.path(), name));
    let page = folder.path().join("page.md");
    report(&[a, b], &page).assert().success();
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("# libpi: 2 results"), "{page}");
    for name in ["a.jsonl", "b.jsonl"] {
        let title = page.lines().find(|l| l.starts_with("## Suite default, ") && l.ends_with(name));
        assert!(title.is_some(), "{page}");
    }
}
