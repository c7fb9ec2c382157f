//! Events with their incident part and their hazards, counties and regions.

use tokio_postgres::{Error, Transaction};

use super::{Counts, drop_repeats, number};

/// Merges events: new ones get an id, changed ones are replaced with all that hangs on them alone.
pub async fn merge(
    transaction: &Transaction<'_>,
    source: &str,
    batch: i32,
    file: i32,
    counts: &mut Counts,
) -> Result<(), Error> {
    counts.unchanged += drop_repeats(transaction, "stage_event").await?;
    transaction
        .execute(
            "create temp table merging on commit drop as \
             select s.*, coalesce(e.event_id, nextval('warehouse.event_event_id_seq')) as event_id, e.event_id is null as is_new \
             from stage_event s left join warehouse.event e on e.source = $1 and e.source_id = s.source_id \
             where e.event_id is null or (e.content_hash is distinct from s.content_hash and s.source_version >= e.source_version)"
                .replace("$1", &quoted(source))
                .as_str(),
            &[],
        )
        .await?;
    let row = transaction
        .query_one(
            "select count(*) filter (where is_new), count(*) filter (where not is_new), \
             coalesce(sum(weight) filter (where is_new), 0)::bigint, coalesce(sum(weight) filter (where not is_new), 0)::bigint from merging",
            &[],
        )
        .await?;
    let [new, changed, new_rows, changed_rows] = [0, 1, 2, 3].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += new_rows;
    counts.updated += changed_rows;
    counts.unchanged += number(transaction, "select coalesce(sum(weight), 0)::bigint from stage_event").await?
        - new_rows
        - changed_rows;
    if changed > 0 {
        replace_changed(transaction, batch, file).await?;
    }
    if new > 0 {
        let insert = format!(
            "insert into warehouse.event (event_id, {EVENT}, source, batch_id, file_id) \
             select event_id, {EVENT_FROM}, {}, {batch}, {file} from merging m where is_new order by event_id",
            quoted(source)
        );
        transaction.execute(&insert, &[]).await?;
    }
    if new + changed > 0 {
        let part = format!(
            "insert into warehouse.incident (event_id, {INCIDENT}) select event_id, {INCIDENT} from merging where kind = 'INCIDENT' order by event_id"
        );
        transaction.execute(&part, &[]).await?;
        for statement in CHILDREN {
            transaction.execute(statement, &[]).await?;
        }
    }
    Ok(())
}

const EVENT: &str = "kind, name, start_at, end_at, local_date, end_local_date, time_zone, sensitivity, statewide, hazard_id, latitude, \
    longitude, narrative, source_id, source_version, source_row, content_hash";
const EVENT_FROM: &str = "m.kind, m.name, m.start_at, m.end_at, m.local_date, m.end_local_date, m.time_zone, m.sensitivity, m.statewide, \
    coalesce(m.hazards[1], -1), m.latitude, m.longitude, m.narrative, m.source_id, m.source_version, m.source_row, m.content_hash";
const INCIDENT: &str = "response, declaration_number, declaration_type, deaths_direct, deaths_indirect, injuries_direct, injuries_indirect, \
    damage_property_usd, damage_crops_usd, evacuated, area_km2, magnitude, magnitude_type";

/// What hangs on an event alone.
const CHILDREN: [&str; 4] = [
    "insert into warehouse.event_hazard (event_id, hazard_id, is_primary) \
     select m.event_id, h.hazard_id, h.place = 1 from merging m cross join lateral unnest(m.hazards) with ordinality as h(hazard_id, place) order by 1",
    "insert into warehouse.event_county (event_id, county_id) \
     select distinct m.event_id, c.county_id from merging m cross join lateral unnest(m.counties) as c(county_id) order by 1 on conflict do nothing",
    "insert into warehouse.event_region (event_id, region_id, allocation_weight) \
     select m.event_id, r.region_id, r.weight from merging m cross join lateral unnest(m.regions, m.weights) as r(region_id, weight) order by 1 on conflict do nothing",
    "insert into warehouse.event_source_label (event_id, field, label) \
     select distinct m.event_id, l.field, l.label from merging m cross join lateral unnest(m.label_fields, m.labels) as l(field, label) order by 1",
];

