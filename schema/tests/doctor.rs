//! `hotwash doctor`: each invariant of the warehouse is broken once, behind Hotwash's back, and
//! named with advice.
#![allow(clippy::unwrap_used, missing_docs)]

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use hotwash_schema::connect::connect;
use hotwash_schema::doctor::{Violation, examine, examine_in};
use hotwash_schema::testing::TestDatabase;

/// An exercise and an incident with one record of each kind beneath them, as a load leaves them.
const SOUND: &str = "
    insert into meta.batch (tool_version, status) values ('test', 'DONE');
    insert into meta.file (batch_id, name, status, read, inserted, rejected) values (1, 'test', \
    'LOADED', 3, 2, 1);
    insert into meta.reject (file_id, batch_id, row_number, record_type, code, reason) values (1, \
    1, 3, \
    'event', 'MISSING_VALUE', 'no date');
    insert into warehouse.event (event_id, kind, name, start_at, local_date, hazard_id, source, \
    source_id, batch_id, file_id, source_row, content_hash)
        select id, (array['EXERCISE', 'INCIDENT'])[id], 'Event ' || id, '2025-01-02', \
    '2025-01-02', hazard_id, 'test', id::text, 1, 1, id, ''
        from generate_series(1, 2) id, (select min(hazard_id) as hazard_id from warehouse.hazard \
    where hazard_id > 0) h;
    insert into warehouse.exercise (event_id) values (1);
    insert into warehouse.incident (event_id) values (2);
    insert into warehouse.event_hazard select event_id, hazard_id, true from warehouse.event;
    insert into warehouse.event_region
        select 1, region_id, 0.5 from warehouse.region where region_id > 0 order by region_id \
    limit 2;
    insert into warehouse.finding (finding_id, event_id, kind, text, source, source_id, batch_id, \
    file_id, source_row, content_hash)
        values (1, 1, 'STRENGTH', 'Radios worked', 'test', '1', 1, 1, 1, '');
    insert into warehouse.finding_element
        select 1, element_id, 0.5 from warehouse.element where element_id > 0 order by element_id \
    limit 2;
    insert into warehouse.corrective_action (corrective_action_id, event_id, text, status, \
    opened_on, source, source_id, batch_id, file_id, source_row, content_hash)
        values (1, 1, 'Buy radios', 'OPEN', '2025-02-01', 'test', '1', 1, 1, 1, '');
    insert into warehouse.corrective_action_element select 1, element_id, weight from \
    warehouse.finding_element;
    insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, \
    change, status, batch_id, file_id, source_row)
        values (1, '2025-02-01', 1, 'OPENED', 'OPEN', 1, 1, 1);
    insert into bi.metric_value (metric_id, grain, unit, n, reliability, as_of, warehouse_version)
        select 'capability_performance', 'ALL', 'SHARE', 1, 'OK', '2025-03-01', \
    meta.warehouse_version()";

