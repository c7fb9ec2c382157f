//! Resolves the organizations and events that staged records refer to, once for each distinct
//! reference.
//!
//! `ref_organization` and `ref_event` map a staged reference to an id, or to none if it is unknown.

use crate::code::WarningCode;
use diesel::sql_query;
use diesel::sql_types::{Integer, Text};
use hotwash_schema::record::{self, RECORD_TYPES, RecordType};

use super::{Counts, MANY, MergeContext, event::has_claims};
use crate::load::report::Warning;
use hotwash_schema::copy::{Error, RunStatement};

/// Queries for references to organizations within staged JSON.
const NESTED_ORGANIZATIONS: [(&RecordType, &str); 2] = [
    (
        &record::INFORMATION_REQUEST,
        "select report ->> 'organization' as ref from stage_information_request, \
         jsonb_array_elements(reports) as report",
    ),
    (
        &record::EVENT,
        "select detail -> 'exercise' ->> 'sponsor' as ref from stage_event where detail is not \
         null",
    ),
];

/// Queries for references to events within staged JSON, and in reports loaded before their event.
const NESTED_EVENTS: [(&RecordType, &str); 2] = [
    (
        &record::EVENT,
        "select link ->> 'event' as ref from stage_event, jsonb_array_elements(detail -> 'links') \
         as link where detail is not null",
    ),
    (
        &record::EVENT,
        "select report ->> 'event_ref' from warehouse.corrective_action_source where report ->> \
         'event_id' is null and report ->> 'event_ref' is not null",
    ),
];

