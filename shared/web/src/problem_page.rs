//! The page that says what went wrong: one template, words by problem, the request's number, and a way back.

use serde::Serialize;
use text::Words;

use crate::Problem;

/// What went wrong, as people read it; programs read [`crate::ProblemBody`].
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ProblemPage {
    /// HTTP status.
    pub status: u16,
    /// Stable word of the problem.
    pub code: &'static str,
}

impl From<&Problem> for ProblemPage {
    fn from(problem: &Problem) -> Self {
        Self { status: problem.status().as_u16(), code: problem.code() }
    }
}

impl ProblemPage {
    /// Heading, and a sentence that says what it means and what helps.
    #[must_use]
    pub fn words(self, t: &Words) -> (&'static str, &'static str) {
        match self.code {
            "not_found" => (t.problem_not_found(), t.problem_not_found_text()),
            "login_needed" => (t.problem_login_needed(), t.problem_login_needed_text()),
            "not_allowed" => (t.problem_not_allowed(), t.problem_not_allowed_text()),
            "own_window" => (t.embed_own_window(), t.embed_own_window_text()),
            "forged" => (t.problem_forged(), t.problem_forged_text()),
            "gone" => (t.problem_gone(), t.problem_gone_text()),
            "conflict" | "stale" | "precondition_required" => (t.problem_stale(), t.problem_stale_text()),
            "invalid" | "malformed" | "unsupported_type" => (t.problem_malformed(), t.problem_malformed_text()),
            "too_large" => (t.problem_too_large(), t.problem_too_large_text()),
            "too_many_requests" => (t.problem_too_many(), t.problem_too_many_text()),
            "method_not_allowed" => (t.problem_wrong_method(), t.problem_wrong_method_text()),
            "unavailable" => (t.problem_unavailable(), t.problem_unavailable_text()),
            _ => (t.problem_broken(), t.problem_broken_text()),
        }
    }

    /// Does it go on in a window of its own, where the page stands in a frame?
    #[must_use]
    pub fn goes_on_apart(self) -> bool {
        matches!(self.code, "own_window" | "login_needed")
    }
}

crate::page!(ProblemPage => "pages/errors/problem.html");

#[cfg(test)]
mod tests {
    use domain::FieldErrors;

    use super::*;
    use crate::page::testing;

    #[test]
    fn every_problem_has_its_page() {
        for problem in [
            Problem::NotFound,
            Problem::LoginNeeded { expired: true },
            Problem::NotAllowed,
            Problem::OwnWindow,
            Problem::Forged,
            Problem::Gone,
            Problem::Invalid(FieldErrors::default()),
            Problem::Stale,
            Problem::TooLarge,
            Problem::TooMany { retry_after: 60 },
            Problem::MethodNotAllowed,
            Problem::Unavailable("store".to_owned()),
            Problem::Internal("broken".to_owned()),
        ] {
            let page = ProblemPage::from(&problem);
            testing::check(&format!("problem-{}", page.code), &page, |_| {});
        }
        testing::check("problem-embedded", &ProblemPage::from(&Problem::OwnWindow), testing::embedded);
        testing::check(
            "problem-embedded-nobody",
            &ProblemPage::from(&Problem::LoginNeeded { expired: true }),
            |frame| {
                testing::extreme(frame);
                testing::public(frame);
                testing::embedded(frame);
            },
        );
        testing::check("problem-part", &ProblemPage::from(&Problem::NotFound), testing::part);
        testing::check("problem-from-shop", &ProblemPage::from(&Problem::NotFound), testing::from_shop);
        testing::check("problem-public", &ProblemPage::from(&Problem::NotFound), |frame| {
            testing::extreme(frame);
            testing::public(frame);
        });
    }
}
