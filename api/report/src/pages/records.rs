//! `/records/{metric}`: the records that a figure counts, each with the file and row it came from.

use std::collections::BTreeMap;

use hotwash_metrics::{Dimension, MOST_RECORDS as MOST, MetricError, Part, RecordId, records};
use hotwash_schema::global_id::global_id;
use serde_json::Value;

use crate::context::PageContext;
use crate::definition::{PathValues, ReportPage};
use crate::page::{Figure, FigureCell, Page, Section, link, text_of};
use crate::parameters::url_encoded;
use crate::parts::metric_paths::{all_ids, all_metrics, definition};
use crate::parts::record_links::{event_href, origin};
use crate::query::PageQuery;
use crate::wording::{counted, listed, plain, thousands, verb};

/// Definition of the pages.
pub static PAGE: ReportPage = ReportPage {
    all_values: |_| Ok(all_ids()),
    advice: Some(|_| all_metrics()),
    queries: |context, values| Ok(query(context, values)?.into_iter().collect()),
    ..ReportPage::each("/records/{metric}", page)
};

/// Records per page.
const PAGE_SIZE: usize = 25;

/// Columns of a record type: heading, GraphQL selection, JSON pointer into the answer.
type Columns = &'static [(&'static str, &'static str, &'static str)];

fn columns(kind: &str) -> Columns {
    match kind {
        "CapabilityRating" => &[
            ("Event", "event { id name localDate }", "/event/name"),
            ("Day", "", "/event/localDate"),
            ("Capability", "capability { name }", "/capability/name"),
            ("Rating", "rating", "/rating"),
            ("Objective", "subject", "/subject"),
        ],
        "Finding" => &[
            ("Event", "event { id name localDate }", "/event/name"),
            ("Day", "", "/event/localDate"),
            ("Capability", "capability { name }", "/capability/name"),
            ("Observation", "text", "/text"),
        ],
        "CorrectiveAction" => &[
            ("Action", "text", "/text"),
            ("Status", "status", "/status"),
            ("Opened", "openedOn", "/openedOn"),
            ("Due", "dueCurrentOn", "/dueCurrentOn"),
            ("Completed", "completedOn", "/completedOn"),
        ],
        "ResourceRequest" => &[
            ("Kind", "kind", "/kind"),
            ("Quantity requested", "quantityRequested", "/quantityRequested"),
            ("Quantity filled", "quantityFilled", "/quantityFilled"),
            ("Requested at", "requestedAt", "/requestedAt"),
            ("Filled at", "filledAt", "/filledAt"),
        ],
        "TrackerRequest" => &[
            ("Action", "correctiveAction { text }", "/correctiveAction/text"),
            ("Organization", "organization { name }", "/organization/name"),
            ("Asked", "askedOn", "/askedOn"),
            ("Answer by", "dueOn", "/dueOn"),
            ("Answered", "answeredOn", "/answeredOn"),
        ],
        "RiskAssessment" => &[
            ("Organization", "organization { name }", "/organization/name"),
            ("Day", "assessedOn", "/assessedOn"),
            ("Method", "method", "/method"),
        ],
        "Organization" => &[
            ("Organization", "name", "/name"),
            ("Region", "region { name }", "/region/name"),
            ("Discipline", "disciplineName", "/disciplineName"),
        ],
        "InformationRequest" => &[
            ("Event", "event { id name localDate }", "/event/name"),
            ("Request", "label", "/label"),
            ("Requested at", "askedAt", "/askedAt"),
            ("Asked", "askedCount", "/askedCount"),
            ("In time", "answeredInTimeCount", "/answeredInTimeCount"),
        ],
        "LoadedFile" => &[
            ("Format", "sourceName", "/sourceName"),
            ("Read", "read", "/read"),
            ("Rejected", "rejected", "/rejected"),
            ("Unknown labels", "unmapped", "/unmapped"),
        ],
        "Event" => &[
            ("Event", "name", "/name"),
            ("Kind", "kind", "/kind"),
            ("Day", "localDate", "/localDate"),
            ("Hazard", "hazard { name }", "/hazard/name"),
        ],
        _ => &[],
    }
}

/// Returns the selection of where a record came from: a file is where others came from.
fn origin_selection(kind: &str) -> &'static str {
    if kind == "LoadedFile" { "name" } else { "source { file row }" }
}

/// Returns whether a record counts in the value of the figure.
fn is_counted(part: Part) -> &'static str {
    match part {
        Part::Numerator => "yes",
        Part::Denominator => "no",
        Part::Censored => "not yet",
    }
}

/// Returns the group and filters chosen in the URL, by dimension.
fn chosen(context: &PageContext<'_>) -> BTreeMap<Dimension, String> {
    let own = context
        .parameters
        .more
        .iter()
        .filter_map(|(name, value)| Some((name.parse::<Dimension>().ok()?, value.clone())));
    let shared = [
        (Dimension::Region, &context.parameters.region),
        (Dimension::Framework, &context.parameters.framework),
    ];
    own.chain(shared.into_iter().filter_map(|(dimension, value)| Some((dimension, value.clone()?))))
        .collect()
}

fn record_ids(context: &PageContext<'_>, id: &str) -> Result<Vec<RecordId>, MetricError> {
    let mut metric_query = context.page_metric_query(id)?;
    // The page number is not a parameter of the metric.
    metric_query.parameters.remove("page");
    records(context.snapshot, id, &metric_query, &chosen(context), None, MOST, context.viewer)
}

fn page_number(context: &PageContext<'_>) -> usize {
    context.parameters.choice("page").parse::<usize>().unwrap_or(1).clamp(1, MOST / PAGE_SIZE)
}

