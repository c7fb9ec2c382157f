//! Errors of the fields that the library resolves. Its dynamic schema neither adds their paths, nor
//! makes a nullable field that failed null.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
};
use async_graphql::{
    PathSegment, QueryPathNode, QueryPathSegment, Response, ServerError, ServerResult, Value,
    async_trait,
};

/// Adds its path to an error, and makes a nullable field that failed null.
#[derive(Debug, Default)]
pub struct FieldErrors {
    /// Errors of fields that are null.
    errors: Mutex<Vec<ServerError>>,
}

impl ExtensionFactory for FieldErrors {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self::default())
    }
}

#[async_trait::async_trait]
impl Extension for FieldErrors {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let (path, is_required) = (info.path_node, info.return_type.ends_with('!'));
        let mut error = match next.run(ctx, info).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if error.path.is_empty() {
            error.path = segments(path);
        }
        if is_required {
            return Err(error);
        }
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).push(error);
        Ok(None)
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut response = next.run(ctx, operation_name).await;
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        response.errors.append(&mut errors);
        response
    }
}

/// Returns whether the field that failed is null in the answer. The library leaves out a required
/// field, and so makes the answer wrong.
pub fn is_null(error: &ServerError, members: &Value) -> bool {
    if error.path.is_empty() {
        return false;
    }
    let mut at = members;
    for segment in &error.path {
        let inner = match (segment, at) {
            (_, Value::Null) => return true,
            (PathSegment::Field(name), Value::Object(members)) => members.get(name.as_str()),
            (PathSegment::Index(index), Value::List(items)) => items.get(*index),
            _ => None,
        };
        let Some(inner) = inner else { return false };
        at = inner;
    }
    true
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

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn a_field_that_is_left_out_is_not_null() {
        let answer = value!({ "a": { "rows": [{ "n": 1, "change": null }] }, "b": null });
        let at = |path: &[&str]| {
            let path = path.iter().map(|step| match step.parse() {
                Ok(index) => PathSegment::Index(index),
                Err(_) => PathSegment::Field((*step).to_owned()),
            });
            let mut error = ServerError::new("wrong", None);
            error.path = path.collect();
            is_null(&error, &answer)
        };
        assert!(at(&["a", "rows", "0", "change"]) && at(&["b"]) && at(&["b", "below"]));
        assert!(!at(&["a", "rows", "0", "records"]) && !at(&["c"]) && !at(&[]));
    }
}
