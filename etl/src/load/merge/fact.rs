//! The merge that most facts share: find what they refer to, refuse what has nothing to hang on, then insert, update or leave.

use tokio_postgres::Error;

use super::{ALL_KNOWN, Counts, MANY, Merging, action, drop_repeats, number, risk, version};
use crate::load::report::Warning;
use crate::load::stage::StageTable;
use crate::record::Table;

/// How a fact refers to an event or an organisation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It does not.
    No,
    /// It may; a miss is a warning.
    May,
    /// It must; a miss is a reject.
    Must,
}

/// How one kind of record becomes rows.
pub struct Fact {
    /// Its staging table.
    pub table: Table,
    /// The table of the warehouse, without its schema; its key is `TABLE_id`.
    pub name: &'static str,
    /// Its event, staged as `event_ref`.
    pub event: Need,
    /// Column of the organisation's reference, and whether it must be found.
    pub organization: (&'static str, Need),
    /// Another record it belongs to: column that holds its id, its table.
    pub parent: Option<(&'static str, &'static str)>,
    /// Columns and where they come from; `f` is the staged record with `event_id`, `organization_id` and `parent_id`.
    pub columns: &'static [(&'static str, &'static str)],
    /// Tables that hang on the fact alone, keyed by its id.
    pub children: &'static [&'static str],
    /// Fills them; `{merging}` are the new and changed facts, with `id`.
    pub fill: &'static [&'static str],
    /// Counts what those children name and is not there.
    pub unknown: &'static str,
}

const OWN_REGION: &str = "coalesce(nullif(f.region_id, -1), \
    (select o.region_id from warehouse.organization o where o.organization_id = f.organization_id), -1)";

