//! Sponsors of exercises: resolved from the file and from earlier documents, and linked later if
//! the organization is loaded later.

use crate::code::WarningCode;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::load::merge::context::{Counts, MergeContext};
use crate::load::merge::resolve;
use crate::load::report::Warning;
use crate::sql::sql;
use hotwash_schema::copy::Error;

/// Resolves sponsors that earlier documents named, and warns of unknown ones.
pub async fn find(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let [missing] = merging.counts(sql!("event/count_missing_sponsors.sql")).await?;
    if missing > 0 {
        let sponsors = merging.statement(sql!("resolve/known_sponsors.sql"));
        resolve::resolve_more(merging, sponsors).await?;
    }
    let unknown = sql!("event/unknown_sponsors.sql");
    let unknown: Vec<(Option<String>, i64, i64)> =
        merging.rows::<(Nullable<Text>, BigInt, BigInt), _>(unknown).await?;
    for (value, first_row, occurrences) in unknown {
        counts.warnings.push(Warning {
            code: WarningCode::UnknownOrganization,
            column: Some("sponsor".into()),
            value,
            message: "no organization of the warehouse has this id; loaded without its sponsor, \
                which is linked when this file is loaded again after it"
                .into(),
            first_row: first_row.unsigned_abs(),
            occurrences: occurrences.unsigned_abs(),
        });
    }
    Ok(())
}
