//! Views, functions, triggers and policies: applied from their files, again when a file changed,
//! and equal whether a database was made from nothing or upgraded.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::process::Command;

use hotwash_schema::cluster::Programs;
use hotwash_schema::connect::connect;
use hotwash_schema::doctor::examine;
use hotwash_schema::label::normalize_label;
use hotwash_schema::migrate::{check, migrate, migrate_to};
use hotwash_schema::objects::{Applied, ObjectFile, Reason, shipped};
use hotwash_schema::testing::TestDatabase;

/// The schema as `pg_dump` writes it, one entry an object, in the order of their names.
fn dump(url: &str) -> BTreeSet<String> {
    let output = Command::new(Programs::client("pg_dump").unwrap())
        .args(["--schema-only", url])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let entries = text.split("\n--\n-- Name: ").skip(1);
    let entry = |entry: &str| {
        let lines = entry.lines().filter(|line| !line.starts_with("\\unrestrict"));
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    };
    entries.map(entry).collect()
}

/// Digests and order of the files as the database has them on record.
async fn record(url: &str) -> Vec<(String, String, i32)> {
    let client = connect(url).await.unwrap();
    let sql = "select name, definition_digest, position from meta.schema_object order by name";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

/// An earlier version made up for the test: one view with a column fewer, one function with other
/// words, and a view on that view which is gone today.
fn older() -> Vec<ObjectFile> {
    let mut files = shipped();
    let edit = |files: &mut Vec<ObjectFile>, name: &str, from: &str, to: &str| {
        let file = files.iter_mut().find(|file| file.name == name).unwrap();
        assert!(file.sql.contains(from), "{name} no longer contains {from:?}");
        let requires: String =
            file.requires.iter().map(|name| format!("-- requires: {name}\n")).collect();
        *file = ObjectFile::new(name, &format!("{requires}{}", file.sql.replacen(from, to, 1)));
    };
    edit(&mut files, "views/bi/dim_hazard", "    category,\n", "");
    edit(&mut files, "views/bi/dim_hazard", "comment on column bi.dim_hazard.category", "-- ");
    edit(&mut files, "functions/access/viewer_role", "'VIEWER')", "'NONE')");
    files.push(ObjectFile::new(
        "views/bi/winter_hazard",
        "-- requires: views/bi/dim_hazard\n\
         create view bi.winter_hazard with (security_invoker = true) as \
         select hazard_id from bi.dim_hazard where code = 'winter_storm';",
    ));
    files
}

#[tokio::test]
async fn a_database_from_nothing_and_one_upgraded_are_equal_by_dump() {
    let (from_nothing, upgraded) = (TestDatabase::new().await, TestDatabase::new().await);
    let client = connect(from_nothing.url()).await.unwrap();
    client
        .batch_execute(
            "drop schema bi, warehouse, meta, access cascade; drop table __diesel_schema_migrations",
        )
        .await
        .unwrap();
    let report = migrate(from_nothing.url()).await.unwrap();
    assert_eq!(report.applied.len(), 1);
    assert_eq!(report.objects.files.len(), shipped().len());
    let text = report.to_string();
    assert!(
        text.contains("(1 migration applied, ") && text.contains("policies created)"),
        "{text}"
    );
    let (sentence, _) = text.split_once("created).").unwrap();
    assert!(include_str!("../../README.md").contains(sentence), "README.md's sample: {sentence}");

    migrate_to(upgraded.url(), None, older()).await.unwrap();
    let fresh = dump(from_nothing.url());
    let old = dump(upgraded.url());
    let has = |entries: &BTreeSet<String>, text| entries.iter().any(|entry| entry.contains(text));
    assert!(has(&old, "CREATE VIEW bi.winter_hazard") && has(&fresh, "CREATE VIEW bi.dim_hazard"));
    assert!(fresh.difference(&old).count() >= 3, "the older version differs");

    let report = migrate(upgraded.url()).await.unwrap();
    assert!(report.applied.is_empty());
    assert_eq!(report.objects.removed, ["views/bi/winter_hazard"]);
    let reason = |name: &str| {
        report.objects.files.iter().find(|(file, _)| file == name).map(|(_, reason)| reason)
    };
    assert_eq!(reason("views/bi/dim_hazard"), Some(&Reason::Changed));
    assert_eq!(reason("functions/access/viewer_role"), Some(&Reason::Changed));
    let requires = Reason::Requires("functions/access/viewer_role".into());
    assert_eq!(reason("functions/access/sees_detail"), Some(&requires));
    assert!(matches!(reason("policies/parts"), Some(Reason::Requires(_))));
    assert_eq!(reason("views/bi/dim_event"), None, "what nothing of this concerns stays");
    let text = report.to_string();
    assert!(text.contains("views/bi/dim_hazard (changed)"), "{text}");
    assert!(text.contains("Dropped, as their files are gone: views/bi/winter_hazard"), "{text}");

    let now = dump(upgraded.url());
    let difference: Vec<_> = fresh.symmetric_difference(&now).collect();
    assert!(difference.is_empty(), "{difference:#?}");
    assert_eq!(record(upgraded.url()).await, record(from_nothing.url()).await);
    assert_eq!(migrate(upgraded.url()).await.unwrap().objects, Applied::default());
}

#[tokio::test]
async fn objects_of_another_version_are_refused_until_migrate_runs() {
    let database = TestDatabase::new().await;
    check(database.pool()).await.unwrap();
    migrate_to(database.url(), None, older()).await.unwrap();
    let error = check(database.pool()).await.unwrap_err().to_string();
    for part in ["3 files", "functions/access/viewer_role", "`hotwash migrate`"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    migrate(database.url()).await.unwrap();
    check(database.pool()).await.unwrap();
}

#[tokio::test]
async fn what_was_changed_or_dropped_by_hand_is_named_by_the_doctor_and_mended_by_migrate() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let intact = dump(database.url());
    client
        .batch_execute(
            "drop view bi.dim_date; \
             comment on column bi.dim_hazard.code is 'Mine.'; \
             create or replace function access.sees_all_detail() returns boolean language sql \
             stable parallel safe as 'select true'; \
             alter policy visible on warehouse.finding using (true); \
             alter table warehouse.event disable trigger note_change",
        )
        .await
        .unwrap();
    let findings = examine(database.pool()).await.unwrap();
    let finding = findings.iter().find(|finding| !finding.named.is_empty()).unwrap();
    assert_eq!(finding.broken, 5, "{:?}", finding.named);
    assert!(finding.advice.contains("`hotwash migrate`"), "{}", finding.advice);
    for name in [
        "view bi.dim_date is missing (schema/objects/views/bi/dim_date.sql)",
        "view bi.dim_hazard was changed by hand",
        "function access.sees_all_detail() was changed by hand",
        "policy visible on warehouse.finding was changed by hand",
        "trigger note_change on warehouse.event was changed by hand",
    ] {
        assert!(finding.named.iter().any(|named| named.contains(name)), "{:?}", finding.named);
    }
    let report = migrate(database.url()).await.unwrap().to_string();
    let text = "views/bi/dim_date (was changed in the database by hand)";
    assert!(report.contains(text), "{report}");
    assert_eq!(dump(database.url()), intact);
    let findings = examine(database.pool()).await.unwrap();
    assert!(findings.iter().all(|finding| finding.broken == 0), "{findings:?}");
}

#[tokio::test]
async fn a_view_of_somebody_else_is_never_dropped() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    migrate_to(database.url(), None, older()).await.unwrap();
    client
        .batch_execute("create view public.mine as select hazard_id from bi.dim_hazard")
        .await
        .unwrap();
    let before = dump(database.url());
    let error = migrate(database.url()).await.unwrap_err().to_string();
    for part in ["as before", "views/bi/dim_hazard", "view mine depends", "create it again"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert_eq!(dump(database.url()), before);
    client.batch_execute("drop view public.mine").await.unwrap();
    migrate(database.url()).await.unwrap();
}

#[tokio::test]
async fn a_faulty_set_of_files_changes_nothing_and_says_which_file() {
    let database = TestDatabase::new().await;
    let before = dump(database.url());
    let file = |name: &str, text: &str| ObjectFile::new(name, text);
    for (extra, parts) in [
        (vec![file("views/bi/a", "-- requires: views/bi/no")], vec!["views/bi/a", "views/bi/no"]),
        (
            vec![
                file("views/bi/a", "-- requires: views/bi/b"),
                file("views/bi/b", "-- requires: views/bi/a"),
            ],
            vec!["circle", "views/bi/a, views/bi/b"],
        ),
        (vec![file("views/bi/a", "select 1")], vec!["views/bi/a", "defines no view"]),
        (vec![file("views/bi/a", "create view bi.a as select no")], vec!["views/bi/a", "\"no\""]),
    ] {
        let files = shipped().into_iter().chain(extra).collect();
        let error = migrate_to(database.url(), None, files).await.unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{part}: {error}");
        }
        assert_eq!(dump(database.url()), before);
    }
}

