//! Cursors: each belongs to one list, order and filter, and every list can be walked both ways.

use hotwash_tests::Server;
use hotwash_tests::coalition::generated;
use serde_json::Value;

/// A list with arguments that decide which records come, in which order.
fn page(list: &str, arguments: &str) -> String {
    let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
    format!(
        "{{ {list}{arguments} {{ totalCount nodes {{ id }} edges {{ cursor }} \
         pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}"
    )
}

fn ids(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().expect("nodes");
    nodes.iter().map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
}

/// The message of a rejected cursor.
fn rejection(server: &Server, query: &str) -> String {
    let answer = server.post(query);
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{query}\n{answer}");
    error["message"].as_str().expect("a message").to_owned()
}

#[tokio::test]
async fn a_cursor_of_another_list_order_or_filter_is_rejected() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let due = "orderBy: [{ dueCurrentOn: ASC }]";
    let open = "filter: { status: { eq: OPEN } }";
    let middle = |list: &str, arguments: &str| -> String {
        let first = server.data(&page(list, &format!("first: 5, {arguments}")));
        first[list]["edges"][2]["cursor"].as_str().expect("a cursor").to_owned()
    };
    let cases = [
        (("correctiveActions", due), ("correctiveActions", "orderBy: [{ text: ASC }]")),
        (("correctiveActions", due), ("correctiveActions", "orderBy: [{ dueCurrentOn: DESC }]")),
        (("correctiveActions", due), ("correctiveActions", "orderBy: [{ dueOriginalOn: ASC }]")),
        (
            ("correctiveActions", due),
            ("correctiveActions", "orderBy: [{ dueCurrentOn: ASC }, { text: ASC }]"),
        ),
        (("correctiveActions", due), ("correctiveActions", "orderBy: []")),
        (("correctiveActions", due), ("correctiveActions", open)),
        (("correctiveActions", open), ("correctiveActions", "")),
        (
            ("correctiveActions", open),
            ("correctiveActions", "filter: { status: { eq: COMPLETED } }"),
        ),
        (("correctiveActions", ""), ("events", "")),
        (("correctiveActions", ""), ("findings", "")),
        (("events", ""), ("incidents", "")),
        (("events", ""), ("events", "filter: { regionCode: { eq: \"3\" } }")),
        (("events", ""), ("events", "orderBy: [{ localDate: ASC }]")),
        (("riskScores", ""), ("riskScores", "orderBy: [{ risk: ASC }]")),
        (("organizations", ""), ("organizations", "orderBy: [{ staffedBeds: ASC }]")),
    ];
    for ((list, arguments), (other, others)) in cases {
        let cursor = middle(list, arguments);
        for argument in ["after", "before"] {
            // Where it belongs, it is taken.
            let at_home =
                server.data(&page(list, &format!("{arguments}, {argument}: \"{cursor}\"")));
            assert_eq!(
                at_home[list]["nodes"].as_array().map(|nodes| nodes.len() > 1),
                Some(true),
                "{list}"
            );
            let message =
                rejection(&server, &page(other, &format!("{others}, {argument}: \"{cursor}\"")));
            for expected in [other, argument, "another list, order or filter", "leave out"] {
                assert!(
                    message.contains(expected),
                    "{list}({arguments}) given to {other}({others}): {message}"
                );
            }
        }
    }
    // A default order is the same order when it is written out, and so is a filter whose members
    // are swapped.
    let cursor = middle("correctiveActions", "");
    server.data(&page("correctiveActions", &format!("{due}, after: \"{cursor}\"")));
    let cursor = middle("events", "filter: { kind: { eq: EXERCISE }, status: { eq: HELD } }");
    let swapped = "filter: { status: { eq: HELD }, kind: { eq: EXERCISE } }";
    server.data(&page("events", &format!("{swapped}, after: \"{cursor}\"")));
}

#[tokio::test]
async fn a_cursor_with_a_changed_letter_is_rejected_and_one_outlives_its_server() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &["--no-cache", "answers", "--rate", "0"]);
    let first = server.data(&page("events", "first: 10"));
    let cursor = first["events"]["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
    for at in 0..cursor.len() {
        let other = if cursor.as_bytes()[at] == b'M' { "N" } else { "M" };
        let changed = format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]);
        let message =
            rejection(&server, &page("events", &format!("first: 3, after: \"{changed}\"")));
        assert!(message.contains("was altered"), "letter {at}: {message}");
    }
    // A second server of the warehouse takes it at the same time, and a new one after a restart.
    let next = page("events", &format!("first: 3, after: \"{cursor}\""));
    let expected = server.data(&next);
    let second = Server::start(database.url(), &[]);
    assert_eq!(second.data(&next), expected);
    drop((server, second));
    assert_eq!(Server::start(database.url(), &[]).data(&next), expected);
}

#[tokio::test]
async fn every_list_is_walked_forward_and_backward_in_any_order() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &["--no-cache", "answers", "--rate", "0"]);
    for (list, arguments) in [
        ("organizations", ""),
        ("organizations", "orderBy: [{ staffedBeds: DESC }]"),
        ("events", ""),
        ("events", "orderBy: [{ endAt: ASC }, { name: DESC }]"),
        ("exercises", "filter: { regionCode: { in: [\"1\", \"5\"] } }"),
        ("capabilityRatings", "filter: { rating: { eq: \"U\" } }"),
        ("findings", "orderBy: [], filter: { kind: { eq: STRENGTH } }"),
        ("correctiveActions", ""),
        ("correctiveActions", "orderBy: [{ dueCurrentOn: DESC }]"),
        ("riskScores", "filter: { risk: { gte: 0.6 } }"),
        ("resourceRequests", "orderBy: [{ filledAt: ASC }]"),
        ("informationRequests", ""),
        ("milestones", "filter: { regionCode: { eq: \"3\" } }"),
        ("batches", ""),
    ] {
        let mut walks = Vec::new();
        for (size, place, edge, more) in [
            ("first", "after", "endCursor", "hasNextPage"),
            ("last", "before", "startCursor", "hasPreviousPage"),
        ] {
            let (mut walk, mut at) = (Vec::new(), String::new());
            loop {
                let found = server.data(&page(list, &format!("{size}: 333{at} {arguments}")));
                let found = &found[list];
                let mut own = ids(found);
                if size == "last" {
                    own.reverse();
                }
                walk.extend(own);
                assert!(
                    walk.len() as i64 <= found["totalCount"].as_i64().expect("a count"),
                    "{list}({arguments})"
                );
                if found["pageInfo"][more] != true {
                    assert_eq!(found["totalCount"], walk.len(), "{list}({arguments}), {size}");
                    break;
                }
                at = format!(", {place}: {}", found["pageInfo"][edge]);
            }
            walks.push(walk);
        }
        walks[1].reverse();
        assert!(!walks[0].is_empty(), "{list}({arguments}) holds records");
        assert_eq!(walks[0], walks[1], "{list}({arguments}) is the same from both ends");
        let unique: std::collections::BTreeSet<&String> = walks[0].iter().collect();
        assert_eq!(unique.len(), walks[0].len(), "{list}({arguments}) gives each record once");
    }
}
