//! Generates the Diesel tables from a migrated database. Fails if the committed ones are stale;
//! `HOTWASH_WRITE=1` rewrites them.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write;

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;

async fn generated(url: &str) -> String {
    let client = connect(url).await.unwrap();
    let mut text = String::from(
        "//! Diesel's view of the tables, generated from a migrated database by `HOTWASH_WRITE=1 \
         cargo test\n//! --workspace --test tables`.\n#![allow(\n    missing_docs,\n    reason = \
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
    let names: Vec<String> = tables.iter().map(|table| table.get(1)).collect();
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
                "_int4" => "Array<Integer>",
                _ => "Text",
            };
            let kind = if required { kind.to_owned() } else { format!("Nullable<{kind}>") };
            // Reserved words of Rust or Diesel get another name.
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
    // Two tables can be joined if exactly one reference connects them.
    let references = client
        .query(
            "select o.relname, t.relname, min(a.attname) from pg_constraint c \
             join pg_class o on o.oid = c.conrelid join pg_class t on t.oid = c.confrelid \
             join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1] \
             where c.contype = 'f' and cardinality(c.conkey) = 1 and c.conrelid <> c.confrelid \
             and c.connamespace in ('warehouse'::regnamespace, 'meta'::regnamespace) \
             group by o.relname, t.relname having count(*) = 1 order by 1, 2",
            &[],
        )
        .await
        .unwrap();
    text.push('\n');
    for reference in references {
        let (own, other, column): (String, String, String) =
            (reference.get(0), reference.get(1), reference.get(2));
        let _ = writeln!(text, "diesel::joinable!({own} -> {other} ({column}));");
    }
    let _ = writeln!(
        text,
        "\ndiesel::allow_tables_to_appear_in_same_query!(\n    {},\n);",
        names.join(",\n    ")
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
        "write it again: HOTWASH_WRITE=1 cargo test --workspace --test tables"
    );
}
