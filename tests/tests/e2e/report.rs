//! The leadership report as its readers meet it.

use std::collections::{BTreeMap, BTreeSet};

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, binary, run};

/// Values of an attribute in a page.
fn attributes(html: &str, name: &str) -> BTreeSet<String> {
    html.split(&format!(" {name}=\""))
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|value| value.replace("&amp;", "&"))
        .collect()
}

#[tokio::test]
async fn every_page_answers_links_resolve_and_nothing_comes_from_another_host() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let mut open: Vec<String> = vec!["/?as_of=2026-06-30".into()];
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    let mut some: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(path) = open.pop() {
        let (status, kind, html) = server.page(&path);
        let files = [(".csv", "text/csv; charset=utf-8"), (".svg", "image/svg+xml")];
        if let Some((_, media_type)) = files.iter().find(|(ending, _)| path.contains(ending)) {
            assert_eq!((status, kind.as_str()), (200, *media_type), "{path}");
            continue;
        }
        assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"), "{path}");
        assert!(html.len() < 300_000, "{path} has {} bytes", html.len());
        assert!(
            html.contains("Fictional demonstration data") && html.contains("As of Jun 30, 2026"),
            "{path}"
        );
        let script = "<script src=\"/assets/report.js\" defer></script>";
        assert_eq!(html.replace(script, "").matches("<script").count(), 0, "{path} has one script");
        assert!(!html.contains("NaN"), "{path}");
        let links = attributes(&html, "href");
        let links: BTreeSet<String> = links
            .into_iter()
            .map(|link| link.split('#').next().unwrap_or_default().to_owned())
            .collect();
        let sources = attributes(&html, "src");
        let outside = links
            .iter()
            .chain(&sources)
            .find(|link| link.contains("//") && !link.starts_with("data:"));
        assert_eq!(outside, None, "{path} leads to another host");
        for link in
            links.into_iter().filter(|link| link.starts_with('/') && !link.starts_with("/assets"))
        {
            // Some single records and lists of them are enough.
            let kind = link
                .split('/')
                .nth(1)
                .unwrap_or_default()
                .split('?')
                .next()
                .unwrap_or_default()
                .to_owned();
            let chosen = link.matches('=').count() > 1;
            if ["events", "record", "records"].contains(&kind.as_str()) || chosen {
                let count = some.entry(if chosen { format!("{kind}?") } else { kind }).or_insert(0);
                *count += 1;
                if *count > 5 {
                    continue;
                }
            }
            if seen.insert(link.clone()) {
                open.push(link);
            }
        }
    }
    assert!(seen.len() > 55, "{} pages were found", seen.len());
    assert_eq!(server.page("/assets/report.css").0, 200);
    assert_eq!(server.page("/assets/report.js").0, 200);
}

