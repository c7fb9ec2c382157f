//! Which of the template's tables a table is, by its headings.

use crate::reading::headings::{Columns, lists};

/// A table of the template.
#[derive(Clone, Debug)]
pub enum Known {
    /// Labels on the left, what they mean on the right.
    Overview,
    /// Table 1: ratings by objective and capability.
    Ratings(Columns),
    /// Appendix A: the improvement plan.
    Plan(Columns),
    /// Who took part.
    Participants(Columns),
    /// What happened when.
    Timeline(Columns),
}

/// Rows in which a table's header is looked for.
const HEADER_ROWS: usize = 4;

/// The table and the place of its first row below the header; `before` is the table it may go on from.
pub fn recognise(cells: &[Vec<String>], before: Option<Known>) -> Option<(usize, Known)> {
    for (place, row) in cells.iter().enumerate().take(HEADER_ROWS) {
        let columns = |section: &str| lists().columns(section, row.iter().map(String::as_str));
        let ratings = columns("ratings");
        let marks = ["p", "s", "m", "u"].iter().filter(|field| ratings.has(&[field])).count();
        if ratings.has(&["capability"]) && (marks >= 3 || ratings.has(&["rating"])) {
            return Some((place + 1, Known::Ratings(ratings)));
        }
        let plan = columns("improvement_plan");
        let named = row.iter().filter(|text| !text.trim().is_empty()).count();
        let share =
            (plan.known() + (0..row.len()).filter(|at| plan.is_dropped(*at)).count()) as f64 / named.max(1) as f64;
        if plan.has(&["action"]) && plan.known() >= 3 && share >= 0.6 {
            return Some((place + 1, Known::Plan(plan)));
        }
        let timeline = columns("timeline");
        if named <= 4 && timeline.has(&["when", "what"]) {
            return Some((place + 1, Known::Timeline(timeline)));
        }
        let participants = columns("participants");
        if (2..=4).contains(&named) && participants.has(&["organization", "count"]) {
            return Some((place + 1, Known::Participants(participants)));
        }
    }
    let labels = cells
        .iter()
        .filter(|row| row.len() >= 2)
        .filter_map(|row| lists().field("overview", row[0].trim_end_matches(':')))
        .collect::<std::collections::BTreeSet<_>>();
    let is_named = ["exercise_name", "incident_name", "event_name"].iter().any(|field| labels.contains(field));
    if labels.len() >= 3 || (is_named && labels.contains("dates")) {
        return Some((0, Known::Overview));
    }
    // An overview that a page break parted.
    match before {
        Some(Known::Overview) if !labels.is_empty() => Some((0, Known::Overview)),
        Some(Known::Overview) | None => None,
        Some(known) => Some((0, known)),
    }
}
