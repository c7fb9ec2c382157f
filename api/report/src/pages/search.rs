//! `/search`: events, findings, actions, organizations and capabilities with the words of a query.
//! The API searches, so that its access rule decides what is found.

use serde_json::Value;

use crate::answer::{nodes, total_count};
use crate::context::PageContext;
use crate::definition::ReportPage;
use crate::page::{ExcerptPart, Figure, FigureCell, Page, PagePeriod, Section, link, text_of};
use crate::parts::record_links::event_href;
use crate::query::{PageQuery, graphql_string};
use crate::wording::{capability, excess, plain};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    queries: |context, _| Ok(queries(context)),
    ..ReportPage::one("/search", |context| Ok(page(context)))
};

/// Maximum number of ranked records, and of organizations.
const MOST: usize = 50;

/// Returns the words that are searched.
fn words<'a>(context: &'a PageContext<'_>) -> &'a str {
    context.parameters.choice("q").trim()
}

/// Returns the queries for the records and organizations with the words; none without words.
fn queries(context: &PageContext<'_>) -> Vec<PageQuery> {
    let words = words(context);
    if words.is_empty() {
        return Vec::new();
    }
    let words = graphql_string(words);
    vec![
        PageQuery {
            name: "records",
            query: format!(
                "{{ search(text: {words}, first: {MOST}) {{ recordType id title excerpt {{ text isMatch \
                 }} event {{ id name localDate }} }} }}"
            ),
        },
        PageQuery {
            name: "organizations",
            query: format!(
                "{{ organizations(first: {MOST}, filter: {{ name: {{contains: {words}}} }}) {{ \
                 totalCount nodes {{ id name region {{ code }} }} }} }}"
            ),
        },
    ]
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
        for (name, build) in [("records", records as BuildFigure), ("organizations", organizations)]
        {
            match context.answer(name) {
                Some(Ok(found)) => figures.push(build(context, found)),
                Some(Err(message)) => sections.push(Section::Text(message.clone())),
                None => {}
            }
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
        period: PagePeriod::None,
        ..Page::default()
    }
}

/// Function that builds a table from an answer.
type BuildFigure = fn(&PageContext<'_>, &Value) -> Figure;

/// Returns the table of the ranked records.
fn records(_: &PageContext<'_>, found: &Value) -> Figure {
    let hits = found["search"].as_array().cloned().unwrap_or_default();
    let rows: Vec<Vec<FigureCell>> = hits.iter().map(hit).collect();
    let mut reading =
        "Events, findings and corrective actions, the most relevant first.".to_owned();
    if rows.len() == MOST {
        reading.push_str(&format!(" Only the first {MOST} are shown. Add words to find fewer."));
    }
    Figure {
        title: "Records".into(),
        reading,
        headings: ["Found", "Type", "Event", "Day"].map(str::to_owned).to_vec(),
        rows,
        ..Figure::default()
    }
}

/// Returns the row of a ranked record.
fn hit(hit: &Value) -> Vec<FigureCell> {
    let text = |path: &str| text_of(hit.pointer(path));
    let is_event = hit["recordType"] == "EVENT";
    let event = &hit["event"];
    let href = if is_event { event_href(event) } else { format!("/record/{}", text("/id")) };
    let parts = hit["excerpt"].as_array().into_iter().flatten().map(|part| ExcerptPart {
        text: text_of(part.get("text")),
        is_match: part["isMatch"] == true,
    });
    vec![
        FigureCell { excerpt: parts.collect(), ..link(text("/title"), href) },
        plain(&text("/recordType")).into(),
        if is_event { FigureCell::default() } else { link(text("/event/name"), event_href(event)) },
        text("/event/localDate").into(),
    ]
}

/// Returns the table of the organizations.
fn organizations(context: &PageContext<'_>, found: &Value) -> Figure {
    let nodes = nodes(found, "organizations");
    let total = total_count(found, "organizations");
    let rows = nodes.iter().map(|node| {
        let text = |path: &str| text_of(node.pointer(path));
        let name = link(text("/name"), format!("/record/{}", text("/id")));
        vec![name, context.region(&text("/region/code")).into()]
    });
    Figure {
        title: "Organizations".into(),
        reading: excess(nodes.len(), total).unwrap_or_default(),
        headings: vec!["Found".into(), "Region".into()],
        rows: rows.collect(),
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
