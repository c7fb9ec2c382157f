//! Office documents as sources see them: workbooks as grids of cells, Word files as paragraphs and
//! tables. Bounded in time and memory whatever the file; knows no source.

pub mod archive;
pub mod delimited;
pub mod grid;
pub mod sheet_xml;
pub mod word;
mod word_styles;
mod word_symbols;
mod word_xml;
