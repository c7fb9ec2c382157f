//! The report as PDF, typeset by typst from the same pages and charts: cover, one-page summary, one
//! page per region, the state's pages, and an appendix with methods and data quality.

mod error;
mod world;

use std::fmt::Write;

use hotwash_metrics::MetricError;
use hotwash_schema::profile;
use typst::foundations::Bytes;

use crate::context::PageContext;
use crate::definition::{Arrangement, Sheet};
use crate::drawing::{Drawing, style};
use crate::frame::PageFrame;
use crate::page::{Figure, Page, Section, Span, StoryLine, Tile};
use crate::pages::{PAGES, find_page};
use crate::wording::day;
pub use error::PdfError;
use world::Paper;

/// Typst definitions of the layout.
const PRELUDE: &str = include_str!("pdf/prelude.typ");

/// Maximum number of table rows printed; the pages on the server show all.
const ROWS: usize = 40;

/// Returns the pages in print order, with their sheets.
fn pages(context: &PageContext<'_>) -> Result<Vec<(&'static Sheet, Page)>, MetricError> {
    let mut found = Vec::new();
    let printed = PAGES.iter().filter_map(|page| Some((page, page.print.as_ref()?)));
    for (definition, sheet) in printed {
        for path in definition.all_paths(context)? {
            let page = find_page(&path, context)?;
            found.extend(page.map(|page| (sheet, page)));
        }
    }
    Ok(found)
}

/// Typesets the report.
///
/// # Errors
/// Fails when a metric cannot be computed, or typst rejects the source.
pub fn pdf(context: &PageContext<'_>, paper: &str) -> Result<Vec<u8>, PdfError> {
    let mut printed = Printed { frame: context.frame(), text: String::new(), drawings: Vec::new() };
    printed.cover(paper);
    for (sheet, page) in pages(context)? {
        printed.page(sheet, &page);
    }
    printed.methods();
    Paper::new(printed.text, printed.drawings).pdf()
}

/// Quotes a text as a typst string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}

/// Typst source being written.
struct Printed {
    frame: PageFrame,
    text: String,
    drawings: Vec<(String, Bytes)>,
}

impl Printed {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn cover(&mut self, paper: &str) {
        let frame = self.frame.clone();
        self.put(PRELUDE);
        let period = frame.described_period();
        let as_of = day(frame.as_of);
        let cover = format!(
            "#show: report.with(paper: {}, as_of: {}, version: {}, audience: {}, period: {}, \
             jurisdiction: {}, fictional: {})",
            quoted(paper),
            quoted(&as_of),
            frame.version,
            quoted(&frame.audience),
            quoted(&period),
            quoted(&profile::active().footer),
            frame.fictional
        );
        self.put(&cover);
    }

    fn page(&mut self, sheet: &Sheet, page: &Page) {
        let title = sheet.title.unwrap_or(&page.title);
        self.put(&format!("#sheet({}, {})", quoted(title), quoted(&page.question)));
        if sheet.arrangement == Arrangement::TwoColumns {
            return self.two_columns(page);
        }
        let mut row: Vec<&Figure> = Vec::new();
        for section in &page.sections {
            if let Section::Figure(figure) = section
                && figure.span != Span::Full
            {
                if row.first().is_some_and(|first| first.span != figure.span) {
                    self.row(&mut row);
                }
                row.push(figure);
                continue;
            }
            self.row(&mut row);
            match section {
                Section::Lead(text) => self.put(&format!("#lead({})", quoted(text))),
                Section::Heading(title, text) => {
                    self.put(&format!("#group({}, {})", quoted(title), quoted(text)))
                }
                Section::Text(text) => self.put(&format!("#par({})", quoted(text))),
                Section::Story(lines) => self.story(lines),
                Section::Tiles(tiles) => self.tiles(tiles),
                Section::Figure(figure) if sheet.omitted.contains(&figure.metric.as_str()) => {}
                Section::Figure(figure) => {
                    let written = self.figure(figure, 780.0);
                    self.put(&format!("#{written}"));
                }
                Section::Facts(..)
                | Section::Code(..)
                | Section::Choices(_)
                | Section::Steps(_) => {}
            }
        }
        self.row(&mut row);
    }

    fn story(&mut self, lines: &[StoryLine]) {
        let lines: String = lines
            .iter()
            .map(|line| {
                let sentences: Vec<&str> =
                    line.sentences.iter().map(|cell| cell.text.as_str()).collect();
                format!("({}, {}),", quoted(&line.heading), quoted(&sentences.join(" ")))
            })
            .collect();
        self.put(&format!("#story(({lines}))"));
    }

