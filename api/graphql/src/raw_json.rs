//! Answers that are already JSON. The output of Postgres is written once, without resolving each
//! field.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::dynamic::FieldValue;
use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextParseQuery, NextResolve,
    ResolveInfo,
};
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{
    Error, Name, PathSegment, QueryPathNode, QueryPathSegment, Response, ServerError, ServerResult,
    Value, Variables, async_trait,
};
use bytes::Bytes;

use super::validation::ValidationOnly;

/// Marks a request whose answer is written by [`write()`], the only function that accepts raw JSON.
#[derive(Clone, Copy, Debug)]
pub struct AcceptsRawJson;

/// Complete answer of a field as JSON. A resolver returns it as the source of an error, the only
/// way to skip resolving the fields below. [`RawJsonExtension`] turns it back into a value.
struct Written(Bytes);

impl fmt::Display for Written {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an answer that is JSON already")
    }
}

/// Returns JSON from a resolver.
pub fn pass(json: Vec<u8>) -> Result<Option<FieldValue<'static>>, Error> {
    Err(Error::new_with_source(Written(json.into())))
}

/// Turns raw answers into values and adds paths to errors. A missing value that is required makes
/// the complete answer null, as the GraphQL specification demands.
#[derive(Default)]
pub struct RawJsonExtension {
    /// Response names of nullable root fields that are missing.
    missing: Mutex<Vec<String>>,
    /// Response names of each operation in the requested order. Fields are resolved concurrently
    /// and finish in any order.
    order: Mutex<Vec<(Option<Name>, Vec<Name>)>>,
}

impl ExtensionFactory for RawJsonExtension {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self::default())
    }
}

#[async_trait::async_trait]
impl Extension for RawJsonExtension {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let path = info.path_node;
        let missing = (path.parent.is_none() && !info.return_type.ends_with('!'))
            .then(|| info.alias.unwrap_or(info.name).to_owned());
        let mut error = match next.run(ctx, info).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if let Some(Written(json)) = error.source::<Written>() {
            if ctx.data_opt::<AcceptsRawJson>().is_some() {
                return Ok(Some(Value::Binary(json.clone())));
            }
            return serde_json::from_slice(json)
                .map(Some)
                .map_err(|error| ServerError::new(error.to_string(), None));
        }
        if error.path.is_empty() {
            error.path = segments(path);
        }
        if let Some(name) = missing {
            self.missing.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        }
        Err(error)
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(ctx, query, variables).await?;
        let named = document.operations.iter().map(|(name, operation)| {
            let mut names = Vec::new();
            root_names(&operation.node.selection_set.node, &document, 0, &mut names);
            (name.cloned(), names)
        });
        *self.order.lock().unwrap_or_else(PoisonError::into_inner) = named.collect();
        Ok(document)
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        if ctx.data_opt::<ValidationOnly>().is_some() {
            return Response::default();
        }
        let mut response = next.run(ctx, operation_name).await;
        if let Value::Object(members) = &mut response.data {
            let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
            let named = order
                .iter()
                .find(|(name, _)| order.len() == 1 || name.as_deref() == operation_name);
            let position_of = |name: &Name| {
                named.and_then(|(_, names)| names.iter().position(|known| known == name))
            };
            members.sort_by(|one, _, other, _| position_of(one).cmp(&position_of(other)));
        }
        if response.errors.is_empty() {
            // All fields were skipped, so none is missing.
            if let Value::Null = response.data {
                response.data = Value::Object(Default::default());
            }
            return response;
        }
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        let may_be_missing = |error: &ServerError| match error.path.first() {
            Some(PathSegment::Field(name)) => missing.contains(name),
            _ => false,
        };
        if response.errors.iter().all(may_be_missing) {
            if let Value::Null = response.data {
                response.data = Value::Object(Default::default());
            }
            if let Value::Object(members) = &mut response.data {
                members.extend(missing.iter().map(|name| (Name::new(name), Value::Null)));
            }
        } else {
            response.data = Value::Null;
        }
        response
    }
}

/// Maximum nesting of fragments. The validator rejects cycles later.
const DEEPEST: usize = 16;

/// Returns the response names of a selection, in order.
fn root_names(
    set: &SelectionSet,
    document: &ExecutableDocument,
    depth: usize,
    names: &mut Vec<Name>,
) {
    for item in set.items.iter().filter(|_| depth < DEEPEST) {
        let inner = match &item.node {
            Selection::Field(field) => {
                names.push(field.node.response_key().node.clone());
                continue;
            }
            Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set),
            Selection::FragmentSpread(spread) => document
                .fragments
                .get(&spread.node.fragment_name.node)
                .map(|fragment| &fragment.node.selection_set),
        };
        if let Some(inner) = inner {
            root_names(&inner.node, document, depth + 1, names);
        }
    }
}

/// Returns the path of a field in the answer, from the root.
fn segments(node: &QueryPathNode<'_>) -> Vec<PathSegment> {
    let (mut path, mut at) = (Vec::new(), Some(node));
    while let Some(node) = at {
        path.push(match node.segment {
            QueryPathSegment::Index(at) => PathSegment::Index(at),
            QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        });
        at = node.parent;
    }
    path.reverse();
    path
}

/// Writes a response as JSON.
///
/// # Errors
/// Fails when an extension's value cannot be written.
pub fn write(response: &Response) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(1 << 14);
    write_to(response, &mut out)?;
    Ok(out)
}

/// Writes the responses of a batch as JSON.
///
/// # Errors
/// Fails as [`write()`] does.
pub fn write_batch(responses: &[Response]) -> serde_json::Result<Vec<u8>> {
    let mut out = vec![b'['];
    for (at, response) in responses.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_to(response, &mut out)?;
    }
    out.push(b']');
    Ok(out)
}

fn write_to(response: &Response, out: &mut Vec<u8>) -> serde_json::Result<()> {
    out.extend_from_slice(b"{\"data\":");
    value(&response.data, out)?;
    if !response.errors.is_empty() {
        out.extend_from_slice(b",\"errors\":");
        serde_json::to_writer(&mut *out, &response.errors)?;
    }
    if !response.extensions.is_empty() {
        out.extend_from_slice(b",\"extensions\":");
        serde_json::to_writer(&mut *out, &response.extensions)?;
    }
    out.push(b'}');
    Ok(())
}

fn value(of: &Value, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match of {
        Value::Binary(json) => out.extend_from_slice(json),
        Value::Object(members) => {
            out.push(b'{');
            for (at, (name, member)) in members.iter().enumerate() {
                key(name, at == 0, out);
                value(member, out)?;
            }
            out.push(b'}');
        }
        other => serde_json::to_writer(out, other)?,
    }
    Ok(())
}

/// Writes a member's name. GraphQL names need no escapes.
pub fn key(name: &str, first: bool, out: &mut Vec<u8>) {
    if !first {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes text.
pub fn text(text: &str, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(out, text);
}
