//! The warehouse's invariants, each as one query that counts what breaks it. Reads only.

use serde::Serialize;

use crate::connect::connect;
use crate::error::SchemaError;
use crate::migrate::check;

/// One invariant and what was found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The invariant, as a sentence.
    pub invariant: &'static str,
    /// How many rows break it; 0 is well.
    pub broken: i64,
    /// What to do when some do.
    pub advice: &'static str,
}

const LOAD_AGAIN: &str = "load the files behind these records again; records are replaced by their source id";
const RESTORE: &str =
    "restore the last backup and load what came after it; something wrote to the warehouse past Hotwash";

const INVARIANTS: &[(&str, &str, &str)] = &[
    (
        "every file's rows read are inserted, updated, unchanged or rejected",
        "select count(*) from meta.file where status = 'LOADED' and read <> inserted + updated + unchanged + rejected",
        RESTORE,
    ),
    (
        "every rejected row is listed",
        "select count(*) from (select from meta.file f left join meta.reject r using (file_id) where f.status = 'LOADED' \
         group by f.file_id, f.rejected having count(distinct r.reject_id) > f.rejected or (f.rejected > 0 and count(r.reject_id) = 0)) as wrong",
        RESTORE,
    ),
    (
        "no load is left unfinished for more than a day",
        "select count(*) from meta.batch where status = 'RUNNING' and started_at < now() - interval '1 day'",
        "these loads were killed; their files left nothing behind and can be loaded again",
    ),
    (
        "every event names a file that exists",
        "select count(*) from warehouse.event e where not exists (select from meta.file f where f.file_id = e.file_id)",
        RESTORE,
    ),
    (
        "every event of kind incident has its incident part, every exercise its exercise part",
        "select count(*) from warehouse.event e where (kind = 'INCIDENT' and not exists (select from warehouse.incident i where i.event_id = e.event_id)) \
         or (kind = 'EXERCISE' and not exists (select from warehouse.exercise x where x.event_id = e.event_id))",
        LOAD_AGAIN,
    ),
    (
        "an event with hazards has exactly one primary hazard, the one the event names",
        "select count(*) from (select from warehouse.event_hazard h join warehouse.event e using (event_id) group by e.event_id, e.hazard_id \
         having count(*) filter (where h.is_primary) <> 1 or min(h.hazard_id) filter (where h.is_primary) <> e.hazard_id) as wrong",
        LOAD_AGAIN,
    ),
    (
        "an event's shares of regions sum to 1",
        "select count(*) from (select from warehouse.event_region group by event_id having abs(sum(allocation_weight) - 1) > 1e-6) as wrong",
        LOAD_AGAIN,
    ),
    (
        "the weights of a finding's elements sum to 1",
        "select count(*) from (select from warehouse.finding_element group by finding_id having abs(sum(weight) - 1) > 1e-6) as wrong",
        LOAD_AGAIN,
    ),
    (
        "the weights of an action's elements sum to 1",
        "select count(*) from (select from warehouse.corrective_action_element group by corrective_action_id having abs(sum(weight) - 1) > 1e-6) as wrong",
        LOAD_AGAIN,
    ),
    (
        "every action's present status is the last of its history",
        "select count(*) from warehouse.corrective_action a join lateral (select h.status from warehouse.action_status_history h \
         where h.corrective_action_id = a.corrective_action_id order by changed_on desc, sequence desc limit 1) as last on true \
         where last.status <> a.status",
        LOAD_AGAIN,
    ),
    (
        "every action has a history",
        "select count(*) from warehouse.corrective_action a where not exists \
         (select from warehouse.action_status_history h where h.corrective_action_id = a.corrective_action_id)",
        LOAD_AGAIN,
    ),
    (
        "no municipality is in two regions of one scheme at once",
        "select count(*) from warehouse.municipality_region a join warehouse.region ra using (region_id) \
         join warehouse.municipality_region b on b.municipality_id = a.municipality_id and b.region_id > a.region_id \
         join warehouse.region rb on rb.region_id = b.region_id and rb.region_scheme_id = ra.region_scheme_id \
         where a.valid_from <= coalesce(b.valid_to, 'infinity') and b.valid_from <= coalesce(a.valid_to, 'infinity')",
        "mend municipalities.csv and load it again",
    ),
    (
        "weights of a hazard label sum to 1",
        "select count(*) from (select from warehouse.hazard_alias group by scheme, normalized_label having abs(sum(weight) - 1) > 1e-6) as wrong",
        "mend hazard_aliases.csv and run `hotwash migrate --reference FOLDER`",
    ),
    (
        "published metrics are no newer than the warehouse",
        "select count(*) from bi.metric_value where warehouse_version > meta.warehouse_version()",
        RESTORE,
    ),
    (
        "every BI login has its Postgres role",
        "select count(*) from access.bi_login where not exists (select from pg_roles where rolname = login)",
        "revoke these logins and grant them again: `hotwash bi revoke`, `hotwash bi grant`",
    ),
    (
        "row-level security is on wherever a policy is written",
        "select count(*) from pg_policies p join pg_class c on c.oid = format('%I.%I', p.schemaname, p.tablename)::regclass where not c.relrowsecurity",
        "someone switched it off: `alter table … enable row level security`",
    ),
];

/// Checks the schema version, then every invariant at one moment.
pub async fn examine(url: &str) -> Result<Vec<Finding>, SchemaError> {
    check(url).await?;
    let mut client = connect(url).await?;
    let moment = client
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let mut findings = Vec::with_capacity(INVARIANTS.len());
    for (invariant, sql, advice) in INVARIANTS {
        let broken = moment.query_one(*sql, &[]).await?.get(0);
        findings.push(Finding { invariant, broken, advice });
    }
    Ok(findings)
}