#[tokio::test]
async fn a_figure_is_written_as_csv_and_svg_with_the_readers_rights() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let (_, _, html) = server.page("/actions?as_of=2026-06-30&region=2&due=overdue");
    let links = attributes(&html, "href");
    let csv = links.iter().find(|link| link.starts_with("/figures/the-backlog.csv")).unwrap();
    let (status, _, numbers) = server.page(csv);
    assert!(status == 200 && numbers.starts_with("period,open,opened,closed\n"), "{numbers}");
    let open = numbers.trim().rsplit('\n').next().unwrap().split(',').nth(1).unwrap().to_owned();
    assert!(text(&html).contains(&format!("{open} actions are open.")), "{open}");
    let (status, kind, svg) = server.page(&csv.replace(".csv", ".svg"));
    assert_eq!((status, kind.as_str()), (200, "image/svg+xml"));
    assert!(svg.starts_with("<svg ") && svg.contains("As of Jun 30, 2026"), "{svg}");
    assert!(!svg.contains("href") && !svg.contains("var(--"), "{svg}");

    // Rows that the page leaves out are in the CSV.
    let page = text(&server.page("/?as_of=2026-06-30").2);
    let cut = page.split("The first 10 of ").nth(1).unwrap();
    let total: usize = cut.split(' ').next().unwrap().parse().unwrap();
    assert!(cut.contains("The CSV has all."), "{cut}");
    let all = server.page("/figures/what-needs-a-decision.csv?of=/&as_of=2026-06-30").2;
    assert_eq!(all.trim().lines().count(), total + 1, "{all}");

    // Single responses of another region are no more in the file than on the page.
    let arguments = ["key", "create", "second-region", "--role", "region", "--region", "2"];
    let key = run(database.url(), &arguments);
    let read = |path: &str| {
        let request = ureq::get(format!("{}{path}", server.base))
            .config()
            .http_status_as_error(false)
            .build()
            .header("authorization", format!("Bearer {}", key.trim()));
        let mut response = request.call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    };
    let (status, own) = read("/figures/central-2.csv?of=/response&region=2");
    assert!(status == 200 && own.lines().count() > 8, "{own}");
    let (status, others) = read("/figures/northeast-3.csv?of=/response&region=3");
    assert!(status == 404 || others.lines().count() < 2, "{others}");

    for (path, expected) in [
        ("/figures/the-backlog.csv", "as of=/actions"),
        ("/figures/nothing.csv?of=/actions", "no figure nothing on a page /actions"),
        ("/figures/the-backlog.pdf?of=/actions", "there is no ending pdf"),
        ("/figures/the-backlog.csv?of=/actions&from=spring", "must be a day such as"),
        ("/figures/three-asks.svg?of=/", "has no chart; ask for csv"),
    ] {
        let (status, _, message) = server.page(path);
        assert!((400..500).contains(&status) && message.contains(expected), "{path}: {message}");
    }
}

#[tokio::test]
async fn time_lines_show_notes_and_events_that_the_reader_may_see() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.csv");
    let notes = "day,end,region,metric,text,sensitivity\n\
        2026-05-04,,2,,New rota at Central,\n\
        2026-03-02,2026-04-10,,action_backlog,Backlog review,PUBLIC\n";
    std::fs::write(&file, notes).unwrap();
    // A chart shows at most five: the generated notes leave their places to these.
    let client = hotwash_schema::connect::connect(database.url()).await.unwrap();
    client.batch_execute("delete from warehouse.note").await.unwrap();
    run(database.url(), &["load", file.to_str().unwrap()]);
    let server = Server::start(database.url(), &[]);
    let loaded = server.data("{ notes(orderBy: [{day: ASC}]) { nodes { day endDay text } } }");
    assert_eq!(loaded["notes"]["nodes"][0]["endDay"], "2026-04-10", "{loaded}");
    let actions = text(&server.page("/actions?as_of=2026-06-30").2);
    let review = "Mar 2, 2026 to Apr 10, 2026: Backlog review (note)";
    assert!(actions.contains(review) && actions.contains("New rota at Central"), "{actions}");
    let path = "/response?as_of=2026-06-30&region=2";
    let html = server.page(path).2;
    let rota = "May 4, 2026: New rota at Central (note)";
    assert!(html.contains(rota) && !html.contains("Backlog review"), "{html}");
    assert!(
        html.contains("/response?rebase=2026-05-04&amp;as_of=2026-06-30&amp;region=2"),
        "{html}"
    );

    // Another region sees neither the restricted note nor restricted events.
    let events = server.data(
        "{ events(first: 50, filter: { region: { eq: \"2\" }, statewide: { eq: false }, \
         sensitivity: { eq: RESTRICTED }, or: [{ exercise: { type: { eq: \"FSE\" } } }, { incident: \
         { activationOrdinal: { gte: 2 } } }] }) { nodes { name regions { nodes { code } } } } }",
    );
    let names: Vec<&str> = events["events"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["regions"]["nodes"].as_array().unwrap().len() == 1)
        .map(|event| event["name"].as_str().unwrap())
        .collect();
    let shown = |html: &str| names.iter().filter(|name| html.contains(**name)).count();
    assert!(shown(&html) > 0, "{names:?}");
    let arguments = ["key", "create", "third-region", "--role", "region", "--region", "3"];
    let key = run(database.url(), &arguments);
    let mut response = ureq::get(format!("{}{path}", server.base))
        .header("authorization", format!("Bearer {}", key.trim()))
        .call()
        .unwrap();
    let other = response.body_mut().read_to_string().unwrap();
    assert_eq!((shown(&other), other.contains("New rota")), (0, false), "{other}");
}

