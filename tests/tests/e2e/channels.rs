//! No channel shows unauthorized readers what one organization of region 1 did: all of them read
//! the release.

use std::path::Path;

use hotwash_metrics::{Dimension, last_closed_month, registry};
use hotwash_schema::access::Role;
use hotwash_schema::bi::{grant, revoke};
use hotwash_schema::connect::connect;
use hotwash_schema::pool::Pool;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::{TimeLimit, wait_until};
use hotwash_tests::channels::{
    ACTIONS, Answer, RATINGS, SECRET, get, numbers, pages, query, write,
};
use hotwash_tests::websocket::{Received, Socket};
use hotwash_tests::{Server, pdf_text, run};

/// A reader at a channel.
struct Reader {
    name: &'static str,
    role: Role,
    regions: &'static [&'static str],
}

/// Readers who may not see region 1.
const OUTSIDE: [Reader; 3] = [
    Reader { name: "viewer", role: Role::Viewer, regions: &[] },
    Reader { name: "region", role: Role::Region, regions: &["2"] },
    Reader { name: "several", role: Role::Region, regions: &["2", "3"] },
];
/// A reader who may: their answers prove that the channels show such numbers at all.
const INSIDE: Reader = Reader { name: "inside", role: Role::Region, regions: &["1"] };

fn key(url: &str, reader: &Reader) -> String {
    let mut arguments = vec!["key", "create", reader.name, "--role"];
    arguments.push(if reader.role == Role::Viewer { "viewer" } else { "region" });
    reader.regions.iter().for_each(|code| arguments.extend(["--region", code]));
    run(url, &arguments).trim().to_owned()
}

/// Fails when an answer states a secret number.
fn assert_secret_hidden(reader: &str, channel: &str, answers: &[Answer]) {
    assert!(!answers.is_empty(), "{channel}: nothing was asked");
    for answer in answers {
        let text = answer.text();
        let found = numbers(&text);
        let reported: Vec<u64> =
            SECRET.into_iter().filter(|secret| found.contains(secret)).collect();
        assert!(
            reported.is_empty(),
            "{reader} at {channel}, {}: {reported:?}\n{}",
            answer.requested,
            around(&text, reported[0])
        );
    }
}

/// Fails when a row about region 1 states anything.
fn assert_rows_hidden(reader: &str, answers: &[Answer]) {
    for answer in answers {
        let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        for row in json["data"]["metric"]["rows"].as_array().into_iter().flatten() {
            let is_empty = row["n"] == 0 && row["value"].as_f64().is_none_or(|value| value == 0.0);
            assert!(
                row["dimensions"]["region"] != "1" || is_empty,
                "{reader}, {}: {row}",
                answer.requested
            );
        }
    }
}

/// The answer of `/metrics` without what the server measures of itself: a count of requests may equal
/// a secret by chance.
fn gauges_of_data(server: &Server) -> Answer {
    let itself = ["http_request", "cache", "sql_statements", "seconds", "bytes"];
    let mut answer = get(server, None, "/metrics");
    let text = answer.text();
    let is_of_data = |line: &&str| !itself.iter().any(|word| line.contains(word));
    let lines: Vec<&str> = text.lines().filter(is_of_data).collect();
    assert!(lines.iter().any(|line| line.starts_with("hotwash_snapshot_rows")), "{text}");
    answer.body = lines.join("\n").into_bytes();
    answer
}

/// The text around a number.
fn around(text: &str, number: u64) -> String {
    let text = text.replace(',', "");
    let at = text.find(&number.to_string()).unwrap_or(0);
    let from = at.saturating_sub(300);
    text.chars().skip(from).take(600).collect()
}

/// Fails when no answer states one of these numbers.
fn states_one_of(reader: &str, channel: &str, answers: &[Answer], allowed: &[u64]) {
    let found = answers.iter().any(|answer| {
        let found = numbers(&answer.text());
        allowed.iter().any(|number| found.contains(number))
    });
    assert!(found, "{reader} at {channel}: none of {allowed:?} in {} answers", answers.len());
}