/// Views over several record types have no description that they could follow from.
#[test]
fn fact_views_of_one_record_type_follow_from_its_description() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/objects/views/bi");
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let written: Vec<String> = names.filter(|name| name.starts_with("fact_")).collect();
    assert_eq!(written, ["fact_action_backlog_daily.sql"]);
    let shipped = shipped();
    for name in ["corrective_action", "exercise", "incident", "risk_score"] {
        let name = ["views/bi/fact", name].join("_");
        assert!(shipped.iter().any(|file| file.name == name), "{name}");
    }
}

#[test]
fn every_file_names_the_files_it_uses_in_its_header() {
    let files = shipped();
    assert!(files.len() > 40);
    let object = |name: &str| {
        let mut parts = name.split('/');
        matches!(parts.next(), Some("views" | "functions"))
            .then(|| parts.collect::<Vec<_>>().join("."))
    };
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    for file in &files {
        assert!(!file.sql.contains("{{"), "{}: a rule that visible.rs does not have", file.name);
        let used: BTreeSet<&str> = files
            .iter()
            .filter(|other| other.name != file.name)
            .filter(|other| {
                object(&other.name).is_some_and(|object| {
                    file.sql.match_indices(&object).any(|(at, found)| {
                        !file.sql[at + found.len()..].starts_with(word)
                            && !file.sql[..at].ends_with(word)
                    })
                })
            })
            .map(|other| other.name.as_str())
            .collect();
        // A policy that reads a row's owner depends on the owner's policy, which has no name.
        let named: BTreeSet<&str> = file.requires.iter().map(String::as_str).collect();
        let views: BTreeSet<&str> =
            named.iter().copied().filter(|name| object(name).is_some()).collect();
        assert_eq!(views, used, "{}", file.name);
    }
}

#[tokio::test]
async fn the_database_and_the_loader_compare_names_in_the_same_form() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    for name in [
        "Health & Medical,  Surge",
        "Nor\u{2019}easter of '26 (Day 2)",
        "\u{c9}vacuation  M\u{c9}DICALE/Boston\u{a0}East",
        "--",
    ] {
        let row = client.query_one("select meta.normalized_label($1)", &[&name]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), normalize_label(name), "{name}");
    }
}
