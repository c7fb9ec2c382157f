//! Content of a page: sections of figures, sentences and tables. `html` and `pdf` render it.

use serde_json::Value;

use crate::drawing::{Drawing, Icon, Spark};
use crate::parameters::PageChoice;
use crate::wording::readable;

/// A page of the report.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Path on the server, e.g. `/regions/3`.
    pub path: String,
    /// Heading.
    pub title: String,
    /// Question that the page answers.
    pub question: String,
    /// Sections of the page.
    pub sections: Vec<Section>,
    /// True if the page's figures can be filtered by region.
    pub by_region: bool,
    /// True if the page's figures can be filtered by framework.
    pub by_framework: bool,
    /// True if no page exists at the path; the period filter is then hidden.
    pub lost: bool,
}

/// A section of a page.
#[derive(Clone, Debug)]
pub enum Section {
    /// Lead sentence of the page.
    Lead(String),
    /// What got better, what got worse and what stands out.
    Story(Vec<StoryLine>),
    /// Headline figures.
    Tiles(Vec<Tile>),
    /// Chart or table with its reading and its numbers.
    Figure(Box<Figure>),
    /// A heading over the figures that follow, with a sentence.
    Heading(String, String),
    /// A paragraph of text.
    Text(String),
    /// Table of names and values.
    Facts(String, Vec<(String, FigureCell)>),
    /// Commands or code to copy.
    Code(String, String),
    /// Filters of this page only.
    Choices(Vec<PageChoice>),
    /// Links to the next and previous part of a list.
    Steps(Vec<FigureCell>),
}

impl From<Figure> for Section {
    fn from(figure: Figure) -> Self {
        Self::Figure(Box::new(figure))
    }
}

/// One line of the story.
#[derive(Clone, Debug)]
pub struct StoryLine {
    /// What the line tells: better, worse, stands out.
    pub heading: String,
    /// Icon of the heading.
    pub icon: Icon,
    /// Sentences, each with a link to its page.
    pub sentences: Vec<FigureCell>,
}

/// A headline figure.
#[derive(Clone, Debug, Default)]
pub struct Tile {
    /// Label.
    pub label: String,
    /// Value as printed.
    pub value: String,
    /// Interval and number of records, or what is missing.
    pub detail: String,
    /// Share with its interval, for a scale from 0 to 1.
    pub share: Option<(f64, Option<(f64, f64)>)>,
    /// Value to compare with, e.g. the state's.
    pub comparison: String,
    /// Icon of the trend.
    pub icon: Option<Icon>,
    /// Sentence about the trend.
    pub verdict: String,
    /// Sparkline.
    pub spark: Spark,
    /// True if there are too few records to judge; drawn hollow.
    pub hollow: bool,
    /// Link to the page with details.
    pub href: String,
    /// Id of the metric.
    pub metric: String,
    /// Link to the counted records.
    pub records: String,
}

/// Width of a figure within a row of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// Full width.
    #[default]
    Full,
    /// Half the width.
    Half,
    /// A third of the width, for small multiples.
    Third,
}

/// A chart or table.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// Title.
    pub title: String,
    /// One sentence that states what the figure shows.
    pub reading: String,
    /// Icons with their meaning.
    pub signs: Vec<(Icon, String)>,
    /// Chart.
    pub drawing: Drawing,
    /// Table headings.
    pub headings: Vec<String>,
    /// Table rows, formatted; a cell may have a link.
    pub rows: Vec<Vec<FigureCell>>,
    /// Id of the metric behind it.
    pub metric: String,
    /// Link to the counted records.
    pub records: String,
    /// Width on the page.
    pub span: Span,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureCell {
    /// Text.
    pub text: String,
    /// Link.
    pub href: String,
    /// Share drawn as a small bar next to the text.
    pub bar: Option<f64>,
}

impl<T: Into<String>> From<T> for FigureCell {
    fn from(text: T) -> Self {
        Self { text: readable(text.into()), ..Self::default() }
    }
}

/// Returns a cell with a link.
pub fn link(text: impl Into<String>, href: impl Into<String>) -> FigureCell {
    FigureCell { text: readable(text.into()), href: href.into(), bar: None }
}

/// Returns a cell with a share and its bar.
pub fn share_cell(share: Option<f64>) -> FigureCell {
    FigureCell {
        text: share.map(|share| format!("{:.0}%", share * 100.0)).unwrap_or_default(),
        href: String::new(),
        bar: share,
    }
}

/// Formats a JSON value as text; null is empty, and a list is separated by semicolons.
pub fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(Value::Array(list)) => {
            list.iter().map(|item| text_of(Some(item))).collect::<Vec<_>>().join("; ")
        }
        Some(other) => other.to_string(),
    }
}
