//! `/search`: events, findings, actions, organizations and capabilities with the words of a query.
//! The API searches, so that its access rule decides what is found.

use serde_json::Value;

use crate::context::PageContext;
use crate::definition::ReportPage;
use crate::page::{Figure, FigureCell, Page, Section, link, text_of};
use crate::parts::record_links::event_href;
use crate::query::{PageQuery, graphql_string};
use crate::wording::{capability, excess};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    queries: |context, _| Ok(query(context).into_iter().collect()),
    ..ReportPage::one("/search", |context| Ok(page(context)))
};

/// Maximum number of results of a kind.
const MOST: usize = 20;

/// Lists that are searched: list and title.
const LISTS: [(&str, &str); 4] = [
    ("events", "Events"),
    ("findings", "Findings"),
    ("correctiveActions", "Corrective actions"),
    ("organizations", "Organizations"),
];

/// Returns the words that are searched.
fn words<'a>(context: &'a PageContext<'_>) -> &'a str {
    context.parameters.choice("q").trim()
}

/// Returns the query for the records with the words; none without words.
fn query(context: &PageContext<'_>) -> Option<PageQuery> {
    let words = Some(words(context)).filter(|words| !words.is_empty())?;
    let contains = format!("{{contains: {}}}", graphql_string(words));
    let query = format!(
        "{{ events(first: {MOST}, filter: {{ or: [{{name: {contains}}}, {{narrative: \
         {contains}}}] }}) {{ totalCount nodes {{ id name localDate }} }} \
         findings(first: {MOST}, filter: {{ text: {contains} }}) {{ totalCount nodes {{ id text \
         event {{ id name }} }} }} \
         correctiveActions(first: {MOST}, filter: {{ text: {contains} }}) {{ totalCount nodes {{ \
         id text region {{ code }} }} }} \
         organizations(first: {MOST}, filter: {{ name: {contains} }}) {{ totalCount nodes {{ id \
         name region {{ code }} }} }} }}"
    );
    Some(PageQuery { name: "search", query })
}

/// Builds the page.
fn page(context: &PageContext<'_>) -> Page {
    let words = words(context);
    let mut sections: Vec<Section> = Vec::new();
    if words.is_empty() {
        sections.push(Section::Text(
            "Enter words in the field at the top. Events, findings, corrective actions, \
             organizations and capabilities are searched."
                .into(),
        ));
    } else {
        let mut figures: Vec<Figure> = Vec::new();
        match context.answer("search") {
            Some(Ok(found)) => {
                figures.extend(LISTS.map(|(list, title)| results(context, &found[list], title)));
            }
            Some(Err(message)) => sections.push(Section::Text(message.clone())),
            None => {}
        }
        figures.push(capabilities(context, words));
        figures.retain(|figure| !figure.rows.is_empty());
        if figures.is_empty() && sections.is_empty() {
            sections.push(Section::Text(format!(
                "Nothing found for \"{words}\" among the records that you may see. Try fewer or \
                 other words."
            )));
        }
        sections.extend(figures.into_iter().map(Section::from));
    }
    Page {
        title: if words.is_empty() { "Search".into() } else { format!("Search: {words}") },
        question: "Where does the warehouse mention it?".into(),
        sections,
        ..Page::default()
    }
}

/// Returns the table of the records of one kind.
fn results(context: &PageContext<'_>, found: &Value, title: &str) -> Figure {
    let nodes = found["nodes"].as_array().cloned().unwrap_or_default();
    let total = found["totalCount"].as_u64().unwrap_or_default() as usize;
    let rows: Vec<Vec<FigureCell>> = nodes
        .iter()
        .map(|node| {
            let text = |path: &str| text_of(node.pointer(path));
            let name = if node["text"].is_string() { text("/text") } else { text("/name") };
            let record = format!("/record/{}", text("/id"));
            let (href, more) = match title {
                "Events" => (event_href(node), text("/localDate").into()),
                "Findings" => (record, link(text("/event/name"), event_href(&node["event"]))),
                _ => (record, context.region(&text("/region/code")).into()),
            };
            vec![link(name, href), more]
        })
        .collect();
    let second = match title {
        "Events" => "Day",
        "Findings" => "Event",
        _ => "Region",
    };
    Figure {
        title: title.into(),
        reading: excess(rows.len(), total).unwrap_or_default(),
        headings: vec!["Found".into(), second.into()],
        rows,
        ..Figure::default()
    }
}

/// Returns the table of the capabilities with the words in their name, or of that code.
fn capabilities(context: &PageContext<'_>, words: &str) -> Figure {
    let wanted = words.to_lowercase();
    let found = context.names().iter().filter(|(code, name)| {
        name.to_lowercase().contains(&wanted) || code.to_lowercase().replace(':', " ") == wanted
    });
    let rows = found.map(|(code, _)| {
        let name = capability(code, context.names());
        vec![link(name, format!("/capabilities/{}", code.replace(':', "/")))]
    });
    Figure {
        title: "Capabilities".into(),
        headings: vec!["Found".into()],
        rows: rows.collect(),
        ..Figure::default()
    }
}
