//! Resolves the references of a fact: known, unknown with a warning, or rejected.

use diesel::sql_types::{Array, BigInt, Nullable, Text};
use hotwash_schema::record::{Need, Parent, RecordType};

use crate::code::{RejectCode, WarningCode};
use crate::load::merge::context::{Counts, MergeContext};
use crate::load::merge::duplicates::reject_duplicates;
use crate::load::report::Warning;
use crate::load::stage::column_names;
use crate::load::statement::{Statement, key_of};
use crate::sql::{SqlFile, sql};
use hotwash_schema::copy::{Error, RunStatement};

/// Queries for the staged records of a fact with resolved references. No table stores the result:
/// each statement reads the staging table again, which costs less than another write.
pub struct ResolvedRecords<'a> {
    /// Type of the records.
    pub record: &'static RecordType,
    /// Subquery for all records.
    all: Statement<'a>,
    /// Subquery for the records with all required references.
    retained: Statement<'a>,
    /// Names of the resolved ids.
    ids: Vec<&'static str>,
}

impl<'a> ResolvedRecords<'a> {
    /// Returns the statement of a file over these records.
    pub fn statement(&self, merging: &'a MergeContext<'_>, file: SqlFile) -> Statement<'a> {
        merging
            .statement_of(file, self.record)
            .part("resolved", self.all.clone())
            .part("retained", self.retained.clone())
    }

    /// Returns the columns, without the source row, which is needed only for rejects.
    pub fn columns(&self) -> Statement<'a> {
        let names = column_names(self.record).chain(self.ids.iter().copied());
        Statement::joined(names.map(column), ", ")
    }
}

/// Returns a column of the staged record.
fn column<'a>(name: &'static str) -> Statement<'a> {
    Statement::sql("f.").and_name(name)
}

/// A reference that a record can lack.
struct Missing {
    column: &'static str,
    /// Column with the resolved id.
    id: &'static str,
    /// Column of the staged reference.
    reference: &'static str,
    /// SQL for the value to show.
    value: Statement<'static>,
    reason: &'static str,
    need: Need,
}

impl Missing {
    /// Returns a condition: the reference is unknown.
    fn is_unknown(&self) -> Statement<'static> {
        column(self.id).and(" is null")
    }

    /// Returns a condition: the reference is stated, and unknown.
    fn is_stated(&self) -> Statement<'static> {
        self.is_unknown().and(" and ").and_part(column(self.reference)).and(" is not null")
    }
}

/// Returns the queries that resolve the references of a record.
pub fn resolve<'a>(
    merging: &'a MergeContext<'_>,
    record: &'static RecordType,
) -> ResolvedRecords<'a> {
    let (mut ids, mut selected, mut joins) = (Vec::new(), Statement::default(), Vec::new());
    if record.event() != Need::No {
        ids.push("event_id");
        selected = selected.and(", e.event_id");
        joins.push(merging.statement(sql!("record/event.sql")));
    }
    let (organization, need) = record.organization();
    if need != Need::No {
        ids.push("organization_id");
        selected = selected.and(", o.organization_id");
        let join = merging.statement(sql!("record/organization.sql"));
        joins.push(join.part_name("reference", organization));
    }
    if let Some(Parent { staged, record }) = record.parent {
        ids.push("parent_id");
        selected = selected.and(", p.").and_name(key_of(record)).and(" as parent_id");
        let join = merging.statement(sql!("record/parent.sql"));
        joins.push(join.part_name("parent", record).part_name("reference", staged));
    }
    let all = merging
        .statement_of(sql!("record/resolved.sql"), record)
        .part("ids", selected)
        .part("joins", Statement::joined(joins, " "))
        .subquery();
    let required = missing(record).into_iter().filter(|missing| missing.need == Need::Must);
    let known: Vec<_> = required.map(|missing| column(missing.id).and(" is not null")).collect();
    let retained = if known.is_empty() {
        all.clone()
    } else {
        let retained = merging.statement(sql!("record/retained.sql")).part("resolved", all.clone());
        retained.part("known", Statement::joined(known, " and ")).subquery()
    };
    ResolvedRecords { record, all, retained, ids }
}

