//! One line of the doctor: what was looked at, whether it is well, and what to do if not.

use serde_json::{Value, json};

/// What a look came to.
pub(super) type Verdict = Result<Well, Fault>;

/// Nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Well {
    /// It was looked at.
    Green(String),
    /// This stage does not have it, for this reason.
    NotHere(String),
}

/// Something is wrong, and this helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) said: String,
    pub(super) remedy: &'static str,
}

impl Fault {
    pub(super) fn new(said: impl Into<String>, remedy: &'static str) -> Self {
        Self { said: said.into(), remedy }
    }
}

pub(super) fn green(said: impl Into<String>) -> Verdict {
    Ok(Well::Green(said.into()))
}

pub(super) fn not_here(why: impl Into<String>) -> Verdict {
    Ok(Well::NotHere(why.into()))
}

/// What is said.
#[derive(Debug)]
pub(super) struct Line {
    what: &'static str,
    /// Of which host, tenant or domain; empty for the stage.
    whose: String,
    verdict: Verdict,
}

impl Line {
    pub(super) fn of(what: &'static str, whose: &str, verdict: Verdict) -> Self {
        Self { what, whose: whose.to_owned(), verdict }
    }

    pub(super) const fn is_red(&self) -> bool {
        self.verdict.is_err()
    }

    fn parts(&self) -> (&'static str, &str, Option<&'static str>) {
        match &self.verdict {
            Ok(Well::Green(said)) => ("green", said, None),
            Ok(Well::NotHere(why)) => ("-", why, None),
            Err(Fault { said, remedy }) => ("red", said, Some(remedy)),
        }
    }

    /// For people.
    pub(super) fn words(&self) -> String {
        let (colour, said, remedy) = self.parts();
        let what = if self.whose.is_empty() { self.what.to_owned() } else { format!("{} {}", self.what, self.whose) };
        let remedy = remedy.map_or_else(String::new, |remedy| format!("\n       → {remedy}"));
        format!("{colour:<5}  {what}: {said}{remedy}")
    }

    /// For machines.
    pub(super) fn object(&self) -> Value {
        let (colour, said, remedy) = self.parts();
        let state = if colour == "-" { "not_here" } else { colour };
        let mut object = json!({ "event": "line", "line": self.what, "of": self.whose, "state": state, "said": said });
        if let Some(remedy) = remedy {
            object["remedy"] = remedy.into();
        }
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_red_line_says_what_to_do() {
        let line = Line::of("bucket", "", Err(Fault::new("b is not there", "name it")));
        assert!(line.is_red());
        assert_eq!(line.words(), "red    bucket: b is not there\n       → name it");
        assert_eq!(line.object()["remedy"], "name it");
        let line = Line::of("DNS", "a.example", not_here("all is on this machine"));
        assert!(!line.is_red());
        assert_eq!(line.words(), "-      DNS a.example: all is on this machine");
        assert_eq!(line.object()["state"], "not_here");
    }
}
