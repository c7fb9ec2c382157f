//! Charts: their files, marks, comparisons, signals and the map.

use hotwash_schema::connect::connect;
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};

use super::{attributes, text};

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
        "{ events(first: 50, filter: { regionCode: { eq: \"2\" }, statewide: { eq: false }, \
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
async fn two_periods_and_two_regions_are_compared_side_by_side() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let page = |query: &str| text(&server.page(&format!("/compare?as_of=2026-06-30{query}")).2);
    let years = page("");
    let lead = "Jul 1, 2025 to Jun 30, 2026 compared with Jul 1, 2024 to Jun 30, 2025.";
    assert!(years.contains(lead), "{years}");
    // Actions of the earlier period had no more time to be closed than those of the later one.
    assert!(years.contains("Both periods are judged equally long after their end"), "{years}");
    let closed = server.data(
        "{ metric(id: \"action_closure\", groupBy: [], from: \"2024-07-01\", to: \"2025-06-30\", \
         asOf: \"2025-06-30\") { rows { value n } } }",
    );
    let row = &closed["metric"]["rows"][0];
    let share = format!("{:.0}%", row["value"].as_f64().unwrap() * 100.0);
    let table = years.split("Actions closed").last().unwrap();
    let table = table.split("Actions finished on time").next().unwrap();
    assert!(table.contains(&share), "{share}: {table}");
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
