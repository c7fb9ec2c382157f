//! Selection below a field. Fragments are expanded where their type matches, fields with the same
//! response name are merged, and those that `@skip` or `@include` leaves out are omitted.

use std::collections::HashMap;

use async_graphql::dynamic::ResolverContext;
use async_graphql::parser::types::{
    Directive, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Value, Variables};

/// Operation that runs, with its fragments and the values of its variables.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// The operation.
    pub operation: &'a OperationDefinition,
    /// Fragments by name.
    pub fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Variables by name.
    pub variables: &'a Variables,
}

impl<'a> Environment<'a> {
    /// Returns the root fields in the requested order.
    pub fn roots(self) -> Vec<Selected<'a>> {
        gathered([&self.operation.selection_set], self, None)
    }

    fn variable(self, name: &Name) -> Option<Value> {
        let definitions = &self.operation.variable_definitions;
        let default = || {
            let known = definitions.iter().find(|known| known.node.name.node == *name)?;
            known.node.default_value().cloned()
        };
        self.variables.get(name).cloned().or_else(default)
    }

    /// Returns a value with its variables replaced. Returns none if a variable is absent.
    fn constant(self, value: &Positioned<async_graphql_value::Value>) -> Option<Value> {
        let value = value.node.clone();
        value.into_const_with(|name| self.variable(&name).ok_or(())).ok()
    }

    /// Returns whether `@skip` and `@include` leave a selection in.
    fn includes(self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let included = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return true,
            };
            let condition = directive.node.get_argument("if");
            condition.and_then(|condition| self.constant(condition))
                == Some(Value::Boolean(included))
        })
    }
}

/// Selected field. Several parts of a query may contribute to its selection.
#[derive(Clone)]
pub struct Selected<'a> {
    occurrences: Vec<&'a Positioned<Field>>,
    env: Environment<'a>,
}

impl<'a> Selected<'a> {
    /// Returns the field that the library resolves.
    pub fn of(ctx: &ResolverContext<'a>) -> Self {
        let env = ctx.ctx.query_env;
        let env = Environment {
            operation: &env.operation.node,
            fragments: &env.fragments,
            variables: &env.variables,
        };
        Self { occurrences: vec![ctx.ctx.item], env }
    }

    /// Returns the name in the schema.
    pub fn name(&self) -> &'a str {
        self.occurrences[0].node.name.node.as_str()
    }

    /// Returns the response name.
    pub fn key(&self) -> &'a str {
        key(self.occurrences[0])
    }

    /// Returns the position of the field in the document.
    pub fn pos(&self) -> Pos {
        self.occurrences[0].pos
    }

    /// Returns an argument with variables replaced. Returns none if the argument or its variable is
    /// absent.
    pub fn argument(&self, name: &str) -> Option<Value> {
        let arguments = &self.occurrences[0].node.arguments;
        let (_, value) = arguments.iter().find(|(known, _)| known.node.as_str() == name)?;
        self.env.constant(value)
    }

    /// Returns an argument that is not null.
    pub fn given(&self, name: &str) -> Option<Value> {
        self.argument(name).filter(|value| *value != Value::Null)
    }

    /// Returns the selection below the field, on a value of this type.
    pub fn under(&self, type_name: &str) -> Vec<Self> {
        gathered(self.selections(), self.env, Some(type_name))
    }

    /// Returns the selection below the field, on any type.
    pub fn all(&self) -> Vec<Self> {
        gathered(self.selections(), self.env, None)
    }

    /// Returns the field as it would be written once, with everything selected below it.
    pub fn merged(&self) -> Positioned<Field> {
        merged(&self.occurrences)
    }

    fn selections(&self) -> impl Iterator<Item = &'a Positioned<SelectionSet>> {
        self.occurrences.iter().map(|occurrence| &occurrence.node.selection_set)
    }
}

/// Writes fields that can be merged as one.
pub fn merged(occurrences: &[&Positioned<Field>]) -> Positioned<Field> {
    let mut one = occurrences[0].clone();
    let others = occurrences[1..].iter();
    let inner = others.flat_map(|other| &other.node.selection_set.node.items);
    one.node.selection_set.node.items.extend(inner.cloned());
    one
}

fn key(field: &Positioned<Field>) -> &str {
    field.node.response_key().node.as_str()
}

fn gathered<'a>(
    sets: impl IntoIterator<Item = &'a Positioned<SelectionSet>>,
    env: Environment<'a>,
    type_name: Option<&str>,
) -> Vec<Selected<'a>> {
    let mut found: Vec<Selected<'a>> = Vec::new();
    for set in sets {
        gather(&mut found, &set.node, env, type_name);
    }
    found
}

fn gather<'a>(
    found: &mut Vec<Selected<'a>>,
    set: &'a SelectionSet,
    env: Environment<'a>,
    type_name: Option<&str>,
) {
    for item in set.items.iter().filter(|item| env.includes(item.node.directives())) {
        let (condition, inner) = match &item.node {
            Selection::Field(field) => {
                match found.iter_mut().find(|known| known.key() == key(field)) {
                    Some(known) => known.occurrences.push(field),
                    None => found.push(Selected { occurrences: vec![field], env }),
                }
                continue;
            }
            Selection::FragmentSpread(spread) => {
                match env.fragments.get(&spread.node.fragment_name.node) {
                    Some(fragment) => {
                        (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                    }
                    None => continue,
                }
            }
            Selection::InlineFragment(fragment) => {
                (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
            }
        };
        let condition = condition.map(|condition| condition.node.on.node.as_str());
        // Every record type is a Node, the only interface.
        let fits =
            |condition: &str| type_name.is_none_or(|name| name == condition || condition == "Node");
        if condition.is_none_or(fits) {
            gather(found, &inner.node, env, type_name);
        }
    }
}