    fn tiles(&mut self, tiles: &[Tile]) {
        let tiles: String = tiles
            .iter()
            .map(|tile| {
                let words =
                    [&tile.label, &tile.value, &tile.detail, &tile.comparison, &tile.verdict];
                format!("({}),", words.map(|word| quoted(word)).join(", "))
            })
            .collect();
        self.put(&format!("#tiles(({tiles}))"));
    }

    /// Writes a page on one sheet: comparisons on the left, tasks on the right.
    fn two_columns(&mut self, page: &Page) {
        let (mut left, mut right) = (String::new(), String::new());
        for section in &page.sections {
            match section {
                Section::Tiles(tiles) => self.tiles(tiles),
                Section::Figure(figure) => {
                    let compared =
                        figure.metric.is_empty() || figure.metric == "capability_performance";
                    // Draw the heat map of all capabilities a little smaller, so that it fits the
                    // page.
                    let written = self.figure(figure, if compared { 460.0 } else { 380.0 });
                    let cells = if compared { &mut left } else { &mut right };
                    let _ = writeln!(cells, "#{written}");
                }
                _ => {}
            }
        }
        self.put(&format!("#side_by_side(2, ([{left}], [{right}]))"));
    }

    /// Writes figures next to each other.
    fn row(&mut self, figures: &mut Vec<&Figure>) {
        let Some(first) = figures.first() else { return };
        let (columns, width) = if first.span == Span::Third { (3, 250.0) } else { (2, 380.0) };
        let written: Vec<String> =
            figures.iter().map(|figure| self.figure(figure, width)).collect();
        self.put(&format!("#side_by_side({columns}, ({},))", written.join(", ")));
        figures.clear();
    }

    fn figure(&mut self, figure: &Figure, width: f64) -> String {
        let svg = figure.drawing.svg(width, &figure.title);
        let signs: Vec<&str> = figure.signs.iter().map(|(_, text)| text.as_str()).collect();
        let reading = if signs.is_empty() {
            figure.reading.clone()
        } else {
            format!("{} {}", figure.reading, signs.join(". "))
        };
        let drawn = if svg.is_empty() {
            "none".to_owned()
        } else {
            let name = format!("drawing{}.svg", self.drawings.len());
            let styled =
                svg.replacen('>', &format!("><style>{}</style>", style("'Libertinus Serif'")), 1);
            self.drawings.push((name.clone(), Bytes::from_string(styled)));
            quoted(&name)
        };
        // Do not list what the chart shows: the pages and the API have the numbers.
        let table = if matches!(figure.drawing, Drawing::None) || svg.is_empty() {
            table(figure)
        } else {
            "none".into()
        };
        format!(
            "figure-block({}, {}, {drawn}, {table})",
            quoted(&figure.title),
            quoted(reading.trim())
        )
    }

    /// Writes the appendix of methods: definition, computation and reference of each metric.
    fn methods(&mut self) {
        self.put("#sheet(\"Appendix: methods\", \"What is counted, and how?\")");
        self.put(&format!(
            "#par({})",
            quoted(
                "Intervals contain the true value with 95% confidence; shares have Wilson \
                intervals. A figure with fewer records than its minimum is called too few to \
                judge. A trend is named only when a two-sided Mann-Kendall test finds one at p < \
                0.05. Suppressed marks a number from too few organizations of another region."
            )
        ));
        let mut rows = String::new();
        for metric in hotwash_metrics::registry() {
            let definition = metric.definition();
            let _ = write!(
                rows,
                "({}, {}, {}, {}),",
                quoted(definition.title),
                quoted(definition.question),
                quoted(definition.formula),
                quoted(definition.reference)
            );
        }
        self.put(&format!("#methods(({rows}))"));
    }
}

fn table(figure: &Figure) -> String {
    if figure.rows.is_empty() {
        return "none".into();
    }
    let headings: String =
        figure.headings.iter().map(|heading| format!("{},", quoted(heading))).collect();
    let cells: String = figure
        .shown_rows()
        .iter()
        .take(ROWS)
        .flat_map(|row| row.iter().map(|cell| format!("{},", quoted(&cell.text))))
        .collect();
    let more = figure.rows.len().saturating_sub(figure.shown_rows().len().min(ROWS));
    format!("numbers({}, ({headings}), ({cells}), {more})", figure.headings.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cannot_leave_their_quotes() {
        assert_eq!(quoted("a \"b\" \\ c\nd"), r#""a \"b\" \\ c d""#);
    }
}