#[tokio::test]
async fn every_page_searches_what_its_reader_may_see() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let (_, _, html) = server.page("/actions?region=2");
    let form = html.split("role=\"search\"").nth(1).unwrap().split("</form>").next().unwrap();
    assert!(form.contains("action=\"/search\"") && form.contains("name=\"q\""), "{form}");
    let data = server.data(
        "{ correctiveActions(first: 1, filter: { regionCode: { eq: \"2\" }, sensitivity: { eq: \
         RESTRICTED } }) { nodes { text } } organizations(first: 1) { nodes { name } } }",
    );
    let action = data["correctiveActions"]["nodes"][0]["text"].as_str().unwrap().to_owned();
    let organization = data["organizations"]["nodes"][0]["name"].as_str().unwrap().to_owned();
    let encode = |words: &str| words.replace(' ', "+").replace('&', "%26").replace('#', "%23");
    let found = server.page(&format!("/search?q={}", encode(&action))).2;
    assert!(text(&found).contains("Corrective action") && found.contains("/record/"), "{found}");
    let found = server.page(&format!("/search?q={}", encode(&organization))).2;
    assert!(found.contains("Organizations") && found.contains(&organization), "{found}");
    let found = server.page("/search?q=medical+surge").2;
    assert!(found.contains("href=\"/capabilities/PHEP/10\""), "{found}");
    // Words are found in any form, and marked.
    let found = server.page("/search?q=hospitals&as_of=2026-06-30").2;
    assert!(found.to_lowercase().contains("<mark>hospital</mark>"), "{found}");
    // No period limits what is found, so the page names none.
    assert!(!found.contains("name=\"from\"") && !found.contains("Jul 1, 2025 to"), "{found}");
    // Words that searches ignore hide no capabilities.
    let ignored = text(&server.page("/search?q=and").2);
    assert!(ignored.contains("only words that searches ignore"), "{ignored}");
    assert!(ignored.contains("Emergency Public Information and Warning"), "{ignored}");
    let (status, _, nothing) = server.page("/search?q=zyzzyva");
    assert_eq!(status, 200);
    assert!(text(&nothing).contains("Nothing found for &quot;zyzzyva&quot;"), "{nothing}");
    // What is written into the field is text.
    let (_, _, script) = server.page("/search?q=%3Cscript%3Ealert(1)%3C/script%3E");
    assert!(!script.contains("<script>alert"), "{script}");
    let arguments = ["key", "create", "third-region", "--role", "region", "--region", "3"];
    let key = run(database.url(), &arguments);
    let read = |path: &str| {
        let mut response = ureq::get(format!("{}{path}", server.base))
            .header("authorization", format!("Bearer {}", key.trim()))
            .call()
            .unwrap();
        response.body_mut().read_to_string().unwrap()
    };
    let own = server.page(&format!("/search?q={}", encode(&action))).2;
    let records = |html: &str| {
        attributes(html, "href").into_iter().filter(|href| href.starts_with("/record/")).count()
    };
    let other = read(&format!("/search?q={}", encode(&action)));
    assert!(records(&other) < records(&own), "{} of {}", records(&other), records(&own));
}

