//! The records behind a row: which facts were counted, by their ids. Each record itself tells the file, row and load behind it.

use std::collections::BTreeMap;

use hotwash_schema::access::Viewer;

use crate::ask::{Ask, Dimension, MetricError, Period};
use crate::cube::{Cube, Plan, chosen};
use crate::metric::find;
use crate::snapshot::{Snapshot, table};

/// A record, by its GraphQL type and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordId {
    /// GraphQL type, e.g. `CapabilityRating`.
    pub kind: &'static str,
    /// Key in the warehouse.
    pub key: i64,
}

/// Where a metric's facts come from.
struct Origin {
    table: &'static str,
    kind: &'static str,
    key: &'static str,
    day: &'static str,
}

fn origin(metric: &str) -> Option<Origin> {
    let (table, kind, key, day) = match metric {
        "capability_performance" | "capability_trend" | "exercise_incident_gap" | "improvement_priority" => {
            ("ratings", "CapabilityRating", "rating_id", "local_date")
        }
        "poete_mix" => ("area_elements", "Finding", "finding_id", "local_date"),
        "repeat_findings" => ("areas", "Finding", "finding_id", "local_date"),
        "action_on_time" | "action_slippage" => ("actions", "CorrectiveAction", "action_id", "due_original_on"),
        "action_validation" => ("actions", "CorrectiveAction", "action_id", "completed_on"),
        id if id.starts_with("action_") => ("actions", "CorrectiveAction", "action_id", "opened_on"),
        "aar_timeliness" | "aar_completeness" | "response_time" | "response_control" | "participation" => {
            ("events", "Event", "event_id", "local_date")
        }
        "resource_fill" => ("resource_requests", "ResourceRequest", "request_id", "local_date"),
        "information_response" => ("information_reports", "Event", "event_id", "local_date"),
        "incident_burden" => ("incidents", "Event", "event_id", "local_date"),
        "exercise_cadence" => ("exercises", "Event", "event_id", "local_date"),
        "risk_profile" | "hazard_coverage" => ("risks", "RiskAssessment", "assessment_id", "assessed_on"),
        _ => return None,
    };
    Some(Origin { table, kind, key, day })
}

/// Up to `first` records behind the row of a metric with these keys, in the order of their ids; none for a metric that counts
/// no single records, and none of other regions for a viewer who sees only aggregates of them.
///
/// # Errors
/// As the metric itself.
pub fn records(
    snapshot: &Snapshot,
    id: &str,
    ask: &Ask,
    keys: &BTreeMap<Dimension, String>,
    period: Option<Period>,
    first: usize,
    viewer: &Viewer,
) -> Result<Vec<RecordId>, MetricError> {
    find(id)?;
    let region = keys.get(&Dimension::Region);
    let open = viewer.sees_all_detail() || region.is_some_and(|code| viewer.sees_region(code));
    let Some(origin) = origin(id).filter(|_| open) else { return Ok(Vec::new()) };
    let mut asked = Ask { group_by: None, period: None, ..ask.clone() };
    for (dimension, value) in keys {
        asked.filter.insert(*dimension, vec![value.clone()]);
    }
    if let Some(period) = period {
        asked.from = Some(asked.from.map_or(period.start, |from| from.max(period.start)));
        asked.to = Some(asked.to.map_or(period.end(), |to| to.min(period.end())));
    }
    // What the frame does not know, such as an organisation's discipline, cannot choose among its records.
    let facts = table(origin.table);
    asked.filter.retain(|dimension, _| match dimension {
        Dimension::Region => facts.kind("regions").is_some(),
        Dimension::Hazard | Dimension::HazardCategory => facts.kind("hazard_id").is_some(),
        Dimension::Element => facts.kind("elements").or(facts.kind("element")).is_some(),
        other => facts.kind(&other.to_string()).is_some(),
    });
    let only = chosen(snapshot, &Cube::of(origin.table).by_day(origin.day), &asked);
    let plan = Plan { table: origin.table, only, keys: Vec::new(), measures: Vec::new() };
    let found = snapshot.engine().first(snapshot, &plan, origin.key, first)?;
    Ok(found.into_iter().map(|key| RecordId { kind: origin.kind, key }).collect())
}
