//! Events with their incident or exercise part, hazards, counties, regions, objectives and links.

mod claims;
mod combine;
mod edition;
mod matching;
mod sponsor;

pub(super) use claims::has_claims;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::context::{Counts, MergeContext};
use super::duplicates::reject_duplicates;
use super::reused_ids;
use crate::code::WarningCode;
use crate::load::report::Warning;
use crate::sql::{SqlFile, sql};
use hotwash_schema::copy::{Error, RunStatement};
use hotwash_schema::record;

/// Merges events. New events get an id; changed ones are replaced together with all rows that
/// belong to them.
pub async fn merge(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    reject_duplicates(merging, &record::EVENT, None, counts).await?;
    reused_ids::reject_events(merging, counts).await?;
    if claims::has_claims(merging.source) {
        claims::store_claims(merging, counts).await?;
    } else {
        compare(merging, counts).await?;
    }
    sponsor::find(merging, counts).await?;
    let [new, changed, detailed] = merging.counts(sql!("event/count_kinds.sql")).await?;
    if changed > 0 {
        replace_changed(merging).await?;
    }
    let inserts = if new > 0 {
        &INSERTS[..]
    } else if changed > 0 {
        &INSERTS[1..]
    } else {
        &[]
    };
    let inserts = inserts.iter().map(|(table, file)| (*table, merging.statement(*file)));
    let unknown = merging.statement(sql!("event/count_unknown.sql"));
    merging.run_inserts(new + changed, Some(unknown), inserts.collect()).await?;
    if detailed > 0 {
        merging
            .steps(&[sql!("event/insert_objectives.sql"), sql!("event/insert_reports.sql")])
            .await?;
    }
    if claims::has_claims(merging.source) {
        claims::move_split(merging).await?;
    }
    Ok(())
}

/// Inserts of new events, then of the rows that belong to new and changed events, by table.
const INSERTS: [(&str, SqlFile); 7] = [
    ("event", sql!("event/insert.sql")),
    ("incident", sql!("event/insert_incidents.sql")),
    ("event_hazard", sql!("event/insert_hazards.sql")),
    ("event_county", sql!("event/insert_counties.sql")),
    ("event_region", sql!("event/insert_regions.sql")),
    ("event_source_label", sql!("event/insert_source_labels.sql")),
    ("exercise", sql!("event/insert_exercises.sql")),
];

/// Fills `merging` with the new and changed events of feeds that describe each event alone.
async fn compare(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    merging.step(sql!("event/merging.sql")).await?;
    let [inserted, updated, all] = merging.counts(sql!("event/count.sql")).await?;
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += all - inserted - updated;
    Ok(())
}

/// Links events to others once all events of the file are stored. A link to an unknown event
/// becomes a warning.
pub async fn link(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let [linking] = merging.counts(sql!("event/count_links.sql")).await?;
    if linking == 0 {
        return Ok(());
    }
    merging.steps(&[sql!("event/links.sql"), sql!("event/insert_links.sql")]).await?;
    let unknown = sql!("event/unknown_links.sql");
    let unknown: Vec<(Option<String>, i64, i64)> =
        merging.rows::<(Nullable<Text>, BigInt, BigInt), _>(unknown).await?;
    for (value, first_row, occurrences) in unknown {
        counts.warnings.push(Warning {
            code: WarningCode::UnknownEvent,
            column: Some("linked event".into()),
            value,
            message:
                "no event of the warehouse has this id or name and day; loaded without the link"
                    .into(),
            first_row: first_row.unsigned_abs(),
            occurrences: occurrences.unsigned_abs(),
        });
    }
    Ok(())
}

/// Stores changes of events, and deletes their other rows, which are inserted again.
async fn replace_changed(merging: &MergeContext<'_>) -> Result<(), Error> {
    merging
        .steps(&[
            sql!("event/update.sql"),
            sql!("event/delete_reports.sql"),
            sql!("event/delete_incident.sql"),
            sql!("event/delete_exercise.sql"),
            sql!("event/delete_event_hazard.sql"),
            sql!("event/delete_event_source_label.sql"),
            sql!("event/delete_objective.sql"),
            sql!("event/delete_event_link.sql"),
        ])
        .await?;
    let has_claims = claims::has_claims(merging.source);
    for file in [sql!("event/delete_event_county.sql"), sql!("event/delete_event_region.sql")] {
        merging.transaction.execute(file.query().bind::<Bool, _>(has_claims)).await?;
    }
    Ok(())
}

/// Merges counties that have rows of their own. An event has all the counties it was ever given.
pub async fn merge_counties(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    reject_duplicates(merging, &record::EVENT_COUNTY, None, counts).await?;
    merging.step(sql!("event/merging_counties.sql")).await?;
    let [inserted, updated, all, links] = merging.counts(sql!("event/count_counties.sql")).await?;
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += all - inserted - updated;
    if links > 0 {
        merging
            .steps(&[
                sql!("event/add_counties.sql"),
                sql!("event/delete_derived_regions.sql"),
                sql!("event/derive_regions.sql"),
            ])
            .await?;
    }
    Ok(())
}
