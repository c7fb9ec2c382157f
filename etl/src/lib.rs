//! How records get in: a source recognizes and parses a file, the pipeline validates, redacts,
//! merges and reports.
//!
//! ```
//! use hotwash_documents::input::Input;
//! use hotwash_etl::layout::Layouts;
//! use hotwash_etl::load::parse;
//! use hotwash_etl::lookup::Lookup;
//! use hotwash_etl::source::{Sample, recognize};
//!
//! let file = include_bytes!("../samples/disaster_declarations_summaries_v2.csv");
//! let input = Input::memory("declarations.csv", &file[..]);
//! let sample = Sample::take(&input)?;
//! let source = recognize(&sample, &Layouts::default())?;
//! assert_eq!(source.definition().id, "openfema_declarations");
//! // Reads it by the bundled lists, and stores nothing.
//! let outcome = parse(source, &input, &Lookup::bundled())?;
//! assert!(outcome.read > 50);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod code;
pub mod copy;
#[cfg(feature = "demo-data")]
pub mod demo;
pub mod error;
#[cfg(feature = "demo-data")]
pub mod generate;
pub mod inspect;
pub mod layout;
pub mod load;
pub mod lookup;
pub mod reading;
pub mod record;
pub mod redact;
#[cfg(feature = "demo-data")]
pub mod samples;
pub mod source;
pub(crate) mod sql;
pub mod template;
pub mod tracker;
pub(crate) mod tracker_form;
pub mod watch;

pub use hotwash_documents::text::{FORMULA_STARTS, visible};
