//! `hotwash metric ID`: computes one metric from the current warehouse.

use std::io::Write;

use anyhow::{Context as _, bail};
use chrono::NaiveDate;
use hotwash_metrics::{MetricCaches, MetricQuery, MetricResult, MetricRow, Unit};
use hotwash_schema::access::Viewer;
use serde_json::Value;

use super::day::day;
use super::table::{Listing, counted};
use super::{Context, Outcome};
use crate::engine::EngineOptions;
use crate::export::{ExportOptions, metric as export};

/// Arguments of `hotwash metric`.
#[derive(clap::Args)]
pub struct MetricArguments {
    /// Id of the metric; `hotwash metrics` lists them
    id: String,
    /// Dimensions to group by, e.g. region,capability; default: those of the metric
    #[arg(long, value_delimiter = ',', value_name = "DIMENSION")]
    group_by: Option<Vec<String>>,
    /// Filter, e.g. --where region=3 --where hazard_category=natural; separate several values with
    /// commas
    #[arg(long = "where", value_name = "DIMENSION=VALUE")]
    filter: Vec<String>,
    /// Split by period: month, quarter, year or fiscal_year
    #[arg(long, value_name = "GRAIN")]
    period: Option<String>,
    /// First day of the period, e.g. 2024-01-01
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<NaiveDate>,
    /// Last day of the period
    #[arg(long, value_name = "DATE", value_parser = day)]
    to: Option<NaiveDate>,
    /// Date on which open, overdue and censored records are decided; default: today
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<NaiveDate>,
    /// Parameter of the metric, e.g. --param months=24
    #[arg(long = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write texts that a spreadsheet runs as a formula without an apostrophe before them (CSV only)
    #[arg(long)]
    keep_formulas: bool,
    #[command(flatten)]
    engine: EngineOptions,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Aligned columns, rounded for reading
    Table,
    /// One line per row, full precision
    Csv,
    /// Array of objects, full precision
    Json,
}

/// Computes the metric and prints it.
pub async fn run(context: &Context, arguments: MetricArguments) -> anyhow::Result<Outcome> {
    let metric_query = metric_query(&arguments)?;
    hotwash_metrics::find(&arguments.id)?;
    let database = context.existing_database().await?;
    let source = arguments.engine.source(database.url())?;
    let snapshot =
        source.snapshot(MetricCaches::default()).await.context("could not read the warehouse")?;
    let result =
        hotwash_metrics::evaluate(&snapshot, &arguments.id, &metric_query, &Viewer::local())?;
    match arguments.format {
        Format::Json => {
            let rows: Vec<Value> = result.rows.iter().map(MetricRow::to_json).collect();
            writeln!(std::io::stdout().lock(), "{}", serde_json::to_string_pretty(&rows)?)?;
        }
        Format::Csv => {
            let options = ExportOptions {
                format: crate::export::Format::Csv,
                keeps_formulas: arguments.keep_formulas,
            };
            std::io::stdout().lock().write_all(&export::encode(&result.rows, options)?)?;
        }
        Format::Table => table(&result)?,
    }
    Ok(Outcome::Done)
}

fn metric_query(arguments: &MetricArguments) -> anyhow::Result<MetricQuery> {
    let mut metric_query = MetricQuery::default();
    metric_query.as_of = arguments.as_of.unwrap_or(metric_query.as_of);
    metric_query.from = arguments.from;
    metric_query.to = arguments.to;
    if let (Some(from), Some(to)) = (arguments.from, arguments.to)
        && from > to
    {
        bail!("--from {from} is after --to {to}; give the earlier day first");
    }
    if let Some(names) = &arguments.group_by {
        let named = names.iter().filter(|name| !name.is_empty());
        metric_query.group_by = Some(named.map(|name| name.parse()).collect::<Result<_, _>>()?);
    }
    if let Some(grain) = &arguments.period {
        metric_query.period = Some(grain.parse()?);
    }
    for pair in &arguments.filter {
        let (name, values) = split(pair, "--where")?;
        metric_query.only(name.parse()?, values);
    }
    for pair in &arguments.parameters {
        let (name, value) = split(pair, "--param")?;
        metric_query.set(name, value);
    }
    Ok(metric_query)
}

fn split<'a>(pair: &'a str, option: &str) -> anyhow::Result<(&'a str, &'a str)> {
    pair.split_once('=').with_context(|| format!("{option} {pair}: write it as NAME=VALUE"))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn table(result: &MetricResult) -> anyhow::Result<()> {
    let dimensions: Vec<String> = result
        .rows
        .first()
        .map(|row| row.dimensions.keys().filter(|name| *name != "periodStart").cloned().collect())
        .unwrap_or_default();
    let mut headings: Vec<&str> = dimensions.iter().map(String::as_str).collect();
    headings.extend(["#value", "#95% interval", "#n", "reliability", "note"]);
    let mut listing = Listing::new(&headings);
    for row in &result.rows {
        let mut cells: Vec<String> = dimensions
            .iter()
            .map(|name| row.dimensions.get(name).map(plain).unwrap_or_default())
            .collect();
        let interval = match (row.ci_low, row.ci_high) {
            (Some(low), Some(high)) => {
                format!("{} to {}", format_value(low, row.unit), format_value(high, row.unit))
            }
            _ => String::new(),
        };
        cells.push(row.value.map_or_else(|| "–".to_owned(), |value| format_value(value, row.unit)));
        cells.extend([
            interval,
            row.n.to_string(),
            row.reliability.code().to_owned(),
            row.note.clone().unwrap_or_default(),
        ]);
        listing.row(cells);
    }
    listing.print()?;
    writeln!(
        std::io::stdout().lock(),
        "{}: {}, as of {}, warehouse version {}",
        result.definition.id,
        counted(result.rows.len(), "row", "rows"),
        result.as_of,
        result.snapshot_version
    )?;
    Ok(())
}

/// Shares as percentages, whole numbers without decimals, others with up to two.
fn format_value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => format!("{:.1}%", value * 100.0),
        _ if value.fract() == 0.0 => super::table::grouped(value as i64),
        _ => format!("{value:.2}"),
    }
}

/// `hotwash metrics`: the list of metrics.
pub mod list {
    use super::{Listing, Outcome, Write};

    /// Arguments of `hotwash metrics`.
    #[derive(clap::Args)]
    pub struct MetricsArguments {
        /// Print the reference page with formulas, parameters and sources as Markdown
        #[arg(long, conflicts_with = "json")]
        markdown: bool,
        /// Print the definitions as a JSON array
        #[arg(long)]
        json: bool,
    }

    /// Prints the list of metrics.
    pub fn run(arguments: &MetricsArguments) -> anyhow::Result<Outcome> {
        let mut out = std::io::stdout().lock();
        if arguments.markdown {
            write!(out, "{}", hotwash_metrics::markdown())?;
        } else if arguments.json {
            let definitions: Vec<_> =
                hotwash_metrics::registry().iter().map(|metric| metric.definition()).collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&definitions)?)?;
        } else {
            drop(out);
            let mut listing = Listing::new(&["metric", "question", "unit", "dimensions"]);
            for metric in hotwash_metrics::registry() {
                let definition = metric.definition();
                let dimensions: Vec<String> =
                    definition.dimensions.iter().map(ToString::to_string).collect();
                listing.row([
                    definition.id,
                    definition.question,
                    definition.unit.code(),
                    &dimensions.join(" "),
                ]);
            }
            listing.print()?;
        }
        Ok(Outcome::Done)
    }
}
