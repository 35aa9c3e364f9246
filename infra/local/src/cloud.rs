//! The local cloud: DynamoDB, S3 and SES in this process, on ports of their own, ready in a few milliseconds.

use crate::{
    addresses::{Ports, Service, url},
    dynamo::Dynamo,
    invoke::{self, Readers},
    letters::DeadLetters,
    mailbox::Mailbox,
    pump::{Consumer, Pump},
    queue, s3,
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use web::Clock;

const TABLE_NAME: &str = "kundenkontor";
const BUCKET_NAME: &str = "kundenkontor";

pub(crate) const TABLE_FILE: &str = "table.sqlite";
pub(crate) const FILES_FOLDER: &str = "files";
pub(crate) const MAILS_FOLDER: &str = "mails";

/// An idle client's open connection must not hold up the end.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub struct CloudOptions {
    /// Where everything is kept. Without it the table is in memory and files vanish at the end.
    pub data: Option<PathBuf>,
    pub ports: Ports,
    pub clock: Clock,
}

impl Default for CloudOptions {
    /// For a test: nothing is kept, any ports, the real time.
    fn default() -> Self {
        Self { data: None, ports: Ports::Any, clock: Clock::running_from(Clock::system().now()) }
    }
}

/// The running engines; they end with [`Cloud::stop`] or when this is dropped.
#[derive(Debug)]
pub struct Cloud {
    dynamo: Dynamo,
    mailbox: Mailbox,
    letters: DeadLetters,
    readers: Readers,
    clock: Clock,
    ports: EnginePorts,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<Result<(), String>>>,
    /// Removes the files of a cloud without a data directory.
    _scratch: Option<TempDir>,
}

#[derive(Debug, Clone, Copy)]
struct EnginePorts {
    mailbox: u16,
    s3: u16,
    dynamo: u16,
}

impl Cloud {
    /// Starts everything on the current runtime.
    ///
    /// # Errors
    /// When a port is taken or the data directory cannot be used; the text says which.
    pub async fn start(options: CloudOptions) -> Result<Self, String> {
        let CloudOptions { data, ports, clock } = options;
        let (folder, scratch) = home(data.as_deref())?;
        let table_file = data.as_ref().map(|folder| folder.join(TABLE_FILE));
        let dynamo = Dynamo::open(table_file.as_deref(), TABLE_NAME)?;
        let files_folder = folder.join(FILES_FOLDER);
        let letters = DeadLetters::open(&folder, &files_folder, clock.clone())?;
        let files = s3::router(&files_folder, BUCKET_NAME)?;

        let mailbox_listener = listen(ports, Service::Mailbox).await?;
        let s3_listener = listen(ports, Service::S3).await?;
        let dynamo_listener = listen(ports, Service::Dynamo).await?;
        let ports =
            EnginePorts { mailbox: port(&mailbox_listener)?, s3: port(&s3_listener)?, dynamo: port(&dynamo_listener)? };
        let mails = data.map(|folder| folder.join(MAILS_FOLDER));
        let mailbox = Mailbox::open(mails, clock.clone(), url(ports.mailbox)).map_err(|error| error.to_string())?;

        let readers = Readers::default();
        let beside = queue::router(letters.clone()).merge(invoke::router(Readers::clone(&readers)));

        let (stop, stopped) = watch::channel(false);
        let servers = vec![
            tokio::spawn(serve(mailbox_listener, mailbox.router().merge(beside), stopped.clone())),
            tokio::spawn(serve(s3_listener, files, stopped.clone())),
            tokio::spawn(dynamo.clone().serve(dynamo_listener, clock.clone(), until(stopped))),
        ];
        Ok(Self { dynamo, mailbox, letters, readers, clock, ports, stop, servers, _scratch: scratch })
    }

    #[must_use]
    pub fn dynamodb_url(&self) -> String {
        address(self.ports.dynamo)
    }

    #[must_use]
    pub fn s3_url(&self) -> String {
        address(self.ports.s3)
    }

    #[must_use]
    pub fn ses_url(&self) -> String {
        address(self.ports.mailbox)
    }

    /// Where the readers of the stream are called: a path of the mailbox's port.
    #[must_use]
    pub fn lambda_url(&self) -> String {
        format!("{}{}", address(self.ports.mailbox), invoke::PATH)
    }

    /// Where the calls lie that were given up: a path of the mailbox's port.
    #[must_use]
    pub fn sqs_url(&self) -> String {
        format!("{}{}", address(self.ports.mailbox), queue::PATH)
    }

    /// A pump over the table's stream, whose consumers are also called by name from now on.
    ///
    /// # Errors
    /// When the table has no stream.
    pub fn pump(&self, consumers: Vec<Consumer>) -> Result<Pump, String> {
        let pump = Pump::new(self.dynamo.clone(), self.letters.clone(), consumers)?;
        if self.readers.set(pump.clone()).is_err() {
            tracing::warn!("a second pump was made; the first one's consumers are called");
        }
        Ok(pump)
    }

    #[must_use]
    pub fn table_name(&self) -> &'static str {
        TABLE_NAME
    }

    #[must_use]
    pub fn bucket_name(&self) -> &'static str {
        BUCKET_NAME
    }

    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    #[must_use]
    pub fn dynamo(&self) -> &Dynamo {
        &self.dynamo
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Lets running requests end and closes the engines.
    pub async fn stop(self) {
        // Nobody listening any more is what is wanted.
        let _ = self.stop.send(true);
        for mut server in self.servers {
            match tokio::time::timeout(PATIENCE, &mut server).await {
                Ok(Ok(Err(error))) => tracing::warn!(error, "a server of the local cloud ended badly"),
                Ok(_) => {}
                Err(_) => server.abort(),
            }
        }
    }
}

/// The data directory, or one that vanishes with its handle.
fn home(data: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), String> {
    if let Some(folder) = data {
        private_folder(folder)?;
        return Ok((folder.to_owned(), None));
    }
    let scratch = TempDir::with_prefix("kundenkontor-").map_err(|error| format!("no temporary files: {error}"))?;
    Ok((scratch.path().to_owned(), Some(scratch)))
}

/// Makes a folder that only its owner reads: keys lie there, too. One that is there stays as it is.
pub(crate) fn private_folder(folder: &Path) -> Result<(), String> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))
}

/// A listener on the service's port.
///
/// # Errors
/// When the port is taken.
pub async fn listen(ports: Ports, service: Service) -> Result<TcpListener, String> {
    let wanted = ports.address(service);
    TcpListener::bind(wanted).await.map_err(|error| format!("cannot listen on {wanted} ({service:?}): {error}"))
}

async fn serve(listener: TcpListener, app: axum::Router, stopped: watch::Receiver<bool>) -> Result<(), String> {
    let served = axum::serve(listener, app).with_graceful_shutdown(until(stopped)).await;
    served.map_err(|error| error.to_string())
}

/// Resolves when the cloud is stopped or dropped.
async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

fn port(listener: &TcpListener) -> Result<u16, String> {
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

/// For programs: without a name to look up.
fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}
