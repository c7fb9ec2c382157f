//! `/events/{id}`: what happened, what did we learn? From the answer of the one statement that knows who may see it.

use serde_json::Value;

use crate::report::{Cell, Figure, Page, Section, text_of};

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().map_or(&[], Vec::as_slice)
}

/// The page; none when there is no such event, or none that the reader may see.
pub fn event(id: i64, answer: &Value) -> Option<Page> {
    let event = answer.get("event").filter(|event| event.is_object())?;
    let of = |name: &str| text_of(event.get(name));
    let table = |title: &str, headings: &[&str], name: &str, fields: &[&str]| {
        let rows = list(answer, name)
            .iter()
            .map(|row| fields.iter().map(|field| Cell::from(text_of(row.get(*field)))).collect())
            .collect::<Vec<Vec<Cell>>>();
        let reading = if rows.is_empty() { "None are known.".into() } else { format!("{} in all.", rows.len()) };
        Section::Table(Figure {
            title: title.into(),
            reading,
            headings: headings.iter().map(|heading| (*heading).to_owned()).collect(),
            rows,
            ..Figure::default()
        })
    };
    let mut sections = vec![Section::Text(format!(
        "{} · {} · {} to {} · region {}",
        of("kind").to_lowercase().replace('_', " "),
        of("hazard"),
        of("start"),
        of("end"),
        of("regions")
    ))];
    if !of("narrative").is_empty() {
        sections.push(Section::Text(of("narrative")));
    }
    sections.extend([
        table("Timeline", &["Milestone", "When"], "milestones", &["name", "at"]),
        table("Ratings", &["Capability", "Rating", "Objective"], "ratings", &["capability", "rating", "subject"]),
        table(
            "Findings",
            &["Kind", "Capability", "Observation", "Analysis"],
            "findings",
            &["kind", "capability", "text", "analysis"],
        ),
        table(
            "Corrective actions",
            &["Action", "Owner", "Status", "Due", "Completed"],
            "actions",
            &["text", "owner", "status", "due", "completed"],
        ),
        Section::Text(format!(
            "From file {}, row {}, load {} (source {}).",
            of("file"),
            of("row"),
            of("batch"),
            of("source")
        )),
    ]);
    Some(Page {
        path: format!("/events/{id}"),
        title: of("name"),
        question: "What happened, what did we learn?".into(),
        sections,
    })
}
