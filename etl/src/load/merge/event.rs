//! Events with their incident or exercise part, hazards, counties, regions, objectives and links.

mod claims;
mod combine;
mod matching;
mod sponsor;

pub(super) use claims::has_claims;
use tokio_postgres::Error;

use super::{Counts, MergeContext, number, reject_duplicates};
use crate::load::report::Warning;
use hotwash_schema::record;

/// Merges events. New events get an id; changed ones are replaced together with all rows that
/// belong to them.
pub async fn merge(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let transaction = merging.transaction;
    reject_duplicates(merging, &record::EVENT, None, counts).await?;
    if claims::has_claims(merging.source) {
        claims::store_claims(merging, counts).await?;
    } else {
        compare(merging, counts).await?;
    }
    sponsor::find(merging, counts).await?;
    let row = transaction
        .query_typed_one(
            "select count(*) filter (where is_new), count(*) filter (where not is_new), count(*) \
             filter (where detail is not null) from merging",
            &[],
        )
        .await?;
    let [new, changed, detailed] = [0, 1, 2].map(|column| row.get::<_, i64>(column).unsigned_abs());
    if changed > 0 {
        replace_changed(merging).await?;
    }
    let mut inserts: Vec<(&str, String)> = Vec::new();
    if new > 0 {
        let insert = format!(
            "insert into warehouse.event (event_id, {EVENT}) select event_id, {EVENT_FROM} from \
             merging m where is_new order by event_id"
        );
        inserts.push(("event", insert));
    }
    if new + changed > 0 {
        let part = format!(
            "insert into warehouse.incident (event_id, {INCIDENT}, {ACTIVATION}) select event_id, \
             {INCIDENT}, {ACTIVATION_FROM} \
             from merging where kind = 'INCIDENT' order by event_id"
        );
        inserts.push(("incident", part));
        inserts.extend(CHILDREN.map(|(table, statement)| (table, statement.to_owned())));
        // Every exercise gets its part, even if the document has no details.
        inserts.push(("exercise", EXERCISE.to_owned()));
    }
    merging.run_inserts(new + changed, COUNT_UNKNOWN, &inserts).await?;
    if detailed > 0 {
        for statement in DETAILS {
            merging.run(statement).await?;
        }
    }
    if claims::has_claims(merging.source) {
        claims::move_split(merging).await?;
    }
    Ok(())
}

/// Fills `merging` with the new and changed events of feeds that describe each event alone.
async fn compare(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let source = merging.source_literal();
    // Only the columns used below; narratives are read from the staging table again.
    merging
        .fill(
            "merging",
            &format!(
                "select s.*, coalesce(e.event_id, nextval('warehouse.event_event_id_seq')) as \
             event_id, e.event_id is null as is_new, \
                 {source}::text as claim_source, {}::int as claim_batch, {}::int as claim_file \
             from stage_event s left join warehouse.event e on e.source = {source} and e.source_id \
             = s.source_id \
             where e.event_id is null or (e.content_hash is distinct from s.content_hash and \
             s.source_version >= e.source_version)",
                merging.batch, merging.file
            ),
        )
        .await?;
    let row = merging
        .transaction
        .query_typed_one(
            "select coalesce(sum(weight) filter (where is_new), 0)::bigint, coalesce(sum(weight) \
             filter (where not is_new), 0)::bigint, \
             (select coalesce(sum(weight), 0)::bigint from stage_event) from merging",
            &[],
        )
        .await?;
    let [inserted, updated, all] = [0, 1, 2].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += all - inserted - updated;
    Ok(())
}

/// Links events to others once all events of the file are stored. A link to an unknown event
/// becomes a warning.
pub async fn link(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let any = "select count(*) from merging where detail is not null and jsonb_array_length(detail \
        -> 'links') > 0";
    if number(merging.transaction, any).await? == 0 {
        return Ok(());
    }
    let links = "select m.event_id, r.event_id as linked_event_id, link ->> 'relation' as \
        relation, m.source_row, \
            coalesce(nullif(split_part(link ->> 'event', chr(31), 4), ''), split_part(link ->> \
            'event', chr(31), 2)) as shown \
        from merging m cross join lateral jsonb_array_elements(m.detail -> 'links') as link left \
        join ref_event r on r.ref = link ->> 'event' \
        where m.detail is not null";
    merging.fill("merging_link", links).await?;
    merging
        .run(
            "insert into warehouse.event_link (event_id, linked_event_id, relation) select \
             distinct event_id, linked_event_id, relation \
             from merging_link where linked_event_id is not null and linked_event_id <> event_id \
             order by 1, 2 on conflict do nothing",
        )
        .await?;
    let missing = "select shown, min(source_row), count(*) from merging_link where linked_event_id \
        is null group by 1 order by 2 limit 100";
    for row in merging.transaction.query_typed(missing, &[]).await? {
        counts.warnings.push(Warning {
            code: "unknown_event",
            column: Some("linked event".into()),
            value: row.get(0),
            message:
                "no event of the warehouse has this id or name and day; loaded without the link"
                    .into(),
            first_row: row.get::<_, i64>(1).unsigned_abs(),
            occurrences: row.get::<_, i64>(2).unsigned_abs(),
        });
    }
    Ok(())
}