/// What breaks each invariant, by how it is told.
const BREAKS: [(&str, &str); 23] = [
    (
        "every file's rows read are inserted, updated, unchanged or rejected",
        "alter table meta.file drop constraint read_is_accounted_for; update meta.file set read = \
         4",
    ),
    ("every rejected row is listed", "delete from meta.reject"),
    (
        "no load is left unfinished for more than a day",
        "insert into meta.batch (tool_version, started_at) values ('test', now() - interval '2 \
         days')",
    ),
    (
        "every event of kind incident has its incident part, every exercise its exercise part",
        "delete from warehouse.exercise",
    ),
    (
        "an event with hazards has exactly one primary hazard, the one the event names",
        "update warehouse.event_hazard set is_primary = false where event_id = 2",
    ),
    (
        "an event's shares of regions sum to 1",
        "update warehouse.event_region set allocation_weight = 0.4",
    ),
    (
        "the weights of a finding's elements sum to 1",
        "update warehouse.finding_element set weight = 0.4",
    ),
    (
        "the weights of an action's elements sum to 1",
        "update warehouse.corrective_action_element set weight = 0.4",
    ),
    (
        "every action's present status is the last of its history",
        "update warehouse.corrective_action set status = 'IN_PROGRESS'",
    ),
    ("every action has a history", "delete from warehouse.action_status_history"),
    (
        "versions of a record follow one another without overlap",
        "insert into warehouse.record_version select 'finding', 1, '2025-01-01', day, 1, 1, 1, \
         true, '{}', '{}' from (values ('2025-01-02'::date), ('2025-01-03')) as days (day)",
    ),
    (
        "every superseded version belongs to a record",
        "insert into warehouse.record_version values ('finding', 7, '2025-01-01', '2025-01-02', \
         1, 1, 1, true, '{}', '{}')",
    ),
    (
        "no municipality is in two regions of one scheme at once",
        "insert into warehouse.municipality_region (municipality_id, region_id, basis) select \
         m.municipality_id, r.region_id, 'test' \
         from warehouse.region r join (select municipality_id, region_id from \
         warehouse.municipality_region limit 1) m \
         on r.region_id <> m.region_id and r.region_scheme_id = (select region_scheme_id from \
         warehouse.region where region_id = m.region_id) \
         where r.region_id > 0 limit 1",
    ),
    (
        "weights of a hazard label sum to 1",
        "update warehouse.hazard_alias set weight = 0.5 where normalized_label = \
         (select normalized_label from warehouse.hazard_alias group by scheme, normalized_label \
         having count(*) = 1 limit 1)",
    ),
    (
        "published metrics are no newer than the warehouse",
        "update bi.metric_value set warehouse_version = warehouse_version + 1000",
    ),
    (
        "metrics are published of the records that are there",
        "update warehouse.finding set text = 'Radios worked well'",
    ),
    (
        "every BI login has its Postgres role",
        "insert into access.bi_login (login, role) values ('nobody_here', 'VIEWER')",
    ),
    (
        "row-level security is on wherever a policy is written",
        "alter table warehouse.finding disable row level security",
    ),
    (
        "every table of the warehouse notifies servers of changes",
        "drop trigger note_change on warehouse.finding",
    ),
    (
        "every reference between tables is enforced",
        "alter table warehouse.finding disable trigger all; alter table warehouse.finding enable \
         trigger note_change",
    ),
    (OBJECTS, "comment on view bi.dim_date is null"),
    (
        "every index is valid",
        "update pg_index set indisvalid = false where indexrelid = \
         'warehouse.finding_event_id_idx'::regclass",
    ),
    (
        "no row refers to another that is not there",
        "set local session_replication_role = replica; delete from warehouse.event where event_id \
         = 2; delete from warehouse.incident; \
         set local session_replication_role = origin",
    ),
];
const OBJECTS: &str = "every view, function, trigger and policy is as its file defines it";
/// The last one has two ways to be broken.
const LINEAGE: &str = "every record names a load, and a file of it that was loaded";

fn broken(findings: Vec<Violation>) -> Vec<Violation> {
    findings.into_iter().filter(|finding| finding.broken > 0).collect()
}

#[tokio::test]
async fn the_doctor_finds_nothing_in_an_empty_or_a_sound_warehouse_and_names_each_invariant_that_is_broken_with_advice()
 {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let mut connection =
        AsyncPgConnection::try_from(connect(database.url()).await.unwrap()).await.unwrap();
    assert_eq!(format!("{:?}", broken(examine(database.pool()).await.unwrap())), "[]");
    client.batch_execute(SOUND).await.unwrap();
    let sound = examine(database.pool()).await.unwrap();
    assert_eq!(format!("{:?}", broken(sound.clone())), "[]");
    let lineage = [
        (
            LINEAGE,
            "set local session_replication_role = replica; update warehouse.finding set file_id = \
             7",
        ),
        (LINEAGE, "update meta.file set status = 'FAILED'"),
    ];
    let breaks: Vec<(&str, &str)> = BREAKS.into_iter().chain(lineage).collect();
    for finding in sound {
        assert!(
            breaks.iter().any(|(told, _)| *told == finding.invariant),
            "no test breaks: {}",
            finding.invariant
        );
    }
    for (invariant, sql) in breaks {
        connection.batch_execute(&format!("begin; {sql}")).await.unwrap();
        let found = broken(examine_in(&mut connection).await.unwrap());
        connection.batch_execute("rollback").await.unwrap();
        let finding = found.iter().find(|finding| finding.invariant == invariant);
        let finding = finding.unwrap_or_else(|| panic!("{invariant}: not named; found {found:?}"));
        let told = ["load", "restore", "mend", "`"].iter().any(|way| finding.advice.contains(way));
        assert!(told, "{invariant}: what to do is not told");
        // What a break also breaks: records changed after publication, what hangs on a row that is
        // gone, and a trigger that is gone or off.
        let also = ["metrics are published of the records that are there", LINEAGE, OBJECTS];
        let others: Vec<&Violation> = found
            .iter()
            .filter(|other| other.invariant != invariant && !also.contains(&other.invariant))
            .collect();
        assert!(others.is_empty(), "{invariant}: also {others:?}");
    }
}
