//! What a fact refers to: found, missed with a warning, or refused.

use tokio_postgres::Error;

use super::{Fact, Need};
use crate::load::merge::{Counts, Merging, number};
use crate::load::report::Warning;
use crate::record::Table;

/// The staged records with the ids of what they refer to.
pub async fn find(merging: &Merging<'_>, fact: &Fact, stage: &str) -> Result<(), Error> {
    let (mut columns, mut joins) = (String::new(), String::new());
    if fact.event != Need::No {
        columns.push_str(", e.event_id");
        joins.push_str(" left join ref_event e on e.ref = f.event_ref");
    }
    if fact.organization.1 != Need::No {
        columns.push_str(", o.organization_id");
        joins.push_str(&format!(" left join ref_organization o on o.ref = f.{}", fact.organization.0));
    }
    if let Some((column, table)) = fact.parent {
        columns.push_str(&format!(", p.{table}_id as parent_id"));
        joins.push_str(&format!(
            " left join warehouse.{table} p on p.source = {} and p.source_id = f.{column}",
            merging.source_literal()
        ));
    }
    // Reports of actions are copied once more when they have found their action, and none is refused: a view will do.
    let made = if fact.table == Table::ActionReport { "view" } else { "table" };
    let kept = if made == "table" { " on commit drop" } else { "" };
    merging
        .run(&format!("create temp {made} found_{}{kept} as select f.*{columns} from {stage} f{joins}", fact.name))
        .await
        .map(|_| ())
}

/// Refuses records without what they must hang on, and warns of what they may do without.
pub async fn refuse(merging: &Merging<'_>, fact: &Fact, counts: &mut Counts) -> Result<u64, Error> {
    let name = fact.name;
    let mut rejected = 0;
    let shown = |column: &str| {
        format!(
            "case split_part({column}, chr(31), 1) when 'id' then split_part({column}, chr(31), 2) else nullif(concat_ws(', ', nullif(split_part({column}, chr(31), 4), ''), \
            nullif(split_part({column}, chr(31), 3), '')), '') end"
        )
    };
    let mut needs: Vec<(String, &str, String, &str, Need)> = Vec::new();
    if fact.event != Need::No {
        needs.push((
            "event_id is null".into(),
            "event",
            shown("event_ref"),
            "no event of the warehouse has this id or name and day; load the events first, or correct it",
            fact.event,
        ));
    }
    if fact.organization.1 != Need::No {
        needs.push((
            "organization_id is null".into(),
            "organization",
            format!(
                "split_part({0}, chr(31), case split_part({0}, chr(31), 1) when 'id' then 2 else 4 end)",
                fact.organization.0
            ),
            "no organisation of the warehouse has this id or name; load the organisations first, or correct it",
            fact.organization.1,
        ));
    }
    if let Some((column, table)) = fact.parent {
        needs.push((
            "parent_id is null".into(),
            table,
            column.to_owned(),
            "the record it belongs to is not in the warehouse; load that first, or correct the id",
            Need::Must,
        ));
    }
    for (missing, column, value, reason, need) in needs {
        if need == Need::Must {
            let gone = format!(
                "with gone as (delete from found_{name} where {missing} returning *), \
                 told as (insert into meta.reject (file_id, batch_id, row_number, record_type, column_name, value, reason, row_content) \
                     select {}, {}, source_row, '{name}', '{column}', {value}, '{reason}', row_content::jsonb from gone where weight > 0 order by source_row) \
                 select coalesce(sum(weight), 0)::bigint from gone",
                merging.file, merging.batch
            );
            rejected += number(merging.transaction, &gone).await?;
            continue;
        }
        let reference = if column == "event" { "event_ref" } else { fact.organization.0 };
        let sql = format!(
            "select {value}, min(source_row), count(*) from found_{name} where {missing} and {reference} is not null and {value} <> '' \
             group by 1 order by 2 limit 100"
        );
        for row in merging.transaction.query(&sql, &[]).await? {
            counts.warnings.push(Warning {
                code: if column == "event" { "unknown_event" } else { "unknown_organization" },
                column: Some(column.into()),
                value: row.get(0),
                message: format!("{reason}; loaded without it"),
                first_row: row.get::<_, i64>(1).unsigned_abs(),
                occurrences: row.get::<_, i64>(2).unsigned_abs(),
            });
        }
    }
    Ok(rejected)
}
