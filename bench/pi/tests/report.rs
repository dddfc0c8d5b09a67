//! `pi report`: its pages, as text and in a browser.

mod made_up;

use assert_cmd::Command;
use made_up::Session;
use pi_harness::results::{Block, ErrorKind};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::slice::from_ref;

fn report(results: &[PathBuf], page: &Path) -> Command {
    let mut command = Command::cargo_bin("pi").unwrap();
    command.arg("report").args(results).arg("-o").arg(page);
    command
}

/// Languages under drivers, an error, and a cell that was skipped.
fn drivers() -> Session {
    Session::new("default", "matrix", 1)
        .cell("philox/rust@x86-64-v4/serial/1x1", 0.5)
        .cell("philox/rust@x86-64-v4/openmp-fortran/1x2", 0.25)
        .cell("philox/c@x86-64-v4/serial/1x1", 0.51)
        .cell("philox/c@x86-64-v4/openmp-fortran/1x2", 0.2501)
        .cell("philox/fortran@x86-64-v4/serial/1x1", 4.0)
        // One process was lucky: the interval reaches beyond the fastest.
        .spoil(|block| block.runs.iter_mut().for_each(|run| run.seconds /= 200.0))
        .with("philox/rust@x86-64-v4/serial/1x1", 0.502, |block| block.twin = true)
        .error(
            "philox/fortran@x86-64-v4/openmp-fortran/1x2",
            ErrorKind::WrongHits,
            "1 hit instead of 2",
        )
        .skipped("philox/c@x86-64-v4/serial/2x1", "no MPI library; install | one <b>of</b> them")
}

/// Strong and weak scaling on as many processors as given.
fn scaling(processors: &[u32]) -> Session {
    let mut session = Session::new("scale", "scaling", 2).cell("philox/c@x86-64/serial/1x1", 1.1);
    for &p in processors {
        let share = 0.02 + 0.98 / f64::from(p);
        session = session
            .cell(&format!("philox/rust@x86-64/threads/1x{p}"), share)
            .cell(&format!("philox/rust@x86-64/openmp-c/1x{p}"), 1.01 * share)
            .with(&format!("philox/rust@x86-64/threads/1x{p}"), 1.02 / f64::from(p), |block| {
                block.weak = true;
                block.count *= u64::from(p);
            });
    }
    session
}

/// Calls and batches: a call costs 2 ns more than nothing, or 50 if it is checked.
fn crossings() -> Session {
    let mut session = Session::new("ffi", "crossing", 3)
        .cell("crossing/c-c/floor/1x1", 1.0)
        .cell("crossing/c-rust/direct/1x1", 3.0)
        .cell("crossing/c-rust/checked/1x1", 51.0);
    for exponent in (0..=20).step_by(2) {
        let batch = 1_u64 << exponent;
        let sized = |block: &mut Block| block.batch = Some(batch);
        for (way, cost) in [("direct", 2.0), ("checked", 50.0), ("shared", 3.0)] {
            let time = 0.5 + cost / batch as f64;
            session = session.with(&format!("batch/c-rust/{way}/1x1"), time, sized);
        }
    }
    session
}

/// One result of each kind.
fn all(folder: &Path) -> Vec<PathBuf> {
    vec![
        drivers().write(folder, "default.jsonl"),
        scaling(&[1, 2, 4, 8]).write(folder, "scale.jsonl"),
        crossings().write(folder, "ffi.jsonl"),
    ]
}

fn markdown(session: Session) -> String {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    report(&[session.write(folder.path(), "results.jsonl")], &page).assert().success();
    fs::read_to_string(page).unwrap()
}

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
fn a_page_of_what_could_be_read_is_written_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    let text = fs::read_to_string(&results).unwrap();
    fs::write(&results, &text[..text.len() - 20]).unwrap();
    let page = folder.path().join("page.html");
    report(&[results], &page)
        .assert()
        .code(1)
        .stderr(contains("results.jsonl, line").and(contains("cut off")));
    assert!(fs::read_to_string(page).unwrap().contains("the session was cut off"));
}

