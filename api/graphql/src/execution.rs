//! Execution of an operation that is valid, with coerced values: plan its root fields, run them
//! concurrently, and join their JSON in the requested order.
//!
//! Lists, aggregates and records are answered by plans of their own ([`Planned`]). All other root
//! fields, such as metrics and introspection, are one document for the library.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::dynamic::Schema;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::registry::Registry;
use async_graphql::{
    Error, Name, PathSegment, Pos, Positioned, Request, Response, ServerError, Value,
};
use futures::FutureExt;
use futures::future::{OptionFuture, join_all};
use hotwash_metrics::Snapshot;

use super::coerce::{coerce, operation_named, reached};
use super::field_context::{FieldContext, RequestContext, member};
use super::field_errors::is_null;
use super::named_snapshot::{self, NamesSnapshot};
use super::planned::Planned;
use super::pool::QueryPool;
use super::result::{ExecutionResult, written};
use super::selection::{Environment, Selected};
use super::used_variables;
use super::validation::validate;

/// Way to answer a root field.
#[derive(Clone, Copy)]
enum Answer {
    /// By a plan.
    Planned(Planned),
    /// By the name of the root type.
    TypeName,
    /// By the library.
    Library,
}

/// Root field with the way to answer it.
struct Root<'a> {
    field: Selected<'a>,
    answer: Answer,
}

/// Runs the operation of a request. It is valid, and its values are coerced.
pub async fn execute(schema: &Schema, mut request: Request) -> ExecutionResult {
    let mut document = match request.parsed_query() {
        Ok(document) => document.clone(),
        Err(error) => return ExecutionResult::from_errors(vec![error]),
    };
    let name = request.operation_name.clone();
    let ExecutableDocument { operations, fragments } = &mut document;
    let operation = match operation_named(operations, name.as_deref()) {
        Some(operation) if operation.node.ty == OperationType::Query => &*operation,
        // The library states what is wrong.
        _ => return schema.execute(request).await.into(),
    };
    let variables = std::mem::take(&mut request.variables);
    let env = Environment { operation: &operation.node, fragments, variables: &variables };
    let roots = plan(env);
    let context = RequestContext::of(&request.data);
    let snapshot = snapshot_of(&request);
    let resolved = OptionFuture::from(
        for_library(operation, env, &roots, request).map(|request| schema.execute(request)),
    );
    // Boxed, since the compiler cannot infer that the futures of a closure may change threads.
    let mut runs = Vec::with_capacity(roots.len());
    for root in &roots {
        runs.push(run(root.answer, root.field.clone(), context.clone()).boxed());
    }
    let (planned, resolved) = futures::join!(join_all(runs), resolved);
    if let Some(error) = stale(snapshot).await {
        return ExecutionResult::from_errors(vec![error]);
    }
    joined(&roots, planned, resolved.unwrap_or_default(), schema.registry())
}

/// Validates and runs a document of the server itself, to which no limits apply.
pub async fn execute_own(schema: &Schema, mut request: Request) -> ExecutionResult {
    match prepared(schema, &mut request) {
        Ok(document) => {
            request.set_parsed_query(document);
            execute(schema, request).await
        }
        Err(errors) => ExecutionResult::from_errors(errors),
    }
}

/// Parses and validates a document, and coerces its values.
fn prepared(
    schema: &Schema,
    request: &mut Request,
) -> Result<ExecutableDocument, Vec<ServerError>> {
    let mut document = request.parsed_query().map_err(|error| vec![error])?.clone();
    validate(schema, &document, &request.query)?;
    let operation = request.operation_name.clone();
    coerce(&mut document, operation.as_deref(), &mut request.variables, schema.registry())
        .map_err(|error| vec![error])?;
    Ok(document)
}

