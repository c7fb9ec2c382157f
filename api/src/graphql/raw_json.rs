//! Answers that are JSON already: what Postgres gave is written once, instead of being resolved
//! field by field.

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

/// Marks a request whose answer is written by [`write()`]: the only one that can take JSON as it
/// is.
#[derive(Clone, Copy, Debug)]
pub struct AcceptsRawJson;

/// A field's whole answer as JSON. It travels as the source of an error, because a resolver has no
/// other way to pass by the resolution of the fields below it; [`RawJsonExtension`] makes it a
/// value again.
struct Written(Bytes);

impl fmt::Display for Written {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an answer that is JSON already")
    }
}

/// Ends a resolver with JSON.
pub fn pass(json: Vec<u8>) -> Result<Option<FieldValue<'static>>, Error> {
    Err(Error::new_with_source(Written(json.into())))
}

/// Makes values of written answers, says where in an answer an error arose, and lets a missing
/// value that must not be missing take the whole answer with it, as the specification asks.
#[derive(Default)]
pub struct RawJsonExtension {
    /// Names in the answer of the root's fields that may be missing and are.
    missing: Mutex<Vec<String>>,
    /// Each operation's names in the answer in the order asked; fields are resolved side by side
    /// and end as they may.
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
        let mut response = next.run(ctx, operation_name).await;
        if let Value::Object(members) = &mut response.data {
            let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
            let named = order
                .iter()
                .find(|(name, _)| order.len() == 1 || name.as_deref() == operation_name);
            let place = |name: &Name| {
                named.and_then(|(_, names)| names.iter().position(|known| known == name))
            };
            members.sort_by(|one, _, other, _| place(one).cmp(&place(other)));
        }
        if response.errors.is_empty() {
            // All fields were skipped: nothing was selected, nothing is missing.
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

/// Most fragments within each other; the validator refuses circles later.
const DEEPEST: usize = 16;

/// Names in the answer that a selection gives, in order.
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

/// Where in the answer a field stands, from the root on.
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
/// As [`write()`].
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

/// Writes a member's name, which GraphQL keeps to letters that need no escape.
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
    // Writing into memory does not fail.
    let _ = serde_json::to_writer(out, text);
}
