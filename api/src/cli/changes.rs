//! `hotwash changes`: what changed between two days.

use std::io::Write;

use anyhow::Context as _;
use chrono::{Days, NaiveDate};
use hotwash_metrics::{Dimension, MetricDifference, MetricQuery, Snapshot, differences};
use hotwash_schema::access::Viewer;
use hotwash_schema::changes::{Change, ChangeGroup, Changes, changes};
use serde_json::json;

use super::day::day;
use super::{Context, Outcome};

/// Days before the last day at which a period begins by default.
const DAYS: u64 = 30;

/// Arguments of `hotwash changes`.
#[derive(clap::Args)]
pub struct ChangesArguments {
    /// First day, e.g. 2026-06-01; default: 30 days before the last
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<NaiveDate>,
    /// Last day; default: today
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<NaiveDate>,
    /// Leave out differences of metrics, which read the ratings and actions of the whole warehouse
    #[arg(long)]
    no_metrics: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Prints what happened, then what was only learned, then which metrics differ beyond chance.
pub async fn run(context: &Context, arguments: &ChangesArguments) -> anyhow::Result<Outcome> {
    let until = arguments.until.unwrap_or_else(|| MetricQuery::default().as_of);
    let since = arguments.since.unwrap_or_else(|| until - Days::new(DAYS));
    let database = context.existing_database().await?;
    let viewer = Viewer::local();
    let found = database
        .pool()
        .run(async |connection| changes(connection, &viewer, since, until).await)
        .await?;
    let metrics = if arguments.no_metrics {
        None
    } else {
        let snapshot =
            Snapshot::load(database.url()).await.context("could not read the warehouse")?;
        Some(differences(&snapshot, &viewer, since, until)?)
    };
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let mut json = json!(found);
        if let Some(metrics) = &metrics {
            json["differences"] = metrics.iter().map(difference_json).collect();
        }
        writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?;
    } else {
        write(&mut out, &found, metrics.as_deref())?;
    }
    Ok(Outcome::Done)
}

fn write(
    out: &mut impl Write,
    found: &Changes,
    metrics: Option<&[MetricDifference]>,
) -> std::io::Result<()> {
    writeln!(out, "What happened from {} to {}", found.since, found.until)?;
    groups(out, &found.happened)?;
    if !found.learned.is_empty() {
        writeln!(out, "\nWhat happened before {} and was only loaded since", found.since)?;
        groups(out, &found.learned)?;
    }
    let Some(metrics) = metrics else { return Ok(()) };
    writeln!(out, "\nMetrics that differ beyond chance from the time before, equally long")?;
    if metrics.is_empty() {
        writeln!(out, "  none")?;
    }
    for found in metrics {
        let region = found.row.dimensions.get(Dimension::Region.key());
        let region = region.and_then(|code| code.as_str());
        let place = region.map_or_else(String::new, |code| format!(", region {code}"));
        let number =
            |value: Option<f64>| value.map_or_else(|| "-".into(), |value| format!("{value:.3}"));
        let previous = found.change.previous.as_ref().and_then(|row| row.value);
        writeln!(
            out,
            "  {}{place}: {}, before {}",
            found.title,
            number(found.row.value),
            number(previous)
        )?;
    }
    Ok(())
}

fn groups(out: &mut impl Write, groups: &[ChangeGroup]) -> std::io::Result<()> {
    if groups.is_empty() {
        writeln!(out, "  nothing")?;
    }
    for group in groups {
        let count = group.changes.len();
        let more = if group.is_truncated { "more than " } else { "" };
        writeln!(out, "  {more}{count} {}", group.kind.words(count))?;
        for change in &group.changes {
            writeln!(out, "    {}", line(change))?;
        }
    }
    Ok(())
}

/// Returns day, text, region, owner, due dates, and the file and row of a change.
fn line(change: &Change) -> String {
    let mut line = format!("{}  {}", change.day, change.text);
    if let Some(region) = &change.region {
        line += &format!("; region {region}");
    }
    if let Some(owner) = &change.owner {
        line += &format!("; {owner}");
    }
    match (change.due_before, change.due_on) {
        (Some(before), Some(due)) => line += &format!("; due {due}, was {before}"),
        (None, Some(due)) if due != change.day => line += &format!("; due {due}"),
        _ => {}
    }
    if let (Some(file), Some(row), Some(batch)) = (&change.file, change.row, change.batch) {
        line += &format!(" ({file} row {row}, load {batch})");
    }
    line
}

fn difference_json(found: &MetricDifference) -> serde_json::Value {
    let previous = found.change.previous.as_ref();
    json!({
        "metric": found.metric,
        "dimensions": found.row.dimensions,
        "value": found.row.value,
        "n": found.row.n,
        "previous": previous.and_then(|row| row.value),
        "previousN": previous.map(|row| row.n),
        "pValue": found.change.p,
    })
}
