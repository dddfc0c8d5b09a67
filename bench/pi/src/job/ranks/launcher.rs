//! The launcher that started this process, as the environment describes it. Nothing here calls MPI.

use super::contact::{PMI_FD, socket, tell};
use super::kinds::KINDS;
use super::source::Source;
use super::variable::Variable;
use pi_harness::shown::readable;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Whether traces of a living launcher are there. The variables alone may be stale, and so may be the
/// paths and numbers in them.
fn is_alive(variable: &impl Variable) -> bool {
    let is_folder = |parent: &str, name: &str| {
        variable(name)
            .is_some_and(|value| !value.is_empty() && Path::new(parent).join(value).is_dir())
    };
    is_folder("", PMIX_FOLDER)
        || is_folder("/proc", "SLURM_TASK_PID")
        || variable(PMI_FD).is_some_and(|value| socket(&value).is_ok())
        || ["PMI_PORT", "PALS_RANKID"].iter().any(|name| variable(name).is_some())
}

/// The launcher of this process and the process's place in the job, which may have only one rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Launcher {
    source: Source,
    name: &'static str,
    /// The variable that has the number of ranks.
    variable: &'static str,
    pub(crate) rank: u32,
    pub(crate) size: u32,
    /// Whether the user named this launcher.
    is_named: bool,
    /// Whether the launcher seems to be alive. This is read before MPI is initialised, because MPI may
    /// set the same variables.
    pub(crate) is_alive: bool,
}

