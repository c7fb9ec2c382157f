//! Sections of a page as typst source.

use super::alternative;
use super::printed::Printed;
use super::source::{Source, array, quoted};
use crate::definition::Part;
use crate::drawing::{Drawing, Icon};
use crate::page::{Figure, FigureCell, FigureList, ONE_LINE, Section, Span, StoryLine, Tile};

/// Maximum number of table rows printed; the pages on the server show all.
const ROWS: usize = 40;

/// Maximum number of items of a list below a chart.
const ITEMS: usize = 5;
/// Number of letters above which a column of a table has long text.
const LONG_TEXT: usize = 22;
/// Number of letters above which a column of a table gets no wider.
const MOST_LETTERS: usize = 60;

/// Maximum number of rows of a table that stays on one page.
const UNBROKEN: usize = 15;

/// Widths of charts in pixels, so that their text has one size on paper.
const FULL: f64 = 760.0;
const HALF: f64 = 370.0;
const THIRD: f64 = 240.0;
/// Largest height of a chart, as a share of its width, that leaves room for its chapter's heading.
const TALLEST: f64 = 1.05;
/// The same for charts next to each other.
const TALLEST_OF_TWO: f64 = 1.3;
/// Width of a heat map next to a narrower chart.
const WIDE_HALF: f64 = 440.0;

/// Level of a figure's heading below a chapter.
const BELOW_CHAPTER: usize = 2;
/// Level of a figure's heading below a group of figures.
const BELOW_GROUP: usize = 3;

/// Writes a page. Its charts are drawn wider by a stretch, so that they are lower on paper.
pub fn write(source: &mut Source, printed: &Printed, stretch: f64) {
    let Printed { sheet, page, locator } = printed;
    let title = quoted(printed.title());
    let mut sections: Vec<&Section> = page.sections.iter().collect();
    sections.retain(|section| match section {
        Section::Figure(figure) => !sheet.omitted.contains(&figure.metric.as_str()),
        _ => true,
    });
    if sheet.part == Part::Region {
        let name = locator.as_ref().map(|map| source.drawing(&map.svg(THIRD, &page.title)));
        let alternative = format!("Map of the regions; {} is highlighted.", page.title);
        let body = one_sheet(source, &sections);
        source.call(
            "region-sheet",
            &[
                title,
                quoted(&page.question),
                name.unwrap_or_else(|| "none".to_owned()),
                quoted(&alternative),
                body,
            ],
        );
        return;
    }
    source.call("chapter", &[title, quoted(&page.question)]);
    rows(source, &sections, stretch);
}

/// Writes sections from top to bottom, with narrow figures next to each other.
fn rows(source: &mut Source, sections: &[&Section], stretch: f64) {
    let mut level = BELOW_CHAPTER;
    let mut row: Vec<&Figure> = Vec::new();
    for section in sections {
        if let Section::Figure(figure) = section
            && figure.span != Span::Full
        {
            if row.first().is_some_and(|first| first.span != figure.span) {
                figure_row(source, &mut row, level, stretch);
            }
            row.push(figure);
            continue;
        }
        figure_row(source, &mut row, level, stretch);
        match section {
            Section::Lead(text) => source.call("lead", &[quoted(text)]),
            Section::Heading(title, text) => {
                source.call("group", &[quoted(title), quoted(text)]);
                level = BELOW_GROUP;
            }
            Section::Text(text) => source.call("par", &[quoted(text)]),
            Section::Story(lines) => story(source, lines),
            Section::Tiles(list) => {
                let tiles = tiles(source, list);
                source.put(&format!("#{tiles}"));
            }
            Section::Figure(figure) => {
                let figure = figure_block(source, figure, FULL, level, stretch);
                source.put(&format!("#{figure}"));
            }
            Section::Facts(..) | Section::Code(..) | Section::Choices(_) | Section::Steps(_) => {}
        }
    }
    figure_row(source, &mut row, level, stretch);
}

/// Returns the sections as one sheet: headline figures, two columns of charts with the heat map on
/// the right, and below them tables, with bars on the right.
fn one_sheet(source: &mut Source, sections: &[&Section]) -> String {
    let mut top = Vec::new();
    let mut columns = [Vec::new(), Vec::new()];
    let mut bottom = [Vec::new(), Vec::new()];
    let mut notes = Vec::new();
    for section in sections {
        match section {
            Section::Tiles(list) => top.push(tiles(source, list)),
            Section::Text(text) => notes.push(format!("par({})", quoted(text))),
            Section::Figure(figure) => {
                let (blocks, width) = match figure.drawing {
                    Drawing::None => (&mut bottom[0], FULL),
                    Drawing::Bars(_) => (&mut bottom[1], THIRD),
                    Drawing::Heat(_) => (&mut columns[1], WIDE_HALF),
                    _ => (&mut columns[0], HALF),
                };
                blocks.push(figure_block(source, figure, width, BELOW_CHAPTER, 1.0));
            }
            _ => {}
        }
    }
    let joined = |blocks: &[String]| format!("{{{}}}", blocks.join("; "));
    let side_by_side = |shares: &str, blocks: &[Vec<String>]| {
        format!("side-by-side({shares}, {})", array(blocks.iter().map(|blocks| joined(blocks))))
    };
    top.push(side_by_side("(1fr, 1.2fr)", &columns));
    top.push(side_by_side("(2.4fr, 1fr)", &bottom));
    top.extend(notes);
    joined(&top)
}

fn story(source: &mut Source, lines: &[StoryLine]) {
    let lines = lines.iter().map(|line| {
        let sentences: Vec<&str> = line.sentences.iter().map(|cell| cell.text.as_str()).collect();
        array([icon(source, line.icon), quoted(&line.heading), quoted(&sentences.join(" "))])
    });
    let lines = array(lines.collect::<Vec<_>>());
    source.call("story", &[lines]);
}

