//! The local cloud: what AWS is to the portal, in one process, for `cargo portal` and for the tests.
//!
//! The engines ([`Cloud`]) know nothing of the portal; the front door ([`Gateway`]) and the stream's [`Pump`] call
//! whatever functions they are given. Only `functions.rs` knows which functions there are.

mod addresses;
mod client;
mod clock;
mod cloud;
pub mod demo;
mod demo_loader;
mod dynamo;
mod environment;
pub mod functions;
mod gateway;
mod invoke;
mod letters;
mod mailbox;
mod options;
pub mod platform_key;
mod portal;
mod provider;
mod pump;
mod queue;
mod rights;
pub mod routes;
mod s3;
mod table;
mod watch;

pub use addresses::{Ports, Service};
pub use clock::ClockChange;
pub use cloud::{Cloud, CloudOptions, listen};
pub use dynamo::Dynamo;
pub use environment::{Environment, environment, environment_file, environment_of_operators};
pub use gateway::{Function, Gateway, MAX_EVENT_BYTES, MAX_HEAD_BYTES, MAX_WIRE_BYTES, SourceIp, serve};
pub use letters::{DeadLetter, DeadLetters};
pub use mailbox::{Attachment, Desk, Mailbox, Message, Persona, Return};
pub use options::{Command, Options};
pub use portal::run;
pub use provider::serve_provider;
pub use pump::{Consumer, Pump};
pub use rights::RIGHTS_NOTED_IN;
pub use s3::{ACCESS_KEY, SECRET_KEY};
pub use watch::remote_consumer;
