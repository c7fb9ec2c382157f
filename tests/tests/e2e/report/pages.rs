//! Every page: links, search, advice, static copy and PDF.

use std::collections::{BTreeMap, BTreeSet};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};

use super::{attributes, text};

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
    // Before a key exists: with one, the local user has to sign in.
    let own = server.page(&format!("/search?q={}", encode(&action))).2;
    let arguments = ["key", "create", "third-region", "--role", "region", "--region", "3"];
    let key = run(database.url(), &arguments);
    let read = |path: &str| {
        let mut response = ureq::get(format!("{}{path}", server.base))
            .header("authorization", format!("Bearer {}", key.trim()))
            .call()
            .unwrap();
        response.body_mut().read_to_string().unwrap()
    };
    let records = |html: &str| {
        attributes(html, "href").into_iter().filter(|href| href.starts_with("/record/")).count()
    };
    let other = read(&format!("/search?q={}", encode(&action)));
    assert!(records(&other) < records(&own), "{} of {}", records(&other), records(&own));
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
