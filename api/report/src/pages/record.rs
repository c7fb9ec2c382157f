//! `/record/{id}`: one record of any type with all its fields, and the file and row it came from.

use hotwash_schema::global_id::parse_global_id;

use crate::context::PageContext;
use crate::definition::{Advice, ReportPage};
use crate::page::{FigureCell, Page, PagePeriod, Section, link, text_of};
use crate::parts::record_links::{event_href, origin};
use crate::query::{PageQuery, graphql_string};
use crate::record_type::{FieldKind, RecordType};
use crate::wording::plain;

/// Definition of the pages.
pub static PAGE: ReportPage = ReportPage {
    single_record: true,
    advice: Some(|_| Advice {
        text: "No record has this id, or you may not see its detail.".into(),
        links: vec![link("Overview", "/")],
    }),
    queries: |context, values| Ok(values.iter().filter_map(|id| query(context, id)).collect()),
    ..ReportPage::each("/record/{id}", |context, values| {
        Ok(values.first().and_then(|id| page(context, id)))
    })
};

/// Returns the record type of a global id.
fn known(context: &PageContext<'_>, id: &str) -> Option<RecordType> {
    let (name, _) = parse_global_id(id)?;
    (context.record_type)(&name)
}

/// Returns the query for a record; `None` if the id is invalid.
fn query(context: &PageContext<'_>, id: &str) -> Option<PageQuery> {
    let of = known(context, id)?;
    let fields: Vec<&str> = of.fields.iter().map(|field| field.name).collect();
    let related: Vec<String> = of
        .related
        .iter()
        .map(|related| format!("{} {{ id {} }}", related.name, related.named_by))
        .collect();
    let source = if of.has_source { "source { file row batch sourceName }" } else { "" };
    let query = format!(
        "{{ node(id: {}) {{ ... on {} {{ id {} {} {source} }} }} }}",
        graphql_string(id),
        of.name,
        fields.join(" "),
        related.join(" ")
    );
    Some(PageQuery { name: "record", query })
}

/// Builds the page; `None` if the record does not exist or the viewer may not see it.
fn page(context: &PageContext<'_>, id: &str) -> Option<Page> {
    let of = known(context, id)?;
    let record = &context.answer("record")?.as_ref().ok()?["node"];
    record.as_object()?;
    let text = |name: &str, kind: FieldKind| {
        let text = text_of(record.get(name));
        match kind {
            FieldKind::Boolean if text == "true" => "Yes".into(),
            FieldKind::Boolean if text == "false" => "No".into(),
            FieldKind::Code => plain(&text),
            FieldKind::Boolean | FieldKind::Other => text,
        }
    };
    let mut facts: Vec<(String, FigureCell)> = of
        .fields
        .iter()
        .map(|field| (words(field.name), text(field.name, field.kind)))
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (name, text.into()))
        .collect();
    for relation in of.related.iter().filter(|relation| record[relation.name].is_object()) {
        let related = &record[relation.name];
        let href = if relation.target == "Event" {
            event_href(related)
        } else {
            format!("/record/{}", text_of(related.get("id")))
        };
        facts.push((words(relation.name), link(text_of(related.get(relation.named_by)), href)));
    }
    if record["source"].is_object() {
        let origin =
            format!("{}, load {}", origin(record), text_of(record.pointer("/source/batch")));
        facts.push(("From file".into(), origin.into()));
    }
    Some(Page {
        title: words(of.name),
        question: "What does the record contain, and where does it come from?".into(),
        sections: vec![
            Section::Text(of.description.to_owned()),
            Section::Facts("The record".into(), facts),
        ],
        period: PagePeriod::None,
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
