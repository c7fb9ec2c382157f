//! `/changes`: what changed? What happened lately, apart from what was only learned.

use chrono::{Days, NaiveDate};
use hotwash_metrics::{Dimension, MetricDifference, MetricError, differences};
use hotwash_schema::changes::ChangeKind;
use serde_json::Value;

use crate::context::{PageContext, key};
use crate::definition::ReportPage;
use crate::page::{Figure, FigureCell, Page, PagePeriod, Section, link, text_of};
use crate::query::PageQuery;
use crate::wording::{counted, day, listed, thousands, value};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("What changed"),
    copied: true,
    needs_records: true,
    queries: |context, _| Ok(vec![query(context)]),
    ..ReportPage::one("/changes", page)
};

/// Days of the period, unless the reader chooses others.
const DAYS: u64 = 30;
/// Changes shown of each kind.
const SHOWN: usize = 25;

/// Returns the first and last day shown.
fn days(context: &PageContext<'_>) -> (NaiveDate, NaiveDate) {
    let until = context.parameters.to.unwrap_or_else(|| context.as_of());
    (context.parameters.from.unwrap_or_else(|| first_of(until)), until)
}

/// Returns the first of [`DAYS`] days.
fn first_of(until: NaiveDate) -> NaiveDate {
    until - Days::new(DAYS - 1)
}

fn query(context: &PageContext<'_>) -> PageQuery {
    let (since, until) = days(context);
    let group = format!(
        "{{ kind count isTruncated changes(first: {SHOWN}) {{ id day text regionCodes owner dueBefore \
         dueOn loadedOn file row }} }}"
    );
    PageQuery {
        name: "changes",
        query: format!(
            "{{ changes(since: \"{since}\", until: \"{until}\") {{ hasRecords happened {group} \
             learned {group} }} }}"
        ),
    }
}

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let (since, until) = days(context);
    let last = context.as_of();
    let default = (format!("Last {DAYS} days"), (Some(first_of(last)), Some(last)));
    let mut sections = Vec::new();
    match context.answer("changes") {
        Some(Ok(answer)) => sections.extend(records(context, &answer["changes"], since, until)),
        Some(Err(reason)) => sections.push(Section::Text(reason.clone())),
        None => sections.push(Section::Lead(format!(
            "Changes of records from {} to {} need the server.",
            day(since),
            day(until)
        ))),
    }
    sections.push(metrics(context, &differences(context.snapshot, context.viewer, since, until)?));
    Ok(Page {
        title: "What changed".into(),
        question: "What is new?".into(),
        sections,
        period: PagePeriod::Own { shown: (Some(since), Some(until)), default },
        ..Page::default()
    })
}

/// Returns what happened, and then what was only learned.
fn records(
    context: &PageContext<'_>,
    changes: &Value,
    since: NaiveDate,
    until: NaiveDate,
) -> Vec<Section> {
    let groups = |name: &str| changes[name].as_array().cloned().unwrap_or_default();
    let (happened, learned) = (groups("happened"), groups("learned"));
    let summary: Vec<String> = happened.iter().map(summary).collect();
    let mut lead = match summary.as_slice() {
        [] => format!("Nothing changed from {} to {}.", day(since), day(until)),
        some => format!("From {} to {}: {}.", day(since), day(until), listed(some)),
    };
    if changes["hasRecords"] == false {
        lead.push_str(" Your role may not read single records, so none are listed.");
    }
    let mut sections = vec![Section::Lead(lead)];
    sections.extend(happened.iter().map(|group| figure(context, group, false).into()));
    if !learned.is_empty() {
        let summary: Vec<String> = learned.iter().map(self::summary).collect();
        sections.push(Section::Heading(
            "Only learned since".into(),
            format!(
                "These changes happened before {}, but their files were loaded later: {}.",
                day(since),
                listed(&summary)
            ),
        ));
        sections.extend(learned.iter().map(|group| figure(context, group, true).into()));
    }
    sections
}

fn kind(group: &Value) -> Option<ChangeKind> {
    ChangeKind::ALL.iter().copied().find(|kind| group["kind"] == kind.code())
}

/// Returns the number of changes of a kind in words.
fn summary(group: &Value) -> String {
    let count = group["count"].as_u64().unwrap_or_default() as usize;
    let words = |count| kind(group).map_or("", |kind| kind.words(count));
    let more = if group["isTruncated"] == true { "more than " } else { "" };
    format!("{more}{}", counted(count as f64, words(1), words(count)))
}

/// Returns the table of one kind.
fn figure(context: &PageContext<'_>, group: &Value, learned: bool) -> Figure {
    let date = |value: &Value| {
        let found = value.as_str().and_then(|text| text.parse().ok());
        found.map(day).unwrap_or_default()
    };
    let changes = group["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows = changes.iter().map(|change| {
        let id = change["id"].as_str().unwrap_or_default();
        let text = text_of(change.get("text"));
        let text = match kind(group) {
            Some(ChangeKind::RequirementDue) => FigureCell::from(text),
            _ => link(text, format!("/record/{id}")),
        };
        let due = match (date(&change["dueBefore"]), date(&change["dueOn"])) {
            (before, due) if before.is_empty() => due,
            (before, due) => format!("{due}, was {before}"),
        };
        let origin = match change["file"].as_str() {
            Some(file) => {
                let row = change["row"].as_f64().unwrap_or_default();
                let loaded = date(&change["loadedOn"]);
                format!("{file}, row {}, loaded {loaded}", thousands(row))
            }
            None => String::new(),
        };
        let codes = change["regionCodes"].as_array().into_iter().flatten();
        let regions: Vec<String> =
            codes.filter_map(Value::as_str).map(|code| context.region(code)).collect();
        let region = regions.join("; ");
        let words = [region, text_of(change.get("owner")), due, origin];
        let mut cells = vec![FigureCell::from(date(&change["day"])), text];
        cells.extend(words.map(FigureCell::from));
        cells
    });
    let count = group["count"].as_u64().unwrap_or_default() as usize;
    let mut title = kind(group).map_or("", |kind| kind.words(2)).to_owned();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut reading = format!("{}.", summary(group));
    if count > changes.len() {
        reading.push_str(&format!(" The latest {} are shown.", changes.len()));
    }
    Figure {
        title: if learned { format!("{title}, learned late") } else { title },
        reading,
        headings: ["Day", "What", "Region", "Owner", "Due", "Reported in"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
        ..Figure::default()
    }
}

/// Returns the metrics that differ beyond chance.
fn metrics(context: &PageContext<'_>, found: &[MetricDifference]) -> Section {
    let rows = found.iter().map(|found| {
        let region = key(&found.row, Dimension::Region);
        let place = if region.is_empty() { "State".to_owned() } else { context.region(&region) };
        let previous = found.change.previous.as_ref().and_then(|row| row.value);
        vec![
            link(found.title, format!("/metrics/{}", found.metric)),
            place.into(),
            value(previous, found.row.unit).into(),
            value(found.row.value, found.row.unit).into(),
        ]
    });
    Figure {
        title: "Metrics beyond chance".into(),
        reading: match found.len() {
            0 => "No metric differs beyond chance from the time before, equally long.".into(),
            count => format!(
                "{} beyond chance from the time before, equally long, after correction for the \
                 number of comparisons.",
                counted(count as f64, "metric differs", "metrics differ")
            ),
        },
        headings: ["Metric", "Where", "Before", "Now"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Figure::default()
    }
    .into()
}
