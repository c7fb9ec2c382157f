//! Periods, the end of the data, and what is not shown.

use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, binary, run};

use super::text;

#[test]
fn without_the_database_the_last_snapshot_is_shown_with_its_age() {
    let home = tempfile::tempdir().unwrap();
    std::fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let postgres = |what: &[&str]| {
        let mut command = std::process::Command::new(binary());
        command
            .arg("postgres")
            .args(what)
            .env("HOTWASH_HOME", home.path().join("hotwash"))
            .env_remove("DATABASE_URL");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{what:?}: {}", hotwash_tests::both(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    postgres(&["start"]);
    let status: serde_json::Value = serde_json::from_str(&postgres(&["status", "--json"])).unwrap();
    let url = status["url"].as_str().unwrap();
    run(url, &["migrate"]);
    let folder = home.path().join("coalition");
    run(url, &["generate", folder.to_str().unwrap(), "--seed", "1"]);
    run(url, &["load", folder.to_str().unwrap()]);
    let server = Server::start(url, &[]);
    let before = server.page("/?as_of=2026-06-30").2;
    assert!(!before.contains("has not answered"));
    postgres(&["stop"]);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let after = loop {
        let (status, _, html) = server.page("/?as_of=2026-06-30");
        if html.contains("The database has not answered since") {
            assert_eq!(status, 200);
            break html;
        }
        assert!(std::time::Instant::now() < deadline, "no banner within a minute: {html}");
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    assert!(
        after.contains("These figures are of the last snapshot, read on")
            && after.contains(" ago)"),
        "{after}"
    );
    let figures = |html: &str| {
        html.split("<p class=\"big\">")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(figures(&before), figures(&after));
    let (status, _, html) = server.page("/actions?as_of=2026-06-30");
    assert!(status == 200 && html.contains("Single records cannot be listed now"), "{html}");
    let (status, _, html) = server.page("/events/1");
    assert!(status == 503 && html.contains("We can't show this record now"), "{html}");
}

#[tokio::test]
async fn a_period_counts_records_and_a_state_has_none() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let figures = |path: &str| {
        let html = server.page(path).2;
        let figures: Vec<String> = html
            .split("<p class=\"big\">")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('<')?.0.to_owned()))
            .collect();
        (figures, text(&html))
    };
    let (twelve, page) = figures("/?as_of=2026-06-30");
    let (chosen, _) = figures("/?as_of=2026-06-30&from=2025-07-01&to=2026-06-30");
    let (all, everything) = figures("/?as_of=2026-06-30&dates=all");
    assert_eq!(twelve, chosen, "the last twelve complete months are the default");
    assert!(page.contains("Jul 1, 2025 to Jun 30, 2026"), "{page}");
    assert!(everything.contains("All records"), "{everything}");
    assert_ne!(twelve[0], all[0], "ratings of five years are others than those of one");
    // Overdue actions are a state, which has no period, and the page says so.
    assert_eq!(twelve[2], all[2]);
    assert!(page.contains("open actions on Jun 30, 2026"), "{page}");
    let (_, risks) = figures("/risks?as_of=2026-06-30&from=2025-07-01");
    assert!(risks.contains("As of Jun 30, 2026; the period above does not apply."), "{risks}");
    // The line beside a level is that of five years.
    assert!(page.contains("over 20 quarters"), "{page}");
}

#[tokio::test]
async fn none_too_few_and_not_yours_are_three_sentences() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let shown = |path: &str| text(&server.page(path).2);
    let none = shown("/capabilities?framework=ESF8&as_of=2026-06-30");
    assert!(none.contains("No records in this period with these filters."), "{none}");
    assert!(!none.contains("below average"), "{none}");
    assert!(!shown("/capabilities").contains("ESF8"), "a framework without records is not offered");
    let few = shown("/?as_of=2026-06-30&from=2026-06-01&to=2026-06-03");
    assert!(few.contains("Too few to judge"), "{few}");
    let early = shown("/?as_of=1990-01-01");
    assert!(!early.contains("The warehouse contains no ratings"), "{early}");
    let arguments = ["key", "create", "second-region", "--role", "region", "--region", "2"];
    let key = run(database.url(), &arguments);
    let mut response = ureq::get(format!("{}/", server.base))
        .header("authorization", format!("Bearer {}", key.trim()))
        .call()
        .unwrap();
    let other = text(&response.body_mut().read_to_string().unwrap());
    assert!(other.contains("Not shown: your access does not cover these records."), "{other}");
}

#[tokio::test]
async fn figures_end_where_the_data_end_and_the_page_says_so() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    // The generated data end on the last day of June 2026, long before today.
    let (_, _, html) = server.page("/");
    let page = text(&html);
    let through = page.split("No data since ").nth(1).unwrap().split('.').next().unwrap();
    assert!(through.starts_with("Jun ") && through.ends_with(", 2026"), "{through}");
    assert!(page.contains(&format!("As of {through}")), "{page}");
    let (_, _, later) = server.page("/?as_of=2026-12-31");
    let warning = format!("what is due after {through} may be done already");
    assert!(text(&later).contains(&warning), "{later}");
    let (_, _, earlier) = server.page("/?as_of=2026-03-31");
    assert!(!earlier.contains("No data since"), "{earlier}");
    let (_, _, data) = server.page("/data");
    let data = text(&data);
    assert!(data.contains(&format!("records reach {through}")), "{data}");
    assert!(data.contains("Central (2)") && data.contains("Source"), "{data}");
}
