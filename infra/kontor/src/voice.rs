//! What is said: lines for people, one JSON object a line for machines, a bar where somebody watches.

use std::io::{IsTerminal as _, Write, stderr};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::{Failure, import::Tally};

/// Progress is told whenever so much more of the whole is done.
const PARTS: usize = 20;

/// Where the command says what it does.
pub(crate) struct Voice<'a> {
    out: &'a mut (dyn Write + Send),
    json: bool,
}

impl<'a> Voice<'a> {
    pub(crate) const fn new(out: &'a mut (dyn Write + Send), json: bool) -> Self {
        Self { out, json }
    }

    /// The same for people and for machines.
    pub(crate) fn say(&mut self, text: &str, object: &Value) -> Result<(), Failure> {
        let said = if self.json { writeln!(self.out, "{object}") } else { writeln!(self.out, "{text}") };
        said.and_then(|()| self.out.flush()).map_err(|error| Failure::Input(format!("nobody listens: {error}")))
    }

    /// How far a long work of `total` lines will be told to be.
    pub(crate) fn pace(&self, total: usize) -> Pace {
        let is_watched = !self.json && stderr().is_terminal();
        let bar = is_watched.then(|| {
            let bar = ProgressBar::new(total as u64);
            match ProgressStyle::with_template("{bar:30} {pos}/{len} lines, {eta} left, {msg}") {
                Ok(style) => bar.with_style(style),
                // A plain bar is better than none.
                Err(_) => bar,
            }
        });
        Pace { bar, total, told: 0 }
    }
}

/// How far a long work is.
pub(crate) struct Pace {
    bar: Option<ProgressBar>,
    total: usize,
    told: usize,
}

impl Pace {
    /// Moves the bar, or says a line now and then.
    pub(crate) fn reach(&mut self, tally: Tally, voice: &mut Voice<'_>) -> Result<(), Failure> {
        let done = tally.done();
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            bar.set_message(format!("{} refused", tally.refused));
            return Ok(());
        }
        let part = done * PARTS / self.total.max(1);
        if part <= self.told {
            return Ok(());
        }
        self.told = part;
        let object = json!({
            "event": "progress", "lines": self.total, "done": done,
            "taken": tally.taken, "unchanged": tally.unchanged, "refused": tally.refused,
        });
        voice.say(&format!("{done} of {} lines, {} refused", self.total, tally.refused), &object)
    }

    /// Takes the bar away, for what is said last.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
