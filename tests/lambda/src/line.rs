//! A line to the table that counts its connections, and lets each wait as long as a handshake over the network would take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::net::{TcpListener, TcpStream};

/// Counts who connects. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Line {
    opened: Arc<AtomicUsize>,
    opened_in_init: Arc<AtomicUsize>,
}

impl Line {
    /// Lays the line to a port of this machine; answers where it begins. Nothing passes a new connection for `handshake`.
    ///
    /// # Errors
    /// When nobody may listen.
    pub async fn to(port: u16, handshake: Duration) -> Result<(Self, String), String> {
        let line = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let opened = Arc::clone(&line.opened);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                opened.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    tokio::time::sleep(handshake).await;
                    let mut far = TcpStream::connect(("127.0.0.1", port)).await?;
                    // A line passes on what it gets, and waits for no more of it.
                    near.set_nodelay(true)?;
                    far.set_nodelay(true)?;
                    tokio::io::copy_bidirectional(&mut near, &mut far).await
                });
            }
        });
        Ok((line, format!("http://{address}")))
    }

    /// Connections that were opened after the initialisation.
    #[must_use]
    pub fn opened_later(&self) -> usize {
        self.opened.load(Ordering::SeqCst) - self.opened_in_init.load(Ordering::SeqCst)
    }

    /// The function's first question for an event ends its initialisation.
    pub(crate) fn end_of_init(&self) {
        let opened = self.opened.load(Ordering::SeqCst);
        let _only_once = self.opened_in_init.compare_exchange(0, opened, Ordering::SeqCst, Ordering::SeqCst);
    }
}
