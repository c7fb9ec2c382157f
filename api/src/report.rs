//! The leadership report: pages made of figures, sentences and tables, each computed by the same function as the API. A page is
//! data first; HTML and print are two ways of writing it.

mod figure;
mod html;
mod pages;
mod pdf;
mod reading;

pub use html::{Links, STYLE, file_name, render};
pub use pages::{Asked, Context, all_static, event, event_query, find};
pub use pdf::pdf;

use serde_json::Value;

/// One page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Path on the server, e.g. `/regions/3`.
    pub path: String,
    /// Heading.
    pub title: String,
    /// The question it answers.
    pub question: String,
    /// What is on it.
    pub sections: Vec<Section>,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Section {
    /// Headline figures.
    Tiles(Vec<Tile>),
    /// A chart with what it says and its numbers.
    Figure(Figure),
    /// A table alone.
    Table(Figure),
    /// Plain words.
    Text(String),
}

/// A headline figure.
#[derive(Clone, Debug, Default)]
pub struct Tile {
    /// What it is.
    pub label: String,
    /// Its value, as printed.
    pub value: String,
    /// Interval and n, or what is missing.
    pub detail: String,
    /// The verdict on its trend.
    pub verdict: String,
    /// A small line of its course.
    pub spark: String,
    /// Drawn hollow: too few records to judge.
    pub hollow: bool,
    /// Where to read on.
    pub href: String,
}

/// A chart.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// Title.
    pub title: String,
    /// What it says, in a sentence.
    pub reading: String,
    /// The drawing; empty for a table.
    pub svg: String,
    /// Headings of its numbers.
    pub headings: Vec<String>,
    /// Its numbers, as printed; a cell may link.
    pub rows: Vec<Vec<Cell>>,
    /// Where to read on.
    pub href: String,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Text.
    pub text: String,
    /// Where it leads.
    pub href: String,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), href: String::new() }
    }
}

/// A cell that leads somewhere.
fn link(text: impl Into<String>, href: impl Into<String>) -> Cell {
    Cell { text: text.into(), href: href.into() }
}

/// A row's extra as text.
fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
