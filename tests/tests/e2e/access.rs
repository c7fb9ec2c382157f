//! Authentication, and what each role sees.

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::wait_until;
use hotwash_tests::coalition::{generated, released};
use hotwash_tests::{Server, both, hotwash, run};
use serde_json::Value;

fn key(url: &str, arguments: &[&str]) -> String {
    named_key(url, &format!("test-key-{:08x}", rand::random::<u32>()), arguments)
}

fn named_key(url: &str, name: &str, arguments: &[&str]) -> String {
    let mut all = vec!["key", "create", name];
    all.extend(arguments);
    let output = hotwash(url, &all).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn from_the_first_key_on_everybody_needs_one_and_a_revoked_one_stops() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &["--rate", "5"]);
    assert!(
        server.data("{ regions { code } }")["regions"].is_array(),
        "no key yet: the local user comes in"
    );
    let key = named_key(database.url(), "test-key", &["--role", "analyst"]);
    let stored = connect(database.url()).await.unwrap();
    let kept: i64 = stored
        .query_one(
            "select count(*) from access.api_key k where k::text like '%' || $1 || '%'",
            &[&key],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(kept, 0, "only a hash is kept");
    wait_until("the server knows that a key was made", || {
        server.query_as(None, "{ regions { code } }").0 == 401
    });
    for wrong in [None, Some("hw_wrong"), Some("hw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
        let (status, _, answer) = server.query_as(wrong, "{ regions { code } }");
        assert_eq!(
            (status, answer["errors"][0]["extensions"]["code"].as_str()),
            (401, Some("UNAUTHENTICATED")),
            "{answer}"
        );
    }
    assert_eq!(server.query_as(Some(&key), "{ regions { code } }").0, 200);
    let (status, headers, _) = (0..30)
        .map(|_| server.query_as(Some(&key), "{ regions { code } }"))
        .find(|(status, _, _)| *status == 429)
        .expect("five a second is less than thirty at once");
    assert!(status == 429 && headers.iter().any(|(name, _)| name == "retry-after"), "{headers:?}");
    let output = hotwash(database.url(), &["key", "revoke", "test-key"]).output().unwrap();
    assert!(both(&output).contains("no key is active now"), "{}", both(&output));
    // A server that once asked for keys does not open when the last one is revoked.
    wait_until("the last key has ended", || {
        server.query_as(Some(&key), "{ regions { code } }").0 == 401
    });
    assert_eq!(server.query_as(None, "{ regions { code } }").0, 401);
    let other = self::key(database.url(), &["--role", "admin"]);
    assert_eq!(server.query_as(Some(&other), "{ regions { code } }").0, 200);
    let noted = "select count(*) from access.access_log where viewer = 'test-key' and status = \
        'OK' and operation like '%regions%'";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while stored.query_one(noted, &[]).await.unwrap().get::<_, i64>(0) < 2 {
        assert!(std::time::Instant::now() < deadline, "the access log says who asked what");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_region_sees_its_own_detail_and_filters_find_no_more() {
    let database = generated(5).await;
    let url = database.url();
    let client = connect(url).await.unwrap();
    released(url);
    let server = Server::start(url, &[]);
    for codes in [vec!["3"], vec!["1", "4C"]] {
        let mut arguments = vec!["--role", "region"];
        for code in &codes {
            arguments.extend(["--region", code]);
        }
        let key = key(url, &arguments);
        let list = codes.iter().map(|code| format!("'{code}'")).collect::<Vec<_>>().join(",");
        let own = format!(
            "(select region_id from warehouse.region where region_scheme_id = 1 and code in \
             ({list}))"
        );
        let of_event = format!(
            "exists (select from warehouse.event v where v.event_id = t.event_id and \
             (v.sensitivity = 'PUBLIC' or v.statewide or exists (select from \
             warehouse.event_region w where w.event_id = v.event_id and w.region_id in {own})))"
        );
        // The naive rule, written again.
        for (field, table, rule) in [
            ("exercises", "warehouse.exercise", of_event.clone()),
            ("capabilityRatings", "warehouse.capability_rating", of_event.clone()),
            ("findings", "warehouse.finding", of_event.clone()),
            ("milestones", "warehouse.milestone", of_event.clone()),
            ("correctiveActions", "warehouse.corrective_action", format!("t.region_id in {own}")),
            ("riskAssessments", "warehouse.risk_assessment", format!("t.region_id in {own}")),
        ] {
            let expected: i64 = client
                .query_one(&format!("select count(*) from {table} t where {rule}"), &[])
                .await
                .unwrap()
                .get(0);
            let all: i64 = client
                .query_one(&format!("select count(*) from {table} t"), &[])
                .await
                .unwrap()
                .get(0);
            let (_, _, answer) =
                server.query_as(Some(&key), &format!("{{ {field} {{ totalCount }} }}"));
            assert_eq!(
                answer["data"][field]["totalCount"], expected,
                "{field} {codes:?}: {answer}"
            );
            assert!(0 < expected && expected < all, "{field}: {expected} of {all}");
        }
        // A filter over related records of other regions finds nothing about them.
        let probe = "{ organizations(filter: { region: { code: { eq: \"2\" } } }, first: 1) { \
            totalCount } events(filter: { and: [{ regionCode: { eq: \"2\" } }, { not: { regionCode: { in: \
            [\"1\", \"3\", \"4C\"] } } }] }) { totalCount } rejects { totalCount } }";
        let (_, _, answer) = server.query_as(Some(&key), probe);
        assert_eq!(answer["data"]["events"]["totalCount"], 0, "{answer}");
        assert_eq!(answer["data"]["rejects"]["totalCount"], 0, "{answer}");
        let (_, _, answer) = server.query_as(
            Some(&key),
            "{ exerciseAggregate(groupBy: [REGION_CODE]) { \
            key { regionCode } count } metric(id: \"capability_performance\", groupBy: [REGION]) { \
            rows { region n value reliability } } }",
        );
        let groups: Vec<&str> = answer["data"]["exerciseAggregate"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|group| group["key"]["regionCode"].as_str())
            .collect();
        assert!(groups.iter().all(|code| codes.contains(code)), "{groups:?}");
        assert_eq!(
            answer["data"]["metric"]["rows"].as_array().map(Vec::len),
            Some(6),
            "aggregates of all regions are open: {answer}"
        );
    }
    let viewer = key(url, &["--role", "viewer"]);
    let (_, _, answer) = server.query_as(Some(&viewer), "{ findings { nodes { text } } }");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    let node: Value = {
        let analyst = key(url, &["--role", "analyst"]);
        let (_, _, answer) = server.query_as(
            Some(&analyst),
            "{ findings(first: 1, filter: { event: { regionCode: { eq: \"2\" } } }) { nodes { id } } }",
        );
        answer["data"]["findings"]["nodes"][0]["id"].clone()
    };
    let region = key(url, &["--role", "region", "--region", "3"]);
    let (_, _, answer) =
        server.query_as(Some(&region), &format!("{{ node(id: {node}) {{ id }} }}"));
    assert!(answer["data"]["node"].is_null(), "another region's record has no node: {answer}");
}

#[tokio::test]
async fn details_of_other_regions_are_forbidden_with_a_message_that_names_what_is_allowed() {
    let database = generated(5).await;
    released(database.url());
    let server = Server::start(database.url(), &[]);
    let viewer = key(database.url(), &["--role", "viewer"]);
    let fine = "{ metric(id: \"capability_performance\", groupBy: [REGION, CAPABILITY, HAZARD]) { \
        rows { value } } }";
    let (_, _, answer) = server.query_as(Some(&viewer), fine);
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{answer}");
    assert!(
        error["message"].as_str().unwrap().contains("by region and one further dimension"),
        "{answer}"
    );
    let get = |path: &str, media: &str| {
        let request = ureq::get(format!("{}{path}", server.base))
            .config()
            .http_status_as_error(false)
            .build();
        let request =
            request.header("authorization", format!("Bearer {viewer}")).header("accept", media);
        let mut response = request.call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    };
    let numbers = "/metrics/capability_performance?groupBy=REGION,CAPABILITY,HAZARD";
    let (status, message) = get(numbers, "application/json");
    assert!(
        status == 403 && message.contains("by region and one further dimension"),
        "{status}: {message}"
    );
    // A page for days that are not part of a release states so.
    for (query, expected) in [("?from=2025-03-01", (403, true)), ("", (200, false))] {
        let (status, page) = get(&format!("/regions{query}"), "text/html");
        let message = page.contains("first and last days are not part of a release");
        assert_eq!((status, message), expected, "{query}: {page}");
    }
}

#[tokio::test]
async fn beyond_loopback_a_key_must_exist() {
    let database = TestDatabase::new().await;
    let output = hotwash(database.url(), &["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("hotwash key create"), "{output:?}");
    key(database.url(), &[]);
    let server = Server::start(database.url(), &["--listen", "0.0.0.0:0"]);
    drop(server);
}

#[tokio::test]
async fn two_active_keys_never_bear_one_name() {
    let database = TestDatabase::new().await;
    let url = database.url();
    named_key(url, "dashboard", &["--role", "viewer"]);
    let again =
        hotwash(url, &["key", "create", " dashboard ", "--role", "admin"]).output().unwrap();
    let message = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && again.stdout.is_empty(), "{message}");
    assert!(
        message.contains("an active key is named \"dashboard\"")
            && message.contains("hotwash key revoke hw_"),
        "{message}"
    );
    run(url, &["key", "revoke", "dashboard"]);
    named_key(url, "dashboard", &["--role", "viewer"]);
    assert_eq!(run(url, &["key", "revoke", "dashboard"]).trim(), "1 revoked");
}

#[test]
fn completions_into_a_pipe_that_is_closed_early_end_without_a_panic() {
    for shell in ["bash", "zsh", "fish"] {
        let mut command = hotwash("", &["completions", shell]);
        let mut child = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.is_empty(), "{shell}: {message}");
    }
}
