//! The command against the portal in process, over a real connection.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backups;
mod busy;
mod desk;
mod doctor;
mod files;
mod imports;
mod replay;
mod setting_up;
