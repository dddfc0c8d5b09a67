//! Makes text from files and other programs safe to show. A terminal must not obey anything in it, it
//! must not reorder the text beside it, and all of it must be visible.

use std::ffi::OsStr;

/// The largest number of characters of a name in a table or a picture.
const LONGEST_NAME: usize = 200;

/// A text on one line, with control and invisible characters escaped: `\n`, `\u{1b}`.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            _ if letter.is_control() => shown.extend(letter.escape_debug()),
            _ if is_hidden(letter) => shown.extend(letter.escape_unicode()),
            _ => shown.push(letter),
        }
    }
    shown
}

/// A text with several lines, each escaped as by [`shown`]. All lines but the first are indented, so that
/// no line looks like another message.
pub fn shown_lines(text: &str) -> String {
    text.trim_end().split('\n').map(shown).collect::<Vec<_>>().join("\n    ")
}

/// The beginning of a text, as it may be shown.
pub fn shortened(text: &str) -> String {
    at_most(LONGEST_NAME, text)
}

/// At most so many characters of a text, as they may be shown.
pub fn at_most(letters: usize, text: &str) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => shown(&text[..end]) + "…",
        None => shown(text),
    }
}

/// Whether a character is not plainly visible: it controls the terminal or the direction of writing, or
/// shows nothing.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// A name as text. Bytes that are not UTF-8 become `\xff`.
pub fn readable(name: impl AsRef<OsStr>) -> String {
    let mut text = String::new();
    for chunk in name.as_ref().as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// Items as in a sentence: `a`, `a and b`, `a, b and c`.
pub fn enumerated(items: &[impl AsRef<str>]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match &items[..] {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        items => items.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_is_shown() {
        assert_eq!(
            shown("it's \"π\" \u{1b}[1m\t\u{7f}\u{9b}"),
            "it's \"π\" \\u{1b}[1m\\t\\u{7f}\\u{9b}"
        );
        assert_eq!(
            shown("a\u{202e}b\u{2066}c\u{200b}\u{feff}"),
            "a\\u{202e}b\\u{2066}c\\u{200b}\\u{feff}"
        );
        assert_eq!(shown("a\r\nb"), "a\\r\\nb");
        assert_eq!(shown_lines("a\r\nb\u{1b}"), "a\\r\n    b\\u{1b}");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(shortened(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(shortened(&"é".repeat(201)), "é".repeat(200) + "…");
    }

    #[test]
    fn bytes_that_are_no_text_can_be_told_apart() {
        use std::os::unix::ffi::OsStrExt;
        for (name, text) in [(&b"pi \xc3\xa9"[..], "pi é"), (b"a\xff\xc3z", r"a\xff\xc3z")] {
            assert_eq!(readable(OsStr::from_bytes(name)), text);
        }
    }
}
