//! Withholds the points of a survival curve that rest on too few records.
//!
//! A quantile of a survival curve is the time of a closure. It is published only if enough closures
//! came by then, and enough records were still at risk. Else it is the time of one of few records.

use std::collections::BTreeMap;

use serde_json::Value;

use super::contributors::{EventParticipants, FactCell, Location, location};
use super::count::{CONTRIBUTOR, PUBLIC, contributor_term, flag};
use super::system::Rules;
use crate::cube::{CellGroup, cube, is};
use crate::facts::Facts;
use crate::metric::dimensions;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// Name of the key with the time of a record.
const TIME: &str = "time";
/// Name of the key that is 1 for a record that closed at its time.
const CLOSED: &str = "closed";

/// Removes from the rows of a table the points of the survival curve of these facts that rest on
/// too few records. `location_of` returns the location of a row among the facts.
///
/// # Errors
/// If the engine fails.
pub(super) fn withhold_points(
    snapshot: &Snapshot,
    facts: &Facts,
    (query, by): (&MetricQuery, &[Dimension]),
    rows: &mut [MetricRow],
    location_of: impl Fn(&MetricRow) -> Location,
    rules: Rules,
) -> Result<(), MetricError> {
    let Some(curve) = facts.curve() else { return Ok(()) };
    let bases = bases(snapshot, facts, query, by, rules)?;
    for row in rows {
        let basis = bases.get(&location_of(row));
        let is_quantile_safe = |time: i64| basis.is_some_and(|basis| basis.is_quantile_safe(time));
        if curve.has_median_as_value {
            let is_known = row.value.is_some();
            for number in [&mut row.value, &mut row.ci_low, &mut row.ci_high] {
                *number = number.filter(|time| is_quantile_safe(time.round() as i64));
            }
            if is_known && row.value.is_none() {
                row.note = Some("too few records or organizations are behind the median".into());
            }
        }
        for name in curve.quantiles {
            let time = row.extra.get(*name).and_then(Value::as_i64);
            if time.is_some_and(|time| !is_quantile_safe(time)) {
                row.extra.insert((*name).to_owned(), Value::Null);
            }
        }
        for (name, time) in curve.shares {
            let share = row.extra.get(*name).and_then(Value::as_f64);
            let is_safe = |share| basis.is_some_and(|basis| basis.is_share_safe(*time, share));
            if share.is_some_and(|share| !is_safe(share)) {
                row.extra.insert((*name).to_owned(), Value::Null);
            }
        }
    }
    Ok(())
}

/// Returns what each row's survival curve rests on, by location.
fn bases(
    snapshot: &Snapshot,
    facts: &Facts,
    query: &MetricQuery,
    by: &[Dimension],
    rules: Rules,
) -> Result<BTreeMap<Location, Basis>, MetricError> {
    let Some(curve) = facts.curve() else { return Ok(BTreeMap::new()) };
    let mut records = facts
        .cube()
        .key(TIME, curve.time.clone())
        .key(CLOSED, flag(curve.closed.clone()))
        .key(CONTRIBUTOR, contributor_term(facts));
    if facts.has("public") {
        records = records.key(PUBLIC, flag(is("public")));
    }
    let (query, by) = (facts.select(query), facts.split_by(by));
    let participants = EventParticipants::of(snapshot)?;
    let has_events = facts.has("event_id");
    let groups = cube(snapshot, &records, &query, &by)?;
    let basis = |group: &CellGroup| Basis::of(group, &participants, has_events, rules);
    Ok(groups.iter().map(|group| (location(&dimensions(group, &by)), basis(group))).collect())
}

/// The times of a survival curve, each with whether enough records are behind it.
struct Basis(Vec<Moment>);

/// A time at which a record closed or was last observed.
struct Moment {
    time: i64,
    /// True if the closures up to this time are enough.
    has_closures: bool,
    /// True if the records at risk at this time are enough.
    has_records_at_risk: bool,
}

impl Basis {
    fn of(
        group: &CellGroup,
        participants: &EventParticipants,
        has_events: bool,
        rules: Rules,
    ) -> Self {
        let mut by_time: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (cell, time) in group.integer(TIME).iter().enumerate() {
            if let Some(time) = time {
                by_time.entry(*time).or_default().push(cell);
            }
        }
        let (closed, contributors) = (group.integer(CLOSED), group.integer(CONTRIBUTOR));
        let public = group.integer(PUBLIC);
        let add = |base: &mut FactCell, cell: usize| {
            let count = group.counts()[cell];
            let contributor = contributors[cell].as_ref();
            let organizations =
                contributor.map_or(&[][..], |one| participants.organizations(one, has_events));
            base.n += count;
            base.contributors.add(organizations.iter().copied());
            if public.get(cell).copied().flatten() != Some(1) {
                base.restricted += count;
                base.restricted_contributors.add(organizations.iter().copied());
            }
        };
        let mut closures = FactCell::empty();
        let mut moments: Vec<Moment> = Vec::new();
        for (time, cells) in &by_time {
            let closed = cells.iter().filter(|cell| closed[**cell] == Some(1));
            closed.for_each(|cell| add(&mut closures, *cell));
            let has_closures = !rules.is_protected_cell(&closures);
            moments.push(Moment { time: *time, has_closures, has_records_at_risk: false });
        }
        let mut at_risk = FactCell::empty();
        for (moment, cells) in moments.iter_mut().zip(by_time.values()).rev() {
            cells.iter().for_each(|cell| add(&mut at_risk, *cell));
            moment.has_records_at_risk = !rules.is_protected_cell(&at_risk);
        }
        Self(moments)
    }

    /// Returns whether enough closures came by this time and enough records were at risk at it.
    fn is_quantile_safe(&self, time: i64) -> bool {
        let up_to_then = || self.0.iter().take_while(|moment| moment.time <= time);
        up_to_then().all(|moment| moment.has_records_at_risk)
            && up_to_then().last().is_some_and(|moment| moment.has_closures)
    }

    /// Returns whether enough records were observed until this time, or until all were closed.
    fn is_share_safe(&self, time: i64, share: f64) -> bool {
        let observed = self.0.partition_point(|moment| moment.time < time);
        let needed = if share == 0.0 { observed } else { observed + 1 };
        self.0.len() >= needed && self.0[..needed].iter().all(|moment| moment.has_records_at_risk)
    }
}
