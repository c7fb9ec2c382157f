//! Lists within records: connections like those of the query, which never end without a word.

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::Server;
use hotwash_tests::coalition::generated;
use serde_json::{Value, json};

/// Adds an event's participants: one in which 140 took part. Gives the event's global id.
async fn crowd(database: &TestDatabase) -> String {
    let client = connect(database.url()).await.expect("the database answers");
    let event =
        "select event_id from warehouse.event where kind = 'EXERCISE' order by event_id limit 1";
    let deleted = client
        .execute(&format!("delete from warehouse.participation where event_id = ({event})"), &[])
        .await;
    deleted.expect("the event is cleared");
    let added = format!(
        "insert into warehouse.participation
            (event_id, organization_id, role, source, source_id, batch_id, file_id, source_row, \
            content_hash)
        select e.event_id, o.organization_id, case when n <= 7 then 'OBSERVER' else 'PLAYER' end,
               'test', 'crowd-' || n, e.batch_id, e.file_id, n, ''::bytea
        from warehouse.event e cross join generate_series(1, 140) n
        cross join (select min(organization_id) as organization_id from warehouse.organization
                    where organization_id > 0) o
        where e.event_id = ({event})
        returning translate(encode(convert_to('Event:' || event_id, 'UTF8'), 'base64'), '+/=', \
            '-_')"
    );
    let rows = client.query(&added, &[]).await.expect("participants are added");
    assert_eq!(rows.len(), 140);
    rows[0].get(0)
}

fn ids(list: &Value) -> Vec<String> {
    let nodes = list["nodes"].as_array().expect("nodes");
    nodes.iter().map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
}

fn rejection(server: &Server, query: &str) -> String {
    let answer = server.post(query);
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{query}\n{answer}");
    error["message"].as_str().expect("a message").to_owned()
}

#[tokio::test]
async fn an_event_with_140_participants_counts_and_pages_them() {
    let database = generated(5).await;
    let event = crowd(&database).await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let list = |arguments: &str, selection: &str| -> Value {
        let query = format!(
            "{{ node(id: \"{event}\") {{ ... on Event {{ participations{arguments} {{ {selection} \
             }} }} }} }}"
        );
        server.data(&query)["node"]["participations"].clone()
    };
    let all = "totalCount nodes { id } edges { cursor node { id role } } \
               pageInfo { startCursor endCursor hasNextPage hasPreviousPage }";
    let first = list("", all);
    assert_eq!((&first["totalCount"], ids(&first).len()), (&json!(140), 50), "50 unless asked");
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    assert_eq!(first["pageInfo"]["hasPreviousPage"], false);
    assert_eq!(first["edges"][0]["cursor"], first["pageInfo"]["startCursor"]);
    assert_eq!(first["edges"][49]["cursor"], first["pageInfo"]["endCursor"]);
    assert_eq!(list("", "totalCount"), json!({ "totalCount": 140 }));
    let whole = ids(&list("(first: 1000)", "nodes { id }"));
    assert_eq!(whole.len(), 140);
    for order in ["", ", orderBy: [{ role: DESC }]", ", orderBy: []"] {
        let expected = ids(&list(&format!("(first: 1000{order})"), "nodes { id }"));
        for (size, place, edge, more) in [
            ("first", "after", "endCursor", "hasNextPage"),
            ("last", "before", "startCursor", "hasPreviousPage"),
        ] {
            let (mut pages, mut at) = (Vec::new(), String::new());
            loop {
                let page = list(&format!("({size}: 47{at}{order})"), all);
                pages.push(ids(&page));
                if page["pageInfo"][more] != true {
                    break;
                }
                at = format!(", {place}: {}", page["pageInfo"][edge]);
            }
            assert_eq!(pages.len(), 3);
            if size == "last" {
                pages.reverse();
            }
            assert_eq!(pages.concat(), expected, "{size}{order}");
        }
    }
    let observers = list("(first: 5, filter: { role: { eq: OBSERVER } })", all);
    assert_eq!(
        (&observers["totalCount"], &observers["pageInfo"]["hasNextPage"]),
        (&json!(7), &json!(true))
    );
    // Also within a page of the query, and next to the same list with other arguments.
    let page = server.data(
        "{ events(first: 3, filter: { participations: { role: { eq: OBSERVER } } }) { nodes { id \
           participations(first: 0) { totalCount pageInfo { hasNextPage startCursor } } \
           observers: participations(filter: { role: { eq: OBSERVER } }) { totalCount } } } }",
    );
    let nodes = page["events"]["nodes"].as_array().expect("nodes");
    let own = nodes.iter().find(|node| node["id"] == event.as_str());
    if let Some(own) = own {
        let expected =
            json!({ "totalCount": 140, "pageInfo": { "hasNextPage": true, "startCursor": null } });
        assert_eq!(
            (&own["participations"], &own["observers"]["totalCount"]),
            (&expected, &json!(7))
        );
    }
}

