//! The page in a browser.

use super::{all, report};
use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The browser, with its own profile. If it is not installed, these tests are skipped, unless an
/// environment variable requires it.
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

    /// Opens a page. Returns the document as the browser understood it, and the browser's log.
    fn open(&self, page: &Path, width: u32, options: &[&str]) -> (String, String) {
        let output = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
            ])
            .args(["--disable-component-update", "--no-first-run", "--enable-logging=stderr"])
            // The browser cannot reach its maker's servers either.
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

/// A script that reports the layout to the page around its frame.
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
        // A window has a minimum width, a frame does not.
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
        assert_eq!(probe["pictures"], 11, "{probe}");
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

    // The test would notice a fetch: the same page with a picture from the network.
    let text = fs::read_to_string(&page).unwrap();
    let image = "<img src=\"http://example.invalid/a.png\"></body>";
    fs::write(&page, text.replace("</body>", image)).unwrap();
    let (_, said) = browser.open(&page, 1400, &[]);
    assert!(said.contains("CONSOLE") && said.contains("Content Security Policy"), "{said}");
}
