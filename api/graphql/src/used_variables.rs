//! Variables that an operation uses.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value;

/// Returns the names of the variables in an operation and in these fragments.
pub fn of(
    operation: &OperationDefinition,
    fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
) -> HashSet<Name> {
    let mut used = HashSet::new();
    in_directives(&operation.directives, &mut used);
    in_selection(&operation.selection_set.node, &mut used);
    for fragment in fragments.values() {
        in_directives(&fragment.node.directives, &mut used);
        in_selection(&fragment.node.selection_set.node, &mut used);
    }
    used
}

fn in_selection(set: &SelectionSet, used: &mut HashSet<Name>) {
    for item in &set.items {
        in_directives(item.node.directives(), used);
        match &item.node {
            Selection::Field(field) => {
                in_arguments(&field.node.arguments, used);
                in_selection(&field.node.selection_set.node, used);
            }
            Selection::InlineFragment(inline) => {
                in_selection(&inline.node.selection_set.node, used);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn in_directives(directives: &[Positioned<Directive>], used: &mut HashSet<Name>) {
    directives.iter().for_each(|directive| in_arguments(&directive.node.arguments, used));
}

fn in_arguments(arguments: &[(Positioned<Name>, Positioned<Value>)], used: &mut HashSet<Name>) {
    arguments.iter().for_each(|(_, value)| in_value(&value.node, used));
}

fn in_value(value: &Value, used: &mut HashSet<Name>) {
    match value {
        Value::Variable(name) => {
            used.insert(name.clone());
        }
        Value::List(items) => items.iter().for_each(|item| in_value(item, used)),
        Value::Object(members) => members.values().for_each(|member| in_value(member, used)),
        _ => {}
    }
}
