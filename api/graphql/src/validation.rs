//! Validation of documents by all rules of the GraphQL specification (5). Each text is validated
//! once, with all its operations.
//!
//! The library that runs documents has most of the rules. This module adds those that it lacks.

mod cycles;
mod merging;
mod operations;
mod text;
mod unvisited;

use std::sync::Arc;

use async_graphql::dynamic::Schema;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Name, Request, Response, ServerError, async_trait};
use futures::FutureExt;

use super::coerce;
pub use operations::merge_root;

/// Marks a request that is validated and not run.
#[derive(Clone, Copy, Debug)]
struct ValidationOnly;

/// Stops the library after it validated a request that is not run.
#[derive(Clone, Copy, Debug)]
pub struct StopAfterValidation;

impl ExtensionFactory for StopAfterValidation {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for StopAfterValidation {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        match ctx.data_opt::<ValidationOnly>() {
            Some(_) => Response::default(),
            None => next.run(ctx, operation_name).await,
        }
    }
}

/// Validates a document without values for its variables.
///
/// # Errors
/// Fails with what breaks a rule.
pub fn validate(
    schema: &Schema,
    document: &ExecutableDocument,
    text: &str,
) -> Result<(), Vec<ServerError>> {
    let registry = schema.registry();
    operations::exist(document, registry).map_err(one)?;
    cycles::check(document).map_err(one)?;
    coerce::check(document, registry).map_err(one)?;
    unvisited::check(document).map_err(one)?;
    by_library(schema, document)?;
    // From here on fragments exist and have no cycles, and all fields are known.
    text::check(text).map_err(one)?;
    merging::can_merge(document, registry).map_err(one)?;
    operations::single_root(document, registry).map_err(one)
}

fn one(error: ServerError) -> Vec<ServerError> {
    vec![error]
}

/// Applies the rules of the library.
fn by_library(schema: &Schema, document: &ExecutableDocument) -> Result<(), Vec<ServerError>> {
    let mut request = Request::new("").data(ValidationOnly);
    request.set_parsed_query(document.clone());
    if let Some(name) = document.operations.iter().find_map(|(name, _)| name.map(Name::as_str)) {
        request = request.operation_name(name);
    }
    // Validation waits for nothing.
    let response = schema.execute(request).now_or_never().unwrap_or_default();
    if response.errors.is_empty() { Ok(()) } else { Err(response.errors) }
}
