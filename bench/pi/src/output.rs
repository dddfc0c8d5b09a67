//! Functions that print the output of subcommands.

use libpi::Estimate;
use pi_harness::number::{counted, share};
use pi_harness::shown::{is_hidden, shown, shown_lines};
use serde::Serialize;
use std::error::Error;
use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::io::{self, Write, stderr};
use unicode_width::UnicodeWidthStr;

/// A writer for results. It marks its errors, so that they can be distinguished from errors of other files.
pub(crate) struct Output<W>(pub(crate) W);

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(OutputFailed::of)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(OutputFailed::of)
    }
}

/// An error in writing results.
#[derive(Debug)]
pub(crate) struct OutputFailed(io::Error);

impl OutputFailed {
    /// The marked error; its kind stays the same.
    pub(crate) fn of(error: io::Error) -> io::Error {
        io::Error::new(error.kind(), Self(error))
    }

    /// Whether the output is a pipe that its reader has closed.
    pub(crate) fn is_closed_pipe(error: &io::Error) -> bool {
        let is_of_output = error.get_ref().is_some_and(|inner| inner.is::<Self>());
        is_of_output && error.kind() == io::ErrorKind::BrokenPipe
    }
}

impl Display for OutputFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not write the output: {}", self.0)
    }
}

impl Error for OutputFailed {}

/// What cannot run here, and why, as `--json` prints it.
#[derive(Serialize)]
pub(crate) struct Missing {
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// Prints a line for each reason, with the names of what is missing for it.
pub(crate) fn missing(out: &mut impl Write, what: &str, missing: &[Missing]) -> io::Result<()> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for Missing { name, reason } in missing {
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    for (reason, names) in reasons {
        line(out, format_args!("{what}: {}: {reason}", names.join(", ")))?;
    }
    Ok(())
}

/// Prints one JSON object. Hidden characters are escaped, which does not change the meaning of the JSON.
pub(crate) fn json(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    let mut units = [0; 2];
    let mut text = String::new();
    for letter in serde_json::to_string_pretty(value)?.chars() {
        if letter != '\n' && is_hidden(letter) {
            text.extend(
                letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")),
            );
        } else {
            text.push(letter);
        }
    }
    writeln!(out, "{text}")?;
    Ok(())
}

/// Prints a line for people.
pub(crate) fn line(out: &mut impl Write, text: impl Display) -> io::Result<()> {
    writeln!(out, "{}", shown(&text.to_string()))
}

/// Prints the estimate of pi from a number of hits.
pub(crate) fn print_estimate(
    out: &mut impl Write,
    estimate: Option<Estimate>,
    hits: u64,
) -> io::Result<()> {
    match estimate {
        None => writeln!(out, "no estimate: no samples")?,
        Some(Estimate { pi, standard_error, confidence_interval: [low, high] }) => {
            // If all samples are hits, or none is, the interval takes the place of the standard error.
            let error = if standard_error > 0.0 { standard_error } else { (high - low) / 4.0 };
            // The error is shown with two digits, and pi with as many places.
            let places = (1.0 - error.log10().floor()).clamp(0.0, 15.0) as usize;
            if standard_error > 0.0 {
                writeln!(out, "pi = {pi:.places$} ± {standard_error:.places$} (standard error)")?;
            } else {
                let alike = if hits == 0 { "none is a hit" } else { "all are hits" };
                writeln!(
                    out,
                    "pi = {pi:.0} (of these samples {alike}: too few for a standard error)"
                )?;
            }
            writeln!(out, "  95% interval  {low:.places$} to {high:.places$}")?;
        }
    }
    Ok(())
}

/// Prints the count of a problem of the user's own.
pub(crate) fn print_problem(
    out: &mut impl Write,
    problem: &str,
    seed: u64,
    first: u64,
    hits: u64,
    count: u64,
) -> io::Result<()> {
    let share = if count > 0 { share(hits as f64 / count as f64) } else { "none".to_owned() };
    writeln!(out, "hits = {hits} of {} ({share})", counted(count, "index"))?;
    writeln!(out, "  problem       {problem}, seed {seed}, from index {first}")
}

/// Prints warnings on stderr.
pub(crate) fn warn(warnings: &[String]) {
    for warning in warnings {
        say(format_args!("warning: {warning}"));
    }
}

/// Prints a line on stderr. An error is ignored, because it could not be reported anywhere.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(stderr(), "{}", shown_lines(&line.to_string()));
}

