//! Narrative of the operator: a Markdown file as typst source.

use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::source::{array, lines_quoted, quoted};

/// Title of a narrative whose first line is no heading.
const TITLE: &str = "Narrative";

/// Level of the first headings below the chapter's title.
const BELOW_CHAPTER: usize = 2;

/// A narrative that can be printed.
#[derive(Clone, Debug)]
pub struct Narrative {
    /// Title of its chapter: the heading of its first line.
    pub title: String,
    /// Typst source.
    pub(super) text: String,
}

/// Part of a narrative that cannot be printed.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what} cannot be printed; {instead}")]
pub struct NarrativeError {
    /// Line, from 1.
    pub line: usize,
    /// What is found there.
    what: &'static str,
    /// What to write instead.
    instead: &'static str,
}

impl Narrative {
    /// Reads a Markdown text.
    ///
    /// # Errors
    /// Fails at the first image or HTML tag.
    pub fn read(markdown: &str) -> Result<Self, NarrativeError> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut events = Parser::new_ext(markdown, options).into_offset_iter().peekable();
        let mut title = String::new();
        let is_title = |event: &Event<'_>| {
            matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }))
        };
        if events.next_if(|(event, _)| is_title(event)).is_some() {
            for (event, _) in events.by_ref() {
                match event {
                    Event::End(TagEnd::Heading(_)) => break,
                    Event::Text(text) | Event::Code(text) => title.push_str(&text),
                    _ => {}
                }
            }
        }
        let mut writer = Writer { text: String::new(), level: BELOW_CHAPTER - 1 };
        for (event, place) in events {
            let line = markdown[..place.start].matches('\n').count() + 1;
            writer.write(event).map_err(|(what, instead)| NarrativeError {
                line,
                what,
                instead,
            })?;
        }
        if title.is_empty() {
            title = TITLE.to_owned();
        }
        Ok(Self { title, text: writer.text })
    }
}

/// Writes the typst source of Markdown events.
struct Writer {
    text: String,
    /// Level of the last heading.
    level: usize,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes an event, or returns what cannot be printed and what to write instead.
    fn write(&mut self, event: Event<'_>) -> Result<(), (&'static str, &'static str)> {
        match event {
            Event::Start(tag) => return self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.put(&format!("#{}", lines_quoted(&text))),
            Event::Code(text) => self.put(&format!("#raw({})", quoted(&text))),
            Event::SoftBreak => self.put("#\" \""),
            Event::HardBreak => self.put("#linebreak()"),
            Event::Rule => self.put("#rule()\n\n"),
            // A comment is for the authors.
            Event::Html(text) | Event::InlineHtml(text)
                if text.trim_start().starts_with("<!--") => {}
            Event::Html(_) | Event::InlineHtml(_) => {
                return Err(("an HTML tag", "write Markdown, such as **bold** or - item"));
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: Tag<'_>) -> Result<(), (&'static str, &'static str)> {
        match tag {
            Tag::Heading { level, .. } => {
                // Assistive technology needs headings without gaps.
                self.level = (level as usize).clamp(BELOW_CHAPTER, self.level + 1);
                self.put(&format!("#heading(level: {})[", self.level));
            }
            Tag::Emphasis => self.put("#emph["),
            Tag::Strong => self.put("#strong["),
            Tag::Strikethrough => self.put("#strike["),
            Tag::Link { dest_url, .. } => self.put(&format!("#link({})[", quoted(&dest_url))),
            Tag::BlockQuote(_) => self.put("#quote(block: true)["),
            Tag::List(None) => self.put("#list("),
            Tag::List(Some(first)) => self.put(&format!("#enum(start: {first}, ")),
            Tag::Item | Tag::TableCell => self.put("["),
            Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => {
                self.put("#block[");
            }
            Tag::Table(sides) => {
                let sides = sides.into_iter().map(|side| match side {
                    Alignment::Right => "right".to_owned(),
                    Alignment::Center => "center".to_owned(),
                    Alignment::None | Alignment::Left => "left".to_owned(),
                });
                let sides: Vec<String> = sides.collect();
                self.put(&format!("#table(columns: {}, align: {}, ", sides.len(), array(sides)));
            }
            Tag::TableHead => self.put("table.header("),
            Tag::Image { .. } => {
                return Err(("an image", "say in words what it shows, or leave it out"));
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.put("\n\n"),
            TagEnd::Heading(_) | TagEnd::BlockQuote(_) | TagEnd::CodeBlock => self.put("]\n\n"),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => {
                self.put("]");
            }
            TagEnd::List(_) | TagEnd::Table => self.put(")\n\n"),
            TagEnd::Item | TagEnd::TableCell => self.put("], "),
            TagEnd::TableHead => self.put("), "),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_typst_and_its_text_stays_text() {
        let markdown = "# The year\n\nWe *met* **all** [goals](https://example.org/a).\nTwo `#x`.\n\n\
                        #### Next\n\n1. One #set page()\n2. Two\n\n- a\n  - b\n\n\
                        | A | B |\n|---|--:|\n| 1 | 2 |\n\n<!-- for us -->\n";
        let narrative = Narrative::read(markdown).unwrap();
        assert_eq!(narrative.title, "The year");
        for part in [
            r###"#"We "#emph[#"met"]#" "#strong[#"all"]#" "#link("https://example.org/a")[#"goals"]"###,
            r###"#raw("#x")"###,
            "#heading(level: 2)[#\"Next\"]",
            r###"#enum(start: 1, [#"One #set page()"], [#"Two"], )"###,
            "#list([#\"a\"#list([#\"b\"], )\n\n], )",
            r###"#table(columns: 2, align: (left, right,), table.header([#"A"], [#"B"], ), [#"1"], "###,
        ] {
            assert!(narrative.text.contains(part), "{part} in {}", narrative.text);
        }
        assert!(!narrative.text.contains("for us"));
        assert_eq!(Narrative::read("Only text.").unwrap().title, TITLE);
    }

    #[test]
    fn what_cannot_be_printed_is_named_with_its_line() {
        for (markdown, line, what) in [
            ("Text\n\n![Chart](chart.png)", 3, "an image"),
            ("Text <b>bold</b>", 1, "an HTML tag"),
            ("One\n\n<div>\n", 3, "an HTML tag"),
        ] {
            let error = Narrative::read(markdown).unwrap_err();
            assert_eq!((error.line, error.what), (line, what));
        }
    }
}
