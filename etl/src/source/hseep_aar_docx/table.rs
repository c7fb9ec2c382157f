//! Recognizes the tables of the template by their headings.

use hotwash_documents::block::WordTable;

use super::mark;
use crate::reading::headings::{Columns, Section, key, lists};

/// Kind of a table of the template.
#[derive(Clone, Debug)]
pub enum TableKind {
    /// Overview: labels on the left, texts on the right.
    Overview,
    /// Table 1: ratings by objective and capability.
    Ratings(Columns),
    /// Appendix A: the improvement plan.
    Plan(Columns),
    /// Strengths or areas for improvement, one per row.
    Findings(Columns),
    /// Participants.
    ParticipantList(Columns),
    /// Timeline.
    Timeline(Columns),
}

/// Number of rows searched for the header of a table.
const HEADER_ROWS: usize = 4;
/// Minimum share of known headings in a plan.
const KNOWN_SHARE: f64 = 0.6;

/// Returns the kind of a table, its cells arranged under its header, and the index of its first
/// row. `heading` is the heading above the table. `before` is the table that it may continue.
pub fn recognize(
    table: &WordTable,
    heading: &str,
    before: Option<TableKind>,
) -> Option<(usize, Vec<Vec<String>>, TableKind)> {
    let cells = table.cells();
    for position in 0..cells.len().min(HEADER_ROWS) {
        let Some(found) = known(&cells, position, heading) else { continue };
        // A header of two rows: the second one completes the headings of a plan.
        if matches!(found, TableKind::Findings(_))
            && position + 1 < cells.len()
            && let Some(plan @ TableKind::Plan(_)) = known(&cells, position + 1, heading)
        {
            return Some((position + 2, table.cells_under(position + 1), plan));
        }
        return Some((position + 1, table.cells_under(position), found));
    }
    if let Some((turned, columns)) = turned_ratings(&cells) {
        return Some((1, turned, TableKind::Ratings(columns)));
    }
    let labels: std::collections::BTreeSet<&str> = cells
        .iter()
        .filter(|row| row.len() >= 2)
        .filter_map(|row| lists().field_of_heading(Section::Overview, &row[0]))
        .collect();
    let is_named =
        ["exercise_name", "incident_name", "event_name"].iter().any(|field| labels.contains(field));
    if labels.len() >= 3 || (is_named && labels.contains("dates")) {
        return Some((0, cells, TableKind::Overview));
    }
    if let Some((turned, columns)) = turned_plan(&cells) {
        return Some((1, turned, TableKind::Plan(columns)));
    }
    // A table that a page break split continues without its header; an overview continues with
    // further labels.
    match before {
        Some(TableKind::Overview) if !labels.is_empty() => Some((0, cells, TableKind::Overview)),
        Some(TableKind::Overview) | None => None,
        // A table with other headings of its own is another table.
        Some(_) if cells.first().is_some_and(|row| has_headings(row)) => None,
        Some(known) => Some((0, cells, known)),
    }
}

/// Returns whether a row has several headings of a plan.
fn has_headings(row: &[String]) -> bool {
    row.iter().filter(|text| lists().field(Section::ImprovementPlan, text).is_some()).count() >= 2
}

/// Transposes the forms of actions, with labels on the left and one action in each form.
fn turned_plan(cells: &[Vec<String>]) -> Option<(Vec<Vec<String>>, Columns)> {
    let pair = |row: &Vec<String>| {
        let mut filled = row.iter().filter(|text| !text.trim().is_empty());
        let (label, text) = (filled.next()?.clone(), filled.next().cloned().unwrap_or_default());
        filled.next().is_none().then_some((label, text))
    };
    let pairs: Vec<(String, String)> = cells.iter().map(pair).collect::<Option<_>>()?;
    let mut headings: Vec<String> = Vec::new();
    for (label, _) in &pairs {
        if !headings.iter().any(|known| key(known) == key(label)) {
            headings.push(label.clone());
        }
    }
    let columns = lists().columns_at(Section::ImprovementPlan, &[headings.clone()], 0);
    let dropped = (0..headings.len()).filter(|at| columns.is_dropped(*at)).count();
    let share = (columns.known() + dropped) as f64 / headings.len().max(1) as f64;
    if !columns.has(&["action"]) || columns.known() < 3 || share < KNOWN_SHARE {
        return None;
    }
    let mut turned = vec![headings.clone()];
    for (label, text) in pairs {
        let at = headings.iter().position(|known| key(known) == key(&label))?;
        // The first label begins the next form.
        if at == 0 || turned.len() == 1 {
            turned.push(vec![String::new(); headings.len()]);
        }
        let cell = &mut turned.last_mut()?[at];
        if !cell.is_empty() {
            return None;
        }
        *cell = text;
    }
    Some((turned, columns))
}

