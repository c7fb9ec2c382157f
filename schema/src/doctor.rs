//! Invariants of the warehouse, each a query that counts violations. Reads only.

use serde::Serialize;
use tokio_postgres::Transaction;

use crate::connect::connect;
use crate::error::SchemaError;
use crate::migrate::check;
use crate::objects::altered;

/// One invariant and what was found.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    /// The invariant, as a sentence.
    pub invariant: &'static str,
    /// Number of rows that violate the invariant; 0 is correct.
    pub broken: i64,
    /// Advice for fixing them.
    pub advice: &'static str,
    /// Names of what violates the invariant, where rows have no better name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
}

const LOAD_AGAIN: &str =
    "load the files behind these records again; records are replaced by their source id";
const RESTORE: &str = "restore the last backup and load what came after it; something wrote to the \
    warehouse past Hotwash";

const INVARIANTS: &[(&str, &str, &str)] = &[
    (
        "every file's rows read are inserted, updated, unchanged or rejected",
        "select count(*) from meta.file where status = 'LOADED' and read <> inserted + updated + \
         unchanged + rejected",
        RESTORE,
    ),
    (
        "every rejected row is listed",
        "select count(*) from (select from meta.file f left join meta.reject r using (file_id) \
         where f.status = 'LOADED' \
         group by f.file_id, f.rejected having count(distinct r.reject_id) > f.rejected or \
         (f.rejected > 0 and count(r.reject_id) = 0)) as wrong",
        RESTORE,
    ),
    (
        "no load is left unfinished for more than a day",
        "select count(*) from meta.batch where status = 'RUNNING' and started_at < now() - \
         interval '1 day'",
        "these loads were killed; their files left nothing behind and can be loaded again",
    ),
    (
        "every event of kind incident has its incident part, every exercise its exercise part",
        "select count(*) from warehouse.event e where (kind = 'INCIDENT' and not exists (select \
         from warehouse.incident i where i.event_id = e.event_id)) \
         or (kind = 'EXERCISE' and not exists (select from warehouse.exercise x where x.event_id = \
         e.event_id))",
        LOAD_AGAIN,
    ),
    (
        "an event with hazards has exactly one primary hazard, the one the event names",
        "select count(*) from (select from warehouse.event_hazard h join warehouse.event e using \
         (event_id) group by e.event_id, e.hazard_id \
         having count(*) filter (where h.is_primary) <> 1 or min(h.hazard_id) filter (where \
         h.is_primary) <> e.hazard_id) as wrong",
        LOAD_AGAIN,
    ),
    (
        "an event's shares of regions sum to 1",
        "select count(*) from (select from warehouse.event_region group by event_id having \
         abs(sum(allocation_weight) - 1) > 1e-6) as wrong",
        LOAD_AGAIN,
    ),
    (
        "the weights of a finding's elements sum to 1",
        "select count(*) from (select from warehouse.finding_element group by finding_id having \
         abs(sum(weight) - 1) > 1e-6) as wrong",
        LOAD_AGAIN,
    ),
    (
        "the weights of an action's elements sum to 1",
        "select count(*) from (select from warehouse.corrective_action_element group by \
         corrective_action_id having abs(sum(weight) - 1) > 1e-6) as wrong",
        LOAD_AGAIN,
    ),
    (
        "every action's present status is the last of its history",
        "select count(*) from warehouse.corrective_action a join lateral (select h.status from \
         warehouse.action_status_history h \
         where h.corrective_action_id = a.corrective_action_id order by changed_on desc, sequence \
         desc limit 1) as last on true \
         where last.status <> a.status",
        LOAD_AGAIN,
    ),
    (
        "every action has a history",
        "select count(*) from warehouse.corrective_action a where not exists \
         (select from warehouse.action_status_history h where h.corrective_action_id = \
         a.corrective_action_id)",
        LOAD_AGAIN,
    ),
    (
        "no municipality is in two regions of one scheme at once",
        "select count(*) from warehouse.municipality_region a join warehouse.region ra using \
         (region_id) \
         join warehouse.municipality_region b on b.municipality_id = a.municipality_id and \
         b.region_id > a.region_id \
         join warehouse.region rb on rb.region_id = b.region_id and rb.region_scheme_id = \
         ra.region_scheme_id \
         where a.valid_from <= coalesce(b.valid_to, 'infinity') and b.valid_from <= \
         coalesce(a.valid_to, 'infinity')",
        "fix municipalities.csv and load it again",
    ),
    (
        "weights of a hazard label sum to 1",
        "select count(*) from (select from warehouse.hazard_alias group by scheme, \
         normalized_label having abs(sum(weight) - 1) > 1e-6) as wrong",
        "fix hazard_aliases.csv in the folder of your profile and run `hotwash migrate --profile \
         FOLDER`",
    ),
    (
        "published metrics are no newer than the warehouse",
        "select count(*) from bi.metric_value where warehouse_version > meta.warehouse_version()",
        RESTORE,
    ),
    (
        "metrics are published of the records that are there",
        "select count(*) from (select max(warehouse_version) as version from bi.metric_value) as \
         published, \
         (select max(version) as version from meta.table_version where table_name like \
         'warehouse.%') as present \
         where published.version < present.version",
        "a load was stopped before it published: run `hotwash migrate`, which publishes anew",
    ),
    (
        "every BI login has its Postgres role",
        "select count(*) from access.bi_login where not exists (select from pg_roles where rolname \
         = login)",
        "revoke these logins and grant them again: `hotwash bi revoke`, `hotwash bi grant`",
    ),
    (
        "row-level security is on wherever a policy is written",
        "select count(*) from pg_policies p join pg_class c on c.oid = format('%I.%I', \
         p.schemaname, p.tablename)::regclass where not c.relrowsecurity",
        "someone switched it off: `alter table … enable row level security`",
    ),
    (
        "every table of the warehouse notifies servers of changes",
        "select count(*) from pg_tables t where schemaname = 'warehouse' and not exists (select \
         from pg_trigger g \
         where g.tgrelid = format('%I.%I', t.schemaname, t.tablename)::regclass and g.tgname = \
         'note_change' and g.tgenabled = 'O')",
        "its trigger is missing, so metrics are computed from old records: run `hotwash migrate`, \
         which creates it again, and load the files again that were loaded meanwhile",
    ),
    (
        "every reference between tables is enforced",
        "select count(*) from pg_constraint c where c.contype = 'f' and c.connamespace in \
         ('warehouse'::regnamespace, 'meta'::regnamespace) \
         and (not c.convalidated or exists (select from pg_trigger t where t.tgconstraint = c.oid \
         and t.tgenabled <> 'O'))",
        "someone switched it off: `alter table … enable trigger all`, `alter table … validate \
         constraint …`",
    ),
    (
        "every index is whole",
        "select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid \
         where c.relnamespace in ('warehouse'::regnamespace, 'meta'::regnamespace, \
         'bi'::regnamespace, 'access'::regnamespace) \
         and not (i.indisvalid and i.indisready)",
        "build it anew: `reindex database concurrently`",
    ),
];

