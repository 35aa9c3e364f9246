//! `cargo portal`: the cloud, the portal's functions behind the front door, the pump and the demo, in this order.

use crate::{
    addresses::{Ports, Service, url},
    client,
    cloud::{Cloud, CloudOptions, FILES_FOLDER, MAILS_FOLDER, TABLE_FILE, listen},
    demo_loader::{self, DEMO_FILE, DemoProgress},
    environment::{Environment, environment, environment_file, environment_of_operators},
    functions,
    gateway::{self, Gateway},
    letters::CALLS_FOLDER,
    mailbox::{Desk, Persona},
    options::Options,
    provider::serve_provider,
    pump::Pump,
    watch::remote_consumer,
};
use serde_json::json;
use std::{fs, io::Write, path::Path, sync::Arc};
use tokio::{sync::watch, task::JoinHandle};
use web::Clock;

/// Everything `--fresh` removes; whatever else lies in the folder is not ours.
const KEPT: [&str; 10] = [
    TABLE_FILE,
    "table.sqlite-wal",
    "table.sqlite-shm",
    FILES_FOLDER,
    MAILS_FOLDER,
    CALLS_FOLDER,
    "keys.json",
    DEMO_FILE,
    "signing-key.pem",
    "provider-secrets.json",
];

const ENVIRONMENT_FILE: &str = "environment";

/// Runs until `stop` resolves, then closes everything in order.
///
/// # Errors
/// When something cannot start; the text says what and why.
pub async fn run(options: &Options, stop: impl Future<Output = ()>) -> Result<(), String> {
    if options.fresh {
        forget(&options.data)?;
    }
    let was_used = options.data.join(TABLE_FILE).exists();
    let clock = Clock::running_from(options.now.unwrap_or_else(|| Clock::system().now()));
    let today = domain::time::Zone::default().day(clock.now());
    let progress = DemoProgress::begin(&options.data, was_used, today)?;
    let ports = Ports::Fixed(options.port);
    let cloud = Cloud::start(CloudOptions { data: Some(options.data.clone()), ports, clock: clock.clone() }).await?;
    let environment = environment(&cloud, options.port, &options.data);
    let file = options.data.join(ENVIRONMENT_FILE);
    let written = environment_file(&environment, &environment_of_operators(&cloud));
    fs::write(&file, written).map_err(|error| error.to_string())?;

    let doors = open_doors(options, &environment, &clock).await?;
    let consumers = if options.aws_only {
        functions::CONSUMERS.map(|name| remote_consumer(name, options.port)).to_vec()
    } else {
        functions::consumers(&environment, &clock).await?
    };
    let pump = cloud.pump(consumers)?;
    cloud.mailbox().furnish(desk(options.port, &pump, environment.clone(), clock.clone()));
    let pumping = tokio::spawn(pump.run());
    if let Some(progress) = progress {
        // Also where the real binaries start later: the demo is loaded through the same functions in this process.
        demo_loader::load(&doors.gateway, &environment, &clock, options, progress).await?;
    }
    announce(options, &file).map_err(|error| error.to_string())?;

    stop.await;
    doors.close().await;
    pumping.abort();
    cloud.stop().await;
    Ok(())
}

fn forget(data: &Path) -> Result<(), String> {
    for path in KEPT.map(|name| data.join(name)) {
        let removed = match fs::symlink_metadata(&path) {
            Err(_) => continue,
            Ok(found) if found.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
        };
        removed.map_err(|error| format!("cannot remove {}: {error}", path.display()))?;
    }
    Ok(())
}

/// The portal's front door, and the payment provider's, which is there also when the portal's functions run elsewhere.
struct Doors {
    gateway: Gateway,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<std::io::Result<()>>>,
}

async fn open_doors(options: &Options, environment: &Environment, clock: &Clock) -> Result<Doors, String> {
    let gateway = Gateway::new(functions::functions(environment, clock).await?)?;
    let (stop, stopped) = watch::channel(false);
    let until = |mut stopped: watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let provider = listen(Ports::Fixed(options.port), Service::Provider).await?;
    let provider = serve_provider(provider, gateway.clone(), environment.clone(), until(stopped.clone()));
    let mut servers = vec![tokio::spawn(provider)];
    if !options.aws_only {
        let listener = listen(Ports::Fixed(options.port), Service::Portal).await?;
        servers.push(tokio::spawn(gateway::serve(listener, gateway.clone(), until(stopped))));
    }
    Ok(Doors { gateway, stop, servers })
}

impl Doors {
    /// Running requests may end; a browser's open connection is cut off.
    async fn close(mut self) {
        let _ = self.stop.send(true);
        for server in &mut self.servers {
            if tokio::time::timeout(std::time::Duration::from_secs(2), &mut *server).await.is_err() {
                server.abort();
            }
        }
    }
}

fn desk(port: u16, pump: &Pump, environment: Environment, clock: Clock) -> Desk {
    let (hurried, asked, telling) = (pump.clone(), pump.clone(), pump.clone());
    Desk {
        personas: functions::personas(port),
        send_code: Arc::new(move |persona| Box::pin(send_code(port, persona))),
        outbox: Arc::new(move || Box::pin(functions::outbox(environment.clone(), clock.clone()))),
        dead_letters: Arc::new(move || {
            let letters: Vec<String> = asked.dead_letters().iter().map(ToString::to_string).collect();
            Box::pin(async move { letters })
        }),
        clock_moved: Arc::new(move || hurried.hurry()),
        mail_returned: Arc::new(move |event| {
            let telling = telling.clone();
            Box::pin(async move { telling.bring(functions::HEARS_OF_MAILS, event).await })
        }),
    }
}

/// Over the public API, as any program would.
async fn send_code(port: u16, persona: Persona) -> Result<(), String> {
    let address = format!("http://127.0.0.1:{port}/api/v1/auth/otp");
    let (status, body) = client::post_json(&address, Some(&persona.host), &json!({ "email": persona.email })).await?;
    if status.is_success() { Ok(()) } else { Err(format!("{status} {}", String::from_utf8_lossy(&body))) }
}

fn announce(options: &Options, environment_file: &Path) -> std::io::Result<()> {
    let port = options.port;
    let mut out = std::io::stdout().lock();
    if options.aws_only {
        writeln!(out, "portal     cargo lambda watch --invoke-port {port} --env-file {}", environment_file.display())?;
    } else {
        for tenant in ["webhosting-ag", "webhosting-ag.sandbox", "stadtwerke-muster"] {
            writeln!(out, "portal     http://{tenant}.localhost:{port}/")?;
        }
        writeln!(out, "platform   {}", url(port))?;
    }
    writeln!(out, "mailbox    {}/", url(port + Service::Mailbox as u16))?;
    writeln!(out, "SES        {}", url(port + Service::Mailbox as u16))?;
    writeln!(out, "S3         {}", url(port + Service::S3 as u16))?;
    writeln!(out, "DynamoDB   {}", url(port + Service::Dynamo as u16))?;
    writeln!(out, "provider   {}/", url(port + Service::Provider as u16))?;
    writeln!(out, "data       {}   (Ctrl-C stops)", options.data.display())?;
    out.flush()
}
