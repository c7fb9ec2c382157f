//! Files into what they hold: Word documents into blocks, workbooks and text tables into grids of
//! cells. Time and memory are bounded for every file. Knows formats only: no source, no record, no
//! jurisdiction.
//!
//! ```
//! use hotwash_documents::grid::{GridCell, csv_grid};
//! use hotwash_documents::input::Input;
//!
//! let input = Input::memory("shelters.csv", &b"Shelter;Beds\nArmory;200\n"[..]);
//! let grid = csv_grid(&input, usize::MAX, |_| false)?;
//! assert_eq!(*grid.rows[1].cell(0), GridCell::Text("Armory".into()));
//! # Ok::<(), hotwash_documents::error::DocumentError>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod archive;
pub mod block;
pub mod clock;
pub mod delimited;
mod encoding;
pub mod error;
pub mod grid;
pub mod input;
pub mod serial;
pub mod sheet_xml;
pub mod text;
pub mod word;
mod word_styles;
mod word_symbols;
mod word_xml;
mod xml;
