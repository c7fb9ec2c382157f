//! Word documents as a sequence of blocks.

use crate::archive::Archive;
use crate::block::{Block, WordTable};
use crate::error::DocumentError;
use crate::word_styles::Styles;
use crate::word_xml;
pub use crate::word_xml::WordNotes;

/// Document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Blocks.
    pub blocks: Vec<Block>,
    /// Content that is read differently than it prints.
    pub notes: WordNotes,
}

impl Document {
    /// Reads a document.
    pub fn read(archive: &Archive) -> Result<Self, DocumentError> {
        let styles = Styles::read(&archive.part("word/styles.xml")?);
        let content = archive.part("word/document.xml")?;
        let (mut blocks, notes) = word_xml::blocks(&content, styles.struck())?;
        for block in &mut blocks {
            styles.apply(block);
        }
        Ok(Self { blocks, notes })
    }

    /// Returns all tables, including nested ones; outer tables come first.
    pub fn tables(&self) -> Vec<&WordTable> {
        fn gather<'a>(blocks: &'a [Block], found: &mut Vec<&'a WordTable>) {
            for block in blocks {
                if let Block::Table(table) = block {
                    found.push(table);
                    table
                        .rows
                        .iter()
                        .flat_map(|row| &row.cells)
                        .for_each(|cell| gather(&cell.blocks, found));
                }
            }
        }
        let mut found = Vec::new();
        gather(&self.blocks, &mut found);
        found
    }

    /// Returns up to `most` headings.
    pub fn headings(&self, most: usize) -> Vec<&str> {
        self.blocks
            .iter()
            .filter_map(|block| match block {
                Block::Paragraph(paragraph) if paragraph.heading.is_some() => {
                    Some(paragraph.text.as_str())
                }
                _ => None,
            })
            .take(most)
            .collect()
    }
}
