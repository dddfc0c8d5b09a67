//! Writes files for the installation into a folder, from the definition of the command line: the manual
//! pages of `pi` and its subcommands, and the completions for bash, zsh and fish.

use anyhow::Context;
use clap_complete::{Shell, generate_to};
use std::path::PathBuf;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).context("usage: pi-docs FOLDER")?;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {folder:?}"))?;
    let mut command = pi_command::command();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut command, "pi", &folder)?;
    }
    clap_mangen::generate_to(command, &folder)?;
    Ok(())
}
