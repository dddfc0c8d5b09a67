//! What the environment says of the launcher that started this process, without asking MPI.

use clap::ValueEnum;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write};
use std::os::fd::{BorrowedFd, RawFd};
use std::os::unix::fs::FileTypeExt;
use std::thread::sleep;
use std::time::Duration;

/// From which variables this process learns that it is one of several ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Source {
    /// Those of the first launcher that is found, in the order below; without any it is alone
    Auto,
    /// None: it is alone, whatever the variables say
    None,
    /// Open MPI's OMPI_COMM_WORLD_RANK and OMPI_COMM_WORLD_SIZE
    Openmpi,
    /// PMI_RANK and PMI_SIZE: of MPICH's Hydra, Intel MPI, PALS, srun --mpi=pmi2
    Pmi,
    /// Slurm's SLURM_PROCID and SLURM_STEP_NUM_TASKS
    Slurm,
}

/// The variable that chooses where no option does.
pub(crate) const RANKS_FROM: &str = "LIBPI_RANKS_FROM";

impl Source {
    /// The one that was chosen on the command line, else by the variable.
    ///
    /// # Errors
    /// If the variable's value is none of them, even where nothing depends on it.
    pub(crate) fn chosen(option: Option<Self>, variable: impl Variable) -> Result<Self, String> {
        let Some(value) = variable(RANKS_FROM).filter(|value| !value.is_empty()) else {
            return Ok(option.unwrap_or(Self::Auto));
        };
        let known = value.to_str().and_then(|text| Self::from_str(text, false).ok());
        let known = known.ok_or_else(|| {
            let values = Self::value_variants().iter().filter_map(Self::to_possible_value);
            let names: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
            format!("{RANKS_FROM}={}: it must be one of {}", value.display(), names.join(", "))
        })?;
        Ok(option.unwrap_or(known))
    }
}

/// How a variable is looked up.
pub(crate) trait Variable: Fn(&str) -> Option<OsString> {}

impl<F: Fn(&str) -> Option<OsString>> Variable for F {}

/// A variable of this process.
pub(crate) fn own_variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

/// The variables of a launcher. They are asked in this order, since under Slurm the others start
/// their helpers by srun, whose variables the ranks inherit.
struct Kind {
    source: Source,
    name: &'static str,
    rank: &'static str,
    size: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind {
        source: Source::Openmpi,
        name: "Open MPI's launcher",
        rank: "OMPI_COMM_WORLD_RANK",
        size: "OMPI_COMM_WORLD_SIZE",
    },
    Kind {
        source: Source::Pmi,
        name: "a PMI launcher (MPICH's Hydra, srun, PALS)",
        rank: "PMI_RANK",
        size: "PMI_SIZE",
    },
    // Slurm's PMIx, and Slurm without any. The script of a batch job has no step.
    Kind {
        source: Source::Slurm,
        name: "srun",
        rank: "SLURM_PROCID",
        size: "SLURM_STEP_NUM_TASKS",
    },
];

impl Kind {
    /// The launcher, if both variables are set.
    ///
    /// # Errors
    /// If they are no rank and number of ranks.
    fn read(&self, variable: &impl Variable) -> Result<Option<Launcher>, String> {
        let Some((rank, size)) = variable(self.rank).zip(variable(self.size)) else {
            return Ok(None);
        };
        let number = |value: &OsStr| value.to_str().and_then(|text| text.parse::<u32>().ok());
        let launcher = number(&rank).zip(number(&size)).filter(|(rank, size)| rank < size);
        let launcher = launcher.map(|(rank, size)| Launcher {
            source: self.source,
            name: self.name,
            variable: self.size,
            rank,
            size,
            is_in_contact: self.is_in_contact(variable),
        });
        launcher.map(Some).ok_or_else(|| {
            format!(
                "{}={} and {}={} are no rank and number of ranks",
                self.rank,
                rank.display(),
                self.size,
                size.display()
            )
        })
    }

    fn is_in_contact(&self, variable: &impl Variable) -> bool {
        self.source == Source::Slurm
            || CONTACTS.iter().any(|name| variable(name).is_some())
            || variable(PMI_FD).is_some_and(|value| socket(&value).is_ok())
    }
}

/// Where launchers leave how they are reached, besides `PMI_FD`.
const CONTACTS: [&str; 5] =
    ["PMIX_SERVER_URI", "PMIX_SERVER_URI2", "PMIX_SERVER_URI21", "PMI_PORT", "PALS_RANKID"];

/// What started this process as one of several, or alone as a job of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Launcher {
    source: Source,
    name: &'static str,
    /// The variable that has the number of ranks.
    variable: &'static str,
    pub(crate) rank: u32,
    pub(crate) size: u32,
    /// Whether this process can reach it, as far as the environment tells: it is read before MPI, which
    /// may set the same variables.
    pub(crate) is_in_contact: bool,
}

