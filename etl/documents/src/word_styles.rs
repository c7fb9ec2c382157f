//! Styles of a Word document: which are headings, lists or bold. A style inherits from the one it
//! is based on, so a coalition's `AAR Heading` counts as the heading behind it.

use std::collections::{HashMap, HashSet};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::block::{Block, Paragraph};
use crate::xml::{attribute, is_on};

/// Maximum length of a chain of styles based on one another.
const LONGEST_CHAIN: usize = 20;

#[derive(Clone, Debug, Default)]
struct Style {
    name: String,
    based_on: String,
    outline: Option<u8>,
    listed: bool,
    list_level: u8,
    bold: bool,
    struck: Option<bool>,
}

/// Styles of a document, by id.
#[derive(Debug, Default)]
pub struct Styles {
    styles: HashMap<String, Style>,
}

impl Styles {
    /// Reads `word/styles.xml`. If it is damaged, style ids are used instead.
    pub fn read(xml: &[u8]) -> Self {
        let mut styles = Self::default();
        let mut reader = Reader::from_reader(xml);
        let mut buffer = Vec::new();
        let mut open: Option<(String, Style)> = None;
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(start) | Event::Empty(start)) => {
                    match (start.local_name().as_ref(), &mut open) {
                        ("style", _) => {
                            open = attribute(&start, "styleId").map(|id| (id, Style::default()));
                        }
                        (name, Some((_, style))) => take(style, name, &start),
                        _ => {}
                    }
                }
                Ok(Event::End(end)) if end.local_name().as_ref() == "style" => {
                    styles.styles.extend(open.take());
                }
                Ok(Event::Eof) | Err(_) => break,
                Ok(_) => {}
            }
        }
        styles
    }

    /// Returns the ids of the styles whose text is struck through.
    pub fn struck(&self) -> HashSet<String> {
        self.styles.keys().filter(|id| self.is_struck(id)).cloned().collect()
    }

    fn is_struck(&self, id: &str) -> bool {
        let mut id = id;
        for _ in 0..LONGEST_CHAIN {
            let Some(style) = self.styles.get(id) else { return false };
            if let Some(struck) = style.struck {
                return struck;
            }
            id = &style.based_on;
        }
        false
    }

    /// Applies the styles to the paragraphs of a block and of its cells.
    pub fn apply(&self, block: &mut Block) {
        match block {
            Block::Paragraph(paragraph) => self.tell(paragraph),
            Block::Table(table) => {
                let cells = table.rows.iter_mut().flat_map(|row| &mut row.cells);
                cells.flat_map(|cell| &mut cell.blocks).for_each(|block| self.apply(block));
            }
        }
    }

    fn tell(&self, paragraph: &mut Paragraph) {
        let mut id = paragraph.style.as_str();
        let (mut heading, mut listed, mut bold) = (None, false, false);
        for _ in 0..LONGEST_CHAIN {
            let Some(style) = self.styles.get(id) else {
                heading = heading.or_else(|| level(id));
                break;
            };
            heading =
                heading.or_else(|| level(&style.name)).or_else(|| level(id)).or(style.outline);
            let name = style.name.to_ascii_lowercase();
            if !listed
                && (style.listed
                    || name.starts_with("list bullet")
                    || name.starts_with("list number"))
            {
                listed = true;
                // `List Bullet 2` is the second level.
                let stated = name
                    .chars()
                    .last()
                    .and_then(|digit| digit.to_digit(10))
                    .map_or(0, |digit| digit as u8);
                paragraph.list_level =
                    paragraph.list_level.max(style.list_level).max(stated.saturating_sub(1));
            }
            bold |= style.bold;
            id = &style.based_on;
        }
        paragraph.heading = paragraph.heading.or(heading);
        // Numbered headings are headings.
        paragraph.listed = (paragraph.listed || listed) && paragraph.heading.is_none();
        if bold {
            paragraph.bold = paragraph.text.len();
        }
    }
}

fn take(style: &mut Style, name: &str, start: &BytesStart<'_>) {
    let value = || attribute(start, "val").unwrap_or_default();
    match name {
        "name" => style.name = value(),
        "basedOn" => style.based_on = value(),
        "outlineLvl" => style.outline = outline(&value()),
        "numPr" => style.listed = true,
        "ilvl" => style.list_level = value().parse().unwrap_or(0),
        "b" => style.bold = is_on(start),
        "strike" | "dstrike" => style.struck = Some(is_on(start)),
        _ => {}
    }
}

/// Returns the level of a heading from an outline level, which counts from 0; 9 is body text.
pub fn outline(level: &str) -> Option<u8> {
    level.parse::<u8>().ok().filter(|level| *level < 9).map(|level| level + 1)
}

/// Returns the level of a heading from the name or id of its style.
fn level(name: &str) -> Option<u8> {
    let name = name.to_ascii_lowercase();
    if name == "title" {
        return Some(0);
    }
    let level = name.strip_prefix("heading")?.trim().chars().next()?.to_digit(10)?;
    u8::try_from(level).ok()
}

#[cfg(test)]
mod tests {
    use super::Styles;
    use crate::block::{Block, Paragraph};

    #[test]
    fn a_style_of_ones_own_counts_as_the_heading_or_list_it_was_made_from() {
        let styles = Styles::read(
            br#"<w:styles xmlns:w="w"><w:style w:styleId="Heading2"><w:name w:val="heading 2"/></w:style>
            <w:style w:styleId="Own"><w:name w:val="AAR Section"/><w:basedOn w:val="Heading2"/></w:style>
            <w:style w:styleId="Level"><w:name w:val="Part"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
            <w:style w:styleId="Dots"><w:name w:val="List Bullet 2"/></w:style>
            <w:style w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/><w:rPr><w:b/></w:rPr></w:style></w:styles>"#,
        );
        let told = |style: &str| {
            let mut block = Block::Paragraph(Paragraph {
                style: style.into(),
                text: "Text".into(),
                ..Paragraph::default()
            });
            styles.apply(&mut block);
            match block {
                Block::Paragraph(told) => (told.heading, told.listed, told.list_level, told.bold),
                Block::Table(_) => unreachable!(),
            }
        };
        assert_eq!(told("Own"), (Some(2), false, 0, 0));
        assert_eq!(told("Level"), (Some(1), false, 0, 0));
        assert_eq!(told("Dots"), (None, true, 1, 0));
        assert_eq!(told("Heading3"), (Some(3), false, 0, 0));
        assert_eq!(told("Loop"), (None, false, 0, 4));
    }
}
