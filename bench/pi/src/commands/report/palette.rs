//! The colours of pages and pictures, each for light and for dark paper.

use std::fmt::Write;

/// The name of each colour in the style sheet, and the colour for light and for dark paper.
const COLOURS: [(&str, &str, &str); 14] = [
    ("paper", "#ffffff", "#14171b"),
    ("ink", "#1b1f24", "#e7eaee"),
    ("muted", "#5b6570", "#9aa5b1"),
    ("rule", "#dde2e8", "#2c333b"),
    ("heat", "#d97706", "#f59e0b"),
    ("hue0", "#b4450a", "#ff9a5c"),
    ("hue1", "#0a5fa8", "#6db7ff"),
    ("hue2", "#0b7a5b", "#4fd1a5"),
    ("hue3", "#7b3fa0", "#c79bf2"),
    ("hue4", "#7f6200", "#e6c34d"),
    ("hue5", "#a3195b", "#ff8fb8"),
    ("hue6", "#50606e", "#a9b7c4"),
    ("hue7", "#00708a", "#5fd0e6"),
    ("hue8", "#7a4f24", "#d3a67e"),
];

/// The start of a page's style sheet: its colours as variables.
pub(super) fn variables() -> String {
    let of = |colour: fn(&(&str, &str, &str)) -> String| -> String {
        COLOURS.iter().map(colour).collect()
    };
    let light = of(|(name, light, _)| format!("--{name}:{light};"));
    let dark = of(|(name, _, dark)| format!("--{name}:{dark};"));
    format!(":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n")
}

/// A drawing for a file of its own. It has the light colours, which every program can show, and rules that
/// replace them with the dark colours if the reader prefers a dark scheme.
pub(super) fn standalone(drawing: &str) -> String {
    let (mut drawing, mut rules) = (drawing.to_owned(), String::new());
    for (name, light, dark) in COLOURS {
        drawing = drawing.replace(&format!("var(--{name})"), light);
        for attribute in ["fill", "stroke"] {
            // Writing into a string cannot fail.
            let _ = write!(rules, "[{attribute}=\"{light}\"]{{{attribute}:{dark}}}");
        }
    }
    format!("<style>@media (prefers-color-scheme:dark){{{rules}}}</style>{drawing}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_has_one_name() {
        for (number, (name, light, dark)) in COLOURS.iter().enumerate() {
            let others = COLOURS.iter().enumerate().filter(|&(other, _)| other != number);
            for (_, other) in others {
                assert!(*name != other.0 && *light != other.1 && *dark != other.2, "{name}");
            }
        }
    }

    #[test]
    fn a_drawing_that_stands_alone_asks_for_no_style_sheet() {
        let alone = standalone("<path fill=\"var(--ink)\" stroke=\"var(--hue0)\"/>");
        assert!(alone.ends_with("<path fill=\"#1b1f24\" stroke=\"#b4450a\"/>"), "{alone}");
        assert!(alone.contains("[fill=\"#1b1f24\"]{fill:#e7eaee}"), "{alone}");
    }
}
