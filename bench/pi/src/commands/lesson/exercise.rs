//! Runs one exercise. A Python program measures, and says what the user's own numbers mean.

use super::place::Clone;
use crate::failure::USAGE;
use crate::output;
use crate::table::{fixed, name, table};
use anyhow::bail;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pi_harness::failure::{CheckFailed, Stopped};
use pi_harness::launcher::Launcher;
use pi_harness::process::{Ending, Program, Task, watch_for_interruption};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::{IsTerminal, Write, stderr};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// An exercise takes some seconds. After this time it hangs, or has far too many samples.
const LONGEST: Duration = Duration::from_secs(600);

/// The exit code of an exercise that lacks something, see `exercise.py`.
const UNAVAILABLE: i32 = 69;

/// An exercise of the lesson.
#[derive(Debug, Serialize)]
pub(super) struct Exercise {
    pub(super) name: &'static str,
    pub(super) question: &'static str,
    #[serde(skip)]
    file: &'static str,
    /// Whether it starts ranks of MPI.
    #[serde(skip)]
    ranks: bool,
}

const fn alone(name: &'static str, file: &'static str, question: &'static str) -> Exercise {
    Exercise { name, file, question, ranks: false }
}

const fn on_ranks(name: &'static str, file: &'static str, question: &'static str) -> Exercise {
    Exercise { name, file, question, ranks: true }
}

/// The exercises, in the order of the lesson.
pub(super) const EXERCISES: &[Exercise] = &[
    alone("profile", "loop_profile.py", "Where does the time of the lesson's loop go?"),
    alone("map", "map.py", "What does a task of a process pool cost?"),
    alone("pool", "pool.py", "Is a process pool faster than the serial loop?"),
    alone("threads", "threads.py", "What can a thread pool do at the same time?"),
    alone("cpus", "pool_size.py", "How many CPUs does a pool take, and how many ought it to take?"),
    on_ranks("ranks", "ranks.py", "Are two ranks faster than one?"),
    on_ranks("gather", "gather.py", "What does gather do?"),
    on_ranks("guard", "guard.py", "Why `if rank == 0`, and why `__main__`?"),
    on_ranks("unpack", "unpack.py", "Why `_, inside = sample(n_task)`?"),
];

/// What an exercise found out.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    exercise: String,
    #[serde(default)]
    program: PathBuf,
    question: String,
    /// The measured numbers, by name.
    numbers: serde_json::Value,
    /// The table that shows them. The first row has the headings.
    rows: Vec<Vec<String>>,
    explanation: Vec<String>,
}

impl Exercise {
    /// Runs the exercise.
    ///
    /// # Errors
    /// If something is missing, if the program fails, or after an interruption.
    pub(super) fn run(
        &self,
        samples: Option<u64>,
        launcher: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let clone = Clone::find()?;
        let program = clone.program(self.file)?;
        let interrupted = watch_for_interruption()?;
        let mut command =
            vec![clone.python(&interrupted)?, program.clone().into(), "--json".into()];
        if let Ok(own) = Program::own() {
            command.push(format!("--pi={}", own.path().display()).into());
        }
        if let Some(samples) = samples {
            command.push(format!("--samples={samples}").into());
        }
        if self.ranks {
            let words = Launcher::find(launcher, &interrupted).command();
            command.push(format!("--launcher={}", output::command_line(&words)).into());
        }
        let said = self.ask(&command, &interrupted)?;
        let answer: Answer = serde_json::from_slice(&said)
            .map_err(|why| CheckFailed(format!("{} prints no answer: {why}", program.display())))?;
        Ok(Answer { exercise: self.name.to_owned(), program, ..answer })
    }

    /// What the program prints.
    fn ask(&self, command: &[OsString], interrupted: &AtomicBool) -> anyhow::Result<Vec<u8>> {
        let Self { name, .. } = self;
        let wheel = wheel(format!("{name}: {}", self.question));
        let outcome = Task { command, input: "", cpus: None, timeout: LONGEST, interrupted }.run();
        wheel.finish_and_clear();
        let outcome = outcome.map_err(|why| CheckFailed(why.to_string()))?;
        let failed = match outcome.ending {
            Ending::Exited(status) if status.success() => return Ok(outcome.stdout),
            Ending::Exited(status) if status.code() == Some(i32::from(USAGE)) => {
                bail!("{}", outcome.complaint())
            }
            Ending::Exited(status) if status.code() == Some(UNAVAILABLE) => {
                format!("the exercise {name} is skipped: {}", outcome.stderr.trim())
            }
            Ending::Exited(status) => {
                format!("the exercise {name} failed ({status}): {}", outcome.complaint())
            }
            Ending::TimedOut => format!(
                "the exercise {name} did not end within {} min and was ended: give fewer samples with -n",
                LONGEST.as_secs() / 60
            ),
            Ending::Interrupted => {
                return Err(Stopped(format!("interrupted: the exercise {name} was ended")).into());
            }
        };
        Err(CheckFailed(failed).into())
    }
}

/// A sign of life on a terminal.
fn wheel(message: String) -> ProgressBar {
    let target = match stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    let wheel = ProgressBar::with_draw_target(None, target)
        .with_style(style.expect("the template is well-formed"))
        .with_message(message);
    wheel.enable_steady_tick(Duration::from_millis(200));
    wheel
}

impl Answer {
    /// Shows the numbers, and below them what they mean.
    pub(super) fn print(&self, width: Option<usize>, out: &mut impl Write) -> anyhow::Result<()> {
        output::paragraph(out, width, "", &self.question)?;
        writeln!(out)?;
        if let Some((headings, rows)) = self.rows.split_first() {
            let columns = headings.iter().enumerate().map(|(number, heading)| match number {
                0 => name(heading),
                _ => fixed(heading),
            });
            let whole = rows.iter().filter(|row| row.len() == headings.len()).cloned();
            write!(out, "{}", table(width, columns, whole))?;
        }
        for sentence in &self.explanation {
            writeln!(out)?;
            output::paragraph(out, width, "", sentence)?;
        }
        writeln!(out)?;
        output::line(out, format_args!("The program: {}", self.program.display()))?;
        Ok(())
    }
}