/// Transposes a table whose columns are capabilities and whose rows are ratings.
fn turned_ratings(cells: &[Vec<String>]) -> Option<(Vec<Vec<String>>, Columns)> {
    let width = cells.iter().map(Vec::len).max().filter(|width| *width >= 2)?;
    let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
    let turned: Vec<Vec<String>> =
        (0..width).map(|column| cells.iter().map(|row| cell(row, column)).collect()).collect();
    let columns = lists().columns_at(Section::Ratings, &turned, 0);
    let rates = is_marked(&columns) || columns.has(&["rating"]) && cells.len() <= 3;
    if !columns.has(&["capability"]) || !rates {
        return None;
    }
    // A definition next to the name of a rating is not a mark.
    let marks = |row: &Vec<String>| {
        let is_name = |at: &usize| {
            Some(*at) == columns.index_of("capability")
                || Some(*at) == columns.index_of("objective")
        };
        let row_marks: Vec<String> =
            (0..row.len()).filter(|at| !is_name(at)).map(|at| row[at].clone()).collect();
        row_marks.into_iter().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>()
    };
    let mark_cells: Vec<String> = turned[1..].iter().flat_map(marks).collect();
    let are_marks = mark_cells.iter().all(|text| {
        mark::is_mark(text) || mark::is_not_observed(text) || mark::word(text).is_some()
    });
    (!mark_cells.is_empty() && are_marks).then_some((turned, columns))
}

/// Returns whether a table has one column per rating.
fn is_marked(columns: &Columns) -> bool {
    let count = |fields: &[&str]| fields.iter().filter(|field| columns.has(&[field])).count();
    count(&["p", "s", "m", "u"]) >= 3 || count(&["fully", "partially", "not"]) >= 2
}

fn known(cells: &[Vec<String>], position: usize, heading: &str) -> Option<TableKind> {
    let columns = |section| lists().columns_at(section, cells, position);
    let named = cells[position].iter().filter(|text| !text.trim().is_empty()).count();
    let ratings = columns(Section::Ratings);
    // `Performance Rating` may be the band above the rating columns.
    let is_band = || {
        position + 1 < cells.len()
            && is_marked(&lists().columns_at(Section::Ratings, cells, position + 1))
    };
    if is_marked(&ratings) && (ratings.has(&["capability"]) || ratings.has(&["objective"]))
        || ratings.has(&["capability", "rating"]) && named <= 6 && !is_band()
    {
        return Some(TableKind::Ratings(ratings));
    }
    let plan = columns(Section::ImprovementPlan);
    let dropped = (0..plan.headings.len()).filter(|at| plan.is_dropped(*at)).count();
    let share = (plan.known() + dropped) as f64 / named.max(1) as f64;
    let acts = plan.has(&["action"]) || plan.has(&["recommendation", "owner"]);
    if acts && plan.known() >= 3 && share >= KNOWN_SHARE {
        return Some(TableKind::Plan(plan));
    }
    let timeline = columns(Section::Timeline);
    if named <= 4 && timeline.has(&["when", "what"]) {
        return Some(TableKind::Timeline(timeline));
    }
    let lower = heading.to_lowercase();
    let participants = columns(Section::Participants);
    let about_participants = lower.contains("participa") || lower.contains("attend");
    if participants.has(&["organization"])
        && named <= 8
        && (participants.has(&["count"]) || participants.has(&["discipline"]) || about_participants)
    {
        return Some(TableKind::ParticipantList(participants));
    }
    let findings = columns(Section::Findings);
    let tells = ["strength", "area", "text"].iter().filter(|field| findings.has(&[field])).count();
    let is_pair = findings.has(&["strength", "area"]) && named <= 3;
    if tells >= 1 && !findings.has(&["action"]) && (is_pair || findings.known() >= 2) && named <= 8
    {
        return Some(TableKind::Findings(findings));
    }
    None
}
