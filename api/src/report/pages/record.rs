//! `/record/{id}`: one record of any type with all its fields, and the file and row it came from.

use super::context::PageQuery;
use super::{PageContext, event};
use crate::graphql::catalog::{ENTITIES, entity};
use crate::graphql::entity::{Entity, Many, ScalarKind};
use crate::graphql::type_of;
use crate::report::wording::plain;
use crate::report::{FigureCell, Page, Section, link, text_of};

/// Returns the record type of a global id.
fn known(id: &str) -> Option<&'static Entity> {
    let name = type_of(id)?;
    ENTITIES.iter().find(|entity| entity.name == name).copied()
}

/// Returns the field that names a related record.
fn naming(target: &str) -> Option<&'static str> {
    let fields = entity(target).fields;
    ["name", "text"]
        .into_iter()
        .find(|wanted| fields.iter().any(|field| field.name == *wanted && field.shown))
}

/// Returns the query for a record; `None` if the id is invalid.
pub fn query(id: &str) -> Option<PageQuery> {
    let of = known(id)?;
    let fields: Vec<&str> =
        of.fields.iter().filter(|field| field.shown).map(|field| field.name).collect();
    let related: Vec<String> = of
        .relations
        .iter()
        .filter(|relation| relation.many == Many::One)
        .filter_map(|relation| {
            Some(format!("{} {{ id {} }}", relation.name, naming(relation.target)?))
        })
        .collect();
    let source = if of.lineage.is_none() { "" } else { "source { file row batch source }" };
    let query = format!(
        "{{ node(id: {}) {{ ... on {} {{ id {} {} {source} }} }} }}",
        super::records::graphql_string(id),
        of.name,
        fields.join(" "),
        related.join(" ")
    );
    Some(PageQuery { name: "record", query })
}

/// Builds the page; `None` if the record does not exist or the viewer may not see it.
pub fn page(context: &PageContext<'_>, id: &str) -> Option<Page> {
    let of = known(id)?;
    let record = &context.answer("record")?.as_ref().ok()?["node"];
    record.as_object()?;
    let text = |name: &str, kind: ScalarKind| {
        let text = text_of(record.get(name));
        match kind {
            ScalarKind::Boolean => {
                if text == "true" {
                    "Yes".into()
                } else {
                    "No".into()
                }
            }
            ScalarKind::Text
                if !text.is_empty()
                    && text.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
                    && text.len() > 1 =>
            {
                plain(&text)
            }
            _ => text,
        }
    };
    let mut facts: Vec<(String, FigureCell)> = of
        .fields
        .iter()
        .filter(|field| field.shown && !record[field.name].is_null())
        .map(|field| (words(field.name), text(field.name, field.kind).into()))
        .collect();
    for relation in of.relations.iter().filter(|relation| relation.many == Many::One) {
        let Some(name) = naming(relation.target).filter(|_| record[relation.name].is_object())
        else {
            continue;
        };
        let related = &record[relation.name];
        let href = if relation.target == "Event" {
            event::href(related)
        } else {
            format!("/record/{}", text_of(related.get("id")))
        };
        facts.push((words(relation.name), link(text_of(related.get(name)), href)));
    }
    if record["source"].is_object() {
        let origin =
            format!("{}, load {}", event::origin(record), text_of(record.pointer("/source/batch")));
        facts.push(("From file".into(), origin.into()));
    }
    Some(Page {
        path: format!("/record/{id}"),
        title: words(of.name),
        question: "What does the record contain, and where does it come from?".into(),
        sections: vec![
            Section::Text(of.description.to_owned()),
            Section::Facts("The record".into(), facts),
        ],
        ..Page::default()
    })
}

/// Turns `dueCurrentOn` into `Due current on`.
fn words(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else if text.is_empty() {
            text.extend(letter.to_uppercase());
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_of_fields_read_as_words() {
        assert_eq!(
            (words("dueCurrentOn"), words("CapabilityRating")),
            ("Due current on".into(), "Capability rating".into())
        );
    }
}
