//! The warehouse on a real Postgres: migrations, reference data, versions.
#![allow(clippy::unwrap_used, missing_docs)]

use hotwash_schema::connect::connect;
use hotwash_schema::migrate::{check, migrate, migrate_with};
use hotwash_schema::profile::{self, Profile};
use hotwash_schema::testing::TestDatabase;

async fn number(client: &tokio_postgres::Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn every_reference_list_is_whole() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    for (what, sql, expected) in [
        ("municipalities", "select count(*) from warehouse.municipality", 351),
        ("memberships", "select count(*) from warehouse.municipality_region", 351),
        (
            "coalition regions",
            "select count(*) from warehouse.region join warehouse.region_scheme c using \
             (region_scheme_id) where c.code = 'HMCC'",
            6,
        ),
        (
            "PHEP",
            "select count(*) from warehouse.capability join warehouse.capability_framework f using \
             (capability_framework_id) where f.code = 'PHEP'",
            15,
        ),
        (
            "HPP",
            "select count(*) from warehouse.capability join warehouse.capability_framework f using \
             (capability_framework_id) where f.code = 'HPP'",
            4,
        ),
        (
            "FEMA",
            "select count(*) from warehouse.capability join warehouse.capability_framework f using \
             (capability_framework_id) where f.code = 'FEMA'",
            32,
        ),
        (
            "TCL",
            "select count(*) from warehouse.capability join warehouse.capability_framework f using \
             (capability_framework_id) where f.code = 'TCL'",
            37,
        ),
        (
            "crosswalk",
            "select count(*) from warehouse.capability_crosswalk where relation = 'EXACT'",
            6,
        ),
        ("core disciplines", "select count(*) from warehouse.discipline where state_core", 5),
        ("core members", "select count(*) from warehouse.discipline where hpp_core", 4),
        ("days", "select count(*) from warehouse.calendar_date", 36_890),
        (
            "federal and state holidays of a year",
            "select count(holiday) from warehouse.calendar_date where year = 2025",
            12,
        ),
        (
            "state holidays of the third Monday of April",
            "select count(*) from bi.dim_date where date = '2025-04-21' and holiday is not null",
            1,
        ),
        (
            "labels whose weights do not sum to 1",
            "select count(*) from (select from warehouse.hazard_alias group by scheme, \
             normalized_label having sum(weight) <> 1) as wrong",
            0,
        ),
        (
            "tables without a comment",
            "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where \
             n.nspname in ('warehouse', 'meta', 'bi', 'access') and c.relkind in ('r', 'v') and \
             obj_description(c.oid) is null",
            0,
        ),
        (
            "columns without a comment",
            "select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid join \
             pg_namespace n on n.oid = c.relnamespace where n.nspname in ('warehouse', 'meta', \
             'bi', 'access') and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped \
             and col_description(c.oid, a.attnum) is null",
            0,
        ),
    ] {
        assert_eq!(number(&client, sql).await, expected, "{what}");
    }
}

#[tokio::test]
async fn the_fiscal_year_starts_in_july_and_is_named_by_its_end() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let row = client
        .query_one(
            "select fiscal_year, fiscal_quarter, budget_period from warehouse.calendar_date \
            where calendar_date = '2024-07-01'",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(
        (row.get::<_, i32>(0), row.get::<_, i32>(1), row.get::<_, String>(2)),
        (2025, 1, "BP1 (FY25)".to_owned())
    );
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let before = number(&client, "select meta.warehouse_version()").await;
    let report = migrate(database.url()).await.unwrap();
    assert!(report.applied.is_empty() && report.objects.is_empty(), "{report}");
    assert_eq!(report.reference_rows, 0);
    assert!(!report.to_string().contains("warning"), "{report}");
    check(database.pool()).await.unwrap();
    assert_eq!(
        number(&client, "select meta.warehouse_version()").await,
        before,
        "and raises no version"
    );
}

#[tokio::test]
async fn a_newer_database_is_refused_and_an_unmigrated_one_is_named() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    client
        .execute("insert into __diesel_schema_migrations (version) values ('99991231000000')", &[])
        .await
        .unwrap();
    let error = check(database.pool()).await.unwrap_err().to_string();
    assert!(error.contains("newer") && error.contains("99991231000000"), "{error}");
    assert!(migrate(database.url()).await.is_err());
    client.execute("delete from __diesel_schema_migrations", &[]).await.unwrap();
    let error = check(database.pool()).await.unwrap_err().to_string();
    assert!(error.contains("hotwash migrate"), "{error}");
}

