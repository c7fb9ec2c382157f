//! The Diesel tables are generated from a migrated database; this test writes them anew with
//! `HOTWASH_WRITE=1` and fails when the committed ones are stale.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write;

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;

async fn generated(url: &str) -> String {
    let client = connect(url).await.unwrap();
    let mut text = String::from(
        "//! Diesel's view of the tables, generated from a migrated database by `HOTWASH_WRITE=1 \
         cargo test\n//! -p hotwash-schema --test tables`.\n#![allow(\n    missing_docs,\n    reason = \
         \"generated; the database's own comments say what each column means\"\n)]\n",
    );
    let tables = client
        .query(
            "select n.nspname, c.relname, (select string_agg(a.attname, ', ' order by k.place) \
             from pg_index i \
             cross join lateral unnest(i.indkey::int[]) with ordinality as k(number, place) \
             join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number where i.indrelid = \
             c.oid and i.indisprimary) \
             from pg_class c join pg_namespace n on n.oid = c.relnamespace \
             where c.relkind = 'r' and n.nspname in ('warehouse', 'meta', 'access') or c.oid = \
             'bi.metric_value'::regclass order by 1, 2",
            &[],
        )
        .await
        .unwrap();
    for table in tables {
        let (schema, name, key): (String, String, String) =
            (table.get(0), table.get(1), table.get(2));
        let key: Vec<String> = key
            .split(", ")
            .map(
                |column| {
                    if column == name { format!("{column}_column") } else { column.to_owned() }
                },
            )
            .collect();
        let _ = writeln!(text, "\ndiesel::table! {{\n    {schema}.{name} ({}) {{", key.join(", "));
        let columns = client
            .query(
                "select a.attname, t.typname, a.attnotnull from pg_attribute a join pg_type t on \
                 t.oid = a.atttypid \
                 where a.attrelid = ($1::text || '.' || $2::text)::regclass and a.attnum > 0 and \
                 not a.attisdropped order by a.attnum",
                &[&schema, &name],
            )
            .await
            .unwrap();
        for column in columns {
            let (column, kind, required): (String, String, bool) =
                (column.get(0), column.get(1), column.get(2));
            let kind = match kind.as_str() {
                "int2" => "SmallInt",
                "int4" => "Integer",
                "int8" => "BigInt",
                "float8" => "Double",
                "bool" => "Bool",
                "date" => "Date",
                "timestamptz" => "Timestamptz",
                "bytea" => "Bytea",
                "jsonb" => "Jsonb",
                "_text" => "Array<Text>",
                _ => "Text",
            };
            let kind = if required { kind.to_owned() } else { format!("Nullable<{kind}>") };
            // Words that Rust or Diesel keep for themselves go by another name.
            match column.as_str() {
                word if word == name => {
                    let _ = writeln!(
                        text,
                        "        #[sql_name = \"{column}\"]\n        {column}_column -> {kind},"
                    );
                }
                _ => {
                    let _ = writeln!(text, "        {column} -> {kind},");
                }
            }
        }
        text.push_str("    }\n}\n");
    }
    text.push_str(
        "\ndiesel::joinable!(reject -> file \
        (file_id));\ndiesel::allow_tables_to_appear_in_same_query!(reject, file);\n",
    );
    text
}

#[tokio::test]
async fn the_diesel_tables_are_those_of_the_migrated_database() {
    let database = TestDatabase::new().await;
    let generated = generated(database.url()).await;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tables.rs");
    if std::env::var_os("HOTWASH_WRITE").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == generated,
        "write it anew: HOTWASH_WRITE=1 cargo test -p hotwash-schema --test tables"
    );
}
