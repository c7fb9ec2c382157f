//! Tests that a refreshed snapshot equals a newly read one, after any changes of the warehouse.
#![allow(clippy::unwrap_used, missing_docs)]

use hotwash_metrics::{Grain, MetricQuery, Snapshot, TableRefresh, evaluate, registry};
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Changes of the warehouse. Placeholders: `#` is a unique number. `EVENT`, `FINDING`, `ACTION`,
/// `ORGANIZATION` and `ASSESSMENT` are ids of existing rows. `DAY` is a day and `LINEAGE` the load
/// of a fact.
const NEW: &[&str] = &[
    "with e as (insert into warehouse.event (kind, name, start_at, end_at, local_date, owes_aar, \
     hazard_id, source, source_id, batch_id, file_id, source_row, content_hash) \
        values ('EXERCISE', 'E', DAY, DAY + interval '3 hours', DAY, true, 1 + # % 40, 'hotwash', \
        '#', LINEAGE) returning event_id), \
        x as (insert into warehouse.exercise (event_id, exercise_type_id, scope) select event_id, \
        1 + # % 7, 'All' from e) \
     insert into warehouse.event_region (event_id, region_id) select event_id, 1 + # % 6 from e",
    "with e as (insert into warehouse.event (kind, name, start_at, local_date, hazard_id, source, \
     source_id, batch_id, file_id, source_row, content_hash) \
        values ('INCIDENT', 'I', DAY, DAY, 1 + # % 40, 'noaa', '#', LINEAGE) returning event_id), \
        i as (insert into warehouse.incident (event_id, response, deaths_direct) select event_id, \
        'RESPONDED', 2 from e), \
        h as (insert into warehouse.event_hazard (event_id, hazard_id, is_primary) select \
        event_id, 7, false from e) \
     insert into warehouse.event_region (event_id, region_id) select event_id, r from e, \
     unnest(array[1 + # % 3, 4 + # % 3]) r",
    "insert into warehouse.capability_rating (event_id, capability_id, subject, rating_scale_id, \
     rating, source, source_id, batch_id, file_id, source_row, content_hash) \
        select EVENT, 1 + n % 15, case when n = 2 then 'S' end, 1, (array['P', 'S', 'M', 'U', \
        'NOT_OBSERVED'])[1 + (# + n) % 5], 'hotwash', '#-' || n, LINEAGE from generate_series(1, \
        5) n",
    "with f as (insert into warehouse.finding (event_id, kind, capability_id, text, reference, \
     source, source_id, batch_id, file_id, source_row, content_hash) \
        values (EVENT, 'AREA_FOR_IMPROVEMENT', 1 + # % 15, 'F', 'R', 'hotwash', '#', LINEAGE) \
        returning finding_id) \
     insert into warehouse.finding_element (finding_id, element_id, weight) select finding_id, n, \
     0.5 from f, generate_series(1, 2) n",
    "with a as (insert into warehouse.corrective_action (event_id, finding_id, region_id, \
     capability_id, owner_organization_id, text, status, opened_on, due_original_on, \
     due_current_on, \
        source, source_id, batch_id, file_id, source_row, content_hash) select EVENT, FINDING, 1 + \
        # % 6, 1 + # % 15, ORGANIZATION, 'A', 'OPEN', DAY, DAY + 90, DAY + 90, 'hotwash', '#', \
        LINEAGE \
        returning corrective_action_id, opened_on) \
     insert into warehouse.action_status_history (corrective_action_id, changed_on, change, \
     status, batch_id, file_id, source_row) \
        select corrective_action_id, opened_on, 'OPENED', 'OPEN', 1, 1, 1 from a",
    "insert into warehouse.corrective_action (event_id, finding_id, text, status, opened_on, \
     source, source_id, batch_id, file_id, source_row, content_hash) \
        select null, FINDING, 'B', 'COMPLETED', DAY, 'hotwash', '#', LINEAGE",
    "insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, \
     change, status, due_on, batch_id, file_id, source_row) \
        select ACTION, DAY, #, (array['COMPLETED', 'REOPENED', 'DUE_DATE', 'CANCELLED'])[1 + # % \
        4], (array['COMPLETED', 'OPEN', 'OPEN', 'CANCELLED'])[1 + # % 4], DAY + 9, 1, 1, 1",
    "insert into warehouse.corrective_action_element (corrective_action_id, element_id, weight) \
     select ACTION, 1 + # % 4, 1 on conflict do nothing",
    "insert into warehouse.finding_element (finding_id, element_id, weight) select FINDING, 3 + # \
     % 2, 0.25 where FINDING is not null on conflict do nothing",
    "insert into warehouse.after_action_report (event_id, layout, has_overview, final_on, \
     batch_id, file_id, source_row, content_hash) \
        select EVENT, 'L', true, DAY, LINEAGE on conflict do nothing",
    "insert into warehouse.objective (event_id, number, text, capability_id) select EVENT, #, 'O', \
     1 + # % 15",
    "insert into warehouse.milestone (event_id, milestone_type_id, occurred_at, source, source_id, \
     batch_id, file_id, source_row, content_hash) \
        select EVENT, milestone_type_id, DAY + interval '1 hour' * (# % 48), 'hotwash', '#-' || \
        milestone_type_id, LINEAGE from warehouse.milestone_type where milestone_type_id > 0 and \
        (milestone_type_id + #) % 3 = 0",
    "with o as (insert into warehouse.organization (source, source_id, name, normalized_name, \
     region_id, discipline_id) values ('hotwash', '#', 'O', 'o #', 1 + # % 6, 1 + # % 5) returning \
     organization_id) \
     insert into warehouse.participation (event_id, organization_id, source, source_id, batch_id, \
     file_id, source_row, content_hash) select EVENT, organization_id, 'hotwash', '#', LINEAGE \
     from o",
    "insert into warehouse.participation (event_id, organization_id, source, source_id, batch_id, \
     file_id, source_row, content_hash) select EVENT, ORGANIZATION, 'hotwash', 'p#', LINEAGE",
    "with q as (insert into warehouse.information_request (event_id, label, asked_at, due_at, \
     source, source_id, batch_id, file_id, source_row, content_hash) \
        values (EVENT, 'Q', DAY, DAY + interval '2 hours', 'hotwash', '#', LINEAGE) returning \
        information_request_id) \
     insert into warehouse.information_report (information_request_id, organization_id, \
     received_at) select information_request_id, ORGANIZATION, DAY from q",
    "insert into warehouse.information_report (information_request_id, organization_id, \
     received_at) \
        select max(information_request_id), ORGANIZATION, DAY from warehouse.information_request \
        having max(information_request_id) > 0 on conflict do nothing",
    "insert into warehouse.resource_request (event_id, region_id, kind, quantity_requested, \
     requested_at, source, source_id, batch_id, file_id, source_row, content_hash) \
        select EVENT, 1 + # % 6, 'R', 5, DAY, 'hotwash', '#', LINEAGE",
    "with a as (insert into warehouse.risk_assessment (organization_id, region_id, \
     assessment_method_id, assessed_on, source, source_id, batch_id, file_id, source_row, \
     content_hash) \
        values (case when # % 2 = 0 then ORGANIZATION else -1 end, 1 + # % 6, (select \
        min(assessment_method_id) from warehouse.assessment_method where assessment_method_id > \
        0), DAY, 'hotwash', '#', LINEAGE) \
        returning risk_assessment_id) \
     insert into warehouse.risk_score (risk_assessment_id, label, hazard_id, applicable, risk, \
     source, source_id, batch_id, file_id, source_row, content_hash) \
        select risk_assessment_id, 'S', n, true, 0.5, 'hotwash', '#-' || n, LINEAGE from a, \
        generate_series(1, 3) n",
    "insert into warehouse.risk_score (risk_assessment_id, label, hazard_id, applicable, risk, \
     source, source_id, batch_id, file_id, source_row, content_hash) \
        select ASSESSMENT, 'S', 4 + # % 9, true, 0.25, 'hotwash', 's#', LINEAGE where ASSESSMENT \
        is not null",
    "insert into meta.file (batch_id, name, source, status, finished_at) values (1, '#', \
     (array['hotwash', 'noaa'])[1 + # % 2], 'LOADED', now())",
    // Additions to old events.
    "insert into warehouse.event_region (event_id, region_id) select EVENT, 1 + # % 6 on conflict \
     do nothing",
    "insert into warehouse.exercise (event_id, exercise_type_id, time_limit_minutes) select EVENT, \
     2, 30 on conflict do nothing",
    // Keys that sort before the known ones.
    "insert into warehouse.capability_rating (capability_rating_id, event_id, capability_id, \
     rating_scale_id, rating, source, source_id, batch_id, file_id, source_row, content_hash) \
        select -#, EVENT, 1, 1, 'P', 'hotwash', 'low #', LINEAGE",
    // No change.
    "insert into warehouse.event_region (event_id, region_id) select EVENT, 1 where false",
];

