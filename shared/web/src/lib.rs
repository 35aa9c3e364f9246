//! Everything between a request and a use case: doors, inputs, replies, problems, the page frame and the page table.
//!
//! Architecture Invariant: nothing of a single page stands here. A handler names its door and its input in its
//! signature; the guard in ROUTES, the forgery check and the menu follow from that.

pub mod assets;
pub mod cookies;
pub mod csrf;
pub mod door;
pub mod entry;
pub mod filters;
pub mod input;
pub mod jobs;
pub mod metrics;
pub mod openapi;
pub mod packed;
pub mod page;
pub mod problem_page;
pub mod reply;
pub mod sheet;
pub mod token;

mod arrival;
mod clock;
mod config;
mod cursor;
mod dispatch;
mod finish;
mod frame;
mod idempotency;
mod portal;
mod problem;
mod providers;
mod return_to;
mod routes;

pub use arrival::{Arrival, Wants};
pub use clock::Clock;
pub use config::{Config, Stage, WrongVariable};
pub use cursor::Cursors;
pub use door::{
    AnyContext, ContractContext, CustomerContext, Door, EmbedContext, Guard, HookContext, IntegratorContext,
    PlatformContext, PublicContext, SandboxMerchantContext, SandboxPageContext, area, scope,
};
pub use finish::SECURITY_HEADERS;
pub use idempotency::{Bound, IdempotencyKey};
pub use input::{Asked, Nothing, PublicForm, RawBody, Submitted, Upload};
pub use portal::Portal;
pub use problem::{Problem, ProblemBody};
pub use providers::Providers;
pub use reply::{Accepted, Answer, Created, Either, File, Json, NoContent, Page, Reply, Saved, SeeOther, With};
pub use return_to::{PAGES, PUBLIC_PAGES, ReturnTo};
pub use routes::{Route, Routes, with};