/// Returns a query for all staged references to a table.
fn collected(
    merging: &MergeContext<'_>,
    table: &'static str,
    nested: &[(&'static RecordType, &str)],
) -> Option<String> {
    let staged = RECORD_TYPES.iter().filter(|record| merging.has(record)).flat_map(|record| {
        record.references_to(table).filter_map(|column| {
            Some(format!("select {} as ref from {}", column.staged?.name, record.staging))
        })
    });
    let nested = nested.iter().filter(|(record, _)| merging.has(record));
    let parts: Vec<String> = staged.chain(nested.map(|(_, sql)| (*sql).to_owned())).collect();
    (!parts.is_empty()).then(|| parts.join(" union all "))
}

/// Splits staged references into kind, key, region and name.
fn split_references(references: &str) -> String {
    format!(
        "select distinct ref, split_part(ref, chr(31), 1) as how, split_part(ref, chr(31), 2) as \
         key, \
             coalesce(nullif(split_part(ref, chr(31), 3), '')::int, -1) as region_id, \
             split_part(ref, chr(31), 4) as name, \
             null::bigint as organization_id \
         from ({references}) as refs where ref is not null"
    )
}

/// Resolves further references to organizations without adding any.
pub async fn resolve_more(merging: &MergeContext<'_>, references: &str) -> Result<(), Error> {
    let new = format!(
        "select n.* from ({}) n where not exists (select from ref_organization o where o.ref = \
         n.ref)",
        split_references(references)
    );
    merging.run(&format!("insert into ref_organization {new}")).await?;
    resolve_organizations(merging).await
}

/// Resolves all references to organizations, and adds unknown ones under the name in the document.
pub async fn organizations(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let none = "select null::text as ref where false".to_owned();
    let references = collected(merging, "organization", &NESTED_ORGANIZATIONS).unwrap_or(none);
    merging.fill("ref_organization", &split_references(&references)).await?;
    resolve_organizations(merging).await?;
    let unknown = "select count(*) from ref_organization where how = 'name' and key <> '' and \
        organization_id is null";
    if super::number(merging.transaction, unknown).await? == 0 {
        return Ok(());
    }
    let add = sql_query(
        "insert into warehouse.organization (source, source_id, name, normalized_name, \
             region_id, batch_id, file_id) \
             select distinct on (key, region_id) 'mention', key || '|' || region_id, name, key, \
             region_id, $1, $2 from ref_organization \
             where how = 'name' and key <> '' and organization_id is null order by key, region_id, \
             name \
             on conflict (source, source_id) do nothing returning name",
    )
    .bind::<Integer, _>(merging.batch)
    .bind::<Integer, _>(merging.file);
    let added: Vec<String> = merging.transaction.rows::<Text, _>(add).await?;
    if added.is_empty() {
        return Ok(());
    }
    for name in added {
        counts.warnings.push(Warning {
            code: WarningCode::NewOrganization,
            column: None,
            value: Some(name),
            message:
                "no list knows this organization; it was added by its name, without a discipline"
                    .into(),
            first_row: 0,
            occurrences: 1,
        });
    }
    resolve_organizations(merging).await
}

/// Resolves by id in the same source, then by an id that only one source has. Otherwise resolves by
/// name and region, by unique name, by alias, and last by a name without region.
async fn resolve_organizations(merging: &MergeContext<'_>) -> Result<(), Error> {
    let source = merging.source_literal();
    let steps = [
        format!(
            "update ref_organization r set organization_id = o.organization_id from \
             warehouse.organization o \
             where r.organization_id is null and r.how = 'id' and o.source = {source} and \
             o.source_id = r.key"
        ),
        "update ref_organization r set organization_id = o.organization_id \
         from (select source_id, min(organization_id) as organization_id from \
         warehouse.organization group by source_id having count(*) = 1) o \
         where r.organization_id is null and r.how = 'id' and o.source_id = r.key"
            .to_owned(),
        "update ref_organization r set organization_id = o.organization_id \
         from (select normalized_name, region_id, min(organization_id) as organization_id from \
         warehouse.organization \
             where organization_id > 0 group by normalized_name, region_id) o \
         where r.organization_id is null and r.how = 'name' and r.key <> '' and o.normalized_name \
         = r.key and o.region_id = r.region_id"
            .to_owned(),
        "update ref_organization r set organization_id = a.organization_id from \
         warehouse.organization_alias a \
         where r.organization_id is null and r.how = 'name' and a.normalized_name = r.key and \
         a.region_id = r.region_id"
            .to_owned(),
        "update ref_organization r set organization_id = o.organization_id \
         from (select normalized_name, min(organization_id) as organization_id from \
         warehouse.organization \
             where organization_id > 0 group by normalized_name having count(*) = 1) o \
         where r.organization_id is null and r.how = 'name' and r.key <> '' and r.region_id = -1 \
         and o.normalized_name = r.key"
            .to_owned(),
        "update ref_organization r set organization_id = a.organization_id \
         from (select normalized_name, min(organization_id) as organization_id from \
         warehouse.organization_alias \
             group by normalized_name having count(distinct organization_id) = 1) a \
         where r.organization_id is null and r.how = 'name' and r.region_id = -1 and \
         a.normalized_name = r.key"
            .to_owned(),
        "update ref_organization r set organization_id = o.organization_id from \
         warehouse.organization o \
         where r.organization_id is null and r.how = 'name' and r.key <> '' and o.organization_id \
         > 0 and o.normalized_name = r.key and o.region_id = -1"
            .to_owned(),
    ];
    let named = super::number(merging.transaction, "select count(*) from ref_organization").await?;
    if named == 0 {
        return Ok(());
    }
    merging.transaction.run_batch(&steps.join("; ")).await?;
    merging.prepare_keys("ref_organization", "ref", named).await
}

/// SQL equivalent of `normalize_label` for `e.name`.
const NORMALIZED: &str = "trim(regexp_replace(replace(replace(replace(lower(e.name), \
    '&', ' and '), '''', ''), chr(8217), ''), '[^[:alnum:]]+', ' ', 'g'))";

/// Number of days by which a document's date may differ from the event's.
pub(crate) const NEAR: i32 = 3;

/// Resolves events by id in the same source, then by an id that only one source has. Otherwise
/// resolves by name and date, preferring the same source. A name alone means the latest exercise,
/// planned event or incident with a response.
pub async fn events(merging: &MergeContext<'_>) -> Result<(), Error> {
    let none = "select null::text as ref where false".to_owned();
    let references = collected(merging, "event", &NESTED_EVENTS).unwrap_or(none);
    merging
        .fill(
            "ref_event",
            &format!(
                "select distinct ref, split_part(ref, chr(31), 1) as how, split_part(ref, chr(31), \
                 2) as key, \
                 nullif(split_part(ref, chr(31), 3), '')::date as held_on, null::bigint as event_id \
             from ({references}) as refs where ref is not null"
            ),
        )
        .await?;
    let all = super::number(merging.transaction, "select count(*) from ref_event").await?;
    if all == 0 {
        return Ok(());
    }
    if all >= MANY {
        merging.run("analyze ref_event").await?;
    }
    let source = merging.source_literal();
    let known: Vec<String> = crate::source::registry()
        .iter()
        .map(|source| format!("('{}')", source.definition().id))
        .collect();
    let steps = [
        format!(
            "update ref_event r set event_id = e.event_id from warehouse.{} e \
             where r.how = 'id' and e.source = {source} and e.source_id = r.key",
            if has_claims(merging.source) { "event_source" } else { "event" }
        ),
        format!(
            "update ref_event r set event_id = e.event_id from ( \
                 select k.key, min(e.event_id) as event_id from (select distinct key from \
                 ref_event where how = 'id' and event_id is null) k \
                 cross join (values {} union select distinct source from meta.file where source \
                 like '{}%') as s(source) join lateral ( \
                     select event_id from warehouse.event where source = s.source and source_id = \
                     k.key \
                     union select event_id from warehouse.event_source where source = s.source and \
                     source_id = k.key) e on true \
                 group by k.key having count(distinct e.event_id) = 1) e \
             where r.event_id is null and r.how = 'id' and e.key = r.key",
            known.join(", "),
            crate::layout::PREFIX
        ),
        format!(
            "update ref_event r set event_id = e.event_id from ( \
                 select distinct on (k.key, k.held_on) k.key, k.held_on, e.event_id \
                 from (select distinct key, held_on from ref_event where how = 'name' and held_on \
                 is not null) k \
                 join warehouse.event e on e.local_date = k.held_on and {NORMALIZED} = k.key \
                 order by k.key, k.held_on, e.source <> {source}, e.source, e.source_id) e \
             where r.event_id is null and r.how = 'name' and e.key = r.key and e.held_on = \
             r.held_on"
        ),
        // Within the event's days: a table can say June 14 for an event from June 13 to 15.
        format!(
            "update ref_event r set event_id = e.event_id from ( \
                 select distinct on (k.key, k.held_on) k.key, k.held_on, e.event_id \
                 from (select distinct key, held_on from ref_event where how = 'name' and held_on \
                 is not null and event_id is null) k \
                 join warehouse.event e on e.local_date between k.held_on - 60 and k.held_on \
                     and coalesce(e.end_local_date, e.local_date) >= k.held_on and {NORMALIZED} = \
                     k.key \
                 order by k.key, k.held_on, e.source <> {source}, e.local_date desc, e.source, \
                 e.source_id) e \
             where r.event_id is null and r.how = 'name' and e.key = r.key and e.held_on = \
             r.held_on"
        ),
        // A few days off: tables are often filled in from memory.
        format!(
            "update ref_event r set event_id = e.event_id from ( \
                 select distinct on (k.key, k.held_on) k.key, k.held_on, e.event_id \
                 from (select distinct key, held_on from ref_event where how = 'name' and held_on \
                 is not null and event_id is null) k \
                 join warehouse.event e on e.local_date between k.held_on - 60 and k.held_on + \
                 {NEAR} \
                     and coalesce(e.end_local_date, e.local_date) >= k.held_on - {NEAR} and \
                     {NORMALIZED} = k.key \
                 order by k.key, k.held_on, abs(e.local_date - k.held_on), e.source <> {source}, \
                 e.source, e.source_id) e \
             where r.event_id is null and r.how = 'name' and e.key = r.key and e.held_on = \
             r.held_on"
        ),
        format!(
            "update ref_event r set event_id = e.event_id from ( \
                 select distinct on (k.key) k.key, e.event_id from (select distinct key from \
                 ref_event where how = 'name' and held_on is null) k \
                 join (select e.* from warehouse.event e left join warehouse.incident i using \
                 (event_id) \
                     where e.kind <> 'INCIDENT' or i.response <> 'NONE') e on {NORMALIZED} = k.key \
                 order by k.key, e.source <> {source}, e.local_date desc, e.source, e.source_id) e \
             where r.event_id is null and r.how = 'name' and r.held_on is null and e.key = r.key"
        ),
    ];
    let named =
        super::number(merging.transaction, "select count(*) from ref_event where how = 'name'")
            .await?
            > 0;
    merging.transaction.run_batch(&steps[..if named { steps.len() } else { 2 }].join("; ")).await?;
    merging.prepare_keys("ref_event", "ref", all).await
}
