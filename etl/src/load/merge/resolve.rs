//! Resolves the organizations and events that staged records refer to, once for each distinct
//! reference.
//!
//! `ref_organization` and `ref_event` map a staged reference to an id, or to none if it is unknown.

use diesel::sql_types::Text;
use hotwash_schema::record::{self, RECORD_TYPES, RecordType};

use super::context::{Counts, MANY, MergeContext};
use super::event::has_claims;
use crate::code::WarningCode;
use crate::load::report::Warning;
use crate::load::statement::Statement;
use crate::sql::{SqlFile, sql};
use hotwash_schema::copy::Error;

/// Queries for references to organizations within staged JSON.
const NESTED_ORGANIZATIONS: [(&RecordType, SqlFile); 2] = [
    (&record::INFORMATION_REQUEST, sql!("resolve/reports_of_information.sql")),
    (&record::EVENT, sql!("resolve/sponsors.sql")),
];

/// Queries for references to events within staged JSON, and in reports loaded before their event.
const NESTED_EVENTS: [(&RecordType, SqlFile); 2] = [
    (&record::EVENT, sql!("resolve/links.sql")),
    (&record::EVENT, sql!("resolve/awaited_events.sql")),
];

/// Returns a subquery for all staged references to a table.
fn collected<'a>(
    merging: &'a MergeContext<'_>,
    table: &'static str,
    nested: &[(&'static RecordType, SqlFile)],
) -> Statement<'a> {
    let staged = RECORD_TYPES.iter().filter(|record| merging.has(record)).flat_map(|record| {
        record.references_to(table).filter_map(|column| {
            let staged = merging.statement_of(sql!("resolve/staged.sql"), record);
            Some(staged.part_name("column", column.staged?.name))
        })
    });
    let nested = nested.iter().filter(|(record, _)| merging.has(record));
    let nested = nested.map(|(_, file)| merging.statement(*file));
    let none = std::iter::once(merging.statement(sql!("resolve/none.sql")));
    Statement::joined(staged.chain(nested).chain(none), " union all ").subquery()
}

/// Adds references to organizations, and resolves them.
async fn add_organizations(
    merging: &MergeContext<'_>,
    references: Statement<'_>,
) -> Result<(), Error> {
    let add = merging.statement(sql!("resolve/add_organizations.sql"));
    merging.run(add.part("references", references)).await?;
    resolve_organizations(merging).await
}

/// Resolves further references to organizations without adding any organization.
pub async fn resolve_more(
    merging: &MergeContext<'_>,
    references: Statement<'_>,
) -> Result<(), Error> {
    add_organizations(merging, references.subquery()).await
}

/// Resolves all references to organizations, and adds unknown ones under the name in the document.
pub async fn organizations(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    merging.step(sql!("temporary/ref_organization.sql")).await?;
    let references = collected(merging, "organization", &NESTED_ORGANIZATIONS);
    add_organizations(merging, references).await?;
    let [unknown] = merging.counts(sql!("resolve/count_unknown_organizations.sql")).await?;
    if unknown == 0 {
        return Ok(());
    }
    let added: Vec<String> =
        merging.rows::<Text, _>(sql!("resolve/insert_organizations.sql")).await?;
    if added.is_empty() {
        return Ok(());
    }
    for name in added {
        counts.warnings.push(Warning {
            code: WarningCode::NewOrganization,
            column: None,
            value: Some(name),
            message: "not in any reference list; it was added by its name, without a discipline"
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
    let [named] = merging.counts(sql!("resolve/count_organizations.sql")).await?;
    if named == 0 {
        return Ok(());
    }
    merging
        .steps(&[
            sql!("resolve/organizations_by_own_id.sql"),
            sql!("resolve/organizations_by_id.sql"),
            sql!("resolve/organizations_by_name_and_region.sql"),
            sql!("resolve/organizations_by_alias_and_region.sql"),
            sql!("resolve/organizations_by_name.sql"),
            sql!("resolve/organizations_by_alias.sql"),
            sql!("resolve/organizations_without_region.sql"),
        ])
        .await?;
    merging.prepare_keys("ref_organization", "ref", named).await
}

/// Resolves events by id in the same source, then by an id that only one source has. Otherwise
/// resolves by name and date, preferring the same source. A name alone means the latest exercise,
/// planned event or incident with a response.
pub async fn events(merging: &MergeContext<'_>) -> Result<(), Error> {
    let references = collected(merging, "event", &NESTED_EVENTS);
    let refer = merging.statement(sql!("resolve/events.sql")).part("references", references);
    merging.fill("ref_event", refer).await?;
    let [all, named] = merging.counts(sql!("resolve/count_events.sql")).await?;
    if all == 0 {
        return Ok(());
    }
    if all >= MANY {
        let analyze = merging.statement(sql!("temporary/analyze.sql"));
        merging.run(analyze.part_name("temporary", "ref_event")).await?;
    }
    let by_own_id = if has_claims(merging.source) {
        sql!("resolve/events_by_own_claim.sql")
    } else {
        sql!("resolve/events_by_own_id.sql")
    };
    merging.step(by_own_id).await?;
    let sources: Vec<&str> =
        crate::source::registry().iter().map(|source| source.definition().id).collect();
    let by_id = merging
        .statement(sql!("resolve/events_by_id.sql"))
        .value("sources", sources)
        .value("layouts", [crate::layout::PREFIX, "%"].concat());
    merging.run(by_id).await?;
    if named > 0 {
        merging
            .steps(&[
                sql!("resolve/events_by_first_day.sql"),
                sql!("resolve/events_by_day.sql"),
                sql!("resolve/events_near_day.sql"),
                sql!("resolve/events_by_name.sql"),
            ])
            .await?;
    }
    merging.prepare_keys("ref_event", "ref", all).await
}
