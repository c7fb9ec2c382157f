//! `/events/{id}`: what happened, what did we learn? One event with its timeline, ratings,
//! findings, actions and their rows.

use chrono::DateTime;
use hotwash_schema::global_id::global_id;
use hotwash_schema::record::MAX_LISTED as MOST;
use serde_json::Value;

use crate::answer::{nodes, total_count};
use crate::context::PageContext;
use crate::definition::{Advice, ReportPage};
use crate::page::{Figure, FigureCell, Page, PagePeriod, Section, link, text_of};
use crate::parts::record_links::origin;
use crate::query::PageQuery;
use crate::wording::{counted, duration, excess, listed, plain, readable};

/// Definition of the pages.
pub static PAGE: ReportPage = ReportPage {
    single_record: true,
    advice: Some(|_| Advice {
        text: "No event has this number, or you may not see its detail.".into(),
        links: vec![link("Overview", "/")],
    }),
    queries: |_, values| Ok(values.iter().filter_map(|id| query(id)).collect()),
    ..ReportPage::each("/events/{id}", |context, _| Ok(page(context)))
};

/// Returns the query of an event's page; `None` if the path has no number.
fn query(id: &str) -> Option<PageQuery> {
    let id: i64 = id.parse().ok()?;
    let query = format!(
        "{{ node(id: \"{}\") {{ ... on Event {{ name kind status startAt endAt localDate narrative \
         sensitivity statewide hazard {{ name }} regions {{ nodes {{ code name }} }} \
         exercise {{ typeName scope scenario }} incident {{ response declarationNumber }} source \
         {{ file row batch sourceName }} \
         milestones(first: {MOST}) {{ totalCount nodes {{ id kindName occurredAt timePrecision \
         source {{ file row }} }} }} \
         capabilityRatings(first: {MOST}) {{ totalCount nodes {{ id rating subject capability {{ \
         name }} source {{ file row }} }} }} \
         good: capabilityRatings(filter: {{rating: {{in: [\"P\", \"S\"]}}}}) {{ totalCount }} \
         findings(first: {MOST}) {{ totalCount nodes {{ id kind text capability {{ name }} source \
         {{ file row }} }} }} \
         strengths: findings(filter: {{kind: {{eq: STRENGTH}}}}) {{ totalCount }} \
         correctiveActions(first: {MOST}) {{ totalCount nodes {{ id text status dueCurrentOn \
         completedOn ownerOrganization {{ name }} source {{ file row }} }} }} \
         done: correctiveActions(filter: {{status: {{in: [COMPLETED, VALIDATED]}}}}) {{ \
         totalCount }} \
         resourceRequests(first: {MOST}) {{ totalCount nodes {{ id kind quantityRequested \
         quantityFilled requestedAt filledAt source {{ file row }} }} }} }} }} }}",
        global_id("Event", id)
    );
    Some(PageQuery { name: "event", query })
}

/// Table of an event's records, each with its file and row.
fn table(event: &Value, title: &str, list: &str, columns: &[(&str, &str)]) -> Option<Section> {
    let records = Some(nodes(event, list)).filter(|records| !records.is_empty())?;
    let rows = records.iter().map(|record| {
        let mut row: Vec<FigureCell> = columns
            .iter()
            .map(|(_, path)| {
                let text = text_of(record.pointer(path));
                FigureCell::from(if matches!(*path, "/status" | "/kind") {
                    plain(&text)
                } else {
                    text
                })
            })
            .collect();
        row.push(link(origin(record), format!("/record/{}", text_of(record.get("id")))));
        row
    });
    Some(
        Figure {
            title: title.into(),
            reading: excess(records.len(), total_count(event, list)).unwrap_or_default(),
            headings: columns
                .iter()
                .map(|(heading, _)| (*heading).to_owned())
                .chain(["From".to_owned()])
                .collect(),
            rows: rows.collect(),
            ..Figure::default()
        }
        .into(),
    )
}

