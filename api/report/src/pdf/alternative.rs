//! Alternative text of charts: title, reading and numbers, for readers who cannot see them.

use crate::page::{Figure, FigureCell};

/// Maximum number of rows that are read aloud.
const ROWS: usize = 40;

/// Returns the alternative text of a figure's chart.
pub fn text(figure: &Figure) -> String {
    let mut parts = vec![sentence(&figure.title), sentence(&figure.reading)];
    if !figure.rows.is_empty() {
        let row = |row: &Vec<FigureCell>| {
            let cells = row.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty());
            cells.collect::<Vec<_>>().join(", ")
        };
        let rows: Vec<String> = figure.rows.iter().take(ROWS).map(row).collect();
        parts.push(format!("{}: {}.", figure.headings.join(", "), rows.join("; ")));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// Returns a text that ends like a sentence.
fn sentence(text: &str) -> String {
    match text.trim().chars().last() {
        None => String::new(),
        Some('.' | '?' | '!') => text.trim().to_owned(),
        Some(_) => format!("{}.", text.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_told_with_its_numbers() {
        let figure = Figure {
            title: "Is it better?".into(),
            reading: "Region 3 is higher".into(),
            headings: vec!["Region".into(), "Share".into()],
            rows: vec![vec!["3".into(), "70%".into()], vec!["4C".into(), "".into()]],
            ..Figure::default()
        };
        assert_eq!(text(&figure), "Is it better? Region 3 is higher. Region, Share: 3, 70%; 4C.");
        assert_eq!(text(&Figure { title: "Map".into(), ..Figure::default() }), "Map.");
    }
}