const OTHER: &[&str] = &[
    "update warehouse.event set local_date = DAY, hazard_id = 3 where event_id = EVENT",
    "update warehouse.event set status = 'CANCELLED' where event_id = EVENT",
    "update warehouse.capability_rating set rating = 'S' where capability_rating_id = (select \
     capability_rating_id from warehouse.capability_rating order by md5(capability_rating_id::text \
     || '#') limit 1)",
    "delete from warehouse.capability_rating where capability_rating_id = (select \
     max(capability_rating_id) from warehouse.capability_rating)",
    "update warehouse.corrective_action set status = 'COMPLETED', completed_on = opened_on + 3 \
     where corrective_action_id = ACTION",
    "delete from warehouse.corrective_action where corrective_action_id = ACTION",
    "update warehouse.organization set active = not active, region_id = 1 + # % 6 where \
     organization_id = ORGANIZATION",
    "delete from warehouse.finding where finding_id = FINDING",
    "delete from warehouse.event_region where event_id = EVENT",
    "delete from warehouse.event where event_id = EVENT",
    "update warehouse.risk_score set rank_in_assessment = 1 where risk_assessment_id = ASSESSMENT",
    "update warehouse.milestone set occurred_at = occurred_at + interval '1 hour' where event_id = \
     EVENT",
    "update warehouse.rating_value set counts_as_good = not counts_as_good where code = 'S'",
    "truncate warehouse.resource_request",
    "savepoint s; insert into warehouse.objective (event_id, number, text, capability_id) select \
     EVENT, #, 'O', 2; rollback to savepoint s; \
     insert into warehouse.objective (event_id, number, text, capability_id) select EVENT, 100000 \
     + #, 'O', 2",
    "set local session_replication_role = replica; insert into warehouse.objective (event_id, \
     number, text, capability_id) select EVENT, #, 'O', 2; \
     set local session_replication_role = origin; delete from warehouse.objective where false",
];

