//! Office documents for sources: workbooks as grids of cells, Word files as paragraphs and tables.
//! Time and memory are bounded for every file. Independent of the sources.

pub mod archive;
pub mod delimited;
pub mod grid;
pub mod sheet_xml;
pub mod word;
mod word_styles;
mod word_symbols;
mod word_xml;
