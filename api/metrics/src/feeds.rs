//! Expected feeds: which source should come from which region, how often, and what is overdue.
//!
//! The operator's file of expectations is read once a process. Without it no feed is expected.

mod cadence;
mod expectation;
mod feed;
mod read;

pub use cadence::Cadence;
pub use expectation::{Expectation, expect};
pub use feed::{Feed, FeedState};

pub(crate) use read::read;
