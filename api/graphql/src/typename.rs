//! Rewrites `__typename @skip(if: $b)` as `... @skip(if: $b) { __typename }`. Both mean the same, and
//! the library that validates and runs documents does not look into the directives of `__typename`.

use async_graphql::Positioned;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, InlineFragment, Selection, SelectionSet,
};

/// Rewrites a document. It is nested no deeper than the limit.
pub fn rewrite(document: &mut ExecutableDocument) {
    match &mut document.operations {
        DocumentOperations::Single(only) => within(&mut only.node.selection_set.node),
        DocumentOperations::Multiple(named) => {
            named.values_mut().for_each(|one| within(&mut one.node.selection_set.node));
        }
    }
    for fragment in document.fragments.values_mut() {
        within(&mut fragment.node.selection_set.node);
    }
}

fn within(set: &mut SelectionSet) {
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                let directives = std::mem::take(&mut field.node.directives);
                if directives.is_empty() {
                    continue;
                }
                let pos = item.pos;
                let field = Positioned::new(item.node.clone(), pos);
                let set = SelectionSet { items: vec![field] };
                let selection_set = Positioned::new(set, pos);
                let inline = InlineFragment { type_condition: None, directives, selection_set };
                item.node = Selection::InlineFragment(Positioned::new(inline, pos));
            }
            Selection::Field(field) => within(&mut field.node.selection_set.node),
            Selection::InlineFragment(inline) => within(&mut inline.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
}
