//! The lines of source that instructions come from.

use crate::image::Image;
use std::collections::HashMap;
use std::fs;

/// The source lines of an image, if it was built with line numbers.
pub struct Lines {
    loader: Option<addr2line::Loader>,
    files: HashMap<String, Vec<String>>,
}

impl Lines {
    /// Opens the line numbers of an image. A file without them has no lines.
    pub fn new(image: &Image) -> Self {
        Self { loader: addr2line::Loader::new(image.path()).ok(), files: HashMap::new() }
    }

    /// The place of an address, such as `philox.c:86`, and the text of the line if its file is there.
    pub fn at(&mut self, address: u64) -> Option<(String, String)> {
        let location = self.loader.as_ref()?.find_location(address).ok()??;
        let (file, line) = (location.file?, location.line?);
        let name = file.rsplit('/').next().unwrap_or(file);
        let lines = self.files.entry(file.to_owned()).or_insert_with(|| {
            let text = fs::read_to_string(file).unwrap_or_default();
            text.lines().map(|line| line.trim().to_owned()).collect()
        });
        let text = (line as usize).checked_sub(1).and_then(|place| lines.get(place));
        Some((format!("{name}:{line}"), text.cloned().unwrap_or_default()))
    }
}
