//! What a query selects under a field: fragments opened where their type fits, fields of one name
//! in the answer taken together.

use async_graphql::dynamic::ResolverContext;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{Positioned, QueryEnv, Value};

/// A selected field; several places of a query may select more of the same.
#[derive(Clone)]
pub struct Selected<'a> {
    places: Vec<&'a Field>,
    env: &'a QueryEnv,
}

impl<'a> Selected<'a> {
    /// The field being resolved, with all that the query's root selects under the same name.
    pub fn of(ctx: &ResolverContext<'a>) -> Self {
        let (field, env) = (&ctx.ctx.item.node, ctx.ctx.query_env);
        let root = gathered([&env.operation.node.selection_set], env, None);
        let same =
            root.into_iter().find(|one| one.places.iter().any(|place| std::ptr::eq(*place, field)));
        same.unwrap_or(Self { places: vec![field], env })
    }

    /// Name in the schema.
    pub fn name(&self) -> &'a str {
        self.places[0].name.node.as_str()
    }

    /// Name in the answer.
    pub fn key(&self) -> &'a str {
        key(self.places[0])
    }

    /// An argument, with variables put in; none when it is not given, or its variable is not.
    pub fn argument(&self, name: &str) -> Option<Value> {
        let (_, value) =
            self.places[0].arguments.iter().find(|(known, _)| known.node.as_str() == name)?;
        let env = self.env;
        value
            .node
            .clone()
            .into_const_with(|variable| {
                let definitions = &env.operation.node.variable_definitions;
                let given = env.variables.get(&variable).cloned();
                let default = || {
                    let known =
                        definitions.iter().find(|known| known.node.name.node == variable)?;
                    known.node.default_value().cloned()
                };
                given.or_else(default).ok_or(())
            })
            .ok()
    }

    /// What is selected under it, on a value of this type.
    pub fn under(&self, type_name: &str) -> Vec<Self> {
        gathered(self.places.iter().map(|place| &place.selection_set), self.env, Some(type_name))
    }

    /// What is selected under it on any type.
    pub fn all(&self) -> Vec<Self> {
        gathered(self.places.iter().map(|place| &place.selection_set), self.env, None)
    }
}

fn key(field: &Field) -> &str {
    field.response_key().node.as_str()
}

fn gathered<'a>(
    sets: impl IntoIterator<Item = &'a Positioned<SelectionSet>>,
    env: &'a QueryEnv,
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
    env: &'a QueryEnv,
    type_name: Option<&str>,
) {
    for item in &set.items {
        let (condition, inner) = match &item.node {
            Selection::Field(field) => {
                let field = &field.node;
                match found.iter_mut().find(|known| known.key() == key(field)) {
                    Some(known) => known.places.push(field),
                    None => found.push(Selected { places: vec![field], env }),
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
        // Every record type is a Node, and nothing else is behind an interface.
        let fits =
            |condition: &str| type_name.is_none_or(|name| name == condition || condition == "Node");
        if condition.is_none_or(fits) {
            gather(found, &inner.node, env, type_name);
        }
    }
}
