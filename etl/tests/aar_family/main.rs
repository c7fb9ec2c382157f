//! Tests the template family of after-action reports: all differences between filled copies of the
//! public templates. Each document is created in memory and counted by hand.
#![allow(clippy::unwrap_used, missing_docs)]

mod findings;
#[path = "../office/mod.rs"]
mod office;
mod plans;
mod ratings;
mod surroundings;
mod variants;
