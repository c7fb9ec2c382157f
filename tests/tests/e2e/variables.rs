//! Coercion of variables and literals by the GraphQL specification. Each case uses variables and
//! must answer like its plain form.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, coalition, run};
use serde_json::{Value, json};

/// Expected answer.
enum Is {
    /// The data of this document, which has no variables.
    As(&'static str),
    /// An error with code `BAD_USER_INPUT` whose message contains these words.
    Wrong(&'static str),
}
use Is::{As, Wrong};

const ALL: &str = "{ correctiveActions { totalCount } }";
const OPEN: &str = "{ correctiveActions(filter: {status: {eq: OPEN}}) { totalCount } }";
const UNPRIORITIZED: &str =
    "{ correctiveActions(filter: {priority: {isNull: true}}) { totalCount } }";
const FIRST: &str = "{ correctiveActions(first: 2) { nodes { id } } }";
const NEWEST: &str =
    "{ correctiveActions(orderBy: [{openedOn: DESC}], first: 3) { nodes { id } } }";

/// Cases: document, variables and expected answer.
fn table() -> Vec<(&'static str, Value, Is)> {
    let status =
        "query($s: ActionStatus) { correctiveActions(filter: {status: {eq: $s}}) { totalCount } }";
    let priority = "query($p: ActionPriority) { correctiveActions(filter: {priority: {eq: $p}}) { \
        totalCount } }";
    let default = r#"query($s: ActionStatus = OPEN) { correctiveActions(filter: {status: {eq: $s}}) { totalCount } }"#;
    let required =
        "query($s: ActionStatus!) { correctiveActions(filter: {status: {eq: $s}}) { totalCount } }";
    let list = "query($s: [ActionStatus!]) { correctiveActions(filter: {status: {in: $s}}) { \
        totalCount } }";
    let filter =
        "query($f: CorrectiveActionFilter) { correctiveActions(filter: $f) { totalCount } }";
    let first = "query($n: Int = 2) { correctiveActions(first: $n) { nodes { id } } }";
    let order = "query($o: [CorrectiveActionOrder!]) { correctiveActions(orderBy: $o, first: 3) { \
        nodes { id } } }";
    let direction = "query($d: Direction) { correctiveActions(orderBy: [{openedOn: $d}], first: 3) \
        { nodes { id } } }";
    let group = "query($g: [CorrectiveActionGroupKey!]) { correctiveActionAggregate(groupBy: $g) { \
        key { status } count } }";
    let parameters = "query($p: JSON) { metric(id: \"action_overdue\", asOf: \"2026-06-30\", \
        parameters: $p) { rows { n } } }";
    let plain_metric = "{ metric(id: \"action_overdue\", asOf: \"2026-06-30\") { rows { n } } }";
    vec![
        // Nullable.
        (status, json!({}), As(ALL)),
        (status, json!(null), As(ALL)),
        (status, json!({ "s": "OPEN" }), As(OPEN)),
        (priority, json!({}), As(ALL)),
        (priority, json!({ "p": null }), As(UNPRIORITIZED)),
        (
            "query($p: ActionPriority) { correctiveActions(filter: {priority: {ne: $p}}) { \
             totalCount } }",
            json!({ "p": null }),
            As("{ correctiveActions(filter: {priority: {isNull: false}}) { totalCount } }"),
        ),
        (
            "query($b: Boolean) { correctiveActions(filter: {completedOn: {isNull: $b}}) { \
             totalCount } }",
            json!({}),
            As(ALL),
        ),
        (
            "query($t: String) { correctiveActions(filter: {text: {contains: $t}}) { totalCount } \
             }",
            json!({}),
            As(ALL),
        ),
        (
            "query($d: Date) { correctiveActions(filter: {openedOn: {gte: $d}}) { totalCount } }",
            json!({}),
            As(ALL),
        ),
        (
            "query($d: Date) { correctiveActions(filter: {openedOn: {gte: $d}}) { totalCount } }",
            json!({ "d": null }),
            Wrong("cannot be null"),
        ),
        // Non-null.
        (required, json!({}), Wrong("$s must be given")),
        (required, json!({ "s": null }), Wrong("$s must not be null")),
        (required, json!({ "s": "OPEN" }), As(OPEN)),
        // With a default.
        (default, json!({}), As(OPEN)),
        (default, json!({ "s": "OPEN" }), As(OPEN)),
        (
            default,
            json!({ "s": null }),
            As("{ correctiveActions(filter: {status: {isNull: true}}) { totalCount } }"),
        ),
        (first, json!({}), As(FIRST)),
        (first, json!({ "n": 2 }), As(FIRST)),
        (
            "query($n: Int) { correctiveActions(first: $n) { nodes { id } } }",
            json!({}),
            As("{ correctiveActions { nodes { id } } }"),
        ),
        // In lists.
        (list, json!({}), As(ALL)),
        (list, json!({ "s": ["OPEN"] }), As(OPEN)),
        (list, json!({ "s": "OPEN" }), As(OPEN)),
        (list, json!({ "s": null }), Wrong("cannot be null; use isNull")),
        (list, json!({ "s": [null] }), Wrong("$s[0] must not be null")),
        (
            "query($s: ActionStatus!) { correctiveActions(filter: {status: {in: [$s]}}) { \
             totalCount } }",
            json!({ "s": "OPEN" }),
            As(OPEN),
        ),
        (
            "query($s: ActionStatus!) { correctiveActions(filter: {status: {in: [$s]}}) { \
             totalCount } }",
            json!({}),
            Wrong("must be given"),
        ),
        (
            "query($s: ActionStatus) { correctiveActions(filter: {status: {in: [$s]}}) { \
             totalCount } }",
            json!({ "s": "OPEN" }),
            Wrong("takes ActionStatus!, but $s is declared as ActionStatus"),
        ),
        (
            "query($s: [ActionStatus!]!) { correctiveActions(filter: {status: {in: $s}}) { \
             totalCount } \
             }",
            json!({ "s": ["OPEN"] }),
            As(OPEN),
        ),
        // In input objects, at any depth.
        (
            "query($f: ActionStatusFilter) { correctiveActions(filter: {status: $f}) { totalCount \
             } }",
            json!({}),
            As(ALL),
        ),
        (
            "query($f: ActionStatusFilter) { correctiveActions(filter: {status: $f}) { totalCount \
             } }",
            json!({ "f": { "eq": "OPEN" } }),
            As(OPEN),
        ),
        (
            "query($s: ActionStatus, $p: ActionPriority) { correctiveActions(filter: {and: [{not: \
             {or: [{status: \
             {ne: $s}}]}}, {priority: {eq: $p}}]}) { totalCount } }",
            json!({ "s": "OPEN" }),
            As(OPEN),
        ),
        (
            "query($k: EventKind) { correctiveActions(filter: {event: {kind: {eq: $k}}}) { \
             totalCount \
             } }",
            json!({}),
            As("{ correctiveActions(filter: {event: {}}) { totalCount } }"),
        ),
        (
            "query($n: Int, $t: String) { metric(id: \"action_overdue\", asOf: \"2026-06-30\") { \
             ...r } events(first: 2, filter: {name: {eq: $t}}) { nodes { id } } } fragment r on \
             MetricResult { rows { records(first: $n) { nodes { id } } } }",
            json!({ "n": 1 }),
            As(
                "{ metric(id: \"action_overdue\", asOf: \"2026-06-30\") { rows { records(first: 1) \
                 { nodes { id } } } } events(first: 2) { nodes { id } } }",
            ),
        ),
        (
            "query($n: Int) { metric(id: \"action_overdue\", asOf: \"2026-06-30\") { rows { \
             records(first: $n) { nodes { id } } } } }",
            json!({}),
            As(
                "{ metric(id: \"action_overdue\", asOf: \"2026-06-30\") { rows { records { nodes { \
                 id } } } } }",
            ),
        ),
        (
            "query($n: Float) { correctiveActionAggregate(groupBy: [STATUS], having: {count: {gte: \
             $n}}) { key { status } count } }",
            json!({}),
            As("{ correctiveActionAggregate(groupBy: [STATUS]) { key { status } count } }"),
        ),
        // All of a filter, of an order, of groups.
        (filter, json!({}), As(ALL)),
        (filter, json!({ "f": null }), As(ALL)),
        (filter, json!({ "f": { "status": { "eq": "OPEN" } } }), As(OPEN)),
        (filter, json!({ "f": { "and": { "status": { "in": "OPEN" } } } }), As(OPEN)),
        (filter, json!({ "f": 5 }), Wrong("$f must be CorrectiveActionFilter, an object")),
        (order, json!({}), As("{ correctiveActions(first: 3) { nodes { id } } }")),
        (order, json!({ "o": [{ "openedOn": "DESC" }] }), As(NEWEST)),
        (order, json!({ "o": { "openedOn": "DESC" } }), As(NEWEST)),
        (
            order,
            json!({ "o": [{ "openedOn": "UP" }] }),
            Wrong("$o[0].openedOn must be Direction, one of ASC, DESC"),
        ),
        (direction, json!({ "d": "DESC" }), As(NEWEST)),
        (
            direction,
            json!({}),
            As("{ correctiveActions(orderBy: [{}], first: 3) { nodes { id } } }"),
        ),
        (
            direction,
            json!({ "d": null }),
            As("{ correctiveActions(orderBy: [{}], first: 3) { nodes { id } } }"),
        ),
        (group, json!({}), As("{ correctiveActionAggregate { key { status } count } }")),
        (
            group,
            json!({ "g": "STATUS" }),
            As("{ correctiveActionAggregate(groupBy: [STATUS]) { key { status } count } }"),
        ),
        // Metrics.
        (parameters, json!({}), As(plain_metric)),
        (
            "query($r: String) { metric(id: \"action_overdue\", asOf: \"2026-06-30\", filter: \
             {region: {eq: $r}}) { rows { n } } }",
            json!({}),
            As(plain_metric),
        ),
        (
            "query($p: Period) { metric(id: \"action_overdue\", asOf: \"2026-06-30\", period: $p) \
             { rows { n } } }",
            json!({}),
            As(plain_metric),
        ),
        (
            "query($r: String) { metric(id: \"action_overdue\", asOf: \"2026-06-30\", filter: \
             {region: {eq: $r}}) { rows { n } } }",
            json!({ "r": null }),
            Wrong("filter.region.eq must not be null"),
        ),
        (
            "query($f: MetricFilter) { metric(id: \"action_overdue\", asOf: \"2026-06-30\", \
             filter: $f) { rows { n } } }",
            json!({ "f": { "region": null } }),
            As(plain_metric),
        ),
        // Directives.
        (
            "query($b: Boolean!) { regions { code @skip(if: $b) name } }",
            json!({ "b": true }),
            As("{ regions { name } }"),
        ),
        (
            "query($b: Boolean = true) { regions { code @skip(if: $b) name } }",
            json!({}),
            As("{ regions { name } }"),
        ),
        (
            "query($b: Boolean!) { regions @skip(if: $b) { code } }",
            json!({ "b": true }),
            As("{ regions @include(if: false) { code } }"),
        ),
        (
            "query($b: Boolean!) { __typename @skip(if: $b) regions { code } }",
            json!({ "b": true }),
            As("{ regions { code } }"),
        ),
        (
            "query($b: Boolean = false) { __typename @include(if: $b) regions { code } }",
            json!({}),
            As("{ regions { code } }"),
        ),
        (
            "query($b: Boolean!) { regions { __typename @include(if: $b) code @skip(if: $b) } }",
            json!({ "b": true }),
            As("{ regions { __typename } }"),
        ),
        // Literals.
        (
            "{ correctiveActionAggregate(groupBy: STATUS) { key { status } count } }",
            json!({}),
            As("{ correctiveActionAggregate(groupBy: [STATUS]) { key { status } count } }"),
        ),
        (
            "{ correctiveActions(orderBy: {openedOn: DESC}, first: 3) { nodes { id } } }",
            json!({}),
            As(NEWEST),
        ),
        ("{ correctiveActions(filter: {status: {in: OPEN}}) { totalCount } }", json!({}), As(OPEN)),
        (
            "{ correctiveActions(filter: 5) { totalCount } }",
            json!({}),
            Wrong("correctiveActions.filter must be CorrectiveActionFilter, an object, not 5"),
        ),
        (
            "{ correctiveActions(filter: \"x\") { totalCount } }",
            json!({}),
            Wrong("must be CorrectiveActionFilter, an object, not \"x\""),
        ),
        (
            "{ correctiveActions(filter: {status: 5}) { totalCount } }",
            json!({}),
            Wrong("correctiveActions.filter.status must be ActionStatusFilter, an object, not 5"),
        ),
        (
            "{ correctiveActions(filter: {status: {eq: 5}}) { totalCount } }",
            json!({}),
            Wrong("correctiveActions.filter.status.eq must be ActionStatus, one of PROPOSED, "),
        ),
        (
            "{ correctiveActions(filter: {status: {eq: \"OPEN\"}}) { totalCount } }",
            json!({}),
            Wrong("CANCELLED, not \"OPEN\"; did you mean OPEN?"),
        ),
        (
            "{ correctiveActions(filter: {status: {eq: CANCELED}}) { totalCount } }",
            json!({}),
            Wrong("CANCELLED, not CANCELED; did you mean CANCELLED?"),
        ),
        (status, json!({ "s": "in progress" }), Wrong("did you mean IN_PROGRESS?")),
        (
            "query($s: String) { correctiveActions(filter: {status: {eq: $s}}) { totalCount } }",
            json!({ "s": "OPEN" }),
            Wrong("takes ActionStatus, but $s is declared as String; declare it as ActionStatus"),
        ),
        (
            "{ correctiveActions(filter: {text: {eq: 5}}) { totalCount } }",
            json!({}),
            Wrong("correctiveActions.filter.text.eq must be text, not 5"),
        ),
        (
            "{ ... @defer { correctiveActions { totalCount } } }",
            json!({}),
            Wrong("@defer is not supported: an answer arrives complete"),
        ),
        (
            "{ correctiveActions @skipp(if: true) { totalCount } }",
            json!({}),
            Wrong("there is no directive @skipp; did you mean skip?"),
        ),
        (
            "{ correctiveActions(filter: {openedOn: {eq: 5}}) { totalCount } }",
            json!({}),
            Wrong("must be a day such as \"2026-06-30\", not 5"),
        ),
        (
            "{ correctiveActions(orderBy: [{openedOn: \"ASC\"}]) { totalCount } }",
            json!({}),
            Wrong(
                "correctiveActions.orderBy[0].openedOn must be Direction, one of ASC, DESC, \
                 not \"ASC\"",
            ),
        ),
        (
            "{ correctiveActions(orderBy: [null]) { totalCount } }",
            json!({}),
            Wrong("orderBy[0] must not be null"),
        ),
        (
            "{ correctiveActions(orderBy: [{openedOn: null}], first: 3) { nodes { id } } }",
            json!({}),
            As("{ correctiveActions(orderBy: [{}], first: 3) { nodes { id } } }"),
        ),
        (
            "{ correctiveActions(first: \"2\") { totalCount } }",
            json!({}),
            Wrong("correctiveActions.first must be a whole number, not \"2\""),
        ),
        ("{ node(id: 5) { id } }", json!({}), Wrong("id: 5 is not an id of this API")),
        ("{ node(id: null) { id } }", json!({}), Wrong("node.id must not be null")),
        (
            "{ metric(id: \"action_overdue\", groupBy: [NONSENSE]) { asOf } }",
            json!({}),
            Wrong("metric.groupBy[0] must be MetricDimension, one of "),
        ),
        // Variables where they do not fit.
        (
            "query($i: ID) { node(id: $i) { id } }",
            json!({ "i": "x" }),
            Wrong("node.id takes ID!, but $i is declared as ID; declare it as ID!"),
        ),
        (
            "query($g: String) { correctiveActionAggregate(groupBy: $g) { count } }",
            json!({ "g": "STATUS" }),
            Wrong("$g is declared as String"),
        ),
        (
            "query($s: Int) { correctiveActions(filter: {status: {eq: $s}}) { totalCount } }",
            json!({}),
            Wrong("$s is declared as Int"),
        ),
        (
            "query($s: Nonsense) { correctiveActions(filter: {status: {eq: $s}}) { totalCount } }",
            json!({}),
            Wrong("$s is declared as Nonsense"),
        ),
        ("query($s: String) { correctiveActions { totalCount } }", json!({}), Wrong("not used")),
        (
            "{ correctiveActions(filter: {status: {eq: $s}}) { totalCount } }",
            json!({}),
            Wrong("not defined"),
        ),
    ]
}

#[tokio::test]
async fn a_variable_that_is_not_given_is_absent_and_null_stays_null() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    run(database.url(), &["load", files.to_str().unwrap()]);
    let server = Server::start(database.url(), &["--rate", "0", "--budget", "0"]);
    let send_query = |query: &str, variables: &Value| -> Value {
        let mut response = ureq::post(format!("{}/graphql", server.base))
            .config()
            .http_status_as_error(false)
            .build()
            .send_json(json!({ "query": query, "variables": variables }))
            .unwrap();
        response.body_mut().read_json().unwrap()
    };
    let all =
        send_query(ALL, &json!({}))["data"]["correctiveActions"]["totalCount"].as_i64().unwrap();
    let open =
        send_query(OPEN, &json!({}))["data"]["correctiveActions"]["totalCount"].as_i64().unwrap();
    assert!(0 < open && open < all, "the table can tell them apart: {open} of {all}");
    assert_eq!(
        send_query("{ regions @skip(if: true) { code } }", &json!({}))["data"],
        json!({}),
        "nothing selected is no null"
    );
    let long =
        send_query(&format!("{{ node(id: \"{}\") {{ id }} }}", "x".repeat(50_000)), &json!({}));
    assert!(long.to_string().len() < 3_000, "a message does not repeat a long value");
    let mut failed = Vec::new();
    for (query, variables, is) in table() {
        let answer = send_query(query, &variables);
        let fits = match is {
            As(plain) => {
                let expected = send_query(plain, &json!({}));
                assert!(expected["errors"].is_null(), "{plain}: {expected}");
                answer["errors"].is_null() && answer["data"] == expected["data"]
            }
            Wrong(words) => {
                let error = &answer["errors"][0];
                let message = error["message"].as_str().unwrap_or_default();
                error["extensions"]["code"] == "BAD_USER_INPUT" && message.contains(words)
            }
        };
        if !fits {
            let mut shown = answer.to_string();
            shown.truncate(400);
            failed.push(format!("{query} with {variables}\n    {shown}"));
        }
    }
    assert!(failed.is_empty(), "{} rows:\n{}", failed.len(), failed.join("\n"));
}