#[test]
fn what_cannot_be_read_or_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    report(from_ref(&results), Path::new("/nowhere/page.html"))
        .assert()
        .code(1)
        .stderr(contains("/nowhere/page.html"));
    report(from_ref(&results), Path::new("/dev/full"))
        .assert()
        .code(1)
        .stderr(contains("/dev/full"));
    report(&[PathBuf::from("/nowhere.jsonl")], Path::new("/dev/null"))
        .assert()
        .code(2)
        .stderr(contains("/nowhere.jsonl"));
    fs::write(&results, "hello\n").unwrap();
    report(&[results], Path::new("/dev/null")).assert().code(2).stderr(contains("no results"));
}

#[test]
fn results_are_not_replaced_by_their_page() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    let text = fs::read_to_string(&results).unwrap();
    let link = folder.path().join("link.html");
    std::os::unix::fs::symlink(&results, &link).unwrap();
    let copy = folder.path().join("hard.html");
    fs::hard_link(&results, &copy).unwrap();
    for page in [&results, &link, &copy, &folder.path().join(".").join("results.jsonl")] {
        report(from_ref(&results), page)
            .assert()
            .code(2)
            .stderr(contains("would replace the results").and(contains("-o")));
        assert_eq!(fs::read_to_string(&results).unwrap(), text);
    }
}

