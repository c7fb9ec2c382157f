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
    let answer = server.data(all);
    assert!(answer["repeatFindings"]["rows"][0]["value"].as_f64() > Some(0.0), "{answer}");
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
            "{{ correctiveActionAggregate(groupBy: [REGION_CODE]{arguments}) {{ key {{ regionCode }} p: \
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
                "{{ correctiveActionAggregate(groupBy: [REGION_CODE], orderBy: [{{ percentile: {{ p: \
                 {p}, daysToComplete: ASC }} }}]) {{ count }} }}"
            ),
        );
        assert!(message.contains("must lie between 0 and 1"), "{message}");
    }
}

fn days_have_one_spelling(server: &Server) {
    for day in ["2025-1-1", " 2025-06-30", "0000-01-01", "-0044-03-15", "+12025-01-01"] {
        for query in [
            format!("{{ events(filter: {{ localDate: {{ gte: \"{day}\" }} }}) {{ totalCount }} }}"),
            format!("{{ actionClosure(asOf: \"{day}\") {{ rows {{ n }} }} }}"),
            format!("{{ metric(id: \"action_closure\", from: \"{day}\") {{ rows {{ n }} }} }}"),
            format!("{{ changes(since: \"{day}\") {{ since }} }}"),
            format!(
                "{{ actionClosure(from: \"2026-01-01\", to: \"2026-06-30\", compare: {{ days: {{ \
                 from: \"{day}\", to: \"2025-12-31\" }} }}) {{ rows {{ n }} }} }}"
            ),
        ] {
            let message = rejection(server, &query);
            assert!(message.contains("must be a day such as \"2026-06-30\""), "{message}");
        }
        let address = day.replace(' ', "%20").replace('+', "%2B");
        let (status, _, message) =
            server.page(&format!("/metrics/action_closure.csv?asOf={address}"));
        assert!(status == 400 && message.contains("must be a date such as"), "{day}: {message}");
        let (status, _, _) = server.page(&format!("/actions?to={address}"));
        assert_eq!(status, 400, "{day}");
    }
    let moment =
        "{ milestones(filter: { occurredAt: { gte: \"2025-06-30T14:00\" } }) { totalCount } }";
    assert!(rejection(server, moment).contains("must be a moment such as"));
}

fn an_answer_has_a_bounded_number_of_periods(server: &Server) {
    for arguments in ["from: \"1000-01-01\"", "asOf: \"9999-12-31\"", "to: \"2200-01-01\""] {
        for metric in ["actionOverdue", "actionBacklog", "capabilityPerformance"] {
            let query = format!("{{ {metric}(period: MONTH, {arguments}) {{ rows {{ n }} }} }}");
            let message = rejection(server, &query);
            assert!(message.contains("more than the limit of 1500"), "{message}");
        }
    }
    server
        .data("{ actionClosure(period: YEAR, from: \"1900-01-01\", groupBy: []) { rows { n } } }");
}

fn what_cannot_be_read_is_said_in_one_line(server: &Server) {
    let long = "a".repeat(100_000);
    for (query, expected) in [
        (format!("{{ events {{ {long} ( }} }}"), "the document cannot be read at line 1, column"),
        ("{ events { nodes { name ".to_owned(), "found the end of the line"),
        (
            "{ events { nodes { ...A } } } fragment A on Event { ...A }".to_owned(),
            "fragment A spreads itself; leave out one of the spreads",
        ),
    ] {
        let message = rejection(server, &query);
        assert!(message.contains(expected) && message.len() < 300, "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
    let named =
        "{ events(filter: { name: { contains: \"\\u{1F600}\\uD83D\\uDE00\" } }) { totalCount } }";
    assert_eq!(server.data(named)["events"]["totalCount"], 0);
    let batch = |body: &str| {
        let sent = AGENT
            .post(format!("{}/graphql", server.base))
            .header("content-type", "application/json")
            .send(body);
        sent.expect("an answer").body_mut().read_json::<Value>().expect("JSON")
    };
    for (body, expected) in [
        ("[]", "a batch must hold at least one query"),
        (r#"[{"query": "{ regions { code } }"}, {"query": 5}]"#, "query 2 of the batch: "),
    ] {
        let answer = batch(body);
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(expected), "{answer}");
    }
    let answers = batch(r#"[{"query": "{ regions { code } }"}, {"query": "{ nope }"}]"#);
    assert!(answers[0]["data"]["regions"].is_array(), "{answers}");
    let rejected = answers[1].as_object().expect("an object");
    assert!(rejected.contains_key("errors") && !rejected.contains_key("data"), "{answers}");
}

fn keys_of_groups_lead_to_records(server: &Server) {
    let query = "{ riskProfile(groupBy: [ORGANIZATION]) { rows { organization { number id name } } } \
        metric(id: \"risk_profile\", groupBy: [ORGANIZATION]) { rows { organization \
        namedOrganization { number id name } } } }";
    let answer = server.data(query);
    let rows = answer["riskProfile"]["rows"].as_array().expect("rows");
    let generic = answer["metric"]["rows"].as_array().expect("rows");
    assert!(!rows.is_empty() && rows.len() == generic.len());
    for (row, generic) in rows.iter().zip(generic) {
        let organization = &row["organization"];
        assert_eq!(*organization, generic["namedOrganization"]);
        assert_eq!(organization["number"], generic["organization"]);
        let Some(id) = organization["id"].as_str() else { continue };
        let node = format!("{{ node(id: \"{id}\") {{ ... on Organization {{ name }} }} }}");
        assert_eq!(server.data(&node)["node"]["name"], organization["name"]);
    }
    let keys = "{ capabilities(framework: \"PHEP\") { key framework code } \
        poeteMix(groupBy: [CAPABILITY]) { rows { capability { key name } } } }";
    let answer = server.data(keys);
    let known: Vec<&Value> = answer["capabilities"]
        .as_array()
        .expect("capabilities")
        .iter()
        .map(|one| &one["key"])
        .collect();
    assert!(known.contains(&&json!("PHEP:10")), "{known:?}");
    let scalars = server.data("{ __schema { types { kind name specifiedByURL } } }");
    for scalar in scalars["__schema"]["types"].as_array().expect("types") {
        let own = ["Date", "DateTime", "Long", "JSON"].iter().any(|name| scalar["name"] == *name);
        assert_eq!(scalar["specifiedByURL"].is_string(), own, "{scalar}");
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
    days_have_one_spelling(&server);
    an_answer_has_a_bounded_number_of_periods(&server);
    what_cannot_be_read_is_said_in_one_line(&server);
    keys_of_groups_lead_to_records(&server);

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