#[tokio::test]
async fn two_periods_and_two_regions_are_compared_side_by_side() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let page = |query: &str| text(&server.page(&format!("/compare?as_of=2026-06-30{query}")).2);
    let years = page("");
    let lead = "Jul 1, 2025 to Jun 30, 2026 compared with Jul 1, 2024 to Jun 30, 2025.";
    assert!(years.contains(lead), "{years}");
    // The chart names what its upright marks show.
    let chart = server.page("/compare?as_of=2026-06-30&region=3&with_region=2").2;
    assert!(chart.contains("class=\"small\">Central (2)</text>"), "{chart}");
    let regions = page("&region=3&with_region=2&dates=all");
    assert!(regions.contains("Northeast (3) compared with Central (2)."), "{regions}");
    assert!(regions.contains("points ("), "{regions}");
    // The numbers are those of each region alone.
    let rows = |region: &str| {
        let query = format!(
            "{{ metric(id: \"action_on_time\", groupBy: [], asOf: \"2026-06-30\", filter: {{ \
             region: {{ eq: \"{region}\" }} }}) {{ rows {{ value n }} }} }}"
        );
        server.data(&query)["metric"]["rows"][0].clone()
    };
    for region in ["2", "3"] {
        let row = rows(region);
        let share = format!("{:.0}%", row["value"].as_f64().unwrap() * 100.0);
        assert!(regions.contains(&share), "{region}: {share} in {regions}");
    }
    for (query, expected) in [
        ("&with=spring", "with=spring: must be before, year or same"),
        ("&with_region=9", "Region 9 is not known"),
    ] {
        assert!(page(query).contains(expected), "{query}");
    }
}

#[tokio::test]
async fn control_charts_name_their_signals_and_are_rebased_when_asked() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let (_, _, html) = server.page("/response?as_of=2026-06-30");
    let list = html.split("Unusual responses, the latest first:").nth(1).unwrap();
    let item = list.split("</li>").next().unwrap();
    let href = attributes(item, "href").into_iter().next().unwrap();
    assert!(href.starts_with("/events/") && item.contains(" min, "), "{item}");
    let (_, _, event) = server.page(&href);
    let name = item.split("\">").last().unwrap().split('<').next().unwrap();
    assert!(event.contains(&format!("<h1>{name}</h1>")), "{name}");
    let (_, _, html) = server.page("/response?as_of=2026-06-30&rebase=2025-01-01");
    let rebased = "Limits are computed apart before and since Jan 1, 2025: mean ";
    assert!(text(&html).contains(rebased), "{html}");
    let (status, _, html) = server.page("/response?rebase=spring");
    assert!(status == 400 && html.contains("rebase=spring: must be a day such as"), "{html}");
}

#[tokio::test]
async fn numbers_on_the_page_are_the_apis() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let data = server.data(
        "{ metric(id: \"capability_performance\", groupBy: [], from: \"2025-07-01\", \
        to: \"2026-06-30\", asOf: \"2026-06-30\") { rows { value n ciLow ciHigh } } }",
    );
    let row = &data["metric"]["rows"][0];
    let percent = |name: &str| format!("{:.0}", row[name].as_f64().unwrap() * 100.0);
    let (_, _, html) = server.page("/?as_of=2026-06-30");
    assert!(html.contains(&format!("<p class=\"big\">{}%</p>", percent("value"))), "{row}");
    assert!(
        html.replace(',', "").contains(&format!(
            "95% range {} to {}%; {} ratings",
            percent("ciLow"),
            percent("ciHigh"),
            row["n"]
        )),
        "{row}"
    );
    // The metric's own page begins with the same number, and shows its course.
    let own = server.page("/metrics/capability_performance?as_of=2026-06-30").2;
    let total = format!(
        "Jul 1, 2025 to Jun 30, 2026, entire state: {}% ({} to {}%) of {} ratings.",
        percent("value"),
        percent("ciLow"),
        percent("ciHigh"),
        row["n"]
    );
    assert!(text(&own).replace(',', "").contains(&total.replace(',', "")), "{total} in {own}");
    assert!(own.matches("class=\"band-line\"").count() > 2 * 12, "a line over years in {own}");
    let overdue = text(&server.page("/metrics/action_overdue?as_of=2026-06-30").2);
    assert!(overdue.contains("Jun 30, 2026, entire state: "), "{overdue}");
    assert!(overdue.contains("Over time"), "{overdue}");
    // The figure of a region leads to the number of the region.
    let region = server.page("/regions/3?as_of=2026-06-30").2;
    let link = "/metrics/capability_performance?region=3&amp;as_of=2026-06-30";
    assert!(region.contains(link), "{region}");
    let own = text(&server.page("/metrics/capability_performance?region=3&as_of=2026-06-30").2);
    assert!(own.contains("Jul 1, 2025 to Jun 30, 2026, Northeast (3): "), "{own}");
    let compared = server.data(
        "{ compareRegions(metric: \"action_closure\", from: \"2025-07-01\", to: \
            \"2026-06-30\", asOf: \"2026-06-30\") { region funnelPosition value } }",
    );
    let below: Vec<&str> = compared["compareRegions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["funnelPosition"] == "BELOW")
        .filter_map(|one| one["region"].as_str())
        .collect();
    assert_eq!(below, ["2"], "{compared}");
    assert!(server.page("/regions?as_of=2026-06-30").2.contains("Below the state: Central (2)."));
}