/// Decides how to answer each root field.
fn plan(env: Environment<'_>) -> Vec<Root<'_>> {
    let roots = env.roots().into_iter().map(|field| {
        let answer = match Planned::named(field.name()) {
            Some(planned) => Answer::Planned(planned),
            None if field.name() == "__typename" => Answer::TypeName,
            None => Answer::Library,
        };
        Root { field, answer }
    });
    roots.collect()
}

/// Runs a root field, unless the library answers it.
async fn run(
    answer: Answer,
    field: Selected<'_>,
    context: Result<RequestContext, Error>,
) -> Option<Result<Vec<u8>, ServerError>> {
    let planned = match answer {
        Answer::Planned(planned) => planned,
        Answer::TypeName => return Some(Ok(b"\"Query\"".to_vec())),
        Answer::Library => return None,
    };
    let (pos, key) = (field.pos(), field.key());
    let json = match context {
        Ok(context) => planned.answer(&FieldContext::new(field, context)).await,
        Err(error) => Err(error),
    };
    Some(json.map_err(|error| {
        let path = vec![PathSegment::Field(key.to_owned())];
        ServerError { path, ..error.into_server_error(pos) }
    }))
}

/// Writes the request of the library: an operation with the root fields that it answers, and what
/// they use. None if there are no such fields.
fn for_library(
    operation: &Positioned<OperationDefinition>,
    env: Environment<'_>,
    roots: &[Root<'_>],
    mut request: Request,
) -> Option<Request> {
    let of_library = roots.iter().filter(|root| matches!(root.answer, Answer::Library));
    let items = of_library
        .map(|root| Positioned::new(Selection::Field(root.field.merged()), root.field.pos()))
        .collect::<Vec<_>>();
    if items.is_empty() {
        return None;
    }
    let mut operation = operation.clone();
    operation.node.selection_set.node.items = items;
    let names = reached(&operation.node, env.fragments);
    let fragments = env.fragments.iter().filter(|(name, _)| names.contains(*name));
    let fragments = fragments.map(|(name, one)| (name.clone(), one.clone())).collect();
    let used = used_variables::of(&operation.node, &fragments);
    operation.node.variable_definitions.retain(|one| used.contains(&one.node.name.node));
    for (name, value) in env.variables.iter().filter(|(name, _)| used.contains(*name)) {
        request.variables.insert(name.clone(), value.clone());
    }
    let operations = DocumentOperations::Single(operation);
    request.set_parsed_query(ExecutableDocument { operations, fragments });
    request.operation_name = None;
    Some(request)
}

/// Joins the answers of the root fields. A required field that failed makes the answer null, and
/// any other one is null itself.
fn joined(
    roots: &[Root<'_>],
    planned: Vec<Option<Result<Vec<u8>, ServerError>>>,
    resolved: Response,
    registry: &Registry,
) -> ExecutionResult {
    let root_of = |error: &ServerError| match error.path.first() {
        Some(PathSegment::Field(name)) => Some(name.clone()),
        _ => None,
    };
    let failed = resolved.errors.iter().filter(|error| !is_null(error, &resolved.data));
    let failed: HashSet<Option<String>> = failed.map(root_of).collect();
    // Without a path, the document of the library did not run.
    let mut data = (!failed.contains(&None)).then(|| Vec::with_capacity(roots.len()));
    let mut errors = resolved.errors;
    let mut members = match resolved.data {
        Value::Object(members) => members,
        _ => Default::default(),
    };
    for (root, answer) in roots.iter().zip(planned) {
        let key = root.field.key();
        let json = match answer {
            Some(Ok(json)) => Some(json),
            Some(Err(error)) => {
                errors.push(error);
                None
            }
            None if failed.contains(&Some(key.to_owned())) => None,
            None => members.swap_remove(key).map(|value| written(&value)),
        };
        let json =
            json.or_else(|| is_nullable(root.field.name(), registry).then(|| b"null".to_vec()));
        match (json, &mut data) {
            (Some(json), Some(members)) => members.push((Name::new(key), json)),
            (Some(_), None) => {}
            (None, data) => *data = None,
        }
    }
    ExecutionResult::new(data, errors)
}

fn is_nullable(name: &str, registry: &Registry) -> bool {
    let query = registry.types.get(&registry.query_type);
    let field = query.and_then(|query| query.field_by_name(name));
    field.is_some_and(|field| !field.ty.ends_with('!'))
}

/// Returns the snapshot that a request names, with its pool.
fn snapshot_of(request: &Request) -> Option<(QueryPool, Arc<Snapshot>)> {
    member::<NamesSnapshot>(&request.data)?;
    let pool = member::<QueryPool>(&request.data)?.clone();
    Some((pool, Arc::clone(member::<Arc<Snapshot>>(&request.data)?)))
}

/// Returns the error of a request that read another state than the snapshot that it names.
async fn stale(named: Option<(QueryPool, Arc<Snapshot>)>) -> Option<ServerError> {
    let (pool, snapshot) = named?;
    let error = named_snapshot::check(&pool, &snapshot).await.err()?;
    let error = error.into_server_error(Pos::default());
    Some(ServerError { locations: Vec::new(), ..error })
}
