//! Commands that only read create nothing: no home folder, no cluster, no schema.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use hotwash_schema::cluster::Cluster;
use hotwash_schema::home::Home;
use hotwash_tests::bounds::TimeLimit;
use hotwash_tests::{both, hotwash, hotwash_at_home, output};

/// Commands that read a warehouse, or change one that must be there before.
const READING: &[&[&str]] = &[
    &["release"],
    &["status"],
    &["status", "--json"],
    &["rejects"],
    &["rejects", "--all"],
    &["warnings"],
    &["changes"],
    &["alerts", "--check"],
    &["feeds"],
    &["tracker", "--out", "TARGET"],
    &["metric", "incident_burden"],
    &["report", "--html", "TARGET"],
    &["report", "--pdf", "TARGET"],
    &["export", "TARGET"],
    &["export", "TARGET", "--only", "tables"],
    &["doctor"],
    &["backup", "TARGET"],
    &["key", "list"],
    &["key", "revoke", "nobody"],
    &["bi", "describe"],
    &["bi", "describe", "--format", "cube"],
    &["bi", "revoke", "nobody"],
    &["postgres", "status"],
    &["postgres", "status", "--json"],
    &["postgres", "stop"],
];

/// Commands that create a warehouse where there is none.
const CREATING: &[&str] =
    &["demo", "load", "serve", "migrate", "restore", "key create", "bi grant", "postgres start"];

/// Commands that need no warehouse.
const WITHOUT: &[&str] =
    &["inspect", "sources", "template", "generate", "metrics", "schema", "errors", "completions"];

/// Names of the commands that a help text lists.
fn listed(arguments: &[&str]) -> Vec<String> {
    let help = output(&mut hotwash("", &[arguments, &["--help"]].concat()));
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    // Names are on the left; descriptions continue further to the right.
    let names =
        commands.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_is_known_as_reading_creating_or_needing_no_warehouse() {
    let mut commands = BTreeSet::new();
    for command in listed(&[]) {
        let below = listed(&[&command]);
        commands.extend(below.iter().map(|name| format!("{command} {name}")));
        if below.is_empty() {
            commands.insert(command);
        }
    }
    assert!(commands.len() > 20 && commands.contains("key list"), "{commands:?}");
    let mut known: BTreeSet<String> =
        CREATING.iter().chain(WITHOUT).map(ToString::to_string).collect();
    for arguments in READING {
        let name = arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        known.insert(if commands.contains(&name) { name } else { arguments[0].to_owned() });
    }
    assert_eq!(
        known, commands,
        "tell of each new command what it does to a home folder that is not there"
    );
}

fn refused(output: &Output, arguments: &[&str], path: &std::path::Path) {
    let message = both(output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
    for part in [path.to_str().unwrap(), "hotwash demo", "hotwash load", "hotwash serve"] {
        assert!(message.contains(part), "{arguments:?}: without {part}: {message}");
    }
}

#[test]
fn a_command_that_reads_creates_nothing_at_a_mistyped_home_and_gives_advice() {
    let _limit = TimeLimit::minutes(10);
    let folder = tempfile::tempdir().unwrap();
    let (missing, empty) = (folder.path().join("mistyped"), folder.path().join("empty"));
    std::fs::create_dir(&empty).unwrap();
    let target = folder.path().join("target");
    for arguments in READING {
        let arguments: Vec<&str> = arguments
            .iter()
            .map(|word| if *word == "TARGET" { target.to_str().unwrap() } else { word })
            .collect();
        refused(&output(&mut hotwash_at_home(&missing, &arguments)), &arguments, &missing);
        assert!(!missing.exists(), "{arguments:?} made the home folder");
        refused(&output(&mut hotwash_at_home(&empty, &arguments)), &arguments, &empty);
        assert_eq!(
            std::fs::read_dir(&empty).unwrap().count(),
            0,
            "{arguments:?} made something in the home folder"
        );
        assert!(!target.exists(), "{arguments:?} made its target");
    }
    // An unused home folder is not created.
    let url = "postgres://nobody@127.0.0.1:1/none";
    let failed = output(hotwash(url, &["status"]).env("HOTWASH_HOME", &missing));
    assert!(!failed.status.success() && !missing.exists(), "{}", both(&failed));
}

#[tokio::test]
async fn a_command_that_reads_migrates_nothing() {
    let _limit = TimeLimit::minutes(10);
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    // A database without a schema, as a first start that was killed leaves it.
    let cluster = Cluster::open(&Home::open(Some(folder.path())).unwrap()).await.unwrap();
    let status = output(&mut hotwash_at_home(folder.path(), &["status"]));
    let message = both(&status);
    assert!(status.status.code() == Some(1) && message.contains("hotwash migrate"), "{message}");
    let client = hotwash_schema::connect::connect(cluster.url()).await.unwrap();
    let schemas =
        "select count(*) from pg_namespace where nspname in ('warehouse', 'meta', 'bi', 'access')";
    assert_eq!(client.query_one(schemas, &[]).await.unwrap().get::<_, i64>(0), 0);
    assert!(output(&mut hotwash_at_home(folder.path(), &["migrate"])).status.success());
    assert!(output(&mut hotwash_at_home(folder.path(), &["status"])).status.success());
}
