//! Content of a page: sections of figures, sentences and tables. `html` and `pdf` render it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::drawing::{Drawing, Icon, Spark, standalone};
use crate::parameters::{Days, PageChoice};
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
    /// Period of the page.
    pub period: PagePeriod,
}

/// Period of a page.
#[derive(Clone, Debug, Default)]
pub enum PagePeriod {
    /// The period that all pages share.
    #[default]
    Shared,
    /// A period with a default of its own.
    Own {
        /// First and last day shown.
        shown: Days,
        /// Name and days of the default.
        default: (String, Days),
    },
    /// None: the page does not depend on one, and offers no filter.
    None,
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

impl Page {
    /// Names the figures by their titles. A repeated title gets a number.
    pub fn with_figure_ids(mut self) -> Self {
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for section in &mut self.sections {
            let Section::Figure(figure) = section else { continue };
            let name = slug(&figure.title);
            let count = known.entry(name.clone()).or_default();
            *count += 1;
            figure.id = if *count == 1 { name } else { format!("{name}-{count}") };
        }
        self
    }

    /// Returns the figure of a name.
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.sections.iter().find_map(|section| match section {
            Section::Figure(figure) if figure.id == id => Some(figure.as_ref()),
            _ => None,
        })
    }
}

/// Returns a text as lower-case words of ASCII letters and digits joined by hyphens.
fn slug(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<String> =
        words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    if words.is_empty() { "figure".to_owned() } else { words.join("-") }
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
    /// Speed and duration of a clear trend, for use after the label.
    pub movement: Option<String>,
    /// Sparkline.
    pub spark: Option<Spark>,
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
    /// Name within the page, as in the address of its CSV. Empty until the page is complete.
    pub id: String,
    /// Title.
    pub title: String,
    /// One sentence that states what the figure shows.
    pub reading: String,
    /// Icons with their meaning.
    pub signs: Vec<(Icon, String)>,
    /// Chart.
    pub drawing: Drawing,
    /// Lists below the chart, such as signals with their events.
    pub lists: Vec<FigureList>,
    /// Table headings.
    pub headings: Vec<String>,
    /// Table rows, formatted; a cell may have a link.
    pub rows: Vec<Vec<FigureCell>>,
    /// Maximum number of rows that the page shows; the CSV has all.
    pub most: Option<usize>,
    /// Id of the metric behind it.
    pub metric: String,
    /// Link to the counted records.
    pub records: String,
    /// Width on the page.
    pub span: Span,
}

/// A list below a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureList {
    /// Sentence above the list.
    pub title: String,
    /// True if the items are numbered, as marks of the chart are.
    pub numbered: bool,
    /// Items, each of texts with or without a link.
    pub items: Vec<Vec<FigureCell>>,
}

impl Figure {
    /// Returns the rows that a page shows.
    pub fn shown_rows(&self) -> &[Vec<FigureCell>] {
        let shown = self.most.unwrap_or(usize::MAX).min(self.rows.len());
        &self.rows[..shown]
    }

    /// Returns the chart as an SVG file that states the source of its numbers; `None` without a
    /// chart.
    pub fn picture(&self, source: &str) -> Option<String> {
        let chart = self.drawing.svg(standalone::WIDTH, &self.title);
        standalone::standalone(&chart, &self.title, source)
    }

    /// Returns the figure's numbers, headings first: those of the chart, or of the table if it has
    /// more rows.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let texts = |row: &Vec<FigureCell>| row.iter().map(|cell| cell.text.clone()).collect();
        let table = || std::iter::once(self.headings.clone()).chain(self.rows.iter().map(texts));
        let drawn = self.drawing.numbers();
        if drawn.len() > self.rows.len() { drawn } else { table().collect() }
    }

    /// Reports for each column of the table whether it has numbers only.
    pub fn number_columns(&self) -> Vec<bool> {
        (0..self.headings.len())
            .map(|column| {
                let mut cells = self
                    .shown_rows()
                    .iter()
                    .filter_map(|row| row.get(column))
                    .filter(|cell| !cell.text.is_empty())
                    .peekable();
                cells.peek().is_some() && cells.all(|cell| is_number(&cell.text))
            })
            .collect()
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.chars()
        .next()
        .is_some_and(|first| first.is_ascii_digit() || matches!(first, '−' | '+' | '–'))
        && text.len() < 16
        && digits * 3 >= text.chars().count()
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
    /// Excerpt of a record that a search found. Its matches are marked in the text if the text has
    /// the excerpt, or else in the excerpt below the text.
    pub excerpt: Vec<ExcerptPart>,
}

/// Part of an excerpt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExcerptPart {
    /// Text.
    pub text: String,
    /// True for a word that the search found.
    pub is_match: bool,
}

impl<T: Into<String>> From<T> for FigureCell {
    fn from(text: T) -> Self {
        Self { text: readable(text.into()), ..Self::default() }
    }
}

/// Maximum number of letters of a cell that stays on one line, such as a day or a code.
pub const ONE_LINE: usize = 14;

/// Maximum number of letters of a word that stays in one piece. A longer one, such as a web address,
/// may break, so that it does not push other columns out of sight or run over them.
pub const ONE_PIECE: usize = 30;

/// Returns a cell with a link.
pub fn link(text: impl Into<String>, href: impl Into<String>) -> FigureCell {
    FigureCell { text: readable(text.into()), href: href.into(), ..FigureCell::default() }
}

/// Returns a cell with a share and its bar.
pub fn share_cell(share: Option<f64>) -> FigureCell {
    FigureCell {
        text: share.map(|share| format!("{:.0}%", share * 100.0)).unwrap_or_default(),
        bar: share,
        ..FigureCell::default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::{Bar, Bars};

    #[test]
    fn figures_have_distinct_names_and_numbers_are_complete() {
        let figure =
            |title: &str| Section::from(Figure { title: title.into(), ..Figure::default() });
        let page = Page {
            sections: vec![figure("The backlog"), figure("By region?"), figure("The backlog")],
            ..Page::default()
        }
        .with_figure_ids();
        for id in ["the-backlog", "by-region", "the-backlog-2"] {
            assert_eq!(page.figure(id).map(|figure| figure.id.as_str()), Some(id));
        }
        let rows = |count: usize| vec![vec![FigureCell::from("a")]; count];
        let mut figure = Figure {
            headings: vec!["Name".into()],
            rows: rows(3),
            most: Some(2),
            drawing: Drawing::Bars(Bars { lines: vec![Bar::default()] }),
            ..Figure::default()
        };
        // The chart and the page show less than there is.
        assert_eq!((figure.shown_rows().len(), figure.numbers().len()), (2, 4));
        figure.rows = rows(1);
        assert_eq!(figure.numbers()[0], ["label", "value", "highlighted part"]);
    }
}
