//! The records behind a row: which facts were counted, by their ids. Each record itself tells the file, row and load behind it.

use std::collections::BTreeMap;

use hotwash_schema::access::Viewer;
use polars::prelude::{IntoLazy, SortMultipleOptions, UniqueKeepStrategy, col};

use crate::ask::{Ask, Dimension, MetricError, Period};
use crate::cube::{Facts, Regions, counted};
use crate::metric::find;
use crate::snapshot::Snapshot;

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
    frame: &'static str,
    kind: &'static str,
    key: &'static str,
    day: &'static str,
    regions: Regions,
}

fn origin(metric: &str) -> Option<Origin> {
    let (frame, kind, key, day, regions) = match metric {
        "capability_performance" | "capability_trend" | "exercise_incident_gap" | "improvement_priority" => {
            ("ratings", "CapabilityRating", "rating_id", "local_date", Regions::OfEvent)
        }
        "poete_mix" | "repeat_findings" => ("areas", "Finding", "finding_id", "local_date", Regions::OfEvent),
        "action_on_time" | "action_slippage" => {
            ("actions", "CorrectiveAction", "action_id", "due_original_on", Regions::Own)
        }
        "action_validation" => ("actions", "CorrectiveAction", "action_id", "completed_on", Regions::Own),
        id if id.starts_with("action_") => ("actions", "CorrectiveAction", "action_id", "opened_on", Regions::Own),
        "aar_timeliness" | "aar_completeness" | "response_time" | "response_control" | "participation" => {
            ("events", "Event", "event_id", "local_date", Regions::OfEvent)
        }
        "resource_fill" => ("resource_requests", "ResourceRequest", "request_id", "local_date", Regions::Own),
        "information_response" => ("information_reports", "Event", "event_id", "local_date", Regions::OfEvent),
        "incident_burden" => ("incidents", "Event", "event_id", "local_date", Regions::OfEvent),
        "exercise_cadence" => ("exercises", "Event", "event_id", "local_date", Regions::OfEvent),
        "risk_profile" | "hazard_coverage" => ("risks", "RiskAssessment", "assessment_id", "assessed_on", Regions::Own),
        _ => return None,
    };
    Some(Origin { frame, kind, key, day, regions })
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
    let frame = snapshot.frame(origin.frame);
    let columns: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
    let mut asked = Ask { group_by: None, period: None, ..ask.clone() };
    for (dimension, value) in keys {
        asked.filter.insert(*dimension, vec![value.clone()]);
    }
    if let Some(period) = period {
        asked.from = Some(asked.from.map_or(period.start, |from| from.max(period.start)));
        asked.to = Some(asked.to.map_or(period.end(), |to| to.min(period.end())));
    }
    // What the frame does not know, such as an organisation's discipline, cannot choose among its records.
    asked.filter.retain(|dimension, _| match dimension {
        Dimension::Region => origin.regions != Regions::None,
        Dimension::Hazard | Dimension::HazardCategory => columns.iter().any(|column| column == "hazard_id"),
        other => columns.iter().any(|column| column == other.to_string().as_str()),
    });
    let facts = Facts {
        frame: frame.clone().lazy().with_column(col(origin.day).alias("local_date")),
        regions: origin.regions,
        measures: &[],
        further: None,
    };
    let found = counted(snapshot, &facts, &asked, &[])
        .select([col(origin.key).alias("key")])
        .unique(None, UniqueKeepStrategy::Any)
        .sort(["key"], SortMultipleOptions::default())
        .limit(first as u32)
        .collect()?;
    Ok(found.column("key")?.i64()?.iter().flatten().map(|key| RecordId { kind: origin.kind, key }).collect())
}
