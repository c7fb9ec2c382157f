//! Selection below a field. Fragments are expanded where their type matches, and fields with the
//! same response name are merged.

use async_graphql::dynamic::ResolverContext;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{Positioned, QueryEnv, Value};

/// Selected field. Several parts of a query may contribute to its selection.
#[derive(Clone)]
pub struct Selected<'a> {
    occurrences: Vec<&'a Field>,
    env: &'a QueryEnv,
}

impl<'a> Selected<'a> {
    /// Returns the field being resolved, merged with all root fields of the same response name.
    pub fn of(ctx: &ResolverContext<'a>) -> Self {
        let (field, env) = (&ctx.ctx.item.node, ctx.ctx.query_env);
        let root = gathered([&env.operation.node.selection_set], env, None);
        let same = root
            .into_iter()
            .find(|one| one.occurrences.iter().any(|occurrence| std::ptr::eq(*occurrence, field)));
        same.unwrap_or(Self { occurrences: vec![field], env })
    }

    /// Returns the name in the schema.
    pub fn name(&self) -> &'a str {
        self.occurrences[0].name.node.as_str()
    }

    /// Returns the response name.
    pub fn key(&self) -> &'a str {
        key(self.occurrences[0])
    }

    /// Returns an argument with variables replaced. Returns none if the argument or its variable is
    /// absent.
    pub fn argument(&self, name: &str) -> Option<Value> {
        let (_, value) =
            self.occurrences[0].arguments.iter().find(|(known, _)| known.node.as_str() == name)?;
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

    /// Returns the selection below the field, on a value of this type.
    pub fn under(&self, type_name: &str) -> Vec<Self> {
        gathered(
            self.occurrences.iter().map(|occurrence| &occurrence.selection_set),
            self.env,
            Some(type_name),
        )
    }

    /// Returns the selection below the field, on any type.
    pub fn all(&self) -> Vec<Self> {
        gathered(
            self.occurrences.iter().map(|occurrence| &occurrence.selection_set),
            self.env,
            None,
        )
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