#[tokio::test]
async fn a_metrics_row_names_the_records_behind_it_and_they_name_their_file() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let requested = "{ metric(id: \"capability_performance\", groupBy: [REGION, CAPABILITY], \
        asOf: \"2026-06-30\", filter: { region: { eq: \"3\" } }) { rows { region capability n \
        records(first: 1000) { totalCount nodes { id type } } } } }";
    let data = server.data(requested);
    for row in data["metric"]["rows"].as_array().unwrap() {
        assert_eq!(row["records"]["totalCount"], row["n"], "{row}");
        assert_eq!(
            row["records"]["nodes"].as_array().unwrap().len() as u64,
            row["n"].as_u64().unwrap(),
            "{row}"
        );
    }
    let first = &data["metric"]["rows"][0]["records"]["nodes"][0];
    let node = server.data(&format!(
        "{{ node(id: {}) {{ id ... on CapabilityRating {{ rating source {{ file row batch }} }} }} \
         }}",
        first["id"]
    ));
    assert_eq!(node["node"]["source"]["file"], "fictional_ratings.csv", "{node}");
}

#[tokio::test]
async fn what_cannot_be_shown_is_answered_with_advice() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let (status, _, html) = server.page("/");
    assert!(
        status == 200 && html.contains("hotwash load FOLDER"),
        "an empty warehouse says what to load"
    );
    for (path, status, message) in [
        ("/regions/9", 404, "The regions are 1, 2, 3, 4AB, 4C, 5."),
        ("/capabilities/PHEP/99", 404, "/capabilities/PHEP/6"),
        ("/regions/1?region=9", 400, "Region 9 is not known; there are 1, 2, 3, 4AB, 4C, 5."),
        ("/actions?framework=XYZ", 400, "Framework XYZ is not known"),
        ("/record/nonsense", 404, "No record has this id"),
        ("/records/nonsense", 404, "lists all metrics"),
        ("/metrics/nonsense", 404, "lists all metrics"),
        ("/events/77", 404, "No event has this number"),
        ("/data?from=2026-01-01&to=2025-01-01", 400, "Exchange them"),
        ("/data?as_of=yesterday", 400, "must be a day such as 2026-06-30"),
    ] {
        let (found, _, html) = server.page(path);
        assert_eq!(found, status, "{path}");
        assert!(html.contains(message), "{path}: {html}");
    }
}