/// All tables of all metrics, and the comparison of regions, by GraphQL.
fn metrics_by_graphql(server: &Server, key: Option<&str>) -> Vec<Answer> {
    let fields = "rows { dimensions value numerator denominator n ciLow ciHigh reliability note \
        extra records(first: 5) { totalCount nodes { id } } }";
    let mut answers = Vec::new();
    for definition in registry().iter().map(|metric| metric.definition()) {
        let id = definition.id;
        let mut tables = vec![String::new()];
        let further = definition.dimensions.iter().filter(|one| **one != Dimension::Region);
        for regions in ["", "REGION"] {
            tables.push(format!(", groupBy: [{regions}]"));
            tables.extend(
                ["MONTH", "QUARTER", "FISCAL_YEAR"]
                    .map(|grain| format!(", groupBy: [{regions}], period: {grain}")),
            );
            tables.extend(
                further.clone().map(|one| {
                    format!(", groupBy: [{regions} {}]", one.to_string().to_uppercase())
                }),
            );
        }
        for table in tables {
            answers.push(query(
                server,
                key,
                &format!("{{ metric(id: \"{id}\"{table}) {{ {fields} }} }}"),
            ));
        }
        let compared = "region value n state difference funnelPosition extra";
        answers.push(query(
            server,
            key,
            &format!("{{ compareRegions(metric: \"{id}\") {{ {compared} }} }}"),
        ));
    }
    answers
}

/// Counts of every list, every aggregate in total and by region, the loads, and the contents of the
/// warehouse.
fn other_graphql(server: &Server, key: Option<&str>) -> Vec<Answer> {
    let described = query(
        server,
        key,
        "{ __type(name: \"Query\") { fields { name type { name ofType { name } } } } }",
    );
    let described: serde_json::Value = serde_json::from_slice(&described.body).unwrap();
    let mut queries = vec![
        "{ warehouse { tables { table rows } } }".to_owned(),
        "{ batches(first: 50) { totalCount nodes { files(first: 50) { nodes { name read inserted \
         updated rejected } } } } }"
            .to_owned(),
        "{ rejects(first: 50) { totalCount } }".to_owned(),
    ];
    for field in described["data"]["__type"]["fields"].as_array().into_iter().flatten() {
        let name = field["name"].as_str().unwrap_or_default();
        let of = field["type"]["ofType"]["name"]
            .as_str()
            .or(field["type"]["name"].as_str())
            .unwrap_or_default();
        if of.ends_with("Connection") {
            queries
                .push(format!("{{ {name}(first: 20) {{ totalCount nodes {{ __typename }} }} }}"));
        }
        if name.ends_with("Aggregate") {
            queries.push(format!("{{ {name} {{ count }} }}"));
            queries.push(format!(
                "{{ {name}(groupBy: [REGION_CODE]) {{ count key {{ regionCode }} }} }}"
            ));
        }
    }
    assert!(queries.len() > 20, "{queries:?}");
    queries.iter().map(|requested| query(server, key, requested)).collect()
}

/// Lists as files.
fn lists(server: &Server, key: Option<&str>) -> Vec<Answer> {
    let lists = [
        "events",
        "correctiveActions",
        "capabilityRatings",
        "participations",
        "milestones",
        "riskAssessments",
    ];
    lists.map(|list| get(server, key, &format!("/export/{list}.jsonl"))).into()
}

/// Metrics as files.
fn files(server: &Server, key: Option<&str>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for id in registry().iter().map(|metric| metric.definition().id) {
        for ending in ["json", "csv", "jsonl", "arrow", "parquet"] {
            for requested in ["", "?groupBy=region", "?groupBy=region&period=quarter"] {
                answers.push(get(server, key, &format!("/metrics/{id}.{ending}{requested}")));
            }
        }
    }
    answers
}

/// Fails if a column file contains a secret number as eight bytes; Arrow does not compress. Small
/// and even numbers may be lengths.
fn assert_bytes_hidden(reader: &str, answers: &[Answer]) {
    for answer in answers.iter().filter(|answer| answer.requested.contains(".arrow")) {
        for secret in SECRET.into_iter().filter(|secret| *secret > 480 && secret % 2 == 1) {
            let whole = secret.to_le_bytes();
            let float = (secret as f64).to_le_bytes();
            let found = answer.body.windows(8).any(|bytes| bytes == whole || bytes == float);
            assert!(!found, "{reader}, {}: {secret}", answer.requested);
        }
    }
}

