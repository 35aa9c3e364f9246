//! Invoices to render, and the outside tools that look at them. A missing tool fails the test that needs it.

#![allow(dead_code, unreachable_pub, missing_debug_implementations, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod people;
mod sample;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

#[allow(unused_imports, reason = "invoices have people of their own")]
pub use people::{company, customer};
pub use sample::Sample;
#[allow(unused_imports, reason = "not every test binary draws lines of its own")]
pub use sample::line;

impl Sample {
    /// Renders to a file that stays in cargo's scratch directory, for looking at.
    pub fn render_to(&self, name: &str) -> PathBuf {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
        std::fs::write(&file, self.render().pdf).unwrap();
        file
    }
}

/// Runs a tool and gives what it prints; whatever stops it stops the test.
pub fn run(tool: &str, arguments: &[&str]) -> String {
    let output =
        Command::new(tool).args(arguments).output().unwrap_or_else(|error| panic!("{tool} must be installed: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{tool} {arguments:?}: {stdout}{stderr}");
    stdout.into_owned()
}

/// The text of a page range in reading order of the layout.
pub fn text(pdf: &Path, first: usize, last: usize) -> String {
    let (first, last) = (first.to_string(), last.to_string());
    run("pdftotext", &["-layout", "-f", &first, "-l", &last, pdf.to_str().unwrap(), "-"]).replace('\u{a0}', " ")
}

/// A label and its value, however far apart the columns are.
pub fn says(text: &str, label: &str, value: &str) {
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed.contains(&format!("{label} {value}")), "{label} {value} is missing in\n{text}");
}

/// How many pages a file has.
pub fn pages(pdf: &Path) -> usize {
    run("qpdf", &["--show-npages", pdf.to_str().unwrap()]).trim().parse().unwrap()
}

/// A word and its box in millimetres from the page's top left corner.
#[derive(Debug, Clone)]
pub struct Word {
    pub page: usize,
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    pub text: String,
}

/// Every word of a file with its place, from `pdftotext -bbox`.
pub fn words(pdf: &Path) -> Vec<Word> {
    let mut page = 0;
    let mut words = Vec::new();
    for line in run("pdftotext", &["-bbox", pdf.to_str().unwrap(), "-"]).lines() {
        page += usize::from(line.trim_start().starts_with("<page "));
        let Some((head, tail)) = line.trim().strip_prefix("<word ").and_then(|line| line.split_once('>')) else {
            continue;
        };
        let at = |name: &str| {
            let from = head.split_once(&format!("{name}=\"")).unwrap().1;
            from.split_once('"').unwrap().0.parse::<f64>().unwrap() * 25.4 / 72.0
        };
        let text = tail.trim_end_matches("</word>").replace("&amp;", "&");
        words.push(Word { page, left: at("xMin"), top: at("yMin"), right: at("xMax"), bottom: at("yMax"), text });
    }
    assert!(!words.is_empty(), "pdftotext found words in {}", pdf.display());
    words
}
