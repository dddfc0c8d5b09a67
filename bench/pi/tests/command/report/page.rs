//! What a page says.

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
        three.contains("2 of 2 here have fewer") && !three.contains("serial fraction 2"),
        "{three}"
    );
    let four = markdown(scaling(&[1, 2, 4, 8]));
    assert!(four.contains("serial fraction 2.0%") && !four.contains("have fewer"), "{four}");
}

#[test]
fn the_batch_is_named_from_which_on_a_call_costs_less_than_a_hundredth() {
    // 2 ns are 1% of 200 ns: 396 samples of 0.5 ns besides. 50 ns are of 5000: 9900.
    let page = markdown(crossings());
    let row = |way: &str| {
        let start = format!("| C → Rust | {way} | ");
        let row = page
            .lines()
            .rfind(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("no row of {way} in {page}"));
        row.split(" | ").nth(3).unwrap().to_owned()
    };
    assert_eq!(row("direct"), "2^10");
    assert_eq!(row("checked"), "2^14");
    // Without its crossing nothing is known of the cost.
    assert_eq!(row("shared"), "-");
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
fn every_picture_says_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    report(&all(folder.path()), &page).assert().success();
    let page = fs::read_to_string(page).unwrap();
    let pictures: Vec<&str> = page.split("<svg ").skip(1).collect();
    // Matrix, ladder; twice two curves, ladder; calls, batches: each in two widths.
    assert_eq!(pictures.len(), 2 * (2 + 5 + 2));
    let mut ids = std::collections::BTreeSet::new();
    for picture in pictures {
        let picture = picture.split("</svg>").next().unwrap();
        let labels = picture.split("aria-labelledby=\"").nth(1).unwrap().split('"').next().unwrap();
        for (id, tag) in labels.split(' ').zip(["title", "desc"]) {
            assert!(picture.contains(&format!("<{tag} id=\"{id}\">")), "{id}");
            assert!(ids.insert(id.to_owned()), "{id} twice");
        }
        // Colours come from the style sheet, which knows of light and dark.
        assert!(!picture.contains("\"#"), "{picture}");
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
            // A bar in a cell would make a column.
            for table in text.split("\n\n").filter(|part| part.starts_with("| ")) {
                let bars = |line: &str| line.matches('|').count() - line.matches("\\|").count();
                let columns = bars(table.lines().next().unwrap());
                assert!(table.trim_end().lines().all(|line| bars(line) == columns), "{table}");
            }
        }
    }
}
