//! The rule OverlappingFieldsCanBeMerged (5.3.2): fields of one response name must be one field with
//! the same arguments, or at least have values of the same shape where only one of them can apply.

use std::collections::HashSet;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use async_graphql::{Positioned, ServerError};

use super::super::coerce::root_type;
use super::super::guard::wrong;

/// A field in a selection.
#[derive(Clone, Copy)]
struct Selected<'a> {
    /// Type that has the field.
    parent: &'a str,
    field: &'a Positioned<Field>,
    /// Type of its value.
    of: &'a str,
}

/// Fields of a selection by response name.
type Fields<'a> = IndexMap<&'a str, Vec<Selected<'a>>>;

/// Checks the fields of all operations.
///
/// # Errors
/// Fails with two fields that cannot be merged.
pub fn can_merge(document: &ExecutableDocument, registry: &Registry) -> Result<(), ServerError> {
    let merging = Merging { document, registry };
    for (_, operation) in document.operations.iter() {
        merging.check(&merging.root(&operation.node))?;
    }
    Ok(())
}

/// Returns the root fields of an operation, those of one response name together.
pub fn root_fields<'a>(
    document: &'a ExecutableDocument,
    registry: &'a Registry,
    operation: &'a OperationDefinition,
) -> Vec<Vec<&'a Positioned<Field>>> {
    let root = Merging { document, registry }.root(operation);
    root.into_values().map(|fields| fields.into_iter().map(|one| one.field).collect()).collect()
}

struct Merging<'a> {
    document: &'a ExecutableDocument,
    registry: &'a Registry,
}

impl<'a> Merging<'a> {
    fn root(&self, operation: &'a OperationDefinition) -> Fields<'a> {
        let mut fields = Fields::new();
        if let Some(root) = root_type(operation, self.registry) {
            self.collect(&operation.selection_set.node, root, &mut HashSet::new(), &mut fields);
        }
        fields
    }

    /// Adds the fields of a selection, with those of its fragments.
    fn collect(
        &self,
        set: &'a SelectionSet,
        parent: &'a str,
        seen: &mut HashSet<&'a str>,
        fields: &mut Fields<'a>,
    ) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let known = self.registry.types.get(parent);
                    let known = known.and_then(|of| of.field_by_name(&field.node.name.node));
                    let of = known.map_or("String!", |known| known.ty.as_str());
                    let name = field.node.response_key().node.as_str();
                    fields.entry(name).or_default().push(Selected { parent, field, of });
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map_or(parent, |on| on.node.on.node.as_str());
                    self.collect(&inline.node.selection_set.node, on, seen, fields);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && seen.insert(name)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(&fragment.node.selection_set.node, on, seen, fields);
                    }
                }
            }
        }
    }

    /// Returns the fields below several fields.
    fn below(&self, fields: &[Selected<'a>]) -> Fields<'a> {
        let (mut seen, mut inner) = (HashSet::new(), Fields::new());
        for one in fields {
            let parent = MetaTypeName::concrete_typename(one.of);
            self.collect(&one.field.node.selection_set.node, parent, &mut seen, &mut inner);
        }
        inner
    }

    fn check(&self, fields: &Fields<'a>) -> Result<(), ServerError> {
        for (name, selected) in fields {
            self.same_shape(name, selected)?;
            let is_object = |one: &Selected<'_>| {
                matches!(self.registry.types.get(one.parent), Some(MetaType::Object { .. }))
            };
            // Fields of two objects never apply at once; those of an interface apply to any.
            let parents = selected.iter().filter(|one| is_object(one)).map(|one| one.parent);
            let parents = parents.collect::<HashSet<_>>();
            if parents.is_empty() {
                self.same_field(name, selected)?;
            }
            for parent in parents {
                let applies = |one: &&Selected<'_>| one.parent == parent || !is_object(one);
                let together = selected.iter().filter(applies).copied().collect::<Vec<_>>();
                self.same_field(name, &together)?;
            }
        }
        Ok(())
    }

    /// Checks that fields which apply at once are the same, and the fields below them too.
    fn same_field(&self, name: &str, fields: &[Selected<'a>]) -> Result<(), ServerError> {
        let Some((first, others)) = fields.split_first() else { return Ok(()) };
        for other in others {
            let (one, another) = (&first.field.node, &other.field.node);
            if one.name.node != another.name.node {
                let what = format!("{} and {}", one.name.node, another.name.node);
                return Err(conflict(name, &what, first, other));
            }
            if !same_arguments(one, another) {
                let what = format!("{} with different arguments", one.name.node);
                return Err(conflict(name, &what, first, other));
            }
        }
        self.check(&self.below(fields))
    }

    /// Checks that the values of fields have the same shape, whichever of the fields applies.
    fn same_shape(&self, name: &str, fields: &[Selected<'a>]) -> Result<(), ServerError> {
        let Some((first, others)) = fields.split_first() else { return Ok(()) };
        if others.is_empty() {
            return Ok(());
        }
        for other in others {
            if !self.is_same_shape(first.of, other.of) {
                let what = format!("values of type {} and of type {}", first.of, other.of);
                return Err(conflict(name, &what, first, other));
            }
        }
        for (name, inner) in &self.below(fields) {
            self.same_shape(name, inner)?;
        }
        Ok(())
    }

    fn is_same_shape(&self, one: &str, another: &str) -> bool {
        use MetaTypeName::{List, Named, NonNull};
        match (MetaTypeName::create(one), MetaTypeName::create(another)) {
            (NonNull(one), NonNull(another)) | (List(one), List(another)) => {
                self.is_same_shape(one, another)
            }
            (Named(one), Named(another)) => {
                let is_leaf =
                    |name: &str| self.registry.types.get(name).is_some_and(MetaType::is_leaf);
                one == another || !(is_leaf(one) || is_leaf(another))
            }
            _ => false,
        }
    }
}

fn same_arguments(one: &Field, another: &Field) -> bool {
    let has = |(name, value): &(Positioned<_>, Positioned<_>)| {
        let given = another.arguments.iter().find(|(other, _)| other.node == name.node);
        given.is_some_and(|(_, other)| other.node == value.node)
    };
    one.arguments.len() == another.arguments.len() && one.arguments.iter().all(has)
}

fn conflict(name: &str, what: &str, one: &Selected<'_>, other: &Selected<'_>) -> ServerError {
    let message = format!("{name} stands for {what}; give one of them another alias");
    wrong(&message, [one.field.pos, other.field.pos])
}
