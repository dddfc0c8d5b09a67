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

    /// The place of an address, such as `philox.c:86`, and the text of the line; the text is empty if the
    /// file is not there.
    pub fn at(&mut self, address: u64) -> Option<(String, String)> {
        let (file, line) = self.place(address)?;
        let name = file.rsplit('/').next().unwrap_or(&file).to_owned();
        let lines = self.files.entry(file).or_insert_with_key(|file| {
            let text = fs::read_to_string(file).unwrap_or_default();
            text.lines().map(|line| line.trim().to_owned()).collect()
        });
        let text = (line as usize).checked_sub(1).and_then(|place| lines.get(place));
        Some((format!("{name}:{line}"), text.cloned().unwrap_or_default()))
    }

    /// The file and the line of an address. Of functions that were inlined, such as intrinsics, those in
    /// other folders than the function that holds the code are passed over: their callers say more.
    fn place(&self, address: u64) -> Option<(String, u32)> {
        let mut frames = self.loader.as_ref()?.find_frames(address).ok()?;
        let mut places = Vec::new();
        while let Ok(Some(frame)) = frames.next() {
            let place =
                frame.location.and_then(|place| Some((place.file?.to_owned(), place.line?)));
            places.extend(place);
        }
        let folder =
            |place: &(String, u32)| place.0.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let home = folder(places.last()?);
        places.into_iter().find(|place| folder(place) == home)
    }
}