/// Builds the page; `None` if the event does not exist or the viewer may not see it.
fn page(context: &PageContext<'_>) -> Option<Page> {
    let event = &context.answer("event")?.as_ref().ok()?["node"];
    let of = |path: &str| text_of(event.pointer(path));
    let title = event.get("name")?.as_str()?.to_owned();
    let regions: Vec<String> = nodes(event, "regions")
        .iter()
        .map(|region| format!("{} ({})", text_of(region.get("name")), text_of(region.get("code"))))
        .collect();
    let kind = match (of("/exercise/typeName"), of("/incident/response")) {
        (exercise, _) if !exercise.is_empty() => exercise,
        (_, response) if !response.is_empty() => format!("Incident: {}", response.to_lowercase()),
        _ => plain(&of("/kind")),
    };
    let facts = [
        ("What", kind),
        ("Hazard", of("/hazard/name")),
        ("From", of("/startAt")),
        ("To", of("/endAt")),
        (
            "Regions",
            if event["statewide"] == true { "the entire state".into() } else { listed(&regions) },
        ),
        ("Declaration", of("/incident/declarationNumber")),
        ("Scenario", of("/exercise/scenario")),
        ("What happened", of("/narrative")),
        ("Who may see it", plain(&of("/sensitivity"))),
        (
            "From file",
            format!(
                "{}, load {}, read as {}",
                origin(event),
                of("/source/batch"),
                (context.source_name)(&of("/source/sourceName"))
            ),
        ),
    ];
    let facts = facts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (name.to_owned(), text.into()));
    let mut sections =
        vec![Section::Lead(lead(event)), Section::Facts("The event".into(), facts.collect())];
    sections.extend(timeline(event).map(Section::from));
    sections.extend(
        [
            table(
                event,
                "Ratings",
                "capabilityRatings",
                &[
                    ("Capability", "/capability/name"),
                    ("Rating", "/rating"),
                    ("Objective", "/subject"),
                ],
            ),
            table(
                event,
                "Findings",
                "findings",
                &[("Kind", "/kind"), ("Capability", "/capability/name"), ("Observation", "/text")],
            ),
            table(
                event,
                "Corrective actions",
                "correctiveActions",
                &[
                    ("Action", "/text"),
                    ("Owner", "/ownerOrganization/name"),
                    ("Status", "/status"),
                    ("Due", "/dueCurrentOn"),
                    ("Completed", "/completedOn"),
                ],
            ),
            table(
                event,
                "Resources requested",
                "resourceRequests",
                &[
                    ("Kind", "/kind"),
                    ("Requested", "/quantityRequested"),
                    ("Filled", "/quantityFilled"),
                    ("Requested at", "/requestedAt"),
                    ("Filled at", "/filledAt"),
                ],
            ),
        ]
        .into_iter()
        .flatten(),
    );
    Some(Page {
        title,
        question: "What happened, what did we learn?".into(),
        sections,
        period: PagePeriod::None,
        ..Page::default()
    })
}

/// Lead sentence: ratings, findings and actions of the event.
fn lead(event: &Value) -> String {
    let of = |list: &str| total_count(event, list);
    let (ratings, findings, actions) =
        (of("capabilityRatings"), of("findings"), of("correctiveActions"));
    let mut parts = Vec::new();
    if ratings > 0 {
        parts.push(format!(
            "{} of {} P or S",
            of("good"),
            counted(ratings as f64, "rating was", "ratings were")
        ));
    }
    if findings > 0 {
        let strengths = of("strengths");
        let areas = findings - strengths;
        parts.push(format!(
            "{} and {} were found",
            counted(strengths as f64, "strength", "strengths"),
            counted(areas as f64, "area for improvement", "areas for improvement")
        ));
    }
    if actions > 0 {
        parts.push(format!(
            "{} of {} done",
            of("done"),
            counted(actions as f64, "action is", "actions are")
        ));
    }
    if parts.is_empty() {
        "No ratings, findings or actions on record.".into()
    } else {
        format!("{}.", parts.join("; "))
    }
}

/// Table of milestones in time order, with minutes since the first.
fn timeline(event: &Value) -> Option<Figure> {
    let milestones =
        Some(nodes(event, "milestones")).filter(|milestones| !milestones.is_empty())?;
    let at = |milestone: &Value| {
        milestone["occurredAt"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok())
    };
    let mut ordered: Vec<&Value> = milestones.iter().collect();
    ordered.sort_by_key(|milestone| at(milestone));
    let exact = |milestone: &&&Value| milestone["timePrecision"] != "DAY";
    let first = ordered.iter().filter(exact).find_map(|milestone| at(milestone));
    let last = ordered.iter().filter(exact).filter_map(|milestone| at(milestone)).max();
    let total_minutes =
        first.zip(last).map(|(first, last)| (last - first).num_minutes().max(1) as f64);
    let rows = ordered.iter().map(|milestone| {
        let since = first
            .zip(at(milestone))
            .filter(|_| exact(&milestone))
            .map(|(first, at)| (at - first).num_minutes() as f64);
        vec![
            FigureCell::from(text_of(milestone.get("kindName"))),
            if milestone["timePrecision"] == "DAY" {
                let on = text_of(milestone.get("occurredAt")).chars().take(10).collect();
                format!("{}, by the day", readable(on)).into()
            } else {
                text_of(milestone.get("occurredAt")).into()
            },
            FigureCell {
                text: since.map(duration).unwrap_or_default(),
                bar: since
                    .zip(total_minutes)
                    .map(|(minutes, total_minutes)| minutes / total_minutes),
                ..FigureCell::default()
            },
            link(origin(milestone), format!("/record/{}", text_of(milestone.get("id")))),
        ]
    });
    Some(Figure {
        title: "Timeline".into(),
        reading: std::iter::once("Milestones in time order.".to_owned())
            .chain(excess(milestones.len(), total_count(event, "milestones")))
            .collect::<Vec<_>>()
            .join(" "),
        headings: ["Milestone", "When", "Since the first", "From"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Figure::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_lead_counts_what_was_rated_found_and_done() {
        let event = json!({
            "capabilityRatings": {"totalCount": 3}, "good": {"totalCount": 2},
            "findings": {"totalCount": 2}, "strengths": {"totalCount": 1},
            "correctiveActions": {"totalCount": 1}, "done": {"totalCount": 1},
        });
        assert_eq!(
            lead(&event),
            "2 of 3 ratings were P or S; 1 strength and 1 area for improvement were found; 1 of 1 \
             action is done."
        );
        assert_eq!(lead(&Value::Null), "No ratings, findings or actions on record.");
    }
}