impl Launcher {
    /// The launcher by the variables of a source; and what to warn of where they make no sense and
    /// nobody insists on them.
    ///
    /// # Errors
    /// If a launcher is insisted on whose variables are not there, or make no sense.
    pub(crate) fn find(
        source: Source,
        variable: impl Variable,
    ) -> Result<(Option<Self>, Vec<String>), String> {
        let mut remarks = Vec::new();
        for kind in &KINDS {
            match kind.read(&variable) {
                Ok(Some(launcher)) if [Source::Auto, kind.source].contains(&source) => {
                    return Ok((Some(launcher), remarks));
                }
                Err(problem) if source == Source::Auto => {
                    remarks.push(format!("{problem}, so they are left out of account"));
                }
                Err(problem) if source == kind.source => {
                    return Err(format!("{problem}; {ALONE}"));
                }
                Ok(None) if source == kind.source => {
                    return Err(format!(
                        "{} and {} are not both set, so {} did not start this process; {ALONE}",
                        kind.rank, kind.size, kind.name
                    ));
                }
                _ => {}
            }
        }
        Ok((None, remarks))
    }

    /// As messages call it: what it is, and how that is known.
    pub(crate) fn started(&self) -> String {
        format!("{} started {} ranks of pi ({})", self.name, self.size, self.said_by())
    }

    /// The variable that says so, with its value.
    pub(crate) fn said_by(&self) -> String {
        format!("{}={}", self.variable, self.size)
    }

    /// What to do if the variables are those of another time.
    pub(crate) fn if_left_over(&self) -> String {
        format!(
            "if {} is left over from elsewhere, unset it or give --ranks-from none",
            self.variable
        )
    }

    /// Whether an MPI that is to be initialised would speak to the descriptor in `PMI_FD`.
    fn speaks_pmi(&self, library: Option<&str>) -> bool {
        self.source == Source::Pmi || !library.is_some_and(|name| name.starts_with("Open MPI"))
    }

    /// Checks that what MPI will write to is what a launcher leaves there.
    ///
    /// # Errors
    /// If it is something else, such as a file that would be spoilt.
    pub(crate) fn check_contact(
        &self,
        library: Option<&str>,
        variable: impl Variable,
    ) -> Result<(), String> {
        let Some(value) = variable(PMI_FD).filter(|_| self.speaks_pmi(library)) else {
            return Ok(());
        };
        socket(&value).map(drop).map_err(|problem| {
            format!("{PMI_FD}={} is {problem} instead of a socket to it", value.display())
        })
    }

    /// Asks the launcher to end the job, without MPI. Most do so when a process ends with an error;
    /// Hydra waits for those who wait in MPI for this one, unless told by the socket that it gave the
    /// process.
    pub(crate) fn end_job(&self, code: u8, variable: impl Variable) {
        if self.source != Source::Pmi {
            return;
        }
        let Some(socket) = variable(PMI_FD).and_then(|value| socket(&value).ok()) else { return };
        sleep(TO_PASS_ON);
        // Where it is closed at the other end, nobody is there to be told.
        let _ = tell(socket, &format!("cmd=abort exitcode={code}\n"));
    }
}

/// The time in which a launcher reads what a rank has said: of a job that is ended before, Hydra passes
/// nothing on.
pub(crate) const TO_PASS_ON: Duration = Duration::from_millis(500);

/// The way out for who started no ranks at all.
const ALONE: &str = "give --ranks-from none to count alone, or auto";

/// The variable in which PMI launchers name the descriptor of a socket to them.
const PMI_FD: &str = "PMI_FD";

/// The descriptor of an open socket.
///
/// # Errors
/// What the value is instead.
fn socket(value: &OsStr) -> Result<RawFd, &'static str> {
    let number = value.to_str().and_then(|text| text.parse::<RawFd>().ok());
    let number = number.filter(|number| *number >= 0).ok_or("no file descriptor")?;
    let file =
        fs::metadata(format!("/proc/self/fd/{number}")).map_err(|_| "a closed file descriptor")?;
    file.file_type().is_socket().then_some(number).ok_or("another kind of file")
}

fn tell(socket: RawFd, order: &str) -> io::Result<()> {
    // SAFETY: it was seen to be open, and nothing in this process closes what it did not open.
    let socket = unsafe { BorrowedFd::borrow_raw(socket) };
    fs::File::from(socket.try_clone_to_owned()?).write_all(order.as_bytes())
}

