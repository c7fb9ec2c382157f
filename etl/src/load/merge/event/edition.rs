//! Events without a stated id in a later edition of their file. Their id is derived from name, time
//! and region, so a corrected time or region derives another one. Such a row is the earlier event.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz};
use hotwash_schema::label::normalize_label;
use hotwash_schema::record::{Merge, Need, RECORD_TYPES};

use super::super::context::{Counts, MergeContext, NEAR};
use crate::code::WarningCode;
use crate::load::report::Warning;
use crate::reading::time::home;
use crate::sql::sql;
use hotwash_schema::copy::Error;

/// Days by which an exercise can move in the next edition of its calendar.
const HALF_YEAR: i64 = 185;

/// Claim about an event without a stated id.
struct UnnamedClaim {
    source_id: String,
    kind: String,
    name: String,
    start_at: DateTime<Utc>,
    end_at: Option<DateTime<Utc>>,
    regions: Option<String>,
    /// True if its file has other events of this name, such as monthly drills.
    is_series: bool,
}

/// Columns of a claim, as Postgres returns them.
type ClaimColumns = (Text, Text, Text, Timestamptz, Nullable<Timestamptz>, Nullable<Text>);
type ClaimRow = (String, String, String, DateTime<Utc>, Option<DateTime<Utc>>, Option<String>);

impl UnnamedClaim {
    fn of((source_id, kind, name, start_at, end_at, regions): ClaimRow, is_series: bool) -> Self {
        let name = normalize_label(&name);
        Self { source_id, kind, name, start_at, end_at, regions, is_series }
    }

    /// Returns how far apart two states of one event are, the closest first; none if they are two
    /// events. An exercise can move by half a year, unless it is one of a series: a calendar that
    /// drops the past adds the next one.
    fn distance(&self, later: &Self, is_edition: bool) -> Option<(bool, TimeDelta)> {
        let moved = (later.start_at - self.start_at).abs();
        let overlaps = |one: &Self, two: &Self| {
            one.end_at.is_some_and(|end| one.start_at <= two.start_at && two.start_at <= end)
        };
        let is_same = self.kind == later.kind && self.name == later.name;
        let can_move = is_edition && self.kind == "EXERCISE" && !self.is_series && !later.is_series;
        let is_near = can_move && moved <= TimeDelta::days(HALF_YEAR)
            || moved <= TimeDelta::days(NEAR.into())
                && (is_edition || overlaps(self, later) || overlaps(later, self));
        (is_same && is_near).then_some((self.regions != later.regions, moved))
    }
}

/// Matches new claims to those that earlier files of the same name had and this file lacks. The
/// file is a later edition of them if it has at least half of their events. In another file, only
/// events of overlapping time are matched.
pub async fn continue_claims(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    type Earlier = (ClaimColumns, BigInt, BigInt, Bool);
    let earlier: Vec<(ClaimRow, i64, i64, bool)> =
        merging.rows::<Earlier, _>(sql!("event/earlier_claims.sql")).await?;
    let Some((_, all, here, _)) = earlier.first() else { return Ok(()) };
    let is_edition = 2 * here >= *all;
    let earlier: Vec<UnnamedClaim> = earlier
        .into_iter()
        .map(|(row, _, _, is_series)| UnnamedClaim::of(row, is_series))
        .collect();
    type Later = (ClaimColumns, BigInt, Bool, Nullable<Text>);
    let later: Vec<(ClaimRow, i64, bool, Option<String>)> =
        merging.rows::<Later, _>(sql!("event/later_claims.sql")).await?;
    let later: Vec<(UnnamedClaim, i64, Tz)> = later
        .into_iter()
        .map(|(row, number, is_series, zone)| {
            let zone = zone.and_then(|zone| zone.parse().ok()).unwrap_or_else(home);
            (UnnamedClaim::of(row, is_series), number, zone)
        })
        .collect();
    let mut pairs = Vec::new();
    for (old, before) in earlier.iter().enumerate() {
        pairs.extend(later.iter().enumerate().filter_map(|(new, (after, ..))| {
            Some((before.distance(after, is_edition)?, old, new))
        }));
    }
    pairs.sort();
    let (mut continued, mut taken) = (vec![false; earlier.len()], vec![false; later.len()]);
    for (_, old, new) in pairs {
        if continued[old] || taken[new] {
            continue;
        }
        (continued[old], taken[new]) = (true, true);
        let (claim, row, zone) = &later[new];
        let local = |at: DateTime<Utc>| at.with_timezone(zone).format("%Y-%m-%d %H:%M %Z");
        continue_claim(merging, &earlier[old].source_id, &claim.source_id).await?;
        counts.warnings.push(Warning {
            code: WarningCode::LaterEdition,
            column: None,
            value: None,
            message: format!(
                "is the event that an earlier edition of this file had at {}, now at {}; if they \
                 are two events, give each an id of its own",
                local(earlier[old].start_at),
                local(claim.start_at),
            ),
            first_row: row.unsigned_abs(),
            occurrences: 1,
        });
    }
    Ok(())
}

/// Gives a stored claim, its event and their records the id that this file derives.
async fn continue_claim(
    merging: &MergeContext<'_>,
    earlier: &str,
    later: &str,
) -> Result<(), Error> {
    for file in [
        sql!("event/continue_claim.sql"),
        sql!("event/rename_claim.sql"),
        sql!("event/rename_event.sql"),
    ] {
        let renamed = merging.statement(file).value("earlier", earlier).value("later", later);
        merging.run(renamed).await?;
    }
    let supported = RECORD_TYPES
        .iter()
        .filter(|record| record.merge == Merge::Shared && record.event() != Need::No);
    for record in supported {
        let renamed = merging.statement_of(sql!("record/rename_supported.sql"), record);
        merging.run(renamed.value("earlier", earlier).value("later", later)).await?;
    }
    Ok(())
}
