//! Clock jumps, by years in both directions, for the server and for loaders: nothing is lost, and
//! metrics are as of the requested day.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, both, coalition, hotwash, soundness};

use super::{fresh_metrics, mended};

/// Shifts a program's wall clock by the seconds in a file, read at each call.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int outcome = real(clock, at);
    const char *path = getenv("CLOCK_SHIFT");
    if (clock == CLOCK_REALTIME && path) {
        FILE *file = fopen(path, "r");
        long shift = 0;
        if (file) { if (fscanf(file, "%ld", &shift) == 1) at->tv_sec += shift; fclose(file); }
    }
    return outcome;
}
"#;

fn shim(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    std::fs::write(&source, SHIM).unwrap();
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .status();
    if made.is_ok_and(|status| status.success()) {
        return Some(library);
    }
    println!("skipped: no C compiler to make the shifted clock with");
    None
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_years_forward_and_back_loses_nothing() {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let expected = fresh_metrics(&files).await;
    let Some(library) = shim(folder.path()) else { return };
    let shift = folder.path().join("shift");
    std::fs::write(&shift, "0").unwrap();
    let shifted = |command: &mut Command| {
        command.env("LD_PRELOAD", &library).env("CLOCK_SHIFT", &shift);
    };
    let database = TestDatabase::new().await;
    let server = Server::start_as(database.url(), &[], &shifted);

    let years = |years: i64| (years * 365 * 86_400).to_string();
    // Load referenced files first, as loading the folder does.
    let order = [
        "organizations",
        "events",
        "participation",
        "milestones",
        "ratings",
        "findings",
        "actions",
        "",
    ];
    for (named, shift_by) in
        order.iter().zip([years(30), years(-20), years(0), years(1), years(-1)].iter().cycle())
    {
        std::fs::write(&shift, shift_by).unwrap();
        let mut load = hotwash(database.url(), &["load", "--json"]);
        shifted(&mut load);
        let part = if named.is_empty() {
            files.clone()
        } else {
            files.join(format!("fictional_{named}.csv"))
        };
        let output = load.arg(part).output().unwrap();
        assert!(output.status.success(), "{}", both(&output));
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            soundness::accounted(&serde_json::from_str(line).unwrap());
        }
        assert!(
            server
                .post("{ metric(id: \"incident_burden\") { snapshotVersion } }")
                .get("errors")
                .is_none()
        );
        assert_eq!(server.page("/").0, 200);
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.data(
        "{ metric(id: \"incident_burden\", groupBy: [], asOf: \"2026-06-30\") { rows { n } } }",
    )["metric"]["rows"][0]["n"]
        .as_i64()
        .unwrap_or(0)
        == 0
    {
        assert!(Instant::now() < deadline, "the server follows the loads whatever its clock says");
        std::thread::sleep(Duration::from_millis(100));
    }
    mended(database.url(), &files, &expected).await;
}