/// The variables that say of ranks what somebody has chosen to ignore. Processes that this one starts
/// are not to believe them, and not to ignore those that a launcher sets for them.
pub(crate) fn ignored_variables() -> impl Iterator<Item = &'static str> {
    let several = |kind: &&Kind| {
        let launcher = kind.read(&own_variable);
        launcher.is_ok_and(|launcher| launcher.is_some_and(|launcher| launcher.size > 1))
    };
    KINDS.iter().filter(several).flat_map(|kind| [kind.rank, kind.size]).chain([RANKS_FROM])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::UnixStream;

    /// An environment of these variables.
    fn environment(variables: &[(&str, &str)]) -> impl Variable {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), OsString::from(value));
        let variables: Vec<(String, OsString)> = variables.iter().map(owned).collect();
        move |name: &str| {
            let found = variables.iter().find(|(variable, _)| variable == name);
            found.map(|(_, value)| value.clone())
        }
    }

    fn find(source: Source, variables: &[(&str, &str)]) -> Result<Option<(u32, u32)>, String> {
        let (launcher, _) = Launcher::find(source, environment(variables))?;
        Ok(launcher.map(|launcher| (launcher.rank, launcher.size)))
    }

    #[test]
    fn launchers_are_known_by_what_they_leave_in_the_environment() {
        for (variables, expected) in [
            (&[][..], None),
            (&[("OMPI_COMM_WORLD_RANK", "2"), ("OMPI_COMM_WORLD_SIZE", "4")], Some((2, 4))),
            (&[("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", "1")], Some((0, 1))),
            (&[("PMI_RANK", "1"), ("PMI_SIZE", "2"), ("PMI_FD", "7")], Some((1, 2))),
            // srun with PMIx, with PMI2, and without any.
            (
                &[("PMIX_RANK", "3"), ("SLURM_PROCID", "3"), ("SLURM_STEP_NUM_TASKS", "8")],
                Some((3, 8)),
            ),
            (
                &[
                    ("PMI_RANK", "3"),
                    ("PMI_SIZE", "8"),
                    ("SLURM_PROCID", "3"),
                    ("SLURM_STEP_NUM_TASKS", "8"),
                ],
                Some((3, 8)),
            ),
            (&[("SLURM_PROCID", "1"), ("SLURM_STEP_NUM_TASKS", "2")], Some((1, 2))),
            // The script of a batch job, and the shell of an interactive one.
            (&[("SLURM_PROCID", "0"), ("SLURM_NTASKS", "8")], None),
            (&[("SLURM_PROCID", "0"), ("SLURM_STEP_NUM_TASKS", "1")], Some((0, 1))),
            // mpiexec of Open MPI inside of an interactive job.
            (
                &[
                    ("SLURM_PROCID", "0"),
                    ("SLURM_STEP_NUM_TASKS", "1"),
                    ("OMPI_COMM_WORLD_RANK", "5"),
                    ("OMPI_COMM_WORLD_SIZE", "6"),
                ],
                Some((5, 6)),
            ),
            // The same with a PMI, and mpiexec of MPICH in there.
            (
                &[
                    ("SLURM_PROCID", "0"),
                    ("SLURM_STEP_NUM_TASKS", "1"),
                    ("PMI_RANK", "0"),
                    ("PMI_SIZE", "1"),
                ],
                Some((0, 1)),
            ),
            (
                &[
                    ("SLURM_PROCID", "0"),
                    ("SLURM_STEP_NUM_TASKS", "1"),
                    ("PMI_RANK", "5"),
                    ("PMI_SIZE", "6"),
                ],
                Some((5, 6)),
            ),
            // mpiexec of MPICH over two nodes: its proxies are the tasks of a step.
            (
                &[
                    ("SLURM_PROCID", "1"),
                    ("SLURM_STEP_NUM_TASKS", "2"),
                    ("PMI_RANK", "5"),
                    ("PMI_SIZE", "6"),
                ],
                Some((5, 6)),
            ),
            (&[("PMI_RANK", "two"), ("PMI_SIZE", "2")], None),
            (&[("PMI_RANK", "0")], None),
        ] {
            assert_eq!(find(Source::Auto, variables), Ok(expected), "{variables:?}");
            assert_eq!(find(Source::None, variables), Ok(None));
        }
    }

    #[test]
    fn variables_that_make_no_sense_are_left_out_of_account_with_a_word() {
        for (rank, size) in [
            ("", "2"),
            ("0", ""),
            ("-1", "2"),
            ("0", "-2"),
            ("2", "2"),
            ("0", "0"),
            ("0", "4294967296"),
            ("0", "2 "),
            ("0x0", "2"),
        ] {
            let variables = [("OMPI_COMM_WORLD_RANK", rank), ("OMPI_COMM_WORLD_SIZE", size)];
            let (launcher, remarks) =
                Launcher::find(Source::Auto, environment(&variables)).unwrap();
            assert_eq!(launcher, None, "{variables:?}");
            assert!(remarks[0].contains(&format!("OMPI_COMM_WORLD_SIZE={size}")), "{remarks:?}");
            let insisted = find(Source::Openmpi, &variables).unwrap_err();
            assert!(insisted.contains("--ranks-from none"), "{insisted}");
            // Another launcher's are taken.
            let more = [variables[0], variables[1], ("PMI_RANK", "1"), ("PMI_SIZE", "2")];
            assert_eq!(find(Source::Auto, &more), Ok(Some((1, 2))));
        }
    }

    #[test]
    fn one_of_several_launchers_can_be_chosen() {
        let variables = [
            ("OMPI_COMM_WORLD_RANK", "5"),
            ("OMPI_COMM_WORLD_SIZE", "6"),
            ("SLURM_PROCID", "1"),
            ("SLURM_STEP_NUM_TASKS", "2"),
        ];
        assert_eq!(find(Source::Auto, &variables), Ok(Some((5, 6))));
        assert_eq!(find(Source::Openmpi, &variables), Ok(Some((5, 6))));
        assert_eq!(find(Source::Slurm, &variables), Ok(Some((1, 2))));
        assert_eq!(find(Source::None, &variables), Ok(None));
        let error = find(Source::Pmi, &variables).unwrap_err();
        assert!(error.contains("PMI_RANK and PMI_SIZE are not both set"), "{error}");
    }

    #[test]
    fn an_option_goes_before_the_variable_and_both_are_checked() {
        let chosen = |option, value: Option<&[u8]>| {
            let value = value.map(|value| OsStr::from_bytes(value).to_owned());
            Source::chosen(option, |_: &str| value.clone())
        };
        assert_eq!(chosen(None, None), Ok(Source::Auto));
        assert_eq!(chosen(None, Some(b"")), Ok(Source::Auto));
        assert_eq!(chosen(None, Some(b"none")), Ok(Source::None));
        assert_eq!(chosen(Some(Source::Slurm), Some(b"none")), Ok(Source::Slurm));
        for option in [None, Some(Source::None)] {
            for value in [&b"nobody"[..], b"None", b"none ", b"\xff"] {
                let error = chosen(option, Some(value)).unwrap_err();
                assert!(error.contains("auto, none, openmpi, pmi, slurm"), "{error}");
            }
        }
    }

    #[test]
    fn mpi_is_let_write_to_a_socket_alone() {
        let launcher = |name: &str, variables: &[(&str, &str)]| {
            let source = Source::from_str(name, false).unwrap();
            Launcher::find(source, environment(variables)).unwrap().0.unwrap()
        };
        let pmi = launcher("pmi", &[("PMI_RANK", "0"), ("PMI_SIZE", "2")]);
        let (socket, _other) = UnixStream::pair().unwrap();
        let file = tempfile::tempfile().unwrap();
        let (pipe, _end) = io::pipe().unwrap();
        let descriptors = [
            (socket.as_raw_fd().to_string(), None),
            (file.as_raw_fd().to_string(), Some("another kind of file")),
            (pipe.as_raw_fd().to_string(), Some("another kind of file")),
            ("1000000".to_owned(), Some("a closed file descriptor")),
            ("-1".to_owned(), Some("no file descriptor")),
            ("seven".to_owned(), Some("no file descriptor")),
            (String::new(), Some("no file descriptor")),
        ];
        for (value, problem) in &descriptors {
            let variables = [("PMI_FD", value.as_str())];
            let checked = pmi.check_contact(None, environment(&variables));
            assert_eq!(checked.is_err(), problem.is_some(), "{value}: {checked:?}");
            assert!(checked.err().is_none_or(|error| error.contains(problem.unwrap())), "{value}");
            let variables = [("PMI_RANK", "0"), ("PMI_SIZE", "2"), variables[0]];
            assert_eq!(launcher("pmi", &variables).is_in_contact, problem.is_none());
            pmi.end_job(3, environment(&variables));
        }
        assert_eq!(file.metadata().unwrap().len(), 0);
        assert!(pmi.check_contact(None, environment(&[])).is_ok());
        // Open MPI does not ask for it.
        let variables = [("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", "2")];
        let open_mpi = launcher("openmpi", &variables);
        let stale = [("PMI_FD", "seven")];
        assert!(open_mpi.check_contact(Some("Open MPI v4.1.4"), environment(&stale)).is_ok());
        assert!(open_mpi.check_contact(Some("MPICH 4.0"), environment(&stale)).is_err());
    }
}
