//! The time, asked in one place: the system's in production, a settable one for `cargo portal --now` and tests.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// A source of `now`. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Mutex<Shift>>>);

#[derive(Debug, Clone, Copy)]
enum Shift {
    /// Stands still.
    Frozen(Timestamp),
    /// Runs, this far from the system's time.
    Running(SignedDuration),
}

impl Clock {
    /// The system's time.
    #[must_use]
    pub const fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is moved.
    #[must_use]
    pub fn frozen(at: Timestamp) -> Self {
        Self(Some(Arc::new(Mutex::new(Shift::Frozen(at)))))
    }

    /// A clock that runs from a given instant on.
    #[must_use]
    pub fn running_from(start: Timestamp) -> Self {
        Self(Some(Arc::new(Mutex::new(Shift::Running(start.duration_since(system_now()))))))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let Some(shift) = &self.0 else { return system_now() };
        match *shift.lock().unwrap_or_else(PoisonError::into_inner) {
            Shift::Frozen(at) => at,
            Shift::Running(by) => system_now() + by,
        }
    }

    /// Moves the clock on. The system's clock cannot be moved.
    pub fn advance(&self, by: SignedDuration) {
        self.change(|shift| match shift {
            Shift::Frozen(at) => *at += by,
            Shift::Running(shift) => *shift += by,
        });
    }

    /// Sets the clock; a running one runs on from there.
    pub fn set(&self, to: Timestamp) {
        self.change(|shift| match shift {
            Shift::Frozen(at) => *at = to,
            Shift::Running(by) => *by = to.duration_since(system_now()),
        });
    }

    fn change(&self, change: impl FnOnce(&mut Shift)) {
        if let Some(shift) = &self.0 {
            change(&mut shift.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the system's time")]
fn system_now() -> Timestamp {
    Timestamp::now()
}