impl Launcher {
    /// Finds the launcher by its variables. [`Source::Auto`] ignores variables that make no sense and
    /// returns a warning for each pair.
    ///
    /// # Errors
    /// If the source names one launcher, and the variables of that launcher are missing or make no
    /// sense.
    pub(crate) fn find(
        source: Source,
        variable: impl Variable,
    ) -> Result<(Option<Self>, Vec<String>), String> {
        let mut remarks = Vec::new();
        for kind in &KINDS {
            match kind.read(&variable) {
                Ok(Some((rank, size))) if [Source::Auto, kind.source].contains(&source) => {
                    let launcher = Self {
                        source: kind.source,
                        name: kind.name,
                        variable: kind.size,
                        rank,
                        size,
                        is_named: source == kind.source,
                        is_alive: is_alive(&variable),
                    };
                    return Ok((Some(launcher), remarks));
                }
                Err(problem) if source == Source::Auto => {
                    remarks.push(format!("{problem}; pi ignores them"));
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

    /// The beginning of a message: what the launcher did, and which variable says so.
    pub(crate) fn started(&self) -> String {
        format!("{} started {} ranks of pi ({})", self.name, self.size, self.said_by())
    }

    /// The variable that holds the number of ranks, with its value.
    pub(crate) fn said_by(&self) -> String {
        format!("{}={}", self.variable, self.size)
    }

    /// The remedy if the variables are stale.
    pub(crate) fn if_left_over(&self) -> String {
        format!(
            "if {} is left over from elsewhere, unset it or give --ranks-from none",
            self.variable
        )
    }

    /// Whether the MPI library would write to the file descriptor that `PMI_FD` names.
    fn speaks_pmi(&self, library: Option<&str>) -> bool {
        self.source == Source::Pmi || !library.is_some_and(|name| name.starts_with("Open MPI"))
    }

    /// Checks what MPI will use to reach the launcher. MPI does not return from a launcher that is gone,
    /// and it would write to any file whose descriptor `PMI_FD` names.
    ///
    /// # Errors
    /// If the launcher's folder is gone, or the file descriptor is not a socket.
    pub(crate) fn check_contact(
        &self,
        library: Option<&str>,
        variable: impl Variable,
    ) -> Result<(), String> {
        let folder = variable(PMIX_FOLDER).filter(|_| self.source != Source::Pmi && !self.is_named);
        if let Some(folder) = folder.filter(|folder| !Path::new(folder).is_dir()) {
            return Err(format!("its folder {PMIX_FOLDER}={} is gone", readable(folder)));
        }
        let Some(value) = variable(PMI_FD).filter(|_| self.speaks_pmi(library)) else {
            return Ok(());
        };
        socket(&value).map(drop).map_err(|problem| {
            format!("{PMI_FD}={}, which must be its socket, is {problem}", readable(value))
        })
    }

    /// Asks the launcher to end the job, without MPI. Most launchers end the job when a process exits
    /// with an error. Hydra does not: the other ranks would wait in MPI for this one. It listens on
    /// the socket that it gave to this process.
    pub(crate) fn end_job(&self, code: u8, variable: impl Variable) {
        if self.source != Source::Pmi {
            return;
        }
        let Some(socket) = variable(PMI_FD).and_then(|value| socket(&value).ok()) else { return };
        sleep(TO_PASS_ON);
        // If the other end is closed, there is no launcher any more.
        let _ = tell(socket, &format!("cmd=abort exitcode={code}\n"));
    }
}

/// The time that a launcher gets to read the output of a rank. When a job ends sooner, Hydra drops the
/// output.
pub(crate) const TO_PASS_ON: Duration = Duration::from_millis(500);

/// The remedy if no launcher started this process.
const ALONE: &str = "give --ranks-from none to run without other ranks, or auto";

/// The variable in which PMIx launchers name a folder that they remove at the end of the job.
const PMIX_FOLDER: &str = "PMIX_SERVER_TMPDIR";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;
    use std::ffi::OsString;
    use std::os::fd::AsRawFd;
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
    fn a_launcher_that_left_only_variables_is_not_alive() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().to_str().unwrap();
        let own_id = std::process::id().to_string();
        for (name, value, alive) in [
            ("PMIX_SERVER_TMPDIR", folder, true),
            ("PMIX_SERVER_TMPDIR", "/no/such/folder", false),
            ("PMIX_SERVER_TMPDIR", "", false),
            ("SLURM_TASK_PID", &own_id, true),
            ("SLURM_TASK_PID", "4194305", false),
            ("SLURM_TASK_PID", "", false),
            ("PMIX_SERVER_URI2", "1.0;tcp4://127.0.0.1:1", false),
        ] {
            assert_eq!(is_alive(&environment(&[(name, value)])), alive, "{name}={value}");
        }
    }

    #[test]
    fn a_launcher_whose_folder_is_gone_is_joined_only_if_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().to_str().unwrap();
        let check = |source, folder| {
            let variables = [("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", "2")];
            let variables = [variables[0], variables[1], (PMIX_FOLDER, folder)];
            let launcher = Launcher::find(source, environment(&variables)).unwrap().0.unwrap();
            launcher.check_contact(Some("Open MPI v4.1.4"), environment(&variables))
        };
        assert_eq!(check(Source::Auto, folder), Ok(()));
        let gone = Err("its folder PMIX_SERVER_TMPDIR=/no/such is gone".to_owned());
        assert_eq!(check(Source::Auto, "/no/such"), gone);
        assert_eq!(check(Source::Openmpi, "/no/such"), Ok(()));
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
        for (value, is_socket) in [
            (socket.as_raw_fd().to_string(), true),
            (file.as_raw_fd().to_string(), false),
            ("seven".to_owned(), false),
        ] {
            let variables = [("PMI_RANK", "0"), ("PMI_SIZE", "2"), ("PMI_FD", &*value)];
            let checked = pmi.check_contact(None, environment(&variables));
            assert_eq!(checked.is_ok(), is_socket, "{value}: {checked:?}");
            assert_eq!(launcher("pmi", &variables).is_alive, is_socket);
            pmi.end_job(3, environment(&variables));
        }
        assert_eq!(file.metadata().unwrap().len(), 0);
        assert!(pmi.check_contact(None, environment(&[])).is_ok());
        // Open MPI does not ask for it.
        let variables = [("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", "2")];
        let open_mpi = launcher("openmpi", &variables);
        let stale = [("PMI_FD", "seven")];
        assert!(open_mpi.check_contact(Some("Open MPI v4.1.4"), environment(&stale)).is_ok());
        let error = open_mpi.check_contact(Some("MPICH 4.0"), environment(&stale)).unwrap_err();
        assert!(
            error.starts_with("PMI_FD=seven") && error.contains("no file descriptor"),
            "{error}"
        );
    }
}