/// All facts that merge so, in the order of their references.
pub const FACTS: &[Fact] = &[
    Fact {
        table: Table::Participation,
        name: "participation",
        event: Need::Must,
        organization: ("organization_ref", Need::Must),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("organization_id", "f.organization_id"),
            ("region_id", OWN_REGION),
            ("role", "f.role"),
            ("executive_present", "f.executive_present"),
            ("participant_count", "f.participant_count"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: Table::Milestone,
        name: "milestone",
        event: Need::Must,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("milestone_type_id", "f.milestone_type_id"),
            ("sequence", "f.sequence"),
            ("occurred_at", "f.occurred_at"),
            ("time_precision", "f.time_precision"),
            ("organization_id", "f.organization_id"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: Table::InformationRequest,
        name: "information_request",
        event: Need::Must,
        organization: ("", Need::No),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("label", "f.label"),
            ("platform", "f.platform"),
            ("asked_at", "f.asked_at"),
            ("due_at", "f.due_at"),
        ],
        children: &["information_report"],
        fill: &["insert into warehouse.information_report (information_request_id, organization_id, received_at) \
             select f.id, o.organization_id, min((report ->> 'at')::timestamptz) from {merging} f \
             cross join lateral jsonb_array_elements(f.reports) as report join ref_organization o on o.ref = report ->> 'organization' \
             where o.organization_id is not null group by 1, 2 order by 1, 2"],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: Table::ResourceRequest,
        name: "resource_request",
        event: Need::May,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("region_id", OWN_REGION),
            ("organization_id", "coalesce(f.organization_id, -1)"),
            ("kind", "f.kind"),
            ("priority", "f.priority"),
            ("status", "f.status"),
            ("quantity_requested", "f.quantity_requested"),
            ("quantity_filled", "f.quantity_filled"),
            ("requested_at", "f.requested_at"),
            ("needed_by", "f.needed_by"),
            ("assigned_at", "f.assigned_at"),
            ("filled_at", "f.filled_at"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: Table::CapabilityRating,
        name: "capability_rating",
        event: Need::Must,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("capability_id", "f.capability_id"),
            ("organization_id", "coalesce(f.organization_id, -1)"),
            ("level", "f.level"),
            ("subject", "f.subject"),
            ("rating_scale_id", "f.rating_scale_id"),
            ("rating", "f.rating"),
            ("note", "f.note"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: Table::Finding,
        name: "finding",
        event: Need::Must,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("number", "f.number"),
            ("kind", "f.kind"),
            ("capability_id", "f.capability_id"),
            ("organization_id", "coalesce(f.organization_id, -1)"),
            ("text", "f.text"),
            ("reference", "f.reference"),
            ("analysis", "f.analysis"),
            ("recommendation", "f.recommendation"),
        ],
        children: &["finding_element"],
        fill: &["insert into warehouse.finding_element (finding_id, element_id, weight) \
             select f.id, element, 1.0 / count(*) over (partition by f.id) from {merging} f \
             cross join lateral (select distinct unnest(f.elements) as element) as e order by 1, 2"],
        unknown: "select count(*) from (select distinct unnest(f.elements) as id from {merging} f) s \
            where not exists (select from warehouse.element e where e.element_id = s.id)",
    },
    Fact {
        table: Table::ActionReport,
        name: "corrective_action",
        event: Need::May,
        organization: ("owner_ref", Need::May),
        parent: None,
        columns: &[],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: Table::RiskAssessment,
        name: "risk_assessment",
        event: Need::No,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("organization_id", "coalesce(f.organization_id, -1)"),
            ("region_id", OWN_REGION),
            ("assessment_method_id", "f.assessment_method_id"),
            ("assessed_on", "f.assessed_on"),
            ("edition", "f.edition"),
            ("sensitivity", "f.sensitivity"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: Table::RiskScore,
        name: "risk_score",
        event: Need::No,
        organization: ("", Need::No),
        parent: Some(("assessment_source_id", "risk_assessment")),
        columns: risk::COLUMNS,
        children: &[],
        fill: risk::FILL,
        unknown: ALL_KNOWN,
    },
];

/// Merges the staged records of one kind.
pub async fn merge(merging: &Merging<'_>, fact: &Fact, counts: &mut Counts) -> Result<(), Error> {
    if fact.table == Table::ActionReport {
        return action::merge(merging, fact, counts).await;
    }
    if !merging.has(fact.table) {
        return Ok(());
    }
    let stage = StageTable::Records(fact.table).name();
    let name = fact.name;
    let source = merging.source_literal();
    counts.unchanged += drop_repeats(merging.transaction, stage).await?;
    find(merging, fact, stage).await?;
    counts.rejected += refuse(merging, fact, counts).await?;
    if merging.whole_documents {
        counts.unchanged += version::pass_over(merging, fact).await?;
    }
    // The row as it was read is kept only to refuse it.
    merging.run(&format!("alter table found_{name} drop column row_content")).await?;
    merging
        .run(&format!(
            "create temp table merging_{name} on commit drop as \
             select f.*, coalesce(t.{name}_id, nextval(pg_get_serial_sequence('warehouse.{name}', '{name}_id'))) as id, t.{name}_id is null as is_new \
             from found_{name} f left join warehouse.{name} t on t.source = {source} and t.source_id = f.source_id \
             where t.{name}_id is null or t.content_hash is distinct from f.content_hash"
        ))
        .await?;
    let row = merging
        .transaction
        .query_one(
            &format!(
                "select coalesce(sum(weight) filter (where is_new), 0)::bigint, coalesce(sum(weight) filter (where not is_new), 0)::bigint, \
                 count(*) filter (where is_new), count(*) filter (where not is_new) from merging_{name}"
            ),
            &[],
        )
        .await?;
    let [inserted, updated, new, changed] = [0, 1, 2, 3].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged +=
        number(merging.transaction, &format!("select coalesce(sum(weight), 0)::bigint from found_{name}")).await?
            - inserted
            - updated;
    if changed > 0 {
        update(merging, fact).await?;
    }
    if new > 0 {
        insert(merging, fact, new).await?;
    }
    if new + changed > 0 {
        let fills: Vec<String> = fact.fill.iter().map(|fill| filled(merging, fact, fill)).collect();
        if fact.children.is_empty() {
            for fill in &fills {
                merging.run(fill).await?;
            }
        } else {
            let inserts: Vec<(&str, String)> = fact.children.iter().copied().zip(fills).collect();
            merging.run_inserts(new + changed, &filled(merging, fact, fact.unknown), &inserts).await?;
        }
    }
    if merging.whole_documents {
        version::drop_gone(merging, fact, counts).await?;
    }
    Ok(())
}

/// SQL with its placeholders filled in.
fn filled(merging: &Merging<'_>, fact: &Fact, sql: &str) -> String {
    sql.replace("{merging}", &format!("merging_{}", fact.name))
        .replace("{source}", &merging.source_literal())
        .replace("{batch}", &merging.batch.to_string())
        .replace("{file}", &merging.file.to_string())
}

/// The staged records with the ids of what they refer to.
pub(super) async fn find(merging: &Merging<'_>, fact: &Fact, stage: &str) -> Result<(), Error> {
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
pub(super) async fn refuse(merging: &Merging<'_>, fact: &Fact, counts: &mut Counts) -> Result<u64, Error> {
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

/// References of the new records that are not there, each looked up once; those that are stay until the transaction ends, as
/// under a foreign key.
async fn unknown(merging: &Merging<'_>, fact: &Fact) -> Result<String, Error> {
    let keys = "select c.confrelid::regclass::text, \
        array(select a.attname::text from unnest(c.conkey) with ordinality as k(number, place) \
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number order by k.place), \
        array(select a.attname::text from unnest(c.confkey) with ordinality as k(number, place) \
            join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number order by k.place) \
        from pg_constraint c where c.contype = 'f' and c.conrelid = $1::text::regclass";
    let keys = merging.transaction.query(keys, &[&format!("warehouse.{}", fact.name)]).await?;
    let (mut held, mut counts) = (Vec::new(), Vec::new());
    for (place, row) in keys.iter().enumerate() {
        let (table, columns, keys): (&str, Vec<String>, Vec<String>) = (row.get(0), row.get(1), row.get(2));
        let told = |column: &String| fact.columns.iter().find(|(target, _)| target == column).map(|(_, value)| *value);
        // The batch and the file are there: this transaction noted them.
        let Some(values) = columns.iter().map(told).collect::<Option<Vec<&str>>>() else { continue };
        let some = values.iter().map(|value| format!("{value} is not null")).collect::<Vec<_>>().join(" and ");
        let keys = keys.iter().map(|key| format!("t.{key}")).collect::<Vec<_>>().join(", ");
        held.push(format!(
            "named_{place} as materialized (select distinct {} from merging_{} f where f.is_new and {some}), \
             held_{place} as materialized (select from {table} t where ({keys}) in (select * from named_{place}) for key share)",
            values.join(", "),
            fact.name
        ));
        counts.push(format!("(select count(*) from named_{place}) - (select count(*) from held_{place})"));
    }
    if counts.is_empty() {
        return Ok(ALL_KNOWN.to_owned());
    }
    Ok(filled(merging, fact, &format!("with {} select {}", held.join(", "), counts.join(" + "))))
}

async fn insert(merging: &Merging<'_>, fact: &Fact, new: u64) -> Result<(), Error> {
    let name = fact.name;
    let targets: Vec<&str> = fact.columns.iter().map(|(target, _)| *target).collect();
    let values: Vec<&str> = fact.columns.iter().map(|(_, value)| *value).collect();
    let insert = format!(
        "insert into warehouse.{name} ({name}_id, {}, source, source_id, batch_id, file_id, source_row, content_hash) \
             select f.id, {}, {}, f.source_id, {}, {}, f.source_row, f.content_hash from merging_{name} f where f.is_new order by f.id",
        targets.join(", "),
        values.join(", "),
        merging.source_literal(),
        merging.batch,
        merging.file
    );
    let inserts = [(name, filled(merging, fact, &insert))];
    let unknown = if new >= MANY { unknown(merging, fact).await? } else { ALL_KNOWN.to_owned() };
    merging.run_inserts(new, &unknown, &inserts).await
}

async fn update(merging: &Merging<'_>, fact: &Fact) -> Result<(), Error> {
    let name = fact.name;
    let sets: Vec<String> = fact.columns.iter().map(|(target, value)| format!("{target} = {value}")).collect();
    let update = format!(
        "update warehouse.{name} t set {}, batch_id = {}, file_id = {}, source_row = f.source_row, content_hash = f.content_hash \
             from merging_{name} f where not f.is_new and t.{name}_id = f.id",
        sets.join(", "),
        merging.batch,
        merging.file
    );
    merging.run(&filled(merging, fact, &update)).await?;
    for child in fact.children {
        merging
            .run(&format!(
                "delete from warehouse.{child} c using merging_{name} f where not f.is_new and c.{name}_id = f.id"
            ))
            .await?;
    }
    Ok(())
}