#[test]
fn an_old_page_is_replaced_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    let pages = ["page.html", "page.md"].map(|name| folder.path().join(name));
    for page in &pages {
        report(from_ref(&results), page).assert().success();
        let text = fs::read_to_string(page).unwrap();
        fs::set_permissions(page, fs::Permissions::from_mode(0o640)).unwrap();
        report(from_ref(&results), page).assert().success();
        assert_eq!(fs::read_to_string(page).unwrap(), text);
        assert_eq!(fs::metadata(page).unwrap().permissions().mode() & 0o777, 0o640);
    }
    fs::create_dir(folder.path().join("folder.html")).unwrap();
    report(&[results], &folder.path().join("folder.html"))
        .assert()
        .code(2)
        .stderr(contains("folder.html is a folder"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[test]
fn what_is_no_page_is_replaced_with_force_alone() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    let other = crossings().write(folder.path(), "other.jsonl");
    let text = fs::read_to_string(&other).unwrap();
    let link = folder.path().join("link.html");
    std::os::unix::fs::symlink(&other, &link).unwrap();
    for (page, words) in [(&other, "is no page made by pi"), (&link, "is a symbolic link")] {
        report(from_ref(&results), page)
            .assert()
            .code(2)
            .stderr(contains(words).and(contains("--force")));
        assert_eq!(fs::read_to_string(&other).unwrap(), text);
    }
    report(from_ref(&results), &link).arg("--force").assert().success();
    assert!(!link.is_symlink() && fs::read_to_string(&other).unwrap() == text);
    report(from_ref(&results), &other).arg("--force").assert().success();
    assert!(fs::read_to_string(&other).unwrap().contains("</html>"));
    report(from_ref(&results), &results).arg("--force").assert().code(2);
}

#[test]
fn a_page_goes_to_stdout_too() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let mut command = report(from_ref(&results), Path::new(name));
        let output = command.current_dir(folder.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>"), "{name}: {text}");
    }
    report(&[results], Path::new("/dev/stderr")).assert().code(2).stderr(contains("messages"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_ending_of_markdown_has_no_case() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.MD");
    report(&[drivers().write(folder.path(), "results.jsonl")], &page).assert().success();
    assert!(fs::read_to_string(page).unwrap().contains("\n# libpi"));
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
        assert!(!made_up::is_obeyed(&text), "{name}");
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

/// The browser, in a profile of its own. Without one the tests below are left out, unless the
/// environment says that it must be there.
struct Browser(tempfile::TempDir);

impl Browser {
    fn new() -> Option<Self> {
        if Command::new("chromium").arg("--version").output().is_ok_and(|o| o.status.success()) {
            return Some(Self(tempfile::tempdir().unwrap()));
        }
        assert!(std::env::var_os("PI_TEST_BROWSER").is_none(), "chromium is not installed");
        eprintln!("left out: chromium is not installed");
        None
    }

    /// The page as the browser understood it, and what it logged.
    fn open(&self, page: &Path, width: u32, options: &[&str]) -> (String, String) {
        let output = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
            ])
            .args(["--disable-component-update", "--no-first-run", "--enable-logging=stderr"])
            // What the browser wants of its makers it does not get either.
            .arg("--host-resolver-rules=MAP * ~NOTFOUND")
            .arg(format!("--user-data-dir={}", self.0.path().display()))
            .arg(format!("--window-size={width},1000"))
            .args(options)
            .arg("--dump-dom")
            .arg(format!("file://{}", page.display()))
            .timeout(std::time::Duration::from_secs(60))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    }
}

/// Tells the page around it what the browser made of the layout.
const PROBE: &str = r#"<script>
const page = document.documentElement;
const found = { inner: innerWidth, wider: page.scrollWidth - page.clientWidth, pictures: 0, cut: [] };
for (const svg of document.querySelectorAll('svg')) {
  const box = svg.getBoundingClientRect();
  if (box.width === 0) continue;
  found.pictures += 1;
  for (const text of svg.querySelectorAll('text')) {
    const at = text.getBoundingClientRect();
    if (at.left < box.left - 1 || at.right > box.right + 1 || at.top < box.top - 1 ||
        at.bottom > box.bottom + 1 || at.height < 9) found.cut.push(text.textContent.trim());
  }
}
found.paper = getComputedStyle(document.body).backgroundColor;
parent.postMessage(JSON.stringify(found), '*');
</script></body>"#;

#[test]
fn in_a_browser_nothing_is_cut_off() {
    let Some(browser) = Browser::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    report(&all(folder.path()), &page).assert().success();
    let text = fs::read_to_string(&page).unwrap();
    let probed = text
        .replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
        .replace("</body>", PROBE);
    fs::write(&page, probed).unwrap();
    const DARK: &str = "--blink-settings=preferredColorScheme=0";
    for (width, scheme, paper) in [
        (400, "--hide-scrollbars", "rgb(255, 255, 255)"),
        (1400, "--hide-scrollbars", "rgb(255, 255, 255)"),
        (1400, DARK, "rgb(20, 23, 27)"),
    ] {
        // A window has a least width, a frame has none.
        let frame = folder.path().join("frame.html");
        let listen = "onmessage = e => document.body.dataset.probe = e.data";
        let text = format!(
            "<!doctype html><body><script>{listen}</script>\
             <iframe src=page.html style='width: {width}px; height: 9000px; border: 0'></iframe>"
        );
        fs::write(&frame, text).unwrap();
        let (dom, log) = browser.open(&frame, 1600, &[scheme, "--virtual-time-budget=10000"]);
        let (_, rest) = dom.split_once("data-probe=\"").unwrap_or_else(|| panic!("{log}"));
        let probe = rest.split('"').next().unwrap().replace("&quot;", "\"");
        let probe: Value = serde_json::from_str(&probe).unwrap();
        assert_eq!(probe["inner"], width, "{probe}");
        assert_eq!(probe["wider"], 0, "the page is wider than the window: {probe}");
        assert_eq!(probe["pictures"], 9, "{probe}");
        assert_eq!(probe["cut"], Value::Array(vec![]), "{probe}");
        assert_eq!(probe["paper"], paper, "{probe}");
    }
}

#[test]
fn in_a_browser_nothing_is_complained_of_and_nothing_fetched() {
    let Some(browser) = Browser::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    report(&all(folder.path()), &page).assert().success();
    let (_, said) = browser.open(&page, 1400, &[]);
    assert!(!said.contains("CONSOLE"), "{said}");

    // That it would be noticed: the same page with a picture from elsewhere.
    let text = fs::read_to_string(&page).unwrap();
    let image = "<img src=\"http://example.invalid/a.png\"></body>";
    fs::write(&page, text.replace("</body>", image)).unwrap();
    let (_, said) = browser.open(&page, 1400, &[]);
    assert!(said.contains("CONSOLE") && said.contains("Content Security Policy"), "{said}");
}
