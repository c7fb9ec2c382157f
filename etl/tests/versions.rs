//! Tests superseded versions of records. Each change of a record stores the version before it, for
//! every record type. Loading the same again stores nothing.
#![allow(clippy::unwrap_used, missing_docs)]

mod loading;

use hotwash_documents::input::Input;
use hotwash_etl::generate::{Memory, Recipe, generate};
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_schema::connect::connect;
use hotwash_schema::record::RECORD_TYPES;
use hotwash_schema::testing::TestDatabase;
use loading::load;

async fn lines(database: &TestDatabase, sql: &str) -> Vec<String> {
    let client = connect(database.url()).await.unwrap();
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Files of one exercise in region 1, with values that change.
fn files(status: &str, due: &str, rating: &str, name: &str) -> [(&'static str, String); 4] {
    [
        (
            "events.csv",
            format!(
                "event_id,kind,name,start_at,time_zone,regions,exercise_type,sensitivity\n\
                 FSE-1,EXERCISE,{name},2025-06-04T09:00,America/New_York,1,FSE,RESTRICTED\n"
            ),
        ),
        (
            "ratings.csv",
            format!(
                "rating_id,event_id,framework,capability,level,subject,scale,rating\n\
                 RATING-1,FSE-1,PHEP,10 Medical Surge,CAPABILITY,Place 60 patients,PSMU,{rating}\n"
            ),
        ),
        (
            "findings.csv",
            "finding_id,event_id,kind,framework,capability,text\n\
             FINDING-1,FSE-1,AREA_FOR_IMPROVEMENT,PHEP,10 Medical Surge,Beds were counted twice\n"
                .to_owned(),
        ),
        (
            "actions.csv",
            format!(
                "action_id,event_id,region,framework,capability,text,status,opened_on,due_on,\
                 reported_on\n\
                 ACTION-1,FSE-1,1,PHEP,10 Medical Surge,Count beds once,{status},2025-06-10,{due},\
                 2025-07-01\n"
            ),
        ),
    ]
}

async fn load_all(database: &TestDatabase, files: &[(&'static str, String); 4]) -> Vec<FileReport> {
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    load(database, &files).await
}

const VERSIONS: &str = "select concat_ws(' ', v.record_type, v.content ->> 'rating', v.content ->> \
     'name', v.content ->> 'status', v.content ->> 'due_current_on', v.batch_id, f.name, \
     v.source_row) from warehouse.record_version v left join meta.file f using (file_id) \
     order by v.valid_to, v.record_type";

#[tokio::test]
async fn a_change_stores_the_version_before_it_and_the_same_again_stores_nothing() {
    let database = TestDatabase::new().await;
    let first = files("OPEN", "2025-09-30", "M", "Surge exercise");
    load_all(&database, &first).await;
    load_all(&database, &first).await;
    assert_eq!(lines(&database, VERSIONS).await, Vec::<String>::new());
    load_all(&database, &files("IN_PROGRESS", "2025-12-31", "S", "Surge exercise")).await;
    let superseded = [
        "capability_rating M 1 ratings.csv 2",
        "corrective_action OPEN 2025-09-30 1 actions.csv 2",
    ];
    assert_eq!(lines(&database, VERSIONS).await, superseded);
    load_all(&database, &files("IN_PROGRESS", "2025-12-31", "P", "Regional surge exercise")).await;
    let all = [
        superseded[0],
        superseded[1],
        "event Surge exercise HELD 1 events.csv 2",
        "capability_rating S 3 ratings.csv 2",
    ];
    assert_eq!(lines(&database, VERSIONS).await, all);
    // Each version begins when the one before it ends, and the first one with its load.
    let gaps = "select v.record_type from warehouse.record_version v join meta.batch b using \
        (batch_id) left join lateral (select max(valid_to) as valid_to from \
        warehouse.record_version o where o.record_type = v.record_type and o.record_id = \
        v.record_id and o.valid_to < v.valid_to) o on true where v.valid_from <> \
        coalesce(o.valid_to, b.started_at) or v.valid_to <= v.valid_from";
    assert_eq!(lines(&database, gaps).await, Vec::<String>::new());
}

#[tokio::test]
async fn deleting_a_record_deletes_its_versions_and_the_retention_deletes_old_ones() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    load_all(&database, &files("OPEN", "2025-09-30", "M", "Surge exercise")).await;
    let changed = files("IN_PROGRESS", "2025-12-31", "S", "Surge");
    load_all(&database, &changed).await;
    assert_eq!(lines(&database, VERSIONS).await.len(), 3);
    client
        .batch_execute(
            "update warehouse.record_version set valid_from = now() - interval '50 days', valid_to \
             = now() - interval '40 days' where record_type = 'capability_rating'; \
             insert into meta.setting values ('version_days', '41')",
        )
        .await
        .unwrap();
    load_all(&database, &changed).await;
    assert_eq!(lines(&database, VERSIONS).await.len(), 3);
    client
        .batch_execute("update meta.setting set value = '39' where name = 'version_days'")
        .await
        .unwrap();
    load_all(&database, &changed).await;
    let types = "select record_type from warehouse.record_version order by 1";
    assert_eq!(lines(&database, types).await, ["corrective_action", "event"]);
    // Deleting the event deletes its action.
    client.batch_execute("delete from warehouse.event").await.unwrap();
    assert_eq!(lines(&database, types).await, Vec::<String>::new());
}

/// The generated coalition has records of every type with files of their own.
#[tokio::test]
async fn records_of_every_type_are_versioned_once_a_transaction() {
    let database = TestDatabase::new().await;
    let mut client = connect(database.url()).await.unwrap();
    let made = Memory::default();
    generate(&Recipe::default(), &made).unwrap();
    let inputs = made.take().into_iter().map(|(name, bytes)| {
        let input = Input::memory(&name, bytes);
        (name, Ok(input))
    });
    load_inputs(database.url(), inputs.collect(), &Options::default(), &Quiet).await.unwrap();
    let first: i64 = client
        .query_one("select count(*) from warehouse.record_version", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(first, 0, "new records have no versions");
    for record in RECORD_TYPES.iter().filter(|record| record.is_versioned()) {
        let name = record.name;
        let transaction = client.transaction().await.unwrap();
        let count =
            async |sql: &str| -> i64 { transaction.query_one(sql, &[]).await.unwrap().get(0) };
        let rows = format!("select count(*) from warehouse.{name} where batch_id is not null");
        let rows = count(&rows).await;
        // Notes are an operator's own: none are generated.
        assert!(rows > 0, "no {name} is generated");
        let rewrite = format!("update warehouse.{name} set source_row = source_row");
        transaction.batch_execute(&rewrite).await.unwrap();
        let versions = format!(
            "select count(*) from warehouse.record_version v join warehouse.{name} r on \
             r.{name}_id = v.record_id where v.record_type = '{name}' and v.content ->> 'source_id' \
             = r.source_id"
        );
        assert_eq!(count(&versions).await, 0, "{name}: nothing changed");
        let change = format!(
            "update warehouse.{name} set content_hash = content_hash || '1'::bytea where batch_id \
             is not null"
        );
        transaction.batch_execute(&change).await.unwrap();
        transaction.batch_execute(&change).await.unwrap();
        assert_eq!(count(&versions).await, rows, "{name}");
        transaction.commit().await.unwrap();
    }
}