#[tokio::test]
async fn the_report_is_written_as_pages_and_as_pdf() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let (pages, pdf) = (folder.path().join("pages"), folder.path().join("report.pdf"));
    run(
        database.url(),
        &[
            "report",
            "--html",
            pages.to_str().unwrap(),
            "--pdf",
            pdf.to_str().unwrap(),
            "--as-of",
            "2026-06-30",
        ],
    );
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
    for entry in std::fs::read_dir(&pages).unwrap().map(Result::unwrap) {
        let html = std::fs::read_to_string(entry.path()).unwrap();
        for link in attributes(&html, "href")
            .into_iter()
            .filter(|link| !link.starts_with("data:") && !link.starts_with('#'))
        {
            assert!(pages.join(&link).is_file(), "{:?} leads to {link}", entry.file_name());
        }
    }
}

#[tokio::test]
async fn every_page_of_the_registry_is_served_in_the_menu_and_in_the_static_copy() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().to_str().unwrap();
    run(database.url(), &["report", "--html", copy, "--as-of", "2026-06-30"]);
    let listed = run(database.url(), &["report", "--list-pages", "--json"]);
    let pages: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    let (_, _, overview) = server.page("/");
    let menu = overview.split_once("<nav").unwrap().1.split_once("</nav>").unwrap().0;
    let titles: Vec<&str> = pages.iter().filter_map(|page| page["menu"].as_str()).collect();
    let entries = menu.split("</a>").filter_map(|entry| Some(entry.rsplit_once('>')?.1.trim()));
    assert_eq!(entries.filter(|entry| !entry.is_empty()).collect::<Vec<_>>(), titles);
    // A browser that asks for an unknown address gets a page; programs get JSON.
    let unknown = |accept: &str| {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let address = format!("{}/nowhere", server.base);
        let mut response = agent.get(address).header("accept", accept).call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    };
    let (status, page) = unknown("text/html,*/*;q=0.8");
    assert!(status == 404 && page.contains("Page not found"), "{status}: {page}");
    let (status, message) = unknown("*/*");
    assert!(status == 404 && message.contains("there is nothing at /nowhere"), "{message}");
    let mut files = 0;
    for page in &pages {
        let path = page["path"].as_str().unwrap();
        let paths = page["paths"].as_array().unwrap();
        match paths.first().and_then(serde_json::Value::as_str) {
            Some(first) => assert_eq!(server.page(first).0, 200, "{first}"),
            // Records of the database: no path is known without it.
            None => {
                let (status, kind, _) = server.page(&path.replace(['{', '}'], ""));
                assert!(status == 404 && kind.starts_with("text/html"), "{path}: {status} {kind}");
            }
        }
        if page["copied"] == true {
            files += paths.len();
        }
    }
    let html = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(
        html.filter(|file| file.extension().is_some_and(|end| end == "html")).count(),
        files
    );
}

#[tokio::test]
async fn exports_contain_what_the_lists_contain_in_every_format() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let total =
        server.data("{ findings { totalCount } }")["findings"]["totalCount"].as_u64().unwrap();
    let (status, _, csv) = server.page("/export/findings.csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert!(
        status == 200 && reader.headers().unwrap().iter().any(|heading| heading == "capability")
    );
    assert_eq!(reader.records().count() as u64, total);
    let (_, _, lines) = server.page("/export/findings.jsonl?kind=STRENGTH");
    let strengths: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!strengths.is_empty() && strengths.iter().all(|finding| finding["kind"] == "STRENGTH"));
    let folder = tempfile::tempdir().unwrap();
    run(database.url(), &["export", folder.path().to_str().unwrap()]);
    let bytes = std::fs::read(folder.path().join("findings.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    for (path, status) in [
        ("/export/nonsense.csv", 404),
        ("/export/findings.xls", 404),
        ("/export/findings.csv?color=red", 400),
    ] {
        assert_eq!(server.page(path).0, status, "{path}");
    }
}

