//! Everything that is shown from outside: one binary, a module per group, over the whole portal in process.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod bank;
mod behaviours;
mod budgets;
mod cards;
mod collecting;
mod declarations;
mod einvoices;
mod events;
mod fence;
mod generated;
mod headers;
mod hooks;
mod imports;
mod isolation;
mod language;
mod ledger;
mod links;
mod lists;
mod logs;
mod outages;
mod papers;
mod paying;
mod payment_mails;
mod payment_methods;
mod payments;
mod providers;
mod rails;
mod refusals;
mod rubbish;
mod seeds;
mod sessions;
mod signing_in;
mod tenants;
mod ways_back;
mod webhooks;
