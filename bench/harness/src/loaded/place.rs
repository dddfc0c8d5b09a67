//! Where a function is: `FILE:SYMBOL`.

use crate::shown::{is_hidden, readable, shortened};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// A function in a shared library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: PathBuf,
    pub symbol: String,
}

impl Place {
    /// # Errors
    /// If there is no file, or if the symbol cannot be one.
    pub fn new(file: PathBuf, symbol: &str) -> Result<Self, String> {
        if file.as_os_str().is_empty() {
            return Err(
                "no file is named: name the shared library that has the function".to_owned()
            );
        }
        let cannot_be = |c: char| is_hidden(c) || c.is_whitespace() || c == '/' || c == ':';
        if symbol.is_empty() || symbol.contains(cannot_be) {
            return Err(format!(
                "'{}' is not a symbol: name a function of the shared library, as `nm -D` lists it",
                shortened(&readable(symbol))
            ));
        }
        Ok(Self { file, symbol: symbol.to_owned() })
    }

    /// Reads `FILE:SYMBOL`. The last colon counts, so that the file's name may have others.
    ///
    /// # Errors
    /// If there is no colon, no file or no symbol, or if the symbol cannot be one.
    pub fn parse(text: &OsStr) -> Result<Self, String> {
        let bytes = text.as_bytes();
        let colon = bytes.iter().rposition(|&byte| byte == b':');
        let (file, symbol) = match colon {
            Some(at) => (&bytes[..at], str::from_utf8(&bytes[at + 1..]).unwrap_or_default()),
            None => (bytes, ""),
        };
        let file = OsString::from_vec(file.to_owned()).into();
        Self::new(file, symbol).map_err(|_| {
            format!(
                "'{}' is not FILE:SYMBOL: it must name a shared library and a function in it, such as \
                 ./libmine.so:count_hits",
                shortened(&readable(text))
            )
        })
    }

    /// The text that [`parse`](Self::parse) reads.
    pub fn text(&self) -> OsString {
        let mut text = self.file.clone().into_os_string();
        text.push(":");
        text.push(&self.symbol);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_and_a_symbol() {
        for (text, file, symbol) in [
            ("./libmine.so:count_hits", "./libmine.so", "count_hits"),
            ("a:b/c=d.so:_ZN3fooEv", "a:b/c=d.so", "_ZN3fooEv"),
            ("x:y", "x", "y"),
        ] {
            let place = Place::parse(OsStr::new(text)).unwrap();
            assert_eq!((place.file.to_str().unwrap(), &*place.symbol), (file, symbol));
            assert_eq!(place.text(), text);
        }
    }

    #[test]
    fn a_symbol_is_refused_that_could_not_be_read_again() {
        for symbol in ["", "a:b", "a b", "a/b"] {
            let error = Place::new("a.so".into(), symbol).unwrap_err();
            assert!(error.starts_with(&format!("'{symbol}' is not a symbol")), "{error}");
        }
        assert!(Place::new(PathBuf::new(), "f").is_err());
    }

    #[test]
    fn what_is_no_place_is_shown_with_the_form() {
        for text in [
            &b""[..],
            b"lib.so",
            b":f",
            b"lib.so:",
            b":",
            b"a:b/c",
            b"a:f g",
            b"a:f\x1b",
            b"a:\xff",
        ] {
            let error = Place::parse(OsStr::from_bytes(text)).unwrap_err();
            assert!(error.contains("is not FILE:SYMBOL: it must name"), "{error}");
            assert!(!error.contains(is_hidden), "{error:?}");
        }
    }
}
