//! Sponsors of exercises: resolved from the file and from earlier documents, and linked later if
//! the organization is loaded later.

use tokio_postgres::Error;

use crate::load::merge::{Counts, MergeContext, number, resolve};
use crate::load::report::Warning;

/// Condition for an unchanged claim (`s` staged, `t` stored) whose sponsor has become known since.
/// The event is rebuilt, so that the order of files does not matter.
pub const KNOWN_SINCE: &str = "exists (select from ref_organization o join warehouse.exercise x on \
    x.sponsor_organization_id = -1 \
    where o.ref = s.detail -> 'exercise' ->> 'sponsor' and o.organization_id > 0 and x.event_id = \
    t.event_id)";

/// Resolves sponsors that earlier documents named, and warns of unknown ones.
pub async fn find(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let missing = "select count(*) from merging m where m.detail -> 'exercise' ->> 'sponsor' is \
        not null \
        and not exists (select from ref_organization o where o.ref = m.detail -> 'exercise' ->> \
        'sponsor')";
    if number(merging.transaction, missing).await? > 0 {
        resolve::resolve_more(
            merging,
            "select detail -> 'exercise' ->> 'sponsor' as ref from merging",
        )
        .await?;
    }
    let unknown = "select o.key, min(m.source_row), count(*) from merging m join ref_organization \
        o on o.ref = m.detail -> 'exercise' ->> 'sponsor' \
        where o.organization_id is null and o.how = 'id' group by 1 order by 2 limit 100";
    for row in merging.transaction.query_typed(unknown, &[]).await? {
        counts.warnings.push(Warning {
            code: "unknown_organization",
            column: Some("sponsor".into()),
            value: row.get(0),
            message: "no organization of the warehouse has this id; loaded without its sponsor, \
                which is linked when this file is loaded again after it"
                .into(),
            first_row: row.get::<_, i64>(1).unsigned_abs(),
            occurrences: row.get::<_, i64>(2).unsigned_abs(),
        });
    }
    Ok(())
}