async fn replace_changed(transaction: &Transaction<'_>, batch: i32, file: i32) -> Result<(), Error> {
    let update = format!(
        "update warehouse.event e set ({EVENT}, batch_id, file_id) = row({EVENT_FROM}, {batch}, {file}) from merging m where not m.is_new and e.event_id = m.event_id"
    );
    transaction.execute(&update, &[]).await?;
    // Counties that other rows of the source gave to the event stay: they are rows of their own.
    for table in ["incident", "event_hazard", "event_source_label"] {
        let delete =
            format!("delete from warehouse.{table} c using merging m where not m.is_new and c.event_id = m.event_id");
        transaction.execute(&delete, &[]).await?;
    }
    for table in ["event_county", "event_region"] {
        let delete = format!(
            "delete from warehouse.{table} c using merging m where not m.is_new and c.event_id = m.event_id and (m.weight > 0 or m.statewide)"
        );
        transaction.execute(&delete, &[]).await?;
    }
    Ok(())
}

/// Merges counties that stand in rows of their own: an event keeps the union of all it was ever given.
pub async fn merge_counties(transaction: &Transaction<'_>, source: &str, counts: &mut Counts) -> Result<(), Error> {
    counts.unchanged += drop_repeats(transaction, "stage_event_county").await?;
    let join = format!(
        "create temp table merging_county on commit drop as \
         select s.weight, e.event_id, s.county_id, m.is_new as event_is_new, c.event_id is not null as is_known \
         from stage_event_county s join warehouse.event e on e.source = {} and e.source_id = s.event_source_id \
         left join merging m on m.event_id = e.event_id \
         left join warehouse.event_county c on c.event_id = e.event_id and c.county_id = s.county_id",
        quoted(source)
    );
    transaction.execute(&join, &[]).await?;
    let row = transaction
        .query_one(
            "select coalesce(sum(weight) filter (where event_is_new or (county_id is not null and not is_known)), 0)::bigint, \
             coalesce(sum(weight) filter (where event_is_new is not distinct from false and (county_id is null or is_known)), 0)::bigint, \
             coalesce(sum(weight), 0)::bigint, count(*) filter (where county_id is not null and not is_known) from merging_county",
            &[],
        )
        .await?;
    let [inserted, updated, all, links] = [0, 1, 2, 3].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += all - inserted - updated;
    if links > 0 {
        transaction
            .execute(
                "insert into warehouse.event_county (event_id, county_id) select distinct event_id, county_id from merging_county \
                 where county_id is not null and not is_known order by 1, 2",
                &[],
            )
            .await?;
        for statement in REGIONS_FROM_COUNTIES {
            transaction.execute(statement, &[]).await?;
        }
    }
    Ok(())
}

/// Regions of an event follow from its counties, by share of residents; a state-wide event keeps all.
const REGIONS_FROM_COUNTIES: [&str; 2] = [
    "delete from warehouse.event_region r using merging_county m, warehouse.event e \
     where r.event_id = m.event_id and e.event_id = m.event_id and not e.statewide and m.county_id is not null and not m.is_known",
    "insert into warehouse.event_region (event_id, region_id, allocation_weight) \
     with touched as (select distinct m.event_id from merging_county m join warehouse.event e using (event_id) \
         where not e.statewide and m.county_id is not null and not m.is_known), \
     share as (select county_id, region_id, sum(population_2020)::float8 / sum(sum(population_2020)) over (partition by county_id) as part \
         from warehouse.municipality join warehouse.municipality_region using (municipality_id) join warehouse.region using (region_id) \
         join warehouse.region_scheme c using (region_scheme_id) where c.code = 'HMCC' and municipality_region.valid_to is null \
         group by county_id, region_id having sum(population_2020) > 0) \
     select event_id, region_id, sum(part) / sum(sum(part)) over (partition by event_id) \
     from touched join warehouse.event_county using (event_id) join share using (county_id) group by event_id, region_id",
];

/// A source id as a literal; ids are our own constants.
fn quoted(source: &str) -> String {
    format!("'{}'", source.replace('\'', "''"))
}
