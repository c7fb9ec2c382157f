//! The leadership report: pages made of figures, sentences and tables, each computed by the same
//! function as the API. A page is data first; HTML and print are two ways of writing it.

mod drawing;
mod html;
mod outlines;
mod pages;
mod parameters;
mod pdf;
mod wording;

pub use html::{Links, PageFrame, STYLE, file_name, render};
pub use pages::{
    PageAnswers, PageContext, PageQuery, find_page, metric_csv, not_found_page, page_queries,
    static_pages,
};
pub use parameters::{PageChoice, PageParameters};
pub use pdf::pdf;
pub use wording::ago;

use drawing::{Drawing, Icon, Spark};
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
    /// Sections of the page.
    pub sections: Vec<Section>,
    /// True if its figures can be asked for a region, and for a framework.
    pub by_region: bool,
    /// True if its figures can be asked for a framework.
    pub by_framework: bool,
    /// Nothing stands at the path, so there is no period to choose.
    pub lost: bool,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Section {
    /// Lead sentence of the page.
    Lead(String),
    /// Headline figures.
    Tiles(Vec<Tile>),
    /// A chart or table with what it says and its numbers.
    Figure(Box<Figure>),
    /// A heading over the figures that follow, with a sentence.
    Heading(String, String),
    /// Plain words.
    Text(String),
    /// Names and what they are.
    Facts(String, Vec<(String, FigureCell)>),
    /// Words to copy.
    Code(String, String),
    /// Choices that this page alone offers.
    Choices(Vec<PageChoice>),
    /// Where a long list goes on: links and what they say.
    Steps(Vec<FigureCell>),
}

impl From<Figure> for Section {
    fn from(figure: Figure) -> Self {
        Self::Figure(Box::new(figure))
    }
}

/// A headline figure.
#[derive(Clone, Debug, Default)]
pub struct Tile {
    /// Label.
    pub label: String,
    /// Value as printed.
    pub value: String,
    /// Interval and n, or what is missing.
    pub detail: String,
    /// The share itself with its interval, for a scale of 0 to 1.
    pub share: Option<(f64, Option<(f64, f64)>)>,
    /// Reference, e.g. the state's value.
    pub comparison: String,
    /// The sign of its trend.
    pub icon: Option<Icon>,
    /// The verdict on its trend.
    pub verdict: String,
    /// A small line of its course.
    pub spark: Spark,
    /// Drawn hollow: too few records to judge.
    pub hollow: bool,
    /// Link to the page with more.
    pub href: String,
    /// The metric behind it.
    pub metric: String,
    /// Link to the records behind it.
    pub records: String,
}

/// Width of a figure within a row of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// All of it.
    #[default]
    Full,
    /// Half of it.
    Half,
    /// A third, for small multiples.
    Third,
}

/// A chart or a table.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// Title.
    pub title: String,
    /// Reading in one sentence.
    pub reading: String,
    /// Signs with what they mean.
    pub signs: Vec<(Icon, String)>,
    /// The drawing.
    pub drawing: Drawing,
    /// Headings of its numbers.
    pub headings: Vec<String>,
    /// Numbers as printed; a cell may have a link.
    pub rows: Vec<Vec<FigureCell>>,
    /// Id of the metric behind it.
    pub metric: String,
    /// Link to the records behind it.
    pub records: String,
    /// Width.
    pub span: Span,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureCell {
    /// Text.
    pub text: String,
    /// Link.
    pub href: String,
    /// A share drawn as a small bar beside the text.
    pub bar: Option<f64>,
}

impl<T: Into<String>> From<T> for FigureCell {
    fn from(text: T) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// A cell that leads somewhere.
fn link(text: impl Into<String>, href: impl Into<String>) -> FigureCell {
    FigureCell { text: text.into(), href: href.into(), bar: None }
}

/// A share with its bar.
fn share_cell(share: Option<f64>) -> FigureCell {
    FigureCell {
        text: share.map(|share| format!("{:.0}%", share * 100.0)).unwrap_or_default(),
        href: String::new(),
        bar: share,
    }
}

/// A row's extra as text.
fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