/// All rows of all views that a BI login may read.
async fn sql(url: &str, reader: &Reader) -> Vec<Answer> {
    let name = format!("doors_{:016x}", rand::random::<u64>());
    let regions: Vec<String> = reader.regions.iter().map(ToString::to_string).collect();
    let granted = grant(&Pool::new(url), &name, reader.role, &regions).await.unwrap();
    let (_, server) = url.split_once('@').unwrap();
    let login = connect(&format!("postgres://{name}:{}@{server}", granted.password)).await.unwrap();
    let relations = "select format('%I.%I', n.nspname, c.relname) from pg_class c join \
        pg_namespace n on n.oid = relnamespace \
        where relkind in ('r', 'v', 'm', 'p') and nspname in ('bi', 'warehouse', 'meta') and \
        has_table_privilege(c.oid, 'select') order by 1";
    let own = if reader.name == INSIDE.name { String::new() } else { reader.regions.join(",") };
    let mut answers = Vec::new();
    for relation in login.query(relations, &[]).await.unwrap() {
        let relation: String = relation.get(0);
        // Rows, and how many there are; ids of dimension tables count nothing.
        let mut sql = format!("select count(*)::text from {relation}");
        if relation.starts_with("bi.metric") {
            // Rows of the reader's own region contain other numbers, which may be equal by chance.
            let rows =
                format!("(select to_jsonb(t) - 'metric_value_id' from {relation} t) as t (row)");
            let region = "coalesce(row ->> 'region_code', row -> 'dimensions' ->> 'region', '')";
            sql += &format!(
                " union all select row::text from {rows} where {region} <> all \
                 ('{{{own}}}'::text[])"
            );
        }
        let rows =
            login.query(&sql, &[]).await.unwrap_or_else(|error| panic!("{relation}: {error:?}"));
        let text: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        answers.push(Answer {
            requested: relation,
            status: 200,
            body: text.join("\n").into_bytes(),
        });
    }
    drop(login);
    revoke(&Pool::new(url), &name).await.unwrap();
    answers
}

/// First message of a subscription.
fn subscription(server: &Server, key: &str) -> Answer {
    let mut socket = Socket::with_key(&server.base, key);
    socket.subscribe("1", "subscription { warehouseUpdated { fictional tables { table rows } } }");
    let Received::Message(message) = socket.receive() else { panic!("nothing was sent") };
    Answer {
        requested: "warehouseUpdated".into(),
        status: 200,
        body: message.to_string().into_bytes(),
    }
}

