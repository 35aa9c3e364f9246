//! Writes the figures down: `tests/figures.json` for programs, the table between README's marks for people.

use std::{fmt::Write, fs, path::Path};

use serde::Serialize;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    /// Cost of each page.
    pub(crate) pages: Vec<PageFigure>,
    /// The login page with everything it loads, compressed.
    pub(crate) first_page_bytes: usize,
    /// From process to first answer.
    pub(crate) cold_start: Vec<ColdStart>,
    /// Per warm request.
    pub(crate) instructions: Vec<Instructions>,
    /// Of the binaries.
    pub(crate) sizes: Vec<Size>,
    /// Of RE1000, bytes.
    pub(crate) pdf: usize,
}

/// Cost of one page.
#[derive(Debug, Serialize)]
pub(crate) struct PageFigure {
    pub(crate) path: String,
    pub(crate) invoices: &'static str,
    pub(crate) status: u16,
    pub(crate) calls: u32,
    pub(crate) depth: u32,
    pub(crate) units: f64,
    pub(crate) bytes: usize,
}

/// Start of one function.
#[derive(Debug, Serialize)]
pub(crate) struct ColdStart {
    pub(crate) function: &'static str,
    pub(crate) milliseconds: f64,
    pub(crate) ratio: f64,
    pub(crate) resident_bytes: u64,
}

/// Instructions of one warm request.
#[derive(Debug, Serialize)]
pub(crate) struct Instructions {
    pub(crate) function: &'static str,
    pub(crate) path: &'static str,
    pub(crate) instructions: u64,
    pub(crate) ratio: f64,
}

/// Size of one function.
#[derive(Debug, Serialize)]
pub(crate) struct Size {
    pub(crate) function: &'static str,
    pub(crate) binary_bytes: usize,
    pub(crate) zip_bytes: usize,
}

/// Pages whose calls, units or size are not what was committed; sizes may differ by a fiftieth (masks, dates).
pub(crate) fn differences(measured: &[PageFigure], committed: &serde_json::Value) -> Vec<String> {
    let mut differing = Vec::new();
    for page in measured {
        let known = committed.get("pages").and_then(serde_json::Value::as_array).and_then(|pages| {
            pages.iter().find(|known| known["path"] == page.path.as_str() && known["invoices"] == page.invoices)
        });
        let same = known.is_some_and(|known| {
            let bytes = known["bytes"].as_u64().unwrap_or(0);
            known["calls"] == page.calls
                && known["units"] == page.units
                && (page.bytes as u64).abs_diff(bytes) * 50 <= bytes
        });
        if !same {
            let PageFigure { path, invoices, calls, units, bytes, .. } = page;
            differing.push(format!("{path} with {invoices} invoices: {calls} calls, {units} units, {bytes} bytes"));
        }
    }
    differing
}

const BEGIN: &str = "<!-- figures: begin -->\n";
const END: &str = "<!-- figures: end -->";

impl Figures {
    /// Writes both.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub(crate) fn write(&self, root: &Path) -> Result<(), String> {
        let json = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        fs::write(root.join("tests/figures.json"), json + "\n").map_err(|error| error.to_string())?;
        let readme = root.join("README.md");
        let text = fs::read_to_string(&readme).map_err(|error| error.to_string())?;
        let (before, rest) = text.split_once(BEGIN).ok_or("README.md has no place for the figures")?;
        let (_, after) = rest.split_once(END).ok_or("README.md has no end of the figures")?;
        fs::write(readme, format!("{before}{BEGIN}{}{END}{after}", self.table())).map_err(|error| error.to_string())
    }

    fn table(&self) -> String {
        let mut text = String::from("Made by `cargo figures`; all of it in `tests/figures.json`.\n\n");
        // Writing to a string cannot fail.
        let mut line = |line: String| {
            let _ = writeln!(text, "{line}");
        };
        line("| page | invoices | DynamoDB calls | depth | units | bytes (gzip) |\n|---|---|---|---|---|---|".into());
        for page in &self.pages {
            let PageFigure { path, invoices, calls, depth, units, bytes, .. } = page;
            line(format!("| `{path}` | {invoices} | {calls} | {depth} | {units} | {bytes} |"));
        }
        line(format!(
            "\nFirst page with everything it loads: {} bytes. RE1000.pdf: {} bytes.\n",
            self.first_page_bytes, self.pdf
        ));
        line("| function | zip | cold start against the empty function | resident |\n|---|---|---|---|".into());
        for size in &self.sizes {
            let cold = self.cold_start.iter().find(|cold| cold.function == size.function);
            let ratio = cold.map(|cold| format!("{:.1}×", cold.ratio)).unwrap_or_default();
            let resident = cold.map(|cold| format!("{} kB", cold.resident_bytes / 1_024)).unwrap_or_default();
            line(format!("| {} | {} kB | {ratio} | {resident} |", size.function, size.zip_bytes / 1_024));
        }
        line("\n| warm request | instructions, with SDK calls and compression | against the empty function |\n|---|---|---|".into());
        for one in &self.instructions {
            line(format!("| {} `{}` | {} | {:.1}× |", one.function, one.path, one.instructions, one.ratio));
        }
        text
    }
}
