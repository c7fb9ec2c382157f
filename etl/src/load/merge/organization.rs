//! Organizations: one row each, and one version for each interval in which name, region and
//! discipline are valid.

use tokio_postgres::Error;

use super::{Counts, MergeContext, number, reject_duplicates};
use hotwash_schema::record;

/// Merges organizations. An organization that was added when a document mentioned it takes over the
/// id it gets here.
pub async fn merge(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let source = merging.source_literal();
    let (batch, file) = (merging.batch, merging.file);
    reject_duplicates(merging, &record::ORGANIZATION, None, counts).await?;
    // Even a statement that changes no row raises the table's version, so a query runs first.
    merging
        .fill(
            "adopted_organization",
            &format!(
                "select distinct on (m.organization_id) m.organization_id, s.source_id from \
             stage_organization s \
             join warehouse.organization m on m.source = 'mention' and m.normalized_name = \
             s.normalized_name and m.region_id in (s.region_id, -1) \
             where not exists (select from warehouse.organization k where k.source = {source} and \
             k.source_id = s.source_id) \
                 and m.organization_id = (select c.organization_id from warehouse.organization c \
                 where c.source = 'mention' \
                     and c.normalized_name = s.normalized_name and c.region_id in (s.region_id, \
                     -1) order by c.region_id desc limit 1) \
             order by m.organization_id, s.source_id"
            ),
        )
        .await?;
    if number(merging.transaction, "select count(*) from adopted_organization").await? > 0 {
        merging
            .run(&format!(
                "update warehouse.organization o set source = {source}, source_id = a.source_id, \
                 content_hash = null \
                 from adopted_organization a where o.organization_id = a.organization_id"
            ))
            .await?;
    }
    merging
        .fill(
            "merging_organization",
            &format!(
                "select s.*, coalesce(o.organization_id, \
             nextval(pg_get_serial_sequence('warehouse.organization', 'organization_id'))) as \
             organization_id, \
                 o.organization_id is null as is_new, \
                 o.organization_id is null or (o.name, o.region_id, o.discipline_id) is distinct \
                 from (s.name, s.region_id, s.discipline_id) as is_version, \
                 o.normalized_name as former_name, o.region_id as former_region_id \
             from stage_organization s left join warehouse.organization o on o.source = {source} \
             and o.source_id = s.source_id \
             where o.organization_id is null or o.content_hash is distinct from s.content_hash"
            ),
        )
        .await?;
    let row = merging
        .transaction
        .query_typed_one(
            "select coalesce(sum(weight) filter (where is_new), 0)::bigint, coalesce(sum(weight) \
             filter (where not is_new), 0)::bigint, count(*) \
             from merging_organization",
            &[],
        )
        .await?;
    let [inserted, updated, touched] =
        [0, 1, 2].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += number(
        merging.transaction,
        "select coalesce(sum(weight), 0)::bigint from stage_organization",
    )
    .await?
        - inserted
        - updated;
    if touched == 0 {
        return Ok(());
    }
    for statement in [
        format!(
            "insert into warehouse.organization (organization_id, source, source_id, name, \
             normalized_name, region_id, discipline_id, \
                 municipality_id, staffed_beds, active, batch_id, file_id, source_row, \
                 content_hash) \
             select organization_id, {source}, source_id, name, normalized_name, region_id, \
             discipline_id, municipality_id, staffed_beds, \
                 active, {batch}, {file}, source_row, content_hash from merging_organization where \
                 is_new order by organization_id"
        ),
        format!(
            "update warehouse.organization o set name = m.name, normalized_name = \
             m.normalized_name, region_id = m.region_id, \
                 discipline_id = m.discipline_id, municipality_id = m.municipality_id, \
                 staffed_beds = m.staffed_beds, active = m.active, \
                 batch_id = {batch}, file_id = {file}, source_row = m.source_row, content_hash = \
                 m.content_hash \
             from merging_organization m where not m.is_new and o.organization_id = \
             m.organization_id"
        ),
        "update warehouse.organization_version v set valid_to = greatest(coalesce(m.valid_from, \
         current_date), v.valid_from) \
         from merging_organization m where m.is_version and not m.is_new and v.organization_id = \
         m.organization_id and v.valid_to is null"
            .to_owned(),
        "insert into warehouse.organization_version (organization_id, name, region_id, \
         discipline_id, valid_from) \
         select organization_id, name, region_id, discipline_id, \
             coalesce(valid_from, case when is_new then date '0001-01-01' else current_date end) \
         from merging_organization where is_version order by organization_id"
            .to_owned(),
        // A former name continues to identify the organization.
        "insert into warehouse.organization_alias (normalized_name, region_id, organization_id) \
         select former_name, former_region_id, organization_id from merging_organization \
         where not is_new and former_name <> normalized_name and former_name <> '' \
         union select unnest(aliases), region_id, organization_id from merging_organization on \
         conflict do nothing"
            .to_owned(),
    ] {
        merging.run(&statement).await?;
    }
    Ok(())
}
