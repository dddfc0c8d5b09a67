//! Lets programs with MPI find the library of the MPI that they were linked to, as programs do that
//! its own compiler links: they get the folders that `mpicc -show` names for the loader.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=MPICC");
    if env::var_os("CARGO_FEATURE_MPI").is_none() {
        return;
    }
    let mpicc = env::var("MPICC").unwrap_or_default();
    let mut words = mpicc.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or("mpicc"));
    // The build of the crate mpi reports an mpicc that cannot be run.
    let Ok(output) = command.args(words).arg("-show").output() else { return };
    for folder in loader_folders(&String::from_utf8_lossy(&output.stdout)) {
        for word in ["--enable-new-dtags", "-rpath", &folder] {
            println!("cargo::rustc-link-arg=-Xlinker");
            println!("cargo::rustc-link-arg={word}");
        }
    }
}

/// The folders that a command of a compiler passes to the linker for the loader: `-Wl,-rpath,FOLDER`,
/// `-Wl,-rpath -Wl,FOLDER`, or `-Xlinker -rpath -Xlinker FOLDER`.
fn loader_folders(command: &str) -> Vec<String> {
    let mut for_linker = Vec::new();
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        match word.strip_prefix("-Wl,") {
            Some(list) => for_linker.extend(list.split(',')),
            None if word == "-Xlinker" => for_linker.extend(words.next()),
            None => {}
        }
    }
    let mut folders = Vec::new();
    let mut words = for_linker.into_iter();
    while let Some(word) = words.next() {
        let folder = match word.trim_start_matches('-').split_once('=') {
            Some(("rpath", folder)) => Some(folder),
            None if ["-rpath", "--rpath", "-R"].contains(&word) => words.next(),
            _ => None,
        };
        folders.extend(folder.map(|folder| folder.trim_matches('"').to_owned()));
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::loader_folders;

    #[test]
    fn the_folders_of_an_mpi_are_those_of_its_compiler() {
        for (command, folders) in [
            ("gcc -I/usr/include -L/usr/lib -lmpi", &[][..]),
            ("gcc -Wl,-z,relro -lmpich", &[]),
            // Open MPI and MPICH, installed from their sources.
            (
                "gcc -I/opt/mpi/include -pthread -L/opt/mpi/lib -Wl,-rpath -Wl,/opt/mpi/lib \
                 -Wl,--enable-new-dtags -lmpi",
                &["/opt/mpi/lib"],
            ),
            ("cc -Wl,-rpath,/a -Wl,-rpath=/b,-z,now -Wl,--rpath,/c", &["/a", "/b", "/c"]),
            // Intel MPI.
            (
                "gcc -Xlinker --enable-new-dtags -Xlinker -rpath -Xlinker \"/opt/intel\"",
                &["/opt/intel"],
            ),
        ] {
            assert_eq!(loader_folders(command), folders, "{command}");
        }
    }
}
