//! Tests sent trackers: written from a warehouse, filled in and saved by another program, loaded.
#![allow(clippy::unwrap_used, missing_docs)]

mod copy;
mod filled;
#[path = "../office/mod.rs"]
mod office;
mod office_program;
mod order;
mod sent;
mod warehouse;