fn some(table: &str, key: &str, number: u32) -> String {
    format!(
        "(select {key} from warehouse.{table} where {key} > 0 order by md5({key}::text || \
         '{number}') limit 1)"
    )
}

fn statement(template: &str, number: u32, days: u32) -> String {
    template
        .replace(
            "ORGANIZATION",
            &format!("coalesce({}, -1)", some("organization", "organization_id", number)),
        )
        .replace("ASSESSMENT", &some("risk_assessment", "risk_assessment_id", number))
        .replace("EVENT'", "\u{1}")
        .replace("EVENT", &some("event", "event_id", number))
        .replace('\u{1}', "EVENT'")
        .replace("FINDING", &some("finding", "finding_id", number))
        .replace("ACTION", &some("corrective_action", "corrective_action_id", number))
        .replace("LINEAGE", "1, 1, 1, '\\x00'::bytea")
        .replace("DAY", &format!("(date '2024-01-01' + {days})"))
        .replace('#', &number.to_string())
}

async fn begun() -> (TestDatabase, tokio_postgres::Client) {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let lineage = "insert into meta.batch (tool_version) values ('test'); \
        insert into meta.file (batch_id, name, source, status) values (1, 'r', 'hotwash', \
        'LOADED')";
    client.batch_execute(lineage).await.unwrap();
    for number in 1..4 {
        for (place, template) in NEW.iter().enumerate() {
            client
                .batch_execute(&statement(template, number * 100 + place as u32, number * 30))
                .await
                .unwrap();
        }
    }
    (database, client)
}

fn assert_same(refreshed: &Snapshot, anew: &Snapshot, after: &str) {
    assert_eq!(refreshed.generation(), anew.generation(), "after {after}");
    for table in anew.refreshes().keys() {
        assert_eq!(refreshed.printed(table), anew.printed(table), "{table} after {after}");
    }
}

