//! How records get in: a source recognizes and parses a file, the pipeline validates, redacts,
//! merges and reports.
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod copy;
pub mod demo;
pub mod document;
pub mod generate;
pub mod input;
pub mod inspect;
pub mod layout;
pub mod load;
pub mod lookup;
pub mod reading;
pub mod record;
pub mod redact;
pub mod samples;
pub mod source;
pub mod template;
pub mod watch;