#[tokio::test]
async fn a_cursor_of_one_records_list_is_not_taken_by_anothers() {
    let database = generated(5).await;
    let event = crowd(&database).await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let node = |id: &str, list: &str| {
        format!("{{ node(id: \"{id}\") {{ ... on Event {{ {list} {{ nodes {{ id }} }} }} }} }}")
    };
    let first = format!(
        "{{ node(id: \"{event}\") {{ ... on Event {{ participations(first: 10) {{ pageInfo {{ \
         endCursor }} }} }} }} \
            events(first: 2, filter: {{ kind: {{ eq: EXERCISE }} }}) {{ nodes {{ id }} \
            pageInfo {{ endCursor }} }} }}"
    );
    let first = server.data(&first);
    let cursor =
        first["node"]["participations"]["pageInfo"]["endCursor"].as_str().expect("a cursor");
    server.data(&node(&event, &format!("participations(after: \"{cursor}\")")));
    let other = first["events"]["nodes"][0]["id"].as_str().filter(|id| *id != event);
    let other = other.or(first["events"]["nodes"][1]["id"].as_str()).expect("another event");
    let root = first["events"]["pageInfo"]["endCursor"].as_str().expect("a cursor");
    for (query, expected) in [
        (node(other, &format!("participations(after: \"{cursor}\")")), "the list of another Event"),
        (
            format!(
                "{{ events(first: 5) {{ nodes {{ participations(after: \"{cursor}\") {{ totalCount \
                 }} }} }} }}"
            ),
            "the list of another Event",
        ),
        (
            format!(
                "{{ participations(first: 2) {{ nodes {{ event {{ \
                 participations(after: \"{cursor}\") {{ nodes {{ id }} }} }} }} }} }}"
            ),
            "the list of another Event",
        ),
        (
            node(&event, &format!("participations(after: \"{root}\")")),
            "another list, order or filter",
        ),
        (node(&event, &format!("findings(after: \"{cursor}\")")), "another list, order or filter"),
        (
            node(
                &event,
                &format!("participations(orderBy: [{{ role: ASC }}], after: \"{cursor}\")"),
            ),
            "another list, order or filter",
        ),
        (
            format!("{{ participations(after: \"{cursor}\") {{ nodes {{ id }} }} }}"),
            "another list, order or filter",
        ),
        (node(&event, "participations(first: 1001)"), "between 0 and 1000"),
        (node(&event, "participations(first: 1, last: 1)"), "not both"),
        (
            format!(
                "{{ node(id: \"{event}\") {{ ... on Event {{ findings {{ nodes {{ \
                 correctiveActions(after: \"x\") {{ totalCount }} }} }} }} }} }}"
            ),
            "was altered",
        ),
    ] {
        let message = rejection(&server, &query);
        assert!(message.contains(expected), "{query}\n{message}");
    }
}