fn icon(source: &mut Source, icon: Icon) -> String {
    source.drawing(&icon.svg())
}

fn tiles(source: &mut Source, tiles: &[Tile]) -> String {
    let tile = |tile: &Tile| {
        let words = [&tile.label, &tile.value, &tile.detail, &tile.comparison, &tile.verdict];
        let spark = tile.spark.as_ref().map(|spark| source.drawing(&spark.svg()));
        let spark = spark.unwrap_or_else(|| "none".to_owned());
        let periods = tile.spark.as_ref().and_then(|spark| {
            Some((spark.periods.first()?.0.as_str(), spark.periods.last()?.0.as_str()))
        });
        let (first, last) = periods.unwrap_or_default();
        let course = format!("{} from {first} to {last}.", tile.label);
        let icon = tile.icon.map_or_else(|| "none".to_owned(), |found| icon(source, found));
        array(words.map(|word| quoted(word)).into_iter().chain([spark, quoted(&course), icon]))
    };
    format!("tiles({})", array(tiles.iter().map(tile).collect::<Vec<_>>()))
}

/// Writes narrow figures next to each other.
fn figure_row(source: &mut Source, figures: &mut Vec<&Figure>, level: usize, stretch: f64) {
    let Some(first) = figures.first() else { return };
    let (columns, width) =
        if first.span == Span::Third { ("(1fr,) * 3", THIRD) } else { ("(1fr,) * 2", HALF) };
    let blocks: Vec<String> =
        figures.iter().map(|figure| figure_block(source, figure, width, level, stretch)).collect();
    source.call("side-by-side", &[columns.to_owned(), array(blocks)]);
    figures.clear();
}

fn figure_block(
    source: &mut Source,
    figure: &Figure,
    width: f64,
    level: usize,
    stretch: f64,
) -> String {
    let svg = fitted(figure, width, stretch);
    let signs: Vec<String> = figure
        .signs
        .iter()
        .map(|(sign, text)| array([icon(source, *sign), quoted(text)]))
        .collect();
    // Do not list what the chart shows: the pages and the API have the numbers, and so has the
    // alternative text.
    let table = if svg.is_empty() { table(figure) } else { "none".to_owned() };
    format!(
        "figure-block({level}, {}, {}, {}, {}, {}, {table}, {})",
        quoted(&figure.title),
        quoted(&figure.reading),
        array(signs),
        source.drawing(&svg),
        quoted(&alternative::text(figure)),
        array(figure.lists.iter().filter(|list| !list.items.is_empty()).map(list)),
    )
}

/// Writes a list below a chart: title, whether it is numbered, and its first items.
fn list(list: &FigureList) -> String {
    let items = list.items.iter().take(ITEMS).map(|item| {
        let texts: Vec<&str> = item.iter().map(|cell| cell.text.as_str()).collect();
        quoted(texts.join(" ").trim())
    });
    let more = list.items.len().saturating_sub(ITEMS);
    array([quoted(&list.title), list.numbered.to_string(), array(items), more.to_string()])
}

/// Draws a chart. One that is too tall for its page is drawn wider, so that it gets lower on paper.
fn fitted(figure: &Figure, width: f64, stretch: f64) -> String {
    let draw = |factor: f64| figure.drawing.svg(width * factor * stretch, &figure.title);
    let tallest = if width == FULL { TALLEST } else { TALLEST_OF_TWO };
    let is_low = |svg: &String| ratio(svg).is_none_or(|ratio| ratio <= tallest);
    let wider = [1.0, 1.15].into_iter().map(draw).find(is_low);
    wider.unwrap_or_else(|| draw(1.3))
}

/// Returns the height of an SVG as a share of its width.
fn ratio(svg: &str) -> Option<f64> {
    let (_, rest) = svg.split_once("viewBox=\"0 0 ")?;
    let (width, height) = rest.split_once('"')?.0.split_once(' ')?;
    Some(height.parse::<f64>().ok()? / width.parse::<f64>().ok()?)
}

fn table(figure: &Figure) -> String {
    if figure.rows.is_empty() {
        return "none".into();
    }
    let numbers = figure.number_columns();
    let longest = |column: usize| {
        let cells = figure.shown_rows().iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.text.chars().count()).max().unwrap_or_default()
    };
    // Columns of long text share the width that the others leave.
    let columns = (0..figure.headings.len()).map(|column| {
        let letters = longest(column).min(MOST_LETTERS);
        let width = if letters > LONG_TEXT { format!("{letters}fr") } else { "auto".to_owned() };
        let side = if numbers[column] { "right" } else { "left" };
        format!("({width}, {side})")
    });
    let rows = figure.shown_rows().iter().take(ROWS).flatten().map(cell);
    let printed = figure.shown_rows().len().min(ROWS);
    let more = figure.rows.len() - printed;
    let is_short = printed <= UNBROKEN;
    format!(
        "numbers({}, {}, {}, {more}, {is_short})",
        array(columns),
        array(figure.headings.iter().map(|heading| quoted(heading))),
        array(rows)
    )
}

/// Writes a cell: its text and the share of its bar. Short text stays on one line.
fn cell(cell: &FigureCell) -> String {
    let is_short = cell.text.chars().count() <= ONE_LINE;
    let text = if is_short { cell.text.replace(' ', "\u{a0}") } else { cell.text.clone() };
    let bar = cell.bar.map_or_else(|| "none".to_owned(), |share| format!("{share:.3}"));
    array([quoted(&text), bar])
}