/// The report for a reader as a folder of pages and as a PDF.
fn reports(url: &str, reader: &str, folder: &Path) -> Vec<Answer> {
    let (html, pdf) =
        (folder.join(format!("{reader}-pages")), folder.join(format!("{reader}.pdf")));
    let arguments = [
        "report",
        "--for",
        reader,
        "--html",
        html.to_str().unwrap(),
        "--pdf",
        pdf.to_str().unwrap(),
    ];
    run(url, &arguments);
    let mut answers: Vec<Answer> = std::fs::read_dir(&html)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "html"))
        .map(|path| Answer {
            requested: path.display().to_string(),
            status: 200,
            body: std::fs::read(&path).unwrap(),
        })
        .collect();
    let text = pdf_text(pdf.to_str().unwrap());
    answers.extend(text.map(|text| Answer {
        requested: "report.pdf".into(),
        status: 200,
        body: text.into_bytes(),
    }));
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn no_channel_shows_what_one_organization_of_another_region_did() {
    let _limit = TimeLimit::minutes(9);
    let database = TestDatabase::new().await;
    let (url, folder) = (database.url(), tempfile::tempdir().unwrap());
    let loaded = folder.path().join("files");
    std::fs::create_dir(&loaded).unwrap();
    write(&loaded, last_closed_month(chrono::Utc::now().date_naive()));
    run(url, &["load", loaded.to_str().unwrap()]);
    run(url, &["release"]);
    let server = Server::start(url, &["--rate", "0", "--budget", "0"]);
    let inside = key(url, &INSIDE);
    wait_until("the server knows that a key was made", || {
        server.query_as(None, "{ regions { code } }").0 == 401
    });

    // A reader of region 1 finds the numbers in the same channels.
    let key_of_inside = Some(inside.as_str());
    let tables = metrics_by_graphql(&server, key_of_inside);
    for secret in SECRET {
        states_one_of("inside", "GraphQL", &tables, &[secret]);
    }
    states_one_of("inside", "aggregates", &other_graphql(&server, key_of_inside), &[613]);
    states_one_of("inside", "pages", &pages(&server, key_of_inside), &[613]);
    states_one_of("inside", "files", &files(&server, key_of_inside), &[613]);
    assert!(lists(&server, key_of_inside).iter().any(|answer| answer.text().contains("A-1-")));
    states_one_of("inside", "SQL", &sql(url, &INSIDE).await, &[613]);
    states_one_of("analyst", "report", &reports(url, "analyst", folder.path()), &[613]);

    let of = |wanted: fn(&str) -> bool| {
        let numbers = RATINGS.iter().chain(&ACTIONS).filter(|(code, _)| wanted(code));
        numbers.map(|(_, number)| *number).collect::<Vec<u64>>()
    };
    for reader in &OUTSIDE {
        // Members of several regions see other regions only where nothing is suppressed: here,
        // their own alone.
        let allowed =
            if reader.regions.len() > 1 { of(|code| code == "3") } else { of(|code| code > "3") };
        let (name, key) = (reader.name, key(url, reader));
        wait_until("the server knows the key", || {
            server.query_as(Some(&key), "{ regions { code } }").0 == 200
        });
        let tables = metrics_by_graphql(&server, Some(&key));
        assert_secret_hidden(name, "GraphQL", &tables);
        assert_rows_hidden(name, &tables);
        states_one_of(name, "GraphQL", &tables, &allowed);
        assert_secret_hidden(name, "other fields", &other_graphql(&server, Some(&key)));
        // The number of rows of all regions together is not part of any release.
        for answer in [
            query(&server, Some(&key), "{ warehouse { tables { rows } } }"),
            subscription(&server, &key),
        ] {
            assert!(!answer.text().contains("rows"), "{name}: {}", answer.text());
        }
        let found = pages(&server, Some(&key));
        assert!(found.len() > 40, "{name}: {} pages", found.len());
        assert_secret_hidden(name, "pages", &found);
        states_one_of(name, "pages", &found, &allowed);
        let found = files(&server, Some(&key));
        assert_secret_hidden(name, "files", &found);
        assert_bytes_hidden(name, &found);
        for answer in lists(&server, Some(&key)) {
            // Ids of the records of region 1 begin so.
            assert!(!answer.text().contains("-1-"), "{name}: {}", answer.requested);
        }
        let found = sql(url, reader).await;
        assert_secret_hidden(name, "SQL", &found);
        let others = of(|code| code > "3");
        if reader.regions.len() < 2 {
            states_one_of(name, "SQL", &found, &others);
        }
    }
    for reader in ["viewer", "region:3"] {
        let found = reports(url, reader, folder.path());
        assert_secret_hidden(reader, "report", &found);
        states_one_of(reader, "report", &found, &of(|code| code > "3"));
    }
    states_one_of("region:1", "report", &reports(url, "region:1", folder.path()), &[613]);

    // Without a key there is nothing but the page to sign in.
    for answer in metrics_by_graphql(&server, None)
        .iter()
        .chain(&files(&server, None))
        .chain(&lists(&server, None))
    {
        assert_eq!(answer.status, 401, "{}", answer.requested);
    }
    let mut found = pages(&server, None);
    assert!(found.len() < 5, "{} pages without a key", found.len());
    found.extend(
        ["/regions/1", "/data", "/readyz", "/healthz"].map(|path| get(&server, None, path)),
    );
    found.push(gauges_of_data(&server));
    assert_secret_hidden("anonymous", "pages", &found);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_data_states_what_is_published_about_other_regions_and_when() {
    let database = TestDatabase::new().await;
    let (url, folder) = (database.url(), tempfile::tempdir().unwrap());
    let closed = last_closed_month(chrono::Utc::now().date_naive());
    write(folder.path(), closed);
    run(url, &["load", folder.path().to_str().unwrap()]);
    let before = Server::start(url, &[]).page("/data").2;
    assert!(
        before.contains("None has been made") && before.contains("hotwash release"),
        "{before}"
    );
    run(url, &["release"]);
    run(url, &["release"]);
    let page = Server::start(url, &[]).page("/data").2;
    let day = |day: chrono::NaiveDate| day.format("%b %-d, %Y").to_string();
    let next = last_closed_month(closed + chrono::Months::new(2));
    for message in [
        format!("Release 2, as of {}", day(closed)),
        format!("As of {}, due on {}", day(next), day(next.succ_opt().unwrap())),
        "at least 5 records and at least 3 organizations".to_owned(),
        "What is not protected".to_owned(),
    ] {
        assert!(page.contains(&message), "{message}: {page}");
    }
}