const EVENT: &str = "kind, name, start_at, end_at, local_date, end_local_date, time_zone, status, \
    sensitivity, statewide, owes_aar, hazard_id, latitude, \
    longitude, narrative, source, source_id, source_version, batch_id, file_id, source_row, \
    content_hash";
const EVENT_FROM: &str = "m.kind, m.name, m.start_at, m.end_at, m.local_date, m.end_local_date, \
    m.time_zone, m.status, m.sensitivity, m.statewide, m.owes_aar, \
    coalesce(m.hazards[1], -1), m.latitude, m.longitude, m.narrative, m.claim_source, m.source_id, \
    m.source_version, m.claim_batch, m.claim_file, m.source_row, m.content_hash";
const INCIDENT: &str = "response, declaration_number, declaration_type, deaths_direct, \
    deaths_indirect, injuries_direct, injuries_indirect, \
    damage_property_usd, damage_crops_usd, evacuated, area_km2, magnitude, magnitude_type";

const ACTIVATION: &str = "activation_level, activation_ordinal, patients, hospitals_involved";
const ACTIVATION_FROM: &str = "detail ->> 'activation_level', (detail ->> \
    'activation_ordinal')::smallint, \
    (detail ->> 'patients')::int, (detail ->> 'hospitals_involved')::int";

const EXERCISE: &str = "insert into warehouse.exercise (event_id, exercise_type_id, \
    sponsor_organization_id, program, scope, scenario, time_limit_minutes) \
    select m.event_id, coalesce((x ->> 'type')::int, -1), coalesce(o.organization_id, -1), x ->> \
    'program', x ->> 'scope', x ->> 'scenario', \
        (x ->> 'time_limit_minutes')::int \
    from merging m cross join lateral (select nullif(m.detail -> 'exercise', 'null') as x) as part \
    left join ref_organization o on o.ref = x ->> 'sponsor' \
    where m.kind = 'EXERCISE' order by 1";

/// Inserts for details that only coalitions' own events have.
const DETAILS: [&str; 2] = [
    "insert into warehouse.objective (event_id, number, text, capability_id) \
     select m.event_id, (o ->> 'number')::int, o ->> 'text', (o ->> 'capability')::int \
     from merging m cross join lateral jsonb_array_elements(m.detail -> 'objectives') as o where \
     m.detail is not null order by 1, 2 on conflict do nothing",
    "insert into warehouse.after_action_report (event_id, layout, has_overview, draft_on, \
     final_on, participants_listed, batch_id, file_id, source_row, content_hash) \
     select m.event_id, a ->> 'layout', (a ->> 'has_overview')::boolean, (a ->> 'draft_on')::date, \
     (a ->> 'final_on')::date, \
         (a ->> 'participants_listed')::boolean, m.claim_batch, m.claim_file, m.source_row, \
         m.content_hash \
     from merging m cross join lateral (select nullif(m.detail -> 'after_action_report', 'null') \
     as a) as part where a is not null order by 1 \
     on conflict (event_id) do update set (layout, has_overview, draft_on, final_on, \
     participants_listed, batch_id, file_id, source_row, content_hash) \
         = row(excluded.layout, excluded.has_overview, coalesce(excluded.draft_on, \
         after_action_report.draft_on), excluded.final_on, \
             excluded.participants_listed, excluded.batch_id, excluded.file_id, \
             excluded.source_row, excluded.content_hash)",
];

/// Counts hazards, counties, regions and exercise types that are not in the warehouse. Event and
/// organization ids were resolved or added in this transaction.
const COUNT_UNKNOWN: &str = "select \
    (select count(*) from (select distinct unnest(hazards) as id from merging) s where not exists \
    (select from warehouse.hazard h where h.hazard_id = s.id)) \
    + (select count(*) from (select distinct unnest(counties) as id from merging) s where not \
    exists (select from warehouse.county c where c.county_id = s.id)) \
    + (select count(*) from (select distinct unnest(regions) as id from merging) s where not \
    exists (select from warehouse.region r where r.region_id = s.id)) \
    + (select count(*) from (select distinct coalesce((detail -> 'exercise' ->> 'type')::int, -1) \
    as id from merging where kind = 'EXERCISE') s \
        where not exists (select from warehouse.exercise_type t where t.exercise_type_id = s.id))";