/// Invariants over every table that there is: a statement makes the statements that count what
/// breaks them.
const OVER_ALL_TABLES: &[(&str, &str, &str)] = &[
    (
        "no row refers to another that is not there",
        "select format('select count(*) from only %s c where %s and not exists (select from only \
         %s p where %s)', c.conrelid::regclass, \
             (select string_agg(format('c.%I is not null', a.attname), ' and ') from \
             unnest(c.conkey) k join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k), \
             c.confrelid::regclass, \
             (select string_agg(format('p.%I = c.%I', f.attname, a.attname), ' and ') from \
             unnest(c.conkey, c.confkey) as k(own, other) \
                 join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own join \
                 pg_attribute f on f.attrelid = c.confrelid and f.attnum = k.other)) \
         from pg_constraint c where c.contype = 'f' and c.connamespace in \
         ('warehouse'::regnamespace, 'meta'::regnamespace) order by c.oid",
        RESTORE,
    ),
    (
        "every record names a load, and a file of it that was loaded",
        "select format('select count(*) from warehouse.%I r where r.file_id is not null and not \
         exists \
             (select from meta.file f where f.file_id = r.file_id and f.batch_id = r.batch_id and \
             f.status = ''LOADED'')', t.relname) \
         from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attname = 'file_id' and \
         not a.attisdropped \
         where t.relnamespace = 'warehouse'::regnamespace and t.relkind in ('r', 'p') order by \
         t.relname",
        RESTORE,
    ),
];

/// The invariant over everything that files of `schema/objects` define.
const OBJECTS: (&str, &str) = (
    "every view, function, trigger and policy is as its file defines it",
    "someone changed or dropped it past Hotwash, or Postgres was upgraded: run `hotwash migrate`, \
     which makes it again",
);

/// Checks the schema version, then every invariant at one moment.
pub async fn examine(url: &str) -> Result<Vec<Violation>, SchemaError> {
    check(url).await?;
    let mut client = connect(url).await?;
    let moment = client
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    examine_in(&moment).await
}

/// Lists the regions whose number of municipalities differs from the published one.
///
/// # Errors
/// Fails when the warehouse cannot be read.
pub async fn region_sizes(url: &str) -> Result<Vec<String>, SchemaError> {
    let rows = connect(url).await?.query(crate::reference::REGION_SIZES, &[]).await?;
    let line = |row: &tokio_postgres::Row| {
        let (code, found, published): (String, i64, i32) = (row.get(0), row.get(1), row.get(2));
        let word = &crate::profile::active().municipalities.word;
        format!("region {code}: {found} assigned, {published} published ({word})")
    };
    Ok(rows.iter().map(line).collect())
}

/// Checks every invariant as this transaction sees the warehouse.
pub async fn examine_in(moment: &Transaction<'_>) -> Result<Vec<Violation>, SchemaError> {
    let mut findings = Vec::with_capacity(INVARIANTS.len());
    for (invariant, sql, advice) in INVARIANTS {
        let broken = moment.query_one(*sql, &[]).await?.get(0);
        findings.push(Violation { invariant, broken, advice, named: Vec::new() });
    }
    for (invariant, sql, advice) in OVER_ALL_TABLES {
        let mut broken = 0;
        for row in moment.query(*sql, &[]).await? {
            broken += moment.query_one(row.get::<_, &str>(0), &[]).await?.get::<_, i64>(0);
        }
        findings.push(Violation { invariant, broken, advice, named: Vec::new() });
    }
    let named = altered(moment).await?;
    let (invariant, advice) = OBJECTS;
    let broken = i64::try_from(named.len()).unwrap_or(i64::MAX);
    findings.push(Violation { invariant, broken, advice, named });
    Ok(findings)
}