fn missing(record: &'static RecordType) -> Vec<Missing> {
    let mut missing = Vec::new();
    if record.event() != Need::No {
        missing.push(Missing {
            column: "event",
            id: "event_id",
            reference: "event_ref",
            value: Statement::of(sql!("record/shown_event.sql")),
            reason: "no event of the warehouse has this id or name and day; load the events first, \
                or correct it",
            need: record.event(),
        });
    }
    let (organization, need) = record.organization();
    if need != Need::No {
        let value = Statement::of(sql!("record/shown_organization.sql"));
        missing.push(Missing {
            column: "organization",
            id: "organization_id",
            reference: organization,
            value: value.part_name("reference", organization),
            reason: "no organization of the warehouse has this id or name; load the organizations \
                first, or correct it",
            need,
        });
    }
    if let Some(Parent { staged, record }) = record.parent {
        missing.push(Missing {
            column: record,
            id: "parent_id",
            reference: staged,
            value: column(staged),
            reason: "the record it belongs to is not in the warehouse; load that first, or correct \
                the id",
            need: Need::Must,
        });
    }
    missing
}

/// Rejects duplicates and records without a required reference, and warns of other unknown
/// references. Returns the number of retained rows.
pub async fn reject_unresolved(
    merging: &MergeContext<'_>,
    resolved: &ResolvedRecords<'_>,
    counts: &mut Counts,
) -> Result<u64, Error> {
    let missing = missing(resolved.record);
    let missed = missing.iter().map(|missing| {
        let counted = match missing.need {
            Need::Must => missing.is_unknown(),
            _ => missing.is_stated().and(" and ").and_part(missing.value.clone()).and(" <> ''"),
        };
        Statement::sql(", count(*) filter (where ").and_part(counted).and(")")
    });
    let survey = resolved
        .statement(merging, sql!("record/survey.sql"))
        .part("missed", Statement::joined(missed, " "));
    let mut found = count_missing(merging, &survey).await?;
    if found[0] > 0 {
        let retained = Some(resolved.retained.clone());
        reject_duplicates(merging, resolved.record, retained, counts).await?;
        found = count_missing(merging, &survey).await?;
    }
    let mut retained = found[1];
    let mut known = Statement::default();
    for (index, missing) in missing.iter().enumerate() {
        let is_missed = found[index + 2] > 0;
        if is_missed && missing.need == Need::Must {
            let rejected = reject(merging, resolved, missing, known.clone()).await?;
            counts.rejected += rejected;
            retained -= rejected;
        } else if is_missed {
            warn(merging, resolved, missing, counts).await?;
        }
        if missing.need == Need::Must {
            known = known.and(" and ").and_part(column(missing.id)).and(" is not null");
        }
    }
    Ok(retained)
}

/// Returns the numbers of repeated ids, of rows, and of each missing reference.
async fn count_missing(
    merging: &MergeContext<'_>,
    survey: &Statement<'_>,
) -> Result<Vec<u64>, Error> {
    let survey = survey.clone();
    let counts = merging.transaction.rows::<Array<BigInt>, Vec<i64>>(survey).await?;
    Ok(counts.into_iter().flatten().map(i64::unsigned_abs).collect())
}

/// Rejects records with this unknown reference, except those already rejected, which lack one of
/// the `known` references. Returns the number of rows.
async fn reject(
    merging: &MergeContext<'_>,
    resolved: &ResolvedRecords<'_>,
    missing: &Missing,
    known: Statement<'_>,
) -> Result<u64, Error> {
    let reject = resolved
        .statement(merging, sql!("record/reject.sql"))
        .part("missing", missing.is_unknown().and_part(known))
        .part("value", missing.value.clone())
        .value("code", RejectCode::UnknownReference.as_str())
        .value("column", missing.column)
        .value("reason", missing.reason);
    merging.number(reject).await
}

/// Warns of records that are loaded without this reference.
async fn warn(
    merging: &MergeContext<'_>,
    resolved: &ResolvedRecords<'_>,
    missing: &Missing,
    counts: &mut Counts,
) -> Result<(), Error> {
    let unknown = resolved
        .statement(merging, sql!("record/unknown_values.sql"))
        .part("missing", missing.is_stated())
        .part("value", missing.value.clone());
    let rows: Vec<(Option<String>, i64, i64)> =
        merging.transaction.rows::<(Nullable<Text>, BigInt, BigInt), _>(unknown).await?;
    for (value, first_row, occurrences) in rows {
        counts.warnings.push(Warning {
            code: if missing.column == "event" {
                WarningCode::UnknownEvent
            } else {
                WarningCode::UnknownOrganization
            },
            column: Some(missing.column.into()),
            value,
            message: format!("{}; loaded without it", missing.reason),
            first_row: first_row.unsigned_abs(),
            occurrences: occurrences.unsigned_abs(),
        });
    }
    Ok(())
}
