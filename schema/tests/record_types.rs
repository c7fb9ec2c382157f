//! The descriptions of record types agree with the migrated tables.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;

use hotwash_schema::connect::connect;
use hotwash_schema::migrate::migrate;
use hotwash_schema::record::{ColumnDef, RECORD_TYPES, StoredColumn, Visibility};
use hotwash_schema::testing::TestDatabase;
use tokio_postgres::Client;

/// Type, whether required, referenced table, vocabulary and meaning of a column.
type Facts = (String, bool, Vec<String>, BTreeSet<String>, String);

async fn in_database(client: &Client, table: &str, column: &str) -> Option<Facts> {
    let row = client
        .query_opt(
            "select format_type(a.atttypid, a.atttypmod), a.attnotnull, \
             array(select f.relname::text from pg_constraint c left join pg_constraint d on \
             cardinality(c.conkey) > 1 and d.contype = 'f' and d.conrelid = c.confrelid and \
             d.conkey = array[c.confkey[array_position(c.conkey, a.attnum)]] join pg_class f on \
             f.oid = case when cardinality(c.conkey) = 1 then c.confrelid else d.confrelid end \
             where c.conrelid = a.attrelid and c.contype = 'f' and a.attnum = any(c.conkey)), \
             array(select (regexp_matches(pg_get_constraintdef(c.oid), \
             '\\x27([^\\x27]+)\\x27', 'g'))[1] from pg_constraint c where c.conrelid = a.attrelid \
             and c.contype = 'c' and c.conkey = array[a.attnum] \
             and pg_get_constraintdef(c.oid) like '%ANY%'), \
             coalesce(col_description(a.attrelid, a.attnum), '') \
             from pg_attribute a where a.attrelid = ('warehouse.' || $1::text)::regclass \
             and a.attname = $2::text",
            &[&table, &column],
        )
        .await
        .unwrap()?;
    let words: Vec<String> = row.get(3);
    Some((row.get(0), row.get(1), row.get(2), words.into_iter().collect(), row.get(4)))
}

fn described(column: &ColumnDef, stored: StoredColumn) -> Facts {
    (
        stored.data_type.sql().to_owned(),
        column.required,
        column.references.iter().map(ToString::to_string).collect(),
        column.vocabulary.iter().flat_map(|list| list.codes).map(ToString::to_string).collect(),
        column.meaning.to_owned(),
    )
}

#[tokio::test]
async fn descriptions_agree_with_the_tables() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let comment = "select obj_description(('warehouse.' || $1::text)::regclass)";
    for record in RECORD_TYPES {
        for column in record.columns {
            let Some(stored) = column.stored else { continue };
            let table = stored.table.unwrap_or(record.name);
            let found = in_database(&client, table, stored.name).await;
            let wanted = described(column, stored);
            assert_eq!(found, Some(wanted), "warehouse.{table}.{}", stored.name);
        }
        let comment: Option<String> =
            client.query_one(comment, &[&record.name]).await.unwrap().get(0);
        assert_eq!(comment.as_deref(), Some(record.meaning), "warehouse.{}", record.name);
    }
}

/// Record types whose table has no row-level security although not everyone may read it.
async fn unsecured(client: &Client) -> Vec<&'static str> {
    let secured = "select c.relrowsecurity and exists (select from pg_policy where polrelid = c.oid) \
        from pg_class c where c.oid = ('warehouse.' || $1::text)::regclass";
    let mut unsecured = Vec::new();
    for record in RECORD_TYPES.iter().filter(|record| record.visibility != Visibility::Open) {
        if !client.query_one(secured, &[&record.name]).await.unwrap().get::<_, bool>(0) {
            unsecured.push(record.name);
        }
    }
    unsecured
}

#[tokio::test]
async fn migrate_enables_row_level_security_on_every_table_with_a_policy() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    assert_eq!(unsecured(&client).await, [""; 0]);
    let off = "alter table warehouse.finding disable row level security";
    client.batch_execute(off).await.unwrap();
    assert_eq!(unsecured(&client).await, ["finding"]);
    migrate(database.url()).await.unwrap();
    assert_eq!(unsecured(&client).await, [""; 0]);
}

#[test]
fn parents_come_before_their_records() {
    let position = |name: &str| RECORD_TYPES.iter().position(|record| record.name == name);
    for record in RECORD_TYPES {
        if let Some(parent) = record.parent {
            assert!(position(parent.record) < position(record.name), "{}", record.name);
        }
    }
}
