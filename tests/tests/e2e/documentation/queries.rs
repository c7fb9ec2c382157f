//! Queries of the API.

use hotwash_tests::Server;
use hotwash_tests::coalition::generated;
use serde_json::Value;

use super::{pages, pattern};

/// Queries on a page: blocks of GraphQL, and bodies of requests.
fn queries(page: &super::Page) -> Vec<String> {
    let body = pattern(r#"'(?s:(\{\s*"query":.*?\}))'"#);
    let blocks = page.code().into_iter().filter_map(|code| Some((code.block?, code.text)));
    blocks
        .flat_map(|(language, text)| match language.as_str() {
            "graphql" => vec![text],
            _ => {
                let bodies = body.captures_iter(&text);
                let query = |body: &str| {
                    let body: Value = serde_json::from_str(body).expect("a body is JSON");
                    body["query"].as_str().unwrap().to_owned()
                };
                bodies.map(|found| query(&found[1])).collect()
            }
        })
        .collect()
}

#[tokio::test]
async fn every_query_that_a_page_shows_is_answered() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &[]);
    let mut count = 0;
    for page in &pages() {
        for query in queries(page) {
            let answer = server.post(&query);
            assert_eq!(answer["errors"], Value::Null, "{}: {query}", page.name);
            count += 1;
        }
    }
    assert!(count >= 14, "{count} queries were found");
}
