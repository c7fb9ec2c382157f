//! Invariants of the warehouse. Each is a query that counts violations, and only reads.

use diesel::sql_types::{BigInt, Integer, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;

use crate::error::SchemaError;
use crate::migrate::check;
use crate::objects::altered;
use crate::pool::Pool;

/// Invariant with the result of its check.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    /// The invariant, as a sentence.
    pub invariant: &'static str,
    /// Number of rows that violate the invariant; 0 is correct.
    pub broken: i64,
    /// Advice for fixing them.
    pub advice: &'static str,
    /// Names of the violating objects, if rows have no better name.
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
        include_str!("doctor/rows_accounted_for.sql"),
        RESTORE,
    ),
    ("every rejected row is listed", include_str!("doctor/rejects_listed.sql"), RESTORE),
    (
        "no load is left unfinished for more than a day",
        include_str!("doctor/unfinished_loads.sql"),
        "these loads were killed; their files left nothing behind and can be loaded again",
    ),
    (
        "every event of kind incident has its incident part, every exercise its exercise part",
        include_str!("doctor/event_parts.sql"),
        LOAD_AGAIN,
    ),
    (
        "an event with hazards has exactly one primary hazard, the one the event names",
        include_str!("doctor/primary_hazards.sql"),
        LOAD_AGAIN,
    ),
    ("an event's shares of regions sum to 1", include_str!("doctor/event_shares.sql"), LOAD_AGAIN),
    (
        "the weights of a finding's elements sum to 1",
        include_str!("doctor/finding_weights.sql"),
        LOAD_AGAIN,
    ),
    (
        "the weights of an action's elements sum to 1",
        include_str!("doctor/action_weights.sql"),
        LOAD_AGAIN,
    ),
    (
        "every action's present status is the last of its history",
        include_str!("doctor/action_status.sql"),
        LOAD_AGAIN,
    ),
    ("every action has a history", include_str!("doctor/action_history.sql"), LOAD_AGAIN),
    (
        "versions of a record follow one another without overlap",
        include_str!("doctor/consecutive_versions.sql"),
        RESTORE,
    ),
    (
        "no municipality is in two regions of one scheme at once",
        include_str!("doctor/municipality_regions.sql"),
        "fix municipalities.csv and load it again",
    ),
    (
        "weights of a hazard label sum to 1",
        include_str!("doctor/hazard_label_weights.sql"),
        "fix hazard_aliases.csv in the folder of your profile and run `hotwash migrate --profile \
         FOLDER`",
    ),
    (
        "published metrics are no newer than the warehouse",
        include_str!("doctor/published_version.sql"),
        RESTORE,
    ),
    (
        "metrics are published of the records that are there",
        include_str!("doctor/published_records.sql"),
        "a load was stopped before it published: run `hotwash migrate`, which publishes again",
    ),
    (
        "every BI login has its Postgres role",
        include_str!("doctor/bi_roles.sql"),
        "revoke these logins and grant them again: `hotwash bi revoke`, `hotwash bi grant`",
    ),
    (
        "row-level security is on wherever a policy is written",
        include_str!("doctor/row_level_security.sql"),
        "someone switched it off: run `hotwash migrate`, which enables it again",
    ),
    (
        "every table of the warehouse notifies servers of changes",
        include_str!("doctor/change_triggers.sql"),
        "its trigger is missing, so metrics are computed from old records: run `hotwash migrate`, \
         which creates it again, and load the files again that were loaded meanwhile",
    ),
    (
        "every reference between tables is enforced",
        include_str!("doctor/enforced_references.sql"),
        "someone switched it off: `alter table … enable trigger all`, `alter table … validate \
         constraint …`",
    ),
    (
        "every index is valid",
        include_str!("doctor/whole_indexes.sql"),
        "rebuild it: `reindex database concurrently`",
    ),
];

/// Invariants over every table in the database. One statement generates the statements that count
/// violations.
const OVER_ALL_TABLES: &[(&str, &str, &str)] = &[
    (
        "no row refers to another that is not there",
        include_str!("doctor/missing_rows.sql"),
        RESTORE,
    ),
    (
        "every superseded version belongs to a record",
        include_str!("doctor/versions_of_records.sql"),
        "someone deleted the record with triggers off: delete its versions from \
         warehouse.record_version, or restore the last backup",
    ),
    (
        "every record names a load, and a file of it that was loaded",
        include_str!("doctor/lineage.sql"),
        RESTORE,
    ),
];

/// Invariant over all objects that the files of `schema/objects` define.
const OBJECTS: (&str, &str) = (
    "every view, function, trigger and policy is as its file defines it",
    "someone changed or dropped it past Hotwash, or Postgres was upgraded: run `hotwash migrate`, \
     which creates it again",
);

/// Number of rows that violate an invariant.
#[derive(QueryableByName)]
struct Broken {
    #[diesel(sql_type = BigInt)]
    broken: i64,
}

/// Statement that counts the rows of one table which violate an invariant.
#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = Text)]
    statement: String,
}

/// Checks the schema version, then every invariant in one snapshot.
///
/// # Errors
/// Fails if the schema has another version, or the database cannot be read.
pub async fn examine(pool: &Pool) -> Result<Vec<Violation>, SchemaError> {
    check(pool).await?;
    pool.run(async |connection| {
        let mut moment = connection.build_transaction().repeatable_read().read_only();
        moment.run(async |connection| examine_in(connection).await).await
    })
    .await
}

/// Number of municipalities in a region, as assigned and as published.
#[derive(QueryableByName)]
struct RegionSize {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = BigInt)]
    found: i64,
    #[diesel(sql_type = Integer)]
    published: i32,
}

/// Lists the regions whose number of municipalities differs from the published one.
///
/// # Errors
/// Fails if the warehouse cannot be read.
pub async fn region_sizes(pool: &Pool) -> Result<Vec<String>, SchemaError> {
    let sizes = sql_query(crate::reference::REGION_SIZES);
    let sizes: Vec<RegionSize> =
        pool.run(async |connection| Ok::<_, SchemaError>(sizes.load(connection).await?)).await?;
    let word = &crate::profile::active().municipalities.word;
    let line = |size: &RegionSize| {
        let RegionSize { code, found, published } = size;
        format!("region {code}: {found} assigned, {published} published ({word})")
    };
    Ok(sizes.iter().map(line).collect())
}

/// Checks every invariant as this transaction sees the warehouse.
///
/// # Errors
/// Fails if the database cannot be read.
pub async fn examine_in(connection: &mut AsyncPgConnection) -> Result<Vec<Violation>, SchemaError> {
    let mut findings = Vec::with_capacity(INVARIANTS.len());
    for (invariant, sql, advice) in INVARIANTS {
        let broken = sql_query(*sql).get_result::<Broken>(connection).await?.broken;
        findings.push(Violation { invariant, broken, advice, named: Vec::new() });
    }
    for (invariant, sql, advice) in OVER_ALL_TABLES {
        let mut broken = 0;
        for check in sql_query(*sql).load::<Check>(connection).await? {
            broken += sql_query(check.statement).get_result::<Broken>(connection).await?.broken;
        }
        findings.push(Violation { invariant, broken, advice, named: Vec::new() });
    }
    let named = altered(connection).await?;
    let (invariant, advice) = OBJECTS;
    let broken = i64::try_from(named.len()).unwrap_or(i64::MAX);
    findings.push(Violation { invariant, broken, advice, named });
    Ok(findings)
}
