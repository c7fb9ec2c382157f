//! Municipalities: reference rows, merged like the schema's own reference files.

use tokio_postgres::Error;

use super::{Counts, MergeContext};
use crate::load::report::Warning;
use hotwash_schema::record;

/// Merges municipalities. Warns if the size of a region differs from the published size.
pub async fn merge(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let transaction = merging.transaction;
    super::reject_duplicates(merging, &record::MUNICIPALITY, None, counts).await?;
    let before = "create temp table known_municipality on commit drop as select m.geoid, \
        md5(row(m.*, r.code, mr.basis)::text) as digest \
        from warehouse.municipality m join warehouse.municipality_region mr using \
        (municipality_id) join warehouse.region r using (region_id) \
        join warehouse.region_scheme c using (region_scheme_id) where c.code = \
        meta.region_scheme()";
    transaction.batch_execute(before).await?;
    transaction
        .batch_execute(
            "create temp table stage on commit drop as select s.*, s.source_row as \
            row_number from stage_municipality s",
        )
        .await?;
    for statement in hotwash_schema::reference::merge_statements("municipalities.csv") {
        transaction.execute_typed(statement, &[]).await?;
    }
    let row = transaction
        .query_typed_one(
            "select count(*) filter (where k.geoid is null), count(*) filter (where k.digest <> \
             md5(row(m.*, r.code, mr.basis)::text)), count(*) \
             from stage s join warehouse.municipality m on m.geoid = s.geoid join \
             warehouse.municipality_region mr using (municipality_id) \
             join warehouse.region r using (region_id) join warehouse.region_scheme c using \
             (region_scheme_id) \
             left join known_municipality k on k.geoid = s.geoid where c.code = \
             meta.region_scheme()",
            &[],
        )
        .await?;
    let [inserted, updated, all] = [0, 1, 2].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += all - inserted - updated;
    let sizes = transaction.query_typed(hotwash_schema::reference::REGION_SIZES, &[]).await?;
    for row in sizes {
        let (code, found, published): (String, i64, i32) = (row.get(0), row.get(1), row.get(2));
        counts.warnings.push(Warning {
            code: "published_size",
            column: Some("region".into()),
            value: Some(code.clone()),
            message: format!("region {code}: {found} of {published} published municipalities"),
            first_row: 0,
            occurrences: 1,
        });
    }
    Ok(())
}
