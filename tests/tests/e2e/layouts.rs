//! `hotwash inspect` and `hotwash load --layout` as an operator runs them.

use std::path::PathBuf;

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{both, hotwash, hotwash_at_home, output, repository, run};
use serde_json::Value;

fn sample(name: &str) -> String {
    repository().join("etl/samples/layouts").join(name).display().to_string()
}

/// A home folder with layouts in it.
fn home(layouts: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("layouts")).unwrap();
    for (name, text) in layouts {
        std::fs::write(home.path().join("layouts").join(name), text).unwrap();
    }
    home
}

fn calls() -> String {
    std::fs::read_to_string(sample("911-calls.toml")).unwrap()
}

#[test]
fn an_inspection_without_a_warehouse_reports_that_and_creates_none() {
    let home = tempfile::tempdir().unwrap();
    let folder: PathBuf = home.path().join("none");
    let arguments = ["inspect", &sample("911-calls.csv"), "--layout", "911-calls"];
    let reported = output(&mut hotwash_at_home(&folder, &arguments));
    let text = both(&reported);
    assert_eq!(reported.status.code(), Some(0), "{text}");
    for expected in [
        "layout:911-calls",
        "warehouse      none: ",
        "read           5 rows or records, 1 rejected",
        "Caller Phone   dropped: personal",
        "row 7, Call Date, Call Time",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("555-01"), "{text}");
    assert!(!folder.exists());
    let reported = output(&mut hotwash_at_home(
        &folder,
        &["inspect", "--json", &sample("fire-incident-counts.csv")],
    ));
    assert_eq!(reported.status.code(), Some(1), "{}", both(&reported));
    let json: Value = serde_json::from_slice(&reported.stdout).unwrap();
    assert!(json["error"].as_str().unwrap().contains("hotwash inspect FILE --suggest"), "{json}");
}

#[tokio::test]
async fn a_suggested_layout_loads_and_applies_from_the_home_folder() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let file = sample("fire-incident-log.xlsx");
    let suggested = run(url, &["inspect", &file, "--suggest"]);
    let folder = tempfile::tempdir().unwrap();
    let layout = folder.path().join("layout.toml");
    std::fs::write(&layout, &suggested).unwrap();
    let load = ["load", "--json", "--layout", layout.to_str().unwrap(), &file];
    let dry: Value =
        serde_json::from_str(&run(url, &[&load[..], &["--dry-run"]].concat())).unwrap();
    assert_eq!((&dry["read"], &dry["inserted"]), (&6.into(), &6.into()), "{dry}");
    let strict = output(&mut hotwash(url, &[&load[..], &["--strict"]].concat()));
    assert_eq!(strict.status.code(), Some(3), "columns that are not read: {}", both(&strict));
    let again: Value = serde_json::from_str(&run(url, &load)).unwrap();
    assert_eq!((&again["unchanged"], &again["inserted"]), (&6.into(), &0.into()), "{again}");
    let home = home(&[("calls.toml", &calls())]);
    let reported = output(
        hotwash(url, &["load", "--json", &sample("911-calls.csv")])
            .env("HOTWASH_HOME", home.path()),
    );
    let report: Value =
        serde_json::from_slice(&reported.stdout).unwrap_or_else(|_| panic!("{}", both(&reported)));
    assert_eq!(
        (&report["source"], &report["inserted"]),
        (&"layout:911-calls".into(), &4.into()),
        "{report}"
    );
    let sources = output(hotwash(url, &["sources"]).env("HOTWASH_HOME", home.path()));
    assert!(both(&sources).contains("layout:911-calls"), "{}", both(&sources));
}

#[tokio::test]
async fn a_layout_with_a_typo_fails_with_its_line_and_what_is_allowed() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let layout = folder.path().join("typo.toml");
    std::fs::write(&layout, calls().replace("regions = ", "region = ")).unwrap();
    let arguments = ["load", "--layout", layout.to_str().unwrap(), &sample("911-calls.csv")];
    let reported = output(&mut hotwash(database.url(), &arguments));
    let text = both(&reported);
    assert_eq!(reported.status.code(), Some(1), "{text}");
    assert!(text.contains("typo.toml, line ") && text.contains("did you mean regions?"), "{text}");
    let both_given =
        output(&mut hotwash(database.url(), &[&arguments[..], &["--source", "hotwash"]].concat()));
    assert_eq!(both_given.status.code(), Some(2), "{}", both(&both_given));
}
