//! The loop of a runner: it reads a request, makes and times the calls, and writes the answer.

use crate::answer::{Answer, Run};
use crate::error::Error;
use crate::request::Values;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::time::Instant;

/// Reads a request, calls `answer` with it, and writes the answer. It writes everything at the end, so
/// that no output disturbs a run.
///
/// # Errors
/// If the request breaks the protocol, if `answer` fails, or if the answer cannot be written.
pub fn serve<E>(
    input: impl Read,
    out: &mut impl Write,
    answer: impl FnOnce(&Values) -> Result<Answer, E>,
) -> Result<(), E>
where
    E: From<Error> + From<io::Error>,
{
    let text = read(input)?;
    let answer = answer(&Values::parse(&text)?)?;
    out.write_all(answer.to_string().as_bytes())?;
    Ok(out.flush()?)
}

/// Reads the text of a request.
///
/// # Errors
/// If it cannot be read, or is not valid UTF-8.
pub fn read(mut input: impl Read) -> Result<String, Error> {
    let mut text = String::new();
    input.read_to_string(&mut text).map_err(|error| {
        Error::protocol(format!("could not read the request from stdin: {error}"))
    })?;
    Ok(text)
}

/// The number of calls that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    warmup: u32,
    runs: u32,
}

impl Calls {
    /// Reads the numbers from the request. The defaults are no warm-up and one run.
    ///
    /// # Errors
    /// If a value is not a number.
    pub fn of(request: &Values) -> Result<Self, Error> {
        let warmup = request.number("warmup", Some(0))?;
        let runs = request.number("runs", Some(1))?;
        Ok(Self { warmup, runs })
    }

    /// Makes the warm-up calls and the timed calls. Returns the timed ones.
    ///
    /// # Errors
    /// The first error of a call.
    pub fn make<E>(self, mut call: impl FnMut() -> Result<u64, E>) -> Result<Vec<Run>, E> {
        self.warm_up(&mut call)?;
        self.runs(|| timed(&mut call))
    }

    /// Makes the warm-up calls, whose results are dropped.
    ///
    /// # Errors
    /// The first error of a call.
    pub fn warm_up<T, E>(self, mut call: impl FnMut() -> Result<T, E>) -> Result<(), E> {
        (0..self.warmup).try_for_each(|_| black_box(call()).map(drop))
    }

    /// Makes the timed calls. Each call returns its own time.
    ///
    /// # Errors
    /// The first error of a call.
    pub fn runs<E>(self, mut call: impl FnMut() -> Result<Run, E>) -> Result<Vec<Run>, E> {
        (0..self.runs).map(|_| call()).collect()
    }
}

/// Makes one call and times it alone. A kernel is a pure function, so the compiler could move its call
/// out of the timed part. The two black boxes prevent this. They hide what the closure captures from
/// the compiler; a closure that captures nothing must hide its constants itself.
///
/// # Errors
/// The error of the call.
pub fn timed<E>(call: impl FnOnce() -> Result<u64, E>) -> Result<Run, E> {
    let start = Instant::now();
    let hits = black_box(black_box(call)());
    let seconds = start.elapsed().as_secs_f64();
    Ok(Run { seconds, hits: hits? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::sleep;
    use std::time::Duration;

    fn served(
        request: &[u8],
        mut call: impl FnMut() -> Result<u64, String>,
    ) -> Result<String, String> {
        #[derive(Debug)]
        struct Message(String);
        impl From<Error> for Message {
            fn from(error: Error) -> Self {
                Self(error.message)
            }
        }
        impl From<io::Error> for Message {
            fn from(error: io::Error) -> Self {
                Self(format!("output: {error}"))
            }
        }
        let mut out = Vec::new();
        let done = serve(request, &mut out, |request| {
            let mut answer = Answer::new("test");
            answer.runs = Calls::of(request)?.make(|| call().map_err(Message))?;
            Ok(answer)
        });
        done.map_err(|Message(message)| message)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_warm_up_is_done_and_not_reported() {
        for (request, calls) in [
            ("", &[1][..]),
            ("runs 0", &[]),
            ("warmup 2\nruns 3\ncolour red\n\nruns 4", &[3, 4, 5]),
        ] {
            let mut called = 0;
            let call = || {
                called += 1;
                sleep(Duration::from_micros(1));
                Ok(called)
            };
            let text = served(request.as_bytes(), call).unwrap();
            let runs = Answer::parse(text.as_bytes(), calls.len() as u32).unwrap().runs;
            assert_eq!(runs.iter().map(|run| run.hits).collect::<Vec<_>>(), calls, "{request}");
            assert!(runs.iter().all(|run| run.seconds >= 1e-6), "{text}");
        }
    }

    #[test]
    fn a_call_that_fails_gives_no_answer() {
        let fails = |request: &[u8]| served(request, || Err("no luck".to_owned())).unwrap_err();
        assert_eq!(fails(b"warmup 0\nruns 1"), "no luck");
        assert_eq!(fails(b"warmup 1\nruns 0"), "no luck");
        assert!(fails(b"runs -1").contains("runs -1: it must be"));
        assert!(fails(b"runs").contains("a key needs a value"));
        assert!(fails(b"runs \xff").contains("could not read the request from stdin"));
    }

    #[test]
    fn an_answer_that_cannot_be_written_is_an_error() {
        let answer = |_: &Values| Ok::<_, Box<dyn std::error::Error>>(Answer::new("test"));
        let full = serve(&b""[..], &mut &mut [0; 3][..], answer).unwrap_err();
        assert!(full.is::<io::Error>(), "{full}");
    }
}