#[tokio::test]
async fn a_figure_leads_to_its_records_and_they_to_their_file_and_row() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let (_, _, html) = server.page("/records/capability_performance?region=3&as_of=2026-06-30");
    assert!(
        html.contains("fictional_ratings.csv, row ") && html.contains("records, of region 3."),
        "{html}"
    );
    let links = attributes(&html, "href");
    let record = links.iter().find(|link| link.starts_with("/record/")).unwrap();
    let (status, _, html) = server.page(record);
    assert!(
        status == 200
            && html.contains("fictional_ratings.csv, row ")
            && html.contains("<dt>Rating</dt>"),
        "{html}"
    );
    let event = links.iter().find(|link| link.starts_with("/events/")).unwrap();
    let (status, _, html) = server.page(event);
    assert!(
        status == 200 && html.contains("<h2>Ratings</h2>") && html.contains("<h2>The event</h2>"),
        "{html}"
    );
    // The same numbers as a file.
    let (_, _, file) = server.page("/metrics/action_closure.csv?region=3&as_of=2026-06-30");
    let data = server.data(
        "{ metric(id: \"action_closure\", groupBy: [REGION], \
        asOf: \"2026-06-30\", filter: { region: { eq: \"3\" } }) { rows { value n } } }",
    );
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let value: f64 =
        row[headings.iter().position(|name| name == "value").unwrap()].parse().unwrap();
    assert_eq!(Some(value), data["metric"]["rows"][0]["value"].as_f64());
}

#[tokio::test]
async fn choices_in_the_address_reach_figures_and_lists_alike() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let data = server.data(
        "{ correctiveActions(filter: { status: { in: \
        [PROPOSED, OPEN, IN_PROGRESS, DEFERRED] }, regionCode: { eq: \"2\" }, \
        dueCurrentOn: { lt: \"2026-06-30\" } }) { totalCount } }",
    );
    let total = data["correctiveActions"]["totalCount"].as_u64().unwrap();
    let (_, _, html) = server.page("/actions?region=2&due=overdue&as_of=2026-06-30");
    assert!(html.contains(&format!("{total} actions in total.")), "{total}");
    assert!(
        html.contains("days late")
            && html.contains("Next page →")
            && html.contains(">Central (2)<")
            && !html.contains(">Northeast (3)<")
    );
    let next = attributes(&html, "href").into_iter().find(|link| link.contains("after=")).unwrap();
    assert!(
        next.contains("due=overdue")
            && next.contains("region=2")
            && next.contains("as_of=2026-06-30"),
        "{next}"
    );
    let (_, _, second) = server.page(&next);
    assert!(second.contains("← Previous page"));
    // Figures to which a filter does not apply state that.
    let (_, _, html) = server.page("/?framework=PHEP&as_of=2026-06-30");
    assert!(html.contains("The framework filter does not apply to this chart."));
}

#[tokio::test]
async fn a_deployment_that_moves_a_town_moves_it_on_the_map_and_other_states_have_no_map() {
    let database = generated(1).await;
    let shapes =
        |html: &str| html.split("<path class=\"region").skip(1).map(str::len).collect::<Vec<_>>();
    let page = || {
        let server = Server::start(database.url(), &[]);
        server.page("/?as_of=2026-06-30").2
    };
    let before = shapes(&page());
    // Each chart appears twice: wide, and narrow for a phone.
    assert_eq!(before.len(), 12);
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(
            "update warehouse.municipality_region set region_id = (select region_id from \
             warehouse.region r join warehouse.region_scheme c using (region_scheme_id) where \
             r.code = '1' and c.code = 'HMCC') \
             where valid_to is null and municipality_id = (select municipality_id from \
             warehouse.municipality where name = 'Worcester')",
        )
        .await
        .unwrap();
    let after = shapes(&page());
    assert!(after.len() == 12 && after != before, "{before:?} {after:?}");
    client
        .batch_execute("update warehouse.municipality set geoid = '99' || substr(geoid, 3)")
        .await
        .unwrap();
    let html = page();
    assert!(shapes(&html).is_empty() && html.contains("There is no map"));
}

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
        after.contains("These figures are of the last snapshot, read at")
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

/// Text of a page without its tags.
fn text(html: &str) -> String {
    html.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect::<Vec<_>>().join(" ")
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