/// Returns every metric at its defaults and by quarter.
fn metrics(snapshot: &Snapshot) -> Vec<String> {
    let as_of = chrono::NaiveDate::from_ymd_opt(2026, 6, 30).unwrap();
    let mut lines = Vec::new();
    for (metric, period) in
        registry().iter().flat_map(|metric| [(metric, None), (metric, Some(Grain::Quarter))])
    {
        let id = metric.definition().id;
        let rows = evaluate(
            snapshot,
            id,
            &MetricQuery { period, as_of, ..MetricQuery::default() },
            &Viewer::local(),
        )
        .unwrap()
        .rows;
        lines.extend(rows.iter().map(|row| format!("{id} {period:?} {row:?}")));
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refreshed_snapshot_holds_what_one_read_anew_holds() {
    let (database, client) = begun().await;
    let mut beside = connect(database.url()).await.unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut refreshed = Snapshot::load(database.url()).await.unwrap();
    let mut number = 1_000;
    let mut next = |random: &mut ChaCha8Rng| {
        let templates = if random.random_bool(0.8) { NEW } else { OTHER };
        number += 1;
        statement(templates.choose(random).unwrap(), number, random.random_range(0..700))
    };
    let (mut parts, mut kept) = (0, 0);
    for round in 0..90 {
        // Answers cached for the previous snapshot carry over to the next, unless their tables
        // changed.
        let asked = round % 15 == 0;
        if asked {
            metrics(&refreshed);
        }
        // Sometimes another transaction starts first and commits last, between two refreshes.
        let other = if random.random_bool(0.3) {
            let other = beside.transaction().await.unwrap();
            other
                .batch_execute(&statement(NEW[12], 500_000 + random.random_range(0..400_000), 3))
                .await
                .unwrap();
            Some(other)
        } else {
            None
        };
        let changes: Vec<String> =
            (0..random.random_range(1..4)).map(|_| next(&mut random)).collect();
        let after = changes.join(";\n");
        client.batch_execute("set lock_timeout = '200ms'").await.unwrap();
        let done = client.batch_execute(&format!("begin; {after}; commit")).await;
        if done.is_err() {
            client.batch_execute("rollback").await.unwrap();
        }
        refreshed = refreshed.refresh(database.url()).await.unwrap();
        parts +=
            refreshed.refreshes().values().filter(|taken| **taken == TableRefresh::Partial).count();
        kept +=
            refreshed.refreshes().values().filter(|taken| **taken == TableRefresh::Reused).count();
        let anew = Snapshot::load(database.url()).await.unwrap();
        assert_same(&refreshed, &anew, &after);
        if asked {
            assert!(
                metrics(&refreshed) == metrics(&anew.without_caches()),
                "metrics after {after}"
            );
        }
        if let Some(other) = other {
            other.commit().await.unwrap();
            refreshed = refreshed.refresh(database.url()).await.unwrap();
            assert_same(
                &refreshed,
                &Snapshot::load(database.url()).await.unwrap(),
                "the other transaction",
            );
        }
    }
    assert!(parts > 100 && kept > 500, "{parts} tables were read in part and {kept} kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_rows_are_read_alone() {
    let (database, client) = begun().await;
    let mut snapshot = Snapshot::load(database.url()).await.unwrap();
    for (place, template) in NEW.iter().enumerate().take(20) {
        client.batch_execute(&statement(template, 5_000 + place as u32, 90)).await.unwrap();
        snapshot = snapshot.refresh(database.url()).await.unwrap();
        let integer: Vec<&str> = snapshot
            .refreshes()
            .iter()
            .filter(|(_, taken)| **taken == TableRefresh::Full)
            .map(|(name, _)| *name)
            .collect();
        let expected: &[&str] = if template.contains("meta.file") { &["files"] } else { &[] };
        assert_eq!(integer, expected, "after {template}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_write_nothing_change_no_version() {
    let (database, client) = begun().await;
    let snapshot = Snapshot::load(database.url()).await.unwrap();
    let nothing = "insert into warehouse.event_region (event_id, region_id) select 1, 1 where \
        false; \
        update warehouse.event set hazard_id = 1 where false";
    client.batch_execute(nothing).await.unwrap();
    assert_eq!(snapshot.refresh(database.url()).await.unwrap().generation(), snapshot.generation());
}