/// Inserts for rows that belong to an event, by table.
const CHILDREN: [(&str, &str); 4] = [
    (
        "event_hazard",
        "insert into warehouse.event_hazard (event_id, hazard_id, is_primary) \
     select m.event_id, h.hazard_id, h.place = 1 from merging m cross join lateral \
     unnest(m.hazards) with ordinality as h(hazard_id, place) order by 1",
    ),
    (
        "event_county",
        "insert into warehouse.event_county (event_id, county_id) \
     select distinct m.event_id, c.county_id from merging m cross join lateral unnest(m.counties) \
     as c(county_id) order by 1 on conflict do nothing",
    ),
    (
        "event_region",
        "insert into warehouse.event_region (event_id, region_id, allocation_weight) \
     select m.event_id, r.region_id, r.weight from merging m cross join lateral unnest(m.regions, \
     m.weights) as r(region_id, weight) order by 1 on conflict do nothing",
    ),
    (
        "event_source_label",
        "insert into warehouse.event_source_label (event_id, field, label) \
     select distinct m.event_id, l.field, l.label from merging m cross join lateral \
     unnest(m.label_fields, m.labels) as l(field, label) order by 1",
    ),
];

async fn replace_changed(merging: &MergeContext<'_>) -> Result<(), Error> {
    let transaction = merging.transaction;
    let update = format!(
        "update warehouse.event e set ({EVENT}) = row({EVENT_FROM}) from merging m where not \
         m.is_new and e.event_id = m.event_id"
    );
    merging.run(&update).await?;
    // The date of a report's draft is retained when the final version arrives.
    merging
        .run(
            "delete from warehouse.after_action_report a using merging m where not m.is_new and \
             a.event_id = m.event_id \
             and nullif(m.detail -> 'after_action_report', 'null') is null",
        )
        .await?;
    // Counties that other rows of the source added to the event are retained: they are separate
    // records.
    for table in
        ["incident", "exercise", "event_hazard", "event_source_label", "objective", "event_link"]
    {
        let delete = format!(
            "delete from warehouse.{table} c using merging m where not m.is_new and c.event_id = \
             m.event_id"
        );
        transaction.execute_typed(&delete, &[]).await?;
    }
    let replaces_all =
        if claims::has_claims(merging.source) { "true" } else { "m.weight > 0 or m.statewide" };
    for table in ["event_county", "event_region"] {
        let delete = format!(
            "delete from warehouse.{table} c using merging m where not m.is_new and c.event_id = \
             m.event_id and ({replaces_all})"
        );
        transaction.execute_typed(&delete, &[]).await?;
    }
    Ok(())
}

/// Merges counties that have rows of their own. An event has all the counties it was ever given.
pub async fn merge_counties(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let transaction = merging.transaction;
    reject_duplicates(merging, &record::EVENT_COUNTY, None, counts).await?;
    let join = format!(
        "select s.weight, e.event_id, s.county_id, m.is_new as event_is_new, c.event_id is not \
         null as is_known \
         from stage_event_county s join warehouse.event e on e.source = {} and e.source_id = \
         s.event_source_id \
         left join merging m on m.event_id = e.event_id \
         left join warehouse.event_county c on c.event_id = e.event_id and c.county_id = \
         s.county_id",
        merging.source_literal()
    );
    merging.fill("merging_county", &join).await?;
    let row = transaction
        .query_typed_one(
            "select coalesce(sum(weight) filter (where event_is_new or (county_id is not null and \
             not is_known)), 0)::bigint, \
             coalesce(sum(weight) filter (where event_is_new is not distinct from false and \
             (county_id is null or is_known)), 0)::bigint, \
             coalesce(sum(weight), 0)::bigint, count(*) filter (where county_id is not null and \
             not is_known) from merging_county",
            &[],
        )
        .await?;
    let [inserted, updated, all, links] =
        [0, 1, 2, 3].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += all - inserted - updated;
    if links > 0 {
        transaction
            .execute_typed(
                "insert into warehouse.event_county (event_id, county_id) select distinct \
                 event_id, county_id from merging_county \
                 where county_id is not null and not is_known order by 1, 2",
                &[],
            )
            .await?;
        for statement in REGIONS_FROM_COUNTIES {
            transaction.execute_typed(statement, &[]).await?;
        }
    }
    Ok(())
}

/// Derives the regions of an event from its counties, by share of residents. A statewide event has
/// all regions.
const REGIONS_FROM_COUNTIES: [&str; 2] = [
    "delete from warehouse.event_region r using merging_county m, warehouse.event e \
     where r.event_id = m.event_id and e.event_id = m.event_id and not e.statewide and m.county_id \
     is not null and not m.is_known",
    "insert into warehouse.event_region (event_id, region_id, allocation_weight) \
     with touched as (select distinct m.event_id from merging_county m join warehouse.event e \
     using (event_id) \
         where not e.statewide and m.county_id is not null and not m.is_known), \
     share as (select county_id, region_id, sum(population_2020)::float8 / \
     sum(sum(population_2020)) over (partition by county_id) as part \
         from warehouse.municipality join warehouse.municipality_region using (municipality_id) \
         join warehouse.region using (region_id) \
         join warehouse.region_scheme c using (region_scheme_id) where c.code = \
         meta.region_scheme() and \
         municipality_region.valid_to is null \
         group by county_id, region_id having sum(population_2020) > 0) \
     select event_id, region_id, sum(part) / sum(sum(part)) over (partition by event_id) \
     from touched join warehouse.event_county using (event_id) join share using (county_id) group \
     by event_id, region_id",
];
