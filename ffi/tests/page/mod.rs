//! Reads the commands and files that the page ffi/README.md tells people to type.

use super::building::{here, run};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../README.md");

/// A fenced block of the page.
struct Block {
    language: &'static str,
    /// The file that the line before the block names, if it names one.
    file: Option<&'static str>,
    text: String,
}

/// Returns the headings of the page.
pub fn headings() -> Vec<&'static str> {
    PAGE.lines().filter_map(|line| line.strip_prefix("## ")).collect()
}

/// Returns the blocks below a heading, in order.
fn blocks(heading: &str) -> Vec<Block> {
    let (_, section) = PAGE.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_inside = false;
    let mut file = None;
    for line in section.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_inside => is_inside = false,
            Some(language) => {
                is_inside = true;
                blocks.push(Block { language, file: file.take(), text: String::new() });
            }
            None if is_inside => {
                let text = &mut blocks.last_mut().expect("the block that was begun").text;
                *text += &format!("{line}\n");
            }
            None if line.is_empty() => {}
            None => file = line.strip_prefix('`').and_then(|line| line.strip_suffix("`:")),
        }
    }
    blocks
}

/// Returns all blocks that are neither commands nor files: excerpts of the examples.
pub fn excerpts() -> Vec<(&'static str, String)> {
    let blocks = headings().into_iter().flat_map(blocks);
    let excerpts = blocks.filter(|block| block.language != "sh" && block.file.is_none());
    excerpts.map(|block| (block.language, block.text)).collect()
}

/// Returns the texts of the blocks in a language below a heading.
pub fn texts(heading: &str, language: &str) -> Vec<String> {
    let blocks = blocks(heading).into_iter().filter(|block| block.language == language);
    blocks.map(|block| block.text).collect()
}

/// Runs commands of the page in a folder, with `prefix` in place of `/some/place`.
pub fn type_in(commands: &str, prefix: &Path, folder: &Path) -> String {
    let commands = commands.replace("/some/place", prefix.to_str().expect("a path in UTF-8"));
    run(Command::new("sh").current_dir(folder).args(["-e", "-u", "-c", &commands]))
}

/// Makes the files and runs the commands below a heading, in a folder that looks like the
/// repository's root, and returns what the commands print.
pub fn follow(heading: &str, prefix: &Path, folder: &Path) -> String {
    for name in ["ffi", "fpm.toml"] {
        if !folder.join(name).exists() {
            symlink(here().join("..").join(name), folder.join(name)).unwrap();
        }
    }
    let told_once = &texts("Installing", "sh")[1];
    let mut commands = told_once.clone();
    for Block { language, file, text } in blocks(heading) {
        match file {
            Some(name) => {
                let file = folder.join(name);
                fs::create_dir_all(file.parent().expect("it is in the folder")).unwrap();
                fs::write(file, text).unwrap();
            }
            None if language == "sh" => commands += &text,
            // An excerpt.
            None => {}
        }
    }
    type_in(&commands, prefix, folder)
}

/// Returns a text without its indentation.
pub fn flat(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.trim())).collect()
}
