//! Values at the edge of what a query may state, and answers where nothing is known.

use hotwash_schema::connect::connect;
use hotwash_tests::Server;
use hotwash_tests::bounds::AGENT;
use hotwash_tests::coalition::generated;
use serde_json::{Value, json};

fn rejection(server: &Server, query: &str) -> String {
    let answer = server.post(query);
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{query}\n{answer}");
    error["message"].as_str().expect("a message").to_owned()
}

fn number_parameters_have_a_range(server: &Server) {
    for months in ["1000000000", "1201", "-1"] {
        for query in [
            format!("{{ repeatFindings(months: {months}) {{ rows {{ n }} }} }}"),
            format!(
                "{{ metric(id: \"repeat_findings\", parameters: {{ months: {months} }}) {{ rows \
                 {{ n }} }} }}"
            ),
        ] {
            let message = rejection(server, &query);
            assert!(message.contains(months), "{message}");
            assert!(message.contains("a whole number from 0 to 1200"), "{message}");
        }
    }
    let query = "{ metric(id: \"repeat_findings\", parameters: { months: 2.5 }) { rows { n } } }";
    assert!(rejection(server, query).contains("cannot be 2.5"));
    let all = "{ repeatFindings(months: 1200, groupBy: []) { rows { n value } } }";
    assert!(server.data(all)["repeatFindings"]["rows"][0]["value"].as_f64() > Some(0.0));
    // Each parameter's range is in its description.
    let list = "{ metrics { parameters { name description allowed } } }";
    for metric in server.data(list)["metrics"].as_array().expect("metrics") {
        for parameter in metric["parameters"].as_array().expect("parameters") {
            let is_number = parameter["allowed"] == json!([]);
            let description = parameter["description"].as_str().expect("a description");
            assert_eq!(is_number, description.contains("; 0 to "), "{parameter}");
        }
    }
}

fn percentiles_limit_and_order_groups(server: &Server) {
    let groups = |arguments: &str| -> Vec<Value> {
        let query = format!(
            "{{ correctiveActionAggregate(groupBy: [REGION]{arguments}) {{ key {{ region }} p: \
             percentile(p: 0.9) {{ daysToComplete }} }} }}"
        );
        let answer = server.data(&query);
        answer["correctiveActionAggregate"].as_array().expect("groups").clone()
    };
    let days = |group: &Value| group["p"]["daysToComplete"].as_f64().expect("days");
    let mut all = groups("");
    all.sort_by(|one, other| days(other).total_cmp(&days(one)));
    let ordered: Vec<f64> = groups(", orderBy: [{ percentile: { p: 0.9, daysToComplete: DESC } }]")
        .iter()
        .map(days)
        .collect();
    assert_eq!(ordered, all.iter().map(days).collect::<Vec<_>>());
    let limit = days(&all[1]);
    let condition =
        format!(", having: {{ percentile: {{ p: 0.9, daysToComplete: {{ gte: {limit} }} }} }}");
    let expected = all.iter().filter(|group| days(group) >= limit).count();
    assert_eq!(groups(&condition).len(), expected);
    assert!(expected < all.len());
    for p in ["1.5", "-0.1"] {
        let message = rejection(
            server,
            &format!(
                "{{ correctiveActionAggregate(groupBy: [REGION], orderBy: [{{ percentile: {{ p: \
                 {p}, daysToComplete: ASC }} }}]) {{ count }} }}"
            ),
        );
        assert!(message.contains("must lie between 0 and 1"), "{message}");
    }
}

fn empty_amounts_are_empty_and_not_zero(server: &Server) {
    let burden = "{ incidentBurden(groupBy: []) { rows { n damagePropertyUsd } } \
        incidentAggregate { sum { damagePropertyUsd } } }";
    let answer = server.data(burden);
    let row = &answer["incidentBurden"]["rows"][0];
    assert!(row["n"].as_i64() > Some(0), "{answer}");
    assert_eq!(row["damagePropertyUsd"], Value::Null, "no incident reports any damage");
    assert_eq!(answer["incidentAggregate"][0]["sum"]["damagePropertyUsd"], Value::Null);
}

#[tokio::test]
async fn values_at_the_edge_are_answered_or_rejected_with_what_to_write() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    number_parameters_have_a_range(&server);
    percentiles_limit_and_order_groups(&server);
    empty_amounts_are_empty_and_not_zero(&server);

    let client = connect(database.url()).await.expect("the database answers");
    // The coalition's own organization convenes the others, and is no member of which a share
    // could take part.
    let members = "select count(*) from warehouse.organization o join warehouse.discipline d using \
        (discipline_id) where o.organization_id > 0 and o.region_id > 0 and o.active and d.code <> \
        'coalition'";
    let members: i64 = client.query_one(members, &[]).await.expect("a count").get(0);
    let rate = "{ participation(groupBy: []) { rows { denominator } } }";
    let denominator = &server.data(rate)["participation"]["rows"][0]["denominator"];
    assert_eq!(denominator.as_f64(), Some(members as f64));

    // The dotted capital I is a letter of its own, not each i.
    let named = "update warehouse.event set name = 'İzmit drill' where event_id = (select \
        min(event_id) from warehouse.event where event_id > 0)";
    assert_eq!(client.execute(named, &[]).await.expect("an event is renamed"), 1);
    for (operator, text, expected) in [
        ("contains", "İ", 1),
        ("startsWith", "İZMİT", 0),
        ("startsWith", "İZMIT DRILL", 1),
        ("contains", "i\u{307}zmit", 1),
        ("contains", "ZMIT", 1),
    ] {
        let query = format!(
            "{{ events(filter: {{ name: {{ {operator}: \"{text}\" }} }}) {{ totalCount }} }}"
        );
        let count = &server.data(&query)["events"]["totalCount"];
        assert_eq!(count.as_i64(), Some(expected), "{operator} {text}");
    }
}

#[tokio::test]
async fn content_codings_are_negotiated_for_clients_that_announce_what_they_cannot_read() {
    let database = hotwash_schema::testing::TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let post = |headers: &[(&str, &str)], body: &str| {
        let mut request = AGENT
            .post(format!("{}/graphql", server.base))
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send(body).expect("an answer")
    };
    let query = r#"{"query": "{ capabilities { framework code name } }"}"#;
    for (accepted, coding) in [
        // The client decodes gzip, and hides the header.
        ("gzip, deflate, br, zstd", None),
        ("zstd, gzip", None),
        ("zstd;q=1, gzip;q=0.5", Some("zstd")),
        ("zstd", Some("zstd")),
        ("br", None),
    ] {
        let answer = post(&[("accept-encoding", accepted)], query);
        let found = answer.headers().get("content-encoding");
        let found = found.map(|value| value.to_str().expect("a name"));
        assert_eq!((answer.status().as_u16(), found), (200, coding), "{accepted}");
    }
    let mut answer = post(&[("content-encoding", "br")], query);
    assert_eq!(answer.status().as_u16(), 415);
    assert_eq!(answer.headers()["accept-encoding"], "gzip, deflate, zstd");
    let body: Value = answer.body_mut().read_json().expect("JSON");
    let message = body["errors"][0]["message"].as_str().expect("a message");
    assert!(message.contains("send it plain, or as gzip, deflate or zstd"), "{message}");
}
