//! The summary as plain text: the story, the asks and the headline figures, for messages.

use hotwash_metrics::MetricError;

use crate::context::PageContext;
use crate::page::{Figure, Section};
use crate::pages::find_page;
use crate::wording::day;

/// Returns the summary as text.
///
/// # Errors
/// Fails when a metric cannot be computed.
pub fn summary_text(context: &PageContext<'_>) -> Result<String, MetricError> {
    let page = find_page("/", context)?.unwrap_or_default();
    let mut lines = vec![format!("As of {}. {}", day(context.as_of()), context.frame().audience)];
    lines.extend(Some(context.overdue_feeds()).filter(|overdue| !overdue.is_empty()));
    let mut asks = page.sections.iter().filter_map(|section| match section {
        Section::Figure(figure) => Some(figure),
        _ => None,
    });
    for section in &page.sections {
        match section {
            Section::Story(story) => {
                lines.push(String::new());
                for line in story {
                    let words: Vec<&str> =
                        line.sentences.iter().map(|cell| cell.text.as_str()).collect();
                    lines.push(format!("{}: {}", line.heading, words.join(" ")));
                }
                // The first figure of the Overview has the asks.
                lines.extend(asks.next().map(|figure| asked(figure)).unwrap_or_default());
            }
            Section::Tiles(tiles) => {
                lines.push(String::new());
                for tile in tiles {
                    let words = [&tile.detail, &tile.verdict].map(String::as_str);
                    let words = words.into_iter().map(|word| word.trim_end_matches('.'));
                    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
                    lines.push(format!("{}: {} ({})", tile.label, tile.value, words.join("; ")));
                }
            }
            _ => {}
        }
    }
    Ok(lines.join("\n"))
}

fn asked(figure: &Figure) -> Vec<String> {
    let mut lines = vec![String::new(), format!("{}. {}", figure.title, figure.reading)];
    lines.extend(figure.rows.iter().map(|row| {
        let cells: Vec<&str> =
            row.iter().map(|cell| cell.text.as_str()).filter(|text| *text != "–").collect();
        format!("- {}", cells.join(" · "))
    }));
    lines
}
