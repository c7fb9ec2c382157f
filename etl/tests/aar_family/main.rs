//! The template family of after-action reports: every way in which filled copies of the public
//! templates differ, each made in memory and counted by hand.
#![allow(clippy::unwrap_used, missing_docs)]

mod findings;
#[path = "../office/mod.rs"]
mod office;
mod plans;
mod ratings;
mod surroundings;
mod variants;
