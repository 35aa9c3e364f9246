//! Ctrl-C, as the rest of the command hears of it: what is under way ends, nothing new begins.

use tokio::sync::watch;

/// Hears whether to stop. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Tells everybody to stop.
#[derive(Debug)]
pub struct Telling(watch::Sender<bool>);

impl Stop {
    /// One that has not been told yet, and who tells it.
    #[must_use]
    pub fn new() -> (Self, Telling) {
        let (telling, stop) = watch::channel(false);
        (Self(stop), Telling(telling))
    }

    /// Was it told?
    #[must_use]
    pub(crate) fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves when it is told; never when nobody is left to tell it.
    pub(crate) async fn told(&self) {
        let mut stop = self.0.clone();
        if stop.wait_for(|told| *told).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Telling {
    /// Stop.
    pub fn tell(&self) {
        // Nobody hears it when all is done already.
        let _ = self.0.send(true);
    }
}