/// A command quoted for a shell, on one line whatever its words hold.
pub(crate) fn command_line(words: &[impl AsRef<OsStr>]) -> String {
    words.iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    match word.to_str() {
        Some(word) if !word.is_empty() && word.chars().all(plain) => word.to_owned(),
        Some(word) if !word.contains(is_hidden) => format!("'{}'", word.replace('\'', r"'\''")),
        _ => escaped(word),
    }
}

/// A word with escapes that shells understand, also for bytes that are not UTF-8.
fn escaped(word: &OsStr) -> String {
    let letter = |c: char| match c {
        '\n' => "\\n".to_owned(),
        '\'' | '\\' => format!("\\{c}"),
        c if is_hidden(c) => format!("\\U{:08x}", u32::from(c)),
        c => c.to_string(),
    };
    let mut text = String::new();
    for chunk in word.as_encoded_bytes().utf8_chunks() {
        text.extend(chunk.valid().chars().map(letter));
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    format!("$'{text}'")
}

/// The warnings of the build, about anything that makes the languages unequal.
pub(crate) fn build_warnings() -> impl Iterator<Item = String> {
    libpi::build_info::WARNINGS.iter().map(|&warning| warning.to_owned())
}

/// A paragraph for people, in lines that fit; in a pipe it is one line.
pub(crate) fn paragraph(
    out: &mut impl Write,
    width: Option<usize>,
    indent: &str,
    text: &str,
) -> io::Result<()> {
    let mut line = String::new();
    for word in text.split_whitespace() {
        let word = shown(word);
        let room = width.map(|width| width.saturating_sub(indent.width()));
        if !line.is_empty() && room.is_some_and(|room| line.width() + 1 + word.width() > room) {
            writeln!(out, "{indent}{line}")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if line.is_empty() { Ok(()) } else { writeln!(out, "{indent}{line}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn a_command_is_one_line_for_a_shell() {
        let line = |words: &[&str]| command_line(words);
        assert_eq!(line(&["pi", "bench", "-o", "/a-b_c.jsonl"]), "pi bench -o /a-b_c.jsonl");
        assert_eq!(line(&["pi", "", "philox/*", "it's"]), r"pi '' 'philox/*' 'it'\''s'");
        assert_eq!(line(&["a\n```\t'\\"]), r"$'a\n```\U00000009\'\\'");
        assert_eq!(line(&["a\u{202e}b"]), r"$'a\U0000202eb'");
        let bytes = OsStr::from_bytes(b"a'\xff\xfeb");
        assert_eq!(command_line(&[bytes]), r"$'a\'\xff\xfeb'");
    }

    #[test]
    fn a_paragraph_fits_and_is_one_line_in_a_pipe() {
        let printed = |width| {
            let mut out = Vec::new();
            paragraph(&mut out, width, "  ", " one two\n three\u{1b} four ").unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(printed(Some(16)), "  one two\n  three\\u{1b}\n  four\n");
        assert_eq!(printed(None), "  one two three\\u{1b} four\n");
    }

    #[test]
    fn json_keeps_its_meaning_without_hidden_characters() {
        let text = "\u{1b}\u{7f}\u{9b}\u{202e}\u{e0001}é\n";
        let mut printed = Vec::new();
        json(&mut printed, &[text]).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        assert!(!printed.replace('\n', "").contains(is_hidden), "{printed:?}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&printed).unwrap(), [text]);
    }
}
