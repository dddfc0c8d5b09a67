//! The commands that go on with a run. They have the options of the run, so they count with the same
//! kernels, on the same threads.

use super::options::Sample;
use super::work::{Tally, Work};
use crate::options::JobOptions;
use crate::output::command_line;
use clap::parser::ValueSource;
use clap::{Arg, Args, Command};
use humantime::format_duration;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The options that say what is counted and where it is kept. A checkpoint has all that they say.
const WHAT: [&str; 8] =
    ["count", "precision", "time", "shard", "first", "seed", "checkpoint", "resume"];

/// The command that goes on with the checkpoint of the run with these arguments.
pub(super) fn resuming(arguments: &[OsString], path: &Path) -> String {
    let what = ["--resume".into(), named(path).into_os_string()];
    // A loaded kernel may need the name of its problem.
    pi_sample(what, options(arguments, |name| !WHAT.contains(&name)))
}

/// The command that counts what the run with these arguments has left of its work.
pub(super) fn counting_the_rest(arguments: &[OsString], work: &Work, total: &Tally) -> String {
    let Work { generator, seed, samples, limit, .. } = work;
    let rest = samples.after(total.samples);
    let (option, amount) = match limit {
        Some(limit) => ("--time", time(limit.saturating_sub(total.time))),
        None => ("-n", rest.count().to_string()),
    };
    let first = rest.first().to_string();
    let (generator, seed) = (generator.to_string(), seed.to_string());
    let what = [option, &amount, "--first", &first, "--generator", &generator, "--seed", &seed];
    let how =
        options(arguments, |name| !WHAT.contains(&name) && !["generator", "every"].contains(&name));
    pi_sample(what.map(OsString::from), how)
}

/// A time without the digits that do not matter, but not zero.
fn time(time: Duration) -> String {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    format_duration(Duration::from_millis(milliseconds)).to_string().replace(' ', "")
}

/// The path of a file, which no option is taken for.
pub(super) fn named(path: &Path) -> PathBuf {
    match path.as_os_str().as_bytes() {
        [b'-', ..] => Path::new(".").join(path),
        _ => path.to_owned(),
    }
}

fn pi_sample(what: impl IntoIterator<Item = OsString>, how: Vec<OsString>) -> String {
    let words = ["pi", "sample"].map(OsString::from).into_iter();
    command_line(&words.chain(what).chain(how).collect::<Vec<_>>())
}

/// Those options of a command line of `pi sample` whose names are wanted, as words.
fn options(arguments: &[OsString], is_wanted: impl Fn(&str) -> bool) -> Vec<OsString> {
    let sample = Sample::augment_args(Command::new("sample"));
    let mut pi = JobOptions::augment_args(Command::new("pi")).subcommand(sample);
    pi.build();
    let matches = pi.clone().try_get_matches_from(arguments).ok();
    let matches = matches.as_ref().and_then(|matches| matches.subcommand_matches("sample"));
    let known = pi.find_subcommand("sample").into_iter().flat_map(Command::get_arguments);
    let Some(matches) = matches else { return Vec::new() };
    let words = |arg: &Arg| {
        let option = || OsString::from(format!("--{}", arg.get_long().unwrap_or_default()));
        let values = matches.get_raw(arg.get_id().as_str()).into_iter().flatten();
        match arg.get_action().takes_values() {
            true => values.flat_map(|value| [option(), value.to_owned()]).collect(),
            false => vec![option()],
        }
    };
    let is_given = |arg: &&Arg| {
        let name = arg.get_id().as_str();
        is_wanted(name)
            && matches.ids().any(|id| id == name)
            && matches.value_source(name) == Some(ValueSource::CommandLine)
    };
    known.filter(is_given).flat_map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use libpi::{Generator, Samples};

    fn arguments(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_run_goes_on_with_the_same_options() {
        let line = "pi --ranks-from none sample -n5 --seed 1 --checkpoint=-x --every 5s --load a=./a.so:f \
                    --load npb/b=b.so:f --generator npb --threads 3 --pin 0-2 --ranks --json";
        let how = "--load a=./a.so:f --load npb/b=b.so:f --threads 3 --pin 0-2 --ranks --json --ranks-from none";
        let line = arguments(line);
        assert_eq!(
            resuming(&line, Path::new("-x")),
            format!("pi sample --resume ./-x --every 5s --generator npb {how}")
        );
        let work = Work {
            generator: Generator::Npb,
            seed: 1,
            samples: Samples::new(7, 5).unwrap(),
            limit: None,
            precision: None,
            shard: None,
            before: Tally::default(),
        };
        let total = Tally { hits: 1, samples: 2, time: Duration::from_secs(8) };
        let what = "--first 9 --generator npb --seed 1";
        let rest = counting_the_rest(&line, &work, &total);
        assert_eq!(rest, format!("pi sample -n 3 {what} {how}"));
        let timed = Work { limit: Some(Duration::from_secs(70)), ..work };
        let rest = counting_the_rest(&arguments("pi sample --time 70s"), &timed, &total);
        assert_eq!(rest, format!("pi sample --time 1m2s {what}"));
        let over = Tally { time: Duration::from_secs(70), ..total };
        let rest = counting_the_rest(&arguments("pi sample --time 70s"), &timed, &over);
        assert_eq!(rest, format!("pi sample --time 1ms {what}"));
    }

    #[test]
    fn odd_names_of_files_are_quoted() {
        let resumed = |name| resuming(&arguments("pi sample -n 5"), Path::new(name));
        assert_eq!(resumed("it's"), r"pi sample --resume 'it'\''s'");
        assert_eq!(resumed("a\nb"), r"pi sample --resume $'a\nb'");
    }
}