/// Returns the query for the records on this page.
///
/// # Errors
/// Fails when the metric cannot be computed.
fn query(
    context: &PageContext<'_>,
    values: PathValues<'_>,
) -> Result<Option<PageQuery>, MetricError> {
    let Some(definition) = definition(values) else { return Ok(None) };
    let id = definition.id;
    // The page itself reports an invalid query.
    let Ok(found) = record_ids(context, id) else { return Ok(None) };
    let nodes: Vec<String> = found
        .iter()
        .skip((page_number(context) - 1) * PAGE_SIZE)
        .take(PAGE_SIZE)
        .enumerate()
        .map(|(at, record)| {
            let fields: Vec<&str> =
                columns(record.kind).iter().map(|(_, selection, _)| *selection).collect();
            format!(
                "n{at}: node(id: \"{}\") {{ ... on {} {{ id {} {} }} }}",
                global_id(record.kind, record.key),
                record.kind,
                fields.join(" "),
                origin_selection(record.kind)
            )
        })
        .collect();
    Ok((!nodes.is_empty())
        .then(|| PageQuery { name: "records", query: format!("{{ {} }}", nodes.join(" ")) }))
}

/// Builds the page.
///
/// # Errors
/// Fails when the metric cannot be computed.
fn page(context: &PageContext<'_>, values: PathValues<'_>) -> Result<Option<Page>, MetricError> {
    let Some(definition) = definition(values) else { return Ok(None) };
    let id = definition.id;
    let (found, number) = (record_ids(context, id)?, page_number(context));
    let kind = found.first().map_or("Event", |record| record.kind);
    // Of a share, or of times that have not ended, some records are in the total alone.
    let is_mixed = found.iter().any(|record| record.part != found[0].part);
    let rows = found.iter().skip((number - 1) * PAGE_SIZE).take(PAGE_SIZE).enumerate();
    let rows = rows.filter_map(|(at, found)| {
        let record = context.answer("records")?.as_ref().ok()?.get(format!("n{at}"))?;
        let part = is_mixed.then_some(found.part);
        (!record.is_null()).then(|| row(context, record, kind, part))
    });
    let of: Vec<String> =
        chosen(context).iter().map(|(dimension, code)| context.group(*dimension, code)).collect();
    let of = if of.is_empty() { String::new() } else { format!(" for {}", listed(&of)) };
    let count = if found.len() == MOST {
        format!("More than {} records", thousands(MOST as f64 - 1.0))
    } else {
        counted(found.len() as f64, "record", "records")
    };
    let last = found.len().div_ceil(PAGE_SIZE);
    let page_note = if last > 1 {
        format!("Page {} of {}. ", thousands(number as f64), thousands(last as f64))
    } else {
        String::new()
    };
    let reading = match context.answer("records") {
        Some(Err(message)) => message.clone(),
        _ if found.is_empty() => {
            "No records match, or you don't have access to these records.".into()
        }
        _ => {
            let counted = found.iter().filter(|record| record.part == Part::Numerator).count();
            let counted = match is_mixed {
                true => {
                    let count = verb(counted as f64, "counts", "count");
                    format!("; {} of them {count} in the value", thousands(counted as f64))
                }
                false => String::new(),
            };
            format!(
                "{count}{of}{counted}. {page_note}Each links to its page, and names its file and \
                 row."
            )
        }
    };
    let own: Vec<String> = context
        .parameters
        .more
        .iter()
        .filter(|(name, _)| *name != "page")
        .map(|(name, value)| format!("{name}={}", url_encoded(value)))
        .collect();
    let step = |text: &str, number: usize| {
        let pairs: Vec<String> = own.iter().cloned().chain([format!("page={number}")]).collect();
        link(text, format!("/records/{id}?{}", pairs.join("&")))
    };
    let mut steps = Vec::new();
    if number > 1 {
        steps.push(step("← Previous page", number - 1));
    }
    if found.len() > number * PAGE_SIZE {
        steps.push(step("Next page →", number + 1));
    }
    let mut headings: Vec<String> =
        columns(kind).iter().map(|(heading, ..)| (*heading).to_owned()).collect();
    if is_mixed {
        headings.push("In the value".into());
    }
    headings.push("From".into());
    let mut sections = vec![
        Figure {
            title: definition.title.into(),
            reading,
            headings,
            rows: rows.collect(),
            metric: id.into(),
            ..Figure::default()
        }
        .into(),
    ];
    if !steps.is_empty() {
        sections.push(Section::Steps(steps));
    }
    Ok(Some(Page {
        title: format!("Records: {}", definition.title),
        question: "What was counted?".into(),
        sections,
        by_region: true,
        by_framework: definition.dimensions.contains(&Dimension::Framework),
        ..Page::default()
    }))
}

fn row(
    context: &PageContext<'_>,
    record: &Value,
    kind: &str,
    part: Option<Part>,
) -> Vec<FigureCell> {
    let mut cells: Vec<FigureCell> = columns(kind)
        .iter()
        .map(|(heading, _, path)| {
            let text = text_of(record.pointer(path));
            match *heading {
                "Event" if record["event"].is_object() => link(text, event_href(&record["event"])),
                "Event" => link(text, event_href(record)),
                "Status" | "Kind" | "Method" => plain(&text).into(),
                "Format" => (context.source_name)(&text).into(),
                _ => match text.as_str() {
                    "true" => "yes".into(),
                    "false" => "no".into(),
                    _ => text.into(),
                },
            }
        })
        .collect();
    cells.extend(part.map(|part| is_counted(part).into()));
    let from = if kind == "LoadedFile" { text_of(record.get("name")) } else { origin(record) };
    cells.push(link(from, format!("/record/{}", text_of(record.get("id")))));
    cells
}
