//! Places that the library does not look into: directives of variables, and what `__typename` is
//! given.

use async_graphql::ServerError;
use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use super::super::guard::wrong;

/// Checks that variables have no directives, and `__typename` neither arguments nor fields.
///
/// # Errors
/// Fails with the first that has.
pub fn check(document: &ExecutableDocument) -> Result<(), ServerError> {
    for (_, operation) in document.operations.iter() {
        let variables = &operation.node.variable_definitions;
        if let Some(directive) = variables.iter().find_map(|one| one.node.directives.first()) {
            let name = &directive.node.name.node;
            return Err(wrong(&format!("@{name} is no directive of variables"), [directive.pos]));
        }
        within(&operation.node.selection_set.node)?;
    }
    document.fragments.values().try_for_each(|one| within(&one.node.selection_set.node))
}

fn within(set: &SelectionSet) -> Result<(), ServerError> {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) if is_plain(&field.node) => {
                within(&field.node.selection_set.node)?;
            }
            Selection::Field(field) => {
                return Err(wrong("__typename takes no arguments and has no fields", [field.pos]));
            }
            Selection::InlineFragment(inline) => within(&inline.node.selection_set.node)?,
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

fn is_plain(field: &Field) -> bool {
    field.name.node != "__typename"
        || (field.arguments.is_empty() && field.selection_set.node.items.is_empty())
}
