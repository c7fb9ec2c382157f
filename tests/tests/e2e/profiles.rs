//! Jurisdiction profiles other than the default: a second real state, and an invented one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, both, hotwash, output, repository, run};
use serde_json::Value;

/// An event by county, and what must follow from the profile.
struct Case {
    county: &'static str,
    start: &'static str,
    local_date: &'static str,
    fiscal_year: i64,
    region: &'static str,
}

/// What is expected of a profile.
struct Expected {
    profile: String,
    name: &'static str,
    regions: &'static [&'static str],
    /// Text of the Data page.
    basis: &'static str,
    cases: &'static [Case],
}

/// Writes a file of events of the counties, with instants in universal time.
fn events_by_county(folder: &Path, cases: &[Case]) -> PathBuf {
    let mut text = String::from("event_id,kind,name,start_at,counties,response\n");
    for (number, case) in cases.iter().enumerate() {
        text += &format!(
            "C-{number},incident,County incident {number},{},{},RESPONDED\n",
            case.start, case.county
        );
    }
    let path = folder.join("county_events.csv");
    std::fs::write(&path, text).unwrap();
    path
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Migrates, generates, loads and asks at every outlet; compares with SQL of its own.
async fn follows(expected: &Expected) {
    let database = TestDatabase::new().await;
    let url = database.url();
    let folder = tempfile::tempdir().unwrap();
    let coalition = folder.path().join("coalition");
    let path = coalition.to_str().unwrap();
    let profile = expected.profile.as_str();
    let report = run(url, &["migrate", "--profile", profile]);
    assert!(report.contains(expected.name) && !report.contains("warning"), "{report}");
    run(url, &["generate", path, "--profile", profile]);
    run(url, &["load", path]);
    run(url, &["load", events_by_county(folder.path(), expected.cases).to_str().unwrap()]);

    // The warehouse stores the profile: no command needs the option again.
    let client = connect(url).await.unwrap();
    let codes: Vec<String> = client
        .query(
            "select r.code from warehouse.region r join warehouse.region_scheme s using \
             (region_scheme_id) where s.code = meta.region_scheme() order by region_id",
            &[],
        )
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(codes, expected.regions);
    let doctor = run(url, &["doctor"]);
    assert!(doctor.contains(expected.name) && doctor.contains(expected.basis), "{doctor}");
    let doctor: Value = serde_json::from_str(&run(url, &["doctor", "--json"])).unwrap();
    assert_eq!(doctor["profile"]["name"], expected.name);
    let basis = string(&doctor["profile"]["basis"]);
    assert!(basis.contains(expected.basis), "{basis}");

    let server = Server::start(url, &[]);
    let answer = server.data("{ regions { code } }");
    let served: Vec<String> = answer["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|region| string(&region["code"]))
        .collect();
    assert!(expected.regions.iter().all(|code| served.iter().any(|one| one == code)), "{answer}");
    for (number, case) in expected.cases.iter().enumerate() {
        let row = client
            .query_one(
                "select e.local_date::text, d.fiscal_year::bigint, r.code from warehouse.event e \
                 join warehouse.calendar_date d on d.calendar_date = e.local_date \
                 join warehouse.event_region er using (event_id) join warehouse.region r using \
                 (region_id) where e.name = $1",
                &[&format!("County incident {number}")],
            )
            .await
            .unwrap();
        let stored: (String, i64, String) = (row.get(0), row.get(1), row.get(2));
        let wanted = (case.local_date.to_owned(), case.fiscal_year, case.region.to_owned());
        assert_eq!(stored, wanted, "event {number} in county {}", case.county);
        let answer = server.data(&format!(
            "{{ events(filter: {{ name: {{ eq: \"County incident {number}\" }} }}) {{ nodes {{ \
             localDate }} }} }}"
        ));
        assert_eq!(answer["events"]["nodes"][0]["localDate"], case.local_date, "{answer}");
    }

    // Fiscal years and regions of GraphQL, of the metrics and of the BI views agree with SQL.
    let answer =
        server.data("{ eventAggregate(groupBy: [FISCAL_YEAR]) { key { fiscalYear } count } }");
    let by_graphql: BTreeMap<i64, i64> = answer["eventAggregate"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["key"]["fiscalYear"].as_i64().unwrap(), row["count"].as_i64().unwrap()))
        .collect();
    let counted = async |sql: &str| -> BTreeMap<i64, i64> {
        let rows = client.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let start: u32 = client
        .query_one(
            "select (extract(month from min(calendar_date)))::int from \
            warehouse.calendar_date where fiscal_year = 2020",
            &[],
        )
        .await
        .unwrap()
        .get::<_, i32>(0)
        .try_into()
        .unwrap();
    let by_month = format!(
        "select (extract(year from local_date) + (extract(month from local_date) >= \
         {start})::int)::bigint, count(*) from warehouse.event where event_id > 0 group by 1"
    );
    assert_eq!(by_graphql, counted(&by_month).await);
    let by_view = "select d.fiscal_year::bigint, count(*) from bi.dim_event e join bi.dim_date d \
        using (date_key) where e.event_id > 0 group by 1";
    assert_eq!(by_graphql, counted(by_view).await);

    let rows: Vec<Value> = serde_json::from_str(&run(
        url,
        &[
            "metric",
            "capability_performance",
            "--group-by",
            "region",
            "--period",
            "fiscal_year",
            "--as-of",
            "2026-06-30",
            "--format",
            "json",
        ],
    ))
    .unwrap();
    let by_metric: BTreeMap<(String, String), i64> = rows
        .iter()
        .map(|row| ((string(&row["region"]), string(&row["period"])), row["n"].as_i64().unwrap()))
        .collect();
    let by_sql: BTreeMap<(String, String), i64> = client
        .query(
            "select r.code, 'FY' || d.fiscal_year, count(*) from warehouse.capability_rating c \
             join warehouse.event e using (event_id) join warehouse.event_region er using \
             (event_id) join warehouse.region r using (region_id) join warehouse.calendar_date d \
             on d.calendar_date = e.local_date where e.local_date <= '2026-06-30' group by 1, 2",
            &[],
        )
        .await
        .unwrap()
        .iter()
        .map(|row| ((row.get(0), row.get(1)), row.get(2)))
        .collect();
    assert!(by_sql.len() > expected.regions.len());
    assert_eq!(by_metric, by_sql);

    let (status, _, html) = server.page("/data?as_of=2026-06-30");
    assert_eq!(status, 200);
    assert!(html.contains(expected.name) && html.contains(expected.basis), "{html}");
    let (status, _, html) = server.page("/?as_of=2026-06-30");
    assert_eq!(status, 200);
    assert!(html.contains("There is no map"), "no outlines are known");
    for code in expected.regions {
        let (status, _, html) = server.page(&format!("/regions/{code}?as_of=2026-06-30"));
        assert!(status == 200 && html.contains(&format!("Region {code}")), "{code}");
    }
    drop(server);

    let refused = output(&mut hotwash(url, &["migrate", "--profile", "massachusetts"]));
    let said = both(&refused);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("holds records") && said.contains("empty warehouse"), "{said}");
    run(url, &["migrate"]);
    assert!(run(url, &["doctor"]).contains(expected.name), "the warehouse keeps its profile");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_state_works_by_its_profile_alone() {
    follows(&Expected {
        profile: "california".into(),
        name: "California",
        regions: &["I", "II", "III", "IV", "V", "VI"],
        basis: "published by Cal OES",
        cases: &[
            // 06:30 UTC is the evening before on the Pacific coast.
            Case {
                county: "06037",
                start: "2025-07-01T06:30Z",
                local_date: "2025-06-30",
                fiscal_year: 2025,
                region: "I",
            },
            Case {
                county: "Sacramento",
                start: "2025-07-01T08:30Z",
                local_date: "2025-07-01",
                fiscal_year: 2026,
                region: "IV",
            },
        ],
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_folder_with_two_time_zones_and_another_fiscal_year_works_alike() {
    let folder = repository().join("tests/profiles/two-rivers");
    follows(&Expected {
        profile: folder.to_str().unwrap().into(),
        name: "Two Rivers",
        regions: &["E", "M", "W"],
        basis: "Invented for tests",
        cases: &[
            // 05:30 UTC is past midnight in the east, and not yet in the west.
            Case {
                county: "Alder",
                start: "2025-09-01T05:30Z",
                local_date: "2025-09-01",
                fiscal_year: 2026,
                region: "E",
            },
            Case {
                county: "99005",
                start: "2025-09-01T05:30Z",
                local_date: "2025-08-31",
                fiscal_year: 2025,
                region: "W",
            },
        ],
    })
    .await;
}

/// A declaration or a situation report names counties and no time zone.
#[tokio::test(flavor = "multi_thread")]
async fn milestones_of_an_event_without_a_zone_follow_the_zone_of_its_county() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let profile = repository().join("tests/profiles/two-rivers");
    run(url, &["migrate", "--profile", profile.to_str().unwrap()]);
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "events.csv",
            "event_id,kind,name,start_at,end_at,counties,response,owes_aar\n\
             C-1,incident,Flood,2025-09-01T15:00Z,2025-09-01T16:00Z,Cedar,RESPONDED,yes\n",
        ),
        // Past midnight in the state's zone, and not yet in the county's.
        ("milestones.csv", "event_id,milestone,occurred_at\nC-1,aar_final,2025-09-11T05:30Z\n"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    run(url, &["load", folder.path().to_str().unwrap()]);
    let client = connect(url).await.unwrap();
    let days = || {
        let asked = ["metric", "aar_timeliness", "--as-of", "2026-06-30", "--format", "json"];
        let rows: Vec<Value> = serde_json::from_str(&run(url, &asked)).unwrap();
        rows[0]["medianDays"].clone()
    };
    assert_eq!(days(), 9);
    client.batch_execute("update warehouse.event set time_zone = null").await.unwrap();
    assert_eq!(days(), 9, "by the county");
    client.batch_execute("delete from warehouse.event_county").await.unwrap();
    assert_eq!(days(), 10, "by the state");
}

#[test]
fn a_profile_is_chosen_in_the_settings_and_an_unknown_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, files) = (folder.path().join("hotwash.toml"), folder.path().join("files"));
    let generate = |text: &str, more: &[&str]| {
        std::fs::write(&settings, text).unwrap();
        let mut command = hotwash("", &[&["generate", files.to_str().unwrap()], more].concat());
        output(command.env_remove("DATABASE_URL").env("HOTWASH_SETTINGS", &settings))
    };
    let generated = generate("profile = \"california\"\n", &[]);
    assert!(generated.status.success(), "{}", both(&generated));
    let events = || std::fs::read_to_string(files.join("fictional_events.csv")).unwrap();
    assert!(events().contains("Region III ") && events().contains("America/Los_Angeles"));
    generate("profile = \"california\"\n", &["--profile", "massachusetts"]);
    assert!(!events().contains("America/Los_Angeles"));
    for (text, parts) in [
        ("profile = \"atlantis\"\n", ["atlantis", "california"]),
        ("profil = \"california\"\n", ["hotwash.toml", "did you mean profile?"]),
    ] {
        let rejected = generate(text, &[]);
        let message = both(&rejected);
        assert_eq!(rejected.status.code(), Some(1), "{message}");
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
    std::fs::remove_file(&settings).unwrap();
    let mut missing = hotwash("", &["generate", files.to_str().unwrap()]);
    let missing = output(missing.env("HOTWASH_SETTINGS", &settings));
    assert!(both(&missing).contains("HOTWASH_SETTINGS"), "{}", both(&missing));
}