#[tokio::test]
async fn a_database_of_migrations_that_were_replaced_is_refused_with_what_to_do() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(
            "delete from __diesel_schema_migrations; insert into __diesel_schema_migrations \
             (version) values ('20261124000001'), ('20261128230500')",
        )
        .await
        .unwrap();
    for error in [
        check(database.pool()).await.unwrap_err().to_string(),
        migrate(database.url()).await.unwrap_err().to_string(),
    ] {
        for part in ["20261128230500", "pg_dump", "empty database", "load your files again"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}

#[tokio::test]
async fn a_corrupt_reference_file_is_named_and_nothing_of_it_is_stored() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    let hazards =
        |order: &str| format!("code,category,name,sort_order\nmeteor,natural,Meteor,{order}\n");
    write("profile.toml", &format!("extends = {:?}", profile::active().id));
    write("hazards.csv", &hazards("many"));
    let error = Profile::read(folder.path()).unwrap_err().to_string();
    for part in ["hazards.csv", "row 2", "sort_order", "many", "whole number"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    // What only the database can tell.
    write("hazards.csv", &hazards("1"));
    let headings = "geoid,municipality,county,county_fips,type,region,region_basis";
    write("municipalities.csv", &format!("{headings}\n9900100001,Town,County,none,town,1,test\n"));
    let own = Profile::read(folder.path()).unwrap();
    let error = migrate_with(database.url(), Some(&own)).await.unwrap_err().to_string();
    assert!(error.contains("municipalities.csv") && error.contains("none"), "{error}");
    let client = connect(database.url()).await.unwrap();
    assert_eq!(
        number(&client, "select count(*) from warehouse.hazard where code = 'meteor'").await,
        0
    );
    migrate(database.url()).await.unwrap();
    assert_eq!(
        number(&client, "select count(*) from meta.setting where value ->> 'id' is not null").await,
        1,
        "the warehouse has the profile it had"
    );
}

#[tokio::test]
async fn another_profile_replaces_the_lists_of_an_empty_warehouse_alone() {
    let database = TestDatabase::new().await;
    let other = Profile::named("california").unwrap();
    migrate_with(database.url(), Some(&other)).await.unwrap();
    let client = connect(database.url()).await.unwrap();
    for (what, sql, expected) in [
        ("counties", "select count(*) from warehouse.municipality where geoid like '06___'", 58),
        ("units", "select count(*) from warehouse.municipality", 58),
        ("regions", "select count(*) from warehouse.region where region_id > 0", 6),
        ("residents", "select sum(population_2020) from warehouse.municipality", 39_538_223),
        (
            "sizes that differ from the published ones",
            "select count(*) from warehouse.region r where region_id > 0 and \
             published_municipalities <> (select count(*) from warehouse.municipality_region m \
             where m.region_id = r.region_id)",
            0,
        ),
        (
            "scheme",
            "select count(*) from warehouse.region_scheme where code = meta.region_scheme()",
            1,
        ),
    ] {
        assert_eq!(number(&client, sql).await, expected, "{what}");
    }
    client
        .batch_execute(
            "insert into warehouse.organization (source, source_id, name, normalized_name) values \
             ('test', '1', 'One', 'one')",
        )
        .await
        .unwrap();
    let first = profile::Profile::named(Profile::shipped()[1]).unwrap();
    let error = migrate_with(database.url(), Some(&first)).await.unwrap_err().to_string();
    for part in ["california", &first.id, "empty warehouse", "HOTWASH_HOME"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn a_setting_without_a_part_of_the_profile_is_written_anew() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let stored = "select value from meta.setting where name = 'profile'";
    let whole: serde_json::Value = client.query_one(stored, &[]).await.unwrap().get(0);
    assert!(whole["countyTimeZones"].is_object() && whole["timeZones"].is_array(), "{whole}");
    client
        .batch_execute(
            "update meta.setting set value = value - 'countyTimeZones' - 'timeZones' \
             where name = 'profile'",
        )
        .await
        .unwrap();
    migrate(database.url()).await.unwrap();
    let renewed: serde_json::Value = client.query_one(stored, &[]).await.unwrap().get(0);
    assert_eq!(renewed, whole);
}

#[tokio::test]
async fn a_change_raises_the_version_of_its_table_alone_and_once_a_transaction() {
    let database = TestDatabase::new().await;
    let mut client = connect(database.url()).await.unwrap();
    let version = "select version from meta.table_version where table_name = 'warehouse.hazard'";
    let other = "select version from meta.table_version where table_name = 'warehouse.region'";
    let before = number(&client, "select max(version) from meta.table_version").await;
    let other_before = number(&client, other).await;
    let transaction = client.transaction().await.unwrap();
    for _ in 0..3 {
        transaction
            .execute("update warehouse.hazard set sort_order = sort_order + 1", &[])
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
    assert_eq!(number(&client, version).await, before + 1);
    assert_eq!(number(&client, other).await, other_before);
}

#[tokio::test]
async fn a_transaction_that_began_first_and_ends_last_raises_the_version_too() {
    let database = TestDatabase::new().await;
    let (mut early, late) =
        (connect(database.url()).await.unwrap(), connect(database.url()).await.unwrap());
    let version = "select version from meta.table_version where table_name = 'warehouse.hazard'";
    let early = early.transaction().await.unwrap();
    early.execute("update warehouse.element set sort_order = sort_order + 1", &[]).await.unwrap();
    late.execute("update warehouse.hazard set sort_order = sort_order + 1", &[]).await.unwrap();
    let after_late = number(&late, version).await;
    early.execute("update warehouse.hazard set sort_order = sort_order + 1", &[]).await.unwrap();
    early.commit().await.unwrap();
    assert!(number(&late, version).await > after_late);
}

#[tokio::test]
async fn an_index_has_the_words_that_a_search_compares() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    // An index is used only for the very expression that it has.
    client.batch_execute("set enable_seqscan = off").await.unwrap();
    for (table, text) in hotwash_schema::search::SEARCHED {
        let words = text.words.text(table, "");
        let sql = format!(
            "explain select from warehouse.{table} where {words} @@ to_tsquery('english', 'radio')"
        );
        let plan = client.query(&sql, &[]).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        let index = format!("Bitmap Index Scan on {table}_words_idx");
        assert!(plan.iter().any(|line| line.contains(&index)), "{plan:#?}");
    }
    // A text with more words than Postgres puts into one list is stored all the same.
    let long: String = (0..400_000).map(|number| format!("w{number} ")).collect();
    let stored = client
        .execute(
            "insert into warehouse.event (kind, name, start_at, local_date, narrative, source, \
             source_id, batch_id, file_id, source_row, content_hash) values ('EXERCISE', 'Surge', \
             now(), current_date, $1, 'test', '1', 1, 1, 1, ''::bytea)",
            &[&long],
        )
        .await;
    assert_eq!(stored.unwrap(), 1);
}
