//! The validation rules of the GraphQL specification. The cases are a table that graphql-js, the
//! reference implementation, judges too (`tests/run --tools`).
#![allow(clippy::unwrap_used, missing_docs)]

use async_graphql::{Request, ServerError, Variables};
use futures::StreamExt;
use hotwash_cache::CacheBudget;
use hotwash_graphql::{ExecutionResult, Guard, Limits, build};
use hotwash_schema::access::Viewer;
use regex::Regex;
use serde_json::Value;

/// Without a database, a resolver fails for lack of its data: the document was valid.
fn is_valid(response: &ExecutionResult) -> bool {
    let ran = |message: &str| message.starts_with("Data `");
    response.errors.iter().all(|error| !error.path.is_empty() || ran(&error.message))
}

#[tokio::test]
async fn documents_are_valid_by_every_rule_of_the_specification() {
    let limits = Limits { depth: 30, fields: 1000, aliases: 100, directives: 100, cost: u64::MAX };
    let guard = Guard::new(build().unwrap(), limits, None, 0, &CacheBudget::default());
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../tests/graphql/validation.json")).unwrap();
    let operation = Regex::new(r"\b(?:query|mutation|subscription)\s+(\w+)").unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let document = case["document"].as_str().unwrap();
        let mut request = Request::new(document);
        if let Some(name) = operation.captures(document) {
            request = request.operation_name(&name[1]);
        }
        if !case["variables"].is_null() {
            request = request.variables(Variables::from_json(case["variables"].clone()));
        }
        let subscribes = guard.subscribes(&mut request);
        let response = match guard.admit(&mut request, &Viewer::local()) {
            Err(errors) => ExecutionResult::from_errors(errors),
            Ok(_) if subscribes => {
                let ended =
                    || ExecutionResult::from_errors(vec![ServerError::new("no result", None)]);
                guard.follow(request).next().await.unwrap_or_else(ended)
            }
            Ok(_) => guard.run(request).await,
        };
        let rule = &case["rule"];
        if case["valid"] != is_valid(&response) {
            wrong.push(format!("{rule}: {document}\n    {:?}", response.errors.first()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
