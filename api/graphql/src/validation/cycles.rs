//! The rule that fragments form no cycles (specification 5.5.2.2).

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Pos, ServerError};

use super::super::guard::wrong;

/// Checks that no fragment spreads itself, directly or by others.
///
/// # Errors
/// Fails with the fragments of a cycle.
pub fn check(document: &ExecutableDocument) -> Result<(), ServerError> {
    let mut done: Vec<&Name> = Vec::new();
    for start in document.fragments.keys() {
        let mut way: Vec<(&Name, Vec<(&Name, Pos)>)> = vec![(start, spreads_of(document, start))];
        while let Some((fragment, spreads)) = way.last_mut() {
            let Some((next, pos)) = spreads.pop() else {
                done.push(fragment);
                way.pop();
                continue;
            };
            if let Some(at) = way.iter().position(|(known, _)| *known == next) {
                let others: Vec<&str> =
                    way[at + 1..].iter().map(|(name, _)| name.as_str()).collect();
                let by = match others.len() {
                    0 => String::new(),
                    _ => format!(" by way of {}", others.join(", ")),
                };
                let message =
                    format!("fragment {next} spreads itself{by}; leave out one of the spreads");
                return Err(wrong(&message, [pos]));
            }
            if !done.contains(&next) {
                way.push((next, spreads_of(document, next)));
            }
        }
    }
    Ok(())
}

/// Returns the fragments that a fragment spreads, with the positions.
fn spreads_of<'d>(document: &'d ExecutableDocument, name: &Name) -> Vec<(&'d Name, Pos)> {
    let mut found = Vec::new();
    if let Some(fragment) = document.fragments.get(name) {
        collect(&fragment.node.selection_set.node, &mut found);
    }
    found
}

fn collect<'d>(set: &'d SelectionSet, found: &mut Vec<(&'d Name, Pos)>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => collect(&field.node.selection_set.node, found),
            Selection::InlineFragment(inline) => {
                collect(&inline.node.selection_set.node, found);
            }
            Selection::FragmentSpread(spread) => {
                found.push((&spread.node.fragment_name.node, item.pos));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn message(text: &str) -> Option<String> {
        check(&parse_query(text).unwrap()).err().map(|error| error.message)
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_named() {
        let own = "{ a { ...A } } fragment A on T { b { ...A } }";
        assert_eq!(
            message(own).as_deref(),
            Some("fragment A spreads itself; leave out one of the spreads")
        );
        let two = "{ a { ...A } } fragment A on T { ... { ...B } } fragment B on T { ...A }";
        let found = message(two).unwrap();
        assert!(found.contains(" spreads itself by way of "), "{found}");
        let none = "{ a { ...A ...B } } fragment A on T { ...B ...C } fragment B on T { ...C } \
            fragment C on T { d }";
        assert_eq!(message(none), None);
    }
}
