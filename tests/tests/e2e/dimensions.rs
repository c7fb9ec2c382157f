//! Lists of dimension records, such as the regions of an event, come from memory: they are those
//! that Postgres returns, and follow its changes.

use hotwash_schema::connect::connect;
use hotwash_tests::Server;
use hotwash_tests::coalition::generated;
use serde_json::Value;

fn nodes(server: &Server, query: &str) -> Value {
    let answer = server.data(query);
    let list = answer.as_object().and_then(|roots| roots.values().next()).expect("a root");
    assert!(list["nodes"].as_array().is_some_and(|nodes| nodes.len() > 20), "{query}\n{answer}");
    list["nodes"].clone()
}

#[tokio::test]
async fn a_list_of_dimension_records_is_the_one_that_postgres_returns() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    // A filter makes Postgres answer the list.
    for (list, selection) in [
        ("regions", "nodes { id code name shortName sponsor validFrom __typename }"),
        ("regions", "totalCount edges { node { region: code } __typename } __typename"),
        ("regions", "nodes { code } pageInfo { hasNextPage hasPreviousPage __typename }"),
        ("regions", "nodes { code population municipalityCount }"),
        ("regions", "edges { cursor node { code } } pageInfo { endCursor }"),
        ("hazards", "totalCount nodes { code category name sortOrder }"),
        ("counties", "totalCount nodes { fips name state } pageInfo { hasNextPage }"),
    ] {
        for first in [50, 1, 0] {
            let field =
                |more: &str| format!("list: {list}(first: {first}{more}) {{ {selection} }}");
            for root in [
                "events(first: 200) { nodes { id LIST } }",
                "correctiveActions(first: 200) { nodes { id event { id LIST } } }",
                "findings(first: 200) { nodes { event { LIST } } }",
            ] {
                let query = |more| ["{ ", &root.replace("LIST", &field(more)), " }"].concat();
                let expected = nodes(&server, &query(", filter: {}"));
                assert_eq!(nodes(&server, &query("")), expected, "{}", query(""));
            }
        }
    }
}

#[tokio::test]
async fn a_list_of_dimension_records_follows_a_change_at_once() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let query = "{ events(first: 200) { nodes { regions { nodes { code name } } } } }";
    assert!(!nodes(&server, query).to_string().contains("Renamed"));
    let client = connect(database.url()).await.expect("the database answers");
    let renamed = "update warehouse.region set name = 'Renamed' where region_id in (select \
        region_id from warehouse.event_region)";
    assert!(client.execute(renamed, &[]).await.expect("the regions are renamed") > 0);
    assert!(nodes(&server, query).to_string().contains("Renamed"));
}
