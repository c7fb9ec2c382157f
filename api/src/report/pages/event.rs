//! `/events/{id}`: what happened, what did we learn? From the API's answer, whose visibility is the one rule.

use serde_json::{Value, json};

use crate::graphql::global_id;
use crate::report::{Cell, Figure, Page, Section, text_of};

/// The query behind an event's page.
pub fn event_query(id: i64) -> String {
    format!(
        "{{ node(id: \"{}\") {{ ... on Event {{ name kind startAt endAt narrative hazard {{ name }} regions {{ code }} source {{ file row batch source }} \
         milestones(first: 200) {{ type occurredAt }} capabilityRatings(first: 500) {{ rating subject capability {{ name }} }} \
         findings(first: 500) {{ kind text analysis capability {{ name }} }} \
         correctiveActions(first: 500) {{ text status dueCurrentOn completedOn owner {{ name }} }} }} }} }}",
        global_id("Event", &json!(id))
    )
}

/// A table of a list, by the paths of its columns.
fn table(event: &Value, title: &str, list: &str, columns: &[(&str, &str)]) -> Section {
    let rows: Vec<Vec<Cell>> = event[list]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| columns.iter().map(|(_, path)| Cell::from(text_of(row.pointer(path)))).collect())
        .collect();
    Section::Table(Figure {
        title: title.into(),
        reading: if rows.is_empty() { "None are known.".into() } else { format!("{} in all.", rows.len()) },
        headings: columns.iter().map(|(heading, _)| (*heading).to_owned()).collect(),
        rows,
        ..Figure::default()
    })
}

/// The page; none when there is no such event, or none that the reader may see.
pub fn event(id: i64, event: &Value) -> Option<Page> {
    let of = |path: &str| text_of(event.pointer(path));
    let title = event.get("name")?.as_str()?.to_owned();
    let regions: Vec<String> =
        event["regions"].as_array().into_iter().flatten().map(|region| text_of(region.get("code"))).collect();
    let mut sections = vec![Section::Text(format!(
        "{} · {} · {} to {} · region {}",
        of("/kind").to_lowercase().replace('_', " "),
        of("/hazard/name"),
        of("/startAt"),
        of("/endAt"),
        regions.join(", ")
    ))];
    if !of("/narrative").is_empty() {
        sections.push(Section::Text(of("/narrative")));
    }
    sections.extend([
        table(event, "Timeline", "milestones", &[("Milestone", "/type"), ("When (UTC)", "/occurredAt")]),
        table(
            event,
            "Ratings",
            "capabilityRatings",
            &[("Capability", "/capability/name"), ("Rating", "/rating"), ("Objective", "/subject")],
        ),
        table(
            event,
            "Findings",
            "findings",
            &[
                ("Kind", "/kind"),
                ("Capability", "/capability/name"),
                ("Observation", "/text"),
                ("Analysis", "/analysis"),
            ],
        ),
        table(
            event,
            "Corrective actions",
            "correctiveActions",
            &[
                ("Action", "/text"),
                ("Owner", "/owner/name"),
                ("Status", "/status"),
                ("Due", "/dueCurrentOn"),
                ("Completed", "/completedOn"),
            ],
        ),
        Section::Text(format!(
            "From file {}, row {}, load {} (source {}).",
            of("/source/file"),
            of("/source/row"),
            of("/source/batch"),
            of("/source/source")
        )),
    ]);
    Some(Page { path: format!("/events/{id}"), title, question: "What happened, what did we learn?".into(), sections })
}
