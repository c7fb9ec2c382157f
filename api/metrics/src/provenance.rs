//! The records behind a row: which facts were counted, by their ids. Each record itself tells the file, row and load behind it.

use std::collections::{BTreeMap, BTreeSet};

use hotwash_schema::access::Viewer;
use polars::prelude::{IntoLazy, JoinArgs, JoinType, SortMultipleOptions, UniqueKeepStrategy, col, lit, when};

use crate::ask::{Ask, Dimension, MetricError, Period};
use crate::cube::{Facts, Regions, counted, cube};
use crate::metric::find;
use crate::snapshot::Snapshot;
use crate::suppress::Place;

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

/// How many distinct organisations each cell of a table is made of, by the cell's place; none for a metric of public records or of
/// organisations themselves. A record of no known organisation counts for the participants of its event, or else for one of
/// its own.
///
/// # Errors
/// As the metric itself.
pub(crate) fn organizations(
    snapshot: &Snapshot,
    id: &str,
    ask: &Ask,
    by: &[Dimension],
) -> Result<Option<BTreeMap<Place, u64>>, MetricError> {
    let counted_themselves = ["incident_burden", "exercise_cadence", "participation", "risk_profile"];
    let Some(origin) = origin(id).filter(|_| !counted_themselves.contains(&id)) else { return Ok(None) };
    let frame = snapshot.frame(origin.frame);
    let has = |name: &str| frame.get_column_names().iter().any(|column| column.as_str() == name);
    let known = |dimension: &Dimension| match dimension {
        Dimension::Region => true,
        Dimension::Hazard | Dimension::HazardCategory => has("hazard_id"),
        other => has(&other.to_string()),
    };
    if !by.iter().all(known) {
        return Ok(None);
    }
    let unnamed = || lit(0) - col(if has("event_id") { "event_id" } else { origin.key });
    let lazy = frame.clone().lazy().with_column(col(origin.day).alias("local_date"));
    let lazy = if has("organization_id") {
        lazy.with_column(
            when(col("organization_id").gt(lit(0)))
                .then(col("organization_id"))
                .otherwise(unnamed())
                .alias("contributor"),
        )
    } else {
        let participants =
            snapshot.frame("participations").clone().lazy().select([col("event_id"), col("organization_id")]);
        lazy.join(participants, [col("event_id")], [col("event_id")], JoinArgs::new(JoinType::Left))
            .with_column(col("organization_id").fill_null(unnamed()).alias("contributor"))
    };
    let as_of = || lit(ask.as_of);
    let lazy = match id {
        "action_closure" => lazy.filter(col("cancelled_on").is_null().or(col("cancelled_on").gt(as_of()))),
        "aar_timeliness" | "aar_completeness" => lazy.filter(col("owes_aar").eq(lit(1))),
        _ => lazy.filter(col("local_date").is_not_null()),
    };
    let facts = Facts { frame: lazy, regions: origin.regions, measures: &[], further: Some("contributor") };
    let mut counts = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for cell in cube(snapshot, &facts, ask, by)? {
        let place = crate::suppress::place(&crate::metric::dimensions(&cell, by));
        if seen.insert((place.clone(), cell.further)) {
            *counts.entry(place).or_insert(0) += 1;
        }
    }
    Ok(Some(counts))
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
