//! The command against the portal in process, over a real connection.

mod busy;
mod desk;
mod files;
mod imports;
mod setting_up;
