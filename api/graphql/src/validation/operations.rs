//! Rules about operations: each is one that the schema has, and a subscription has one root field.

use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::registry::Registry;
use async_graphql::{Name, Positioned, ServerError};

use super::super::coerce::{operation_named, root_type};
use super::super::guard::wrong;
use super::super::selection::merged;
use super::merging::root_fields;

/// Checks that the schema has a root type for each operation.
///
/// # Errors
/// Fails for a mutation.
pub fn exist(document: &ExecutableDocument, registry: &Registry) -> Result<(), ServerError> {
    for (_, operation) in document.operations.iter() {
        if root_type(&operation.node, registry).is_none() {
            let message = format!(
                "this API has no {}: it only reads. Files are loaded with `hotwash load`",
                operation.node.ty
            );
            return Err(wrong(&message, [operation.pos]));
        }
    }
    Ok(())
}

/// Checks that each subscription has one root field, which is not one of introspection and depends
/// on no condition.
///
/// # Errors
/// Fails for a subscription with several.
pub fn single_root(document: &ExecutableDocument, registry: &Registry) -> Result<(), ServerError> {
    for (_, operation) in document.operations.iter() {
        if operation.node.ty != OperationType::Subscription {
            continue;
        }
        let fields = root_fields(document, registry, &operation.node);
        let names = fields.iter().flatten().map(|field| field.node.name.node.as_str());
        if fields.len() != 1 || names.clone().any(|name| name.starts_with("__")) {
            let message = "a subscription has exactly one root field, and not __typename; send \
                one subscription for each";
            return Err(wrong(message, [operation.pos]));
        }
        if has_conditions(&operation.node.selection_set.node, document) {
            let message = "the root field of a subscription takes no @skip or @include; do not \
                send the subscription instead";
            return Err(wrong(message, [operation.pos]));
        }
    }
    Ok(())
}

/// Returns whether a selection has directives, up to its fields.
fn has_conditions(set: &SelectionSet, document: &ExecutableDocument) -> bool {
    set.items.iter().any(|item| {
        let inner = match &item.node {
            Selection::Field(_) => None,
            Selection::InlineFragment(inline) => Some(&inline.node.selection_set),
            Selection::FragmentSpread(spread) => document
                .fragments
                .get(&spread.node.fragment_name.node)
                .map(|fragment| &fragment.node.selection_set),
        };
        !item.node.directives().is_empty()
            || inner.is_some_and(|inner| has_conditions(&inner.node, document))
    })
}

/// Writes the root of a subscription as one field. The library subscribes to each field of the
/// root, and to none in fragments.
pub fn merge_root(document: &mut ExecutableDocument, operation: Option<&str>, registry: &Registry) {
    let is_subscription = |one: &OperationDefinition| one.ty == OperationType::Subscription;
    let named = document.operations.iter().find(|(name, one)| {
        is_subscription(&one.node) && (operation.is_none() || name.map(Name::as_str) == operation)
    });
    let Some((_, subscription)) = named else { return };
    let fields = root_fields(document, registry, &subscription.node).concat();
    if fields.is_empty() {
        return;
    }
    let root = merged(&fields);
    let pos = root.pos;
    let root = Positioned::new(Selection::Field(root), pos);
    if let Some(subscription) = operation_named(&mut document.operations, operation) {
        subscription.node.selection_set.node.items = vec![root];
    }
}
