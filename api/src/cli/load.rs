//! `hotwash load PATH…`: files into the warehouse, with a bar on a terminal and a JSON object a file for machines.

use std::io::Write;
use std::path::PathBuf;

use hotwash_etl::load::{FileReport, Options};

use super::progress::Bar;
use super::table::{Listing, grouped};
use super::{Context, Outcome};

/// What to load, and how.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files, folders or patterns such as 'inbox/*.docx'
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read every file as this source instead of recognising it by its content (`hotwash sources` lists them)
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Do all but store: the same report, and nothing changes
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object a file
    #[arg(long)]
    json: bool,
    /// Exit with 3 when a row was rejected
    #[arg(long)]
    strict: bool,
    /// Mark the records as fictional demonstration data, which every page then says
    #[arg(long)]
    fictional: bool,
}

/// Loads, reports and publishes the metrics.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<Outcome> {
    let database = context.database().await?;
    let options = Options {
        source: arguments.source,
        dry_run: arguments.dry_run,
        fictional: arguments.fictional,
        ..Options::default()
    };
    let bar = Bar::new(!arguments.json);
    let reports = hotwash_etl::load::load(database.url(), &arguments.paths, &options, &bar).await?;
    bar.finish();
    if !arguments.dry_run && reports.iter().any(FileReport::changed) {
        super::publish(database.url()).await?;
    }
    print(&reports, arguments.json)?;
    Ok(outcome(&reports, arguments.strict))
}

/// One line a file for machines, a table and what to do next for people.
pub fn print(reports: &[FileReport], json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        for report in reports {
            writeln!(out, "{}", serde_json::to_string(report)?)?;
        }
        return Ok(());
    }
    drop(out);
    let mut listing = Listing::new(&[
        "file",
        "source",
        "#read",
        "#inserted",
        "#updated",
        "#unchanged",
        "#rejected",
        "#warnings",
        "#redacted",
        "#seconds",
    ]);
    for report in reports.iter().filter(|report| report.error.is_none()) {
        let counts = [report.read, report.inserted, report.updated, report.unchanged, report.rejected];
        let mut cells = vec![report.file.clone(), report.source.clone().unwrap_or_default()];
        cells.extend(counts.map(|count| grouped(count as i64)));
        cells.extend([report.warnings, report.redacted].map(|count| grouped(count as i64)));
        cells.push(format!("{:.2}", report.seconds));
        listing.row(cells);
    }
    if reports.iter().any(|report| report.error.is_none()) {
        listing.print()?;
    }
    for report in reports {
        if let Some(error) = &report.error {
            eprintln!("{}: not loaded: {error}", report.file);
        }
    }
    let rejected: u64 = reports.iter().map(|report| report.rejected).sum();
    if rejected > 0 {
        eprintln!(
            "{rejected} rows were rejected: `hotwash rejects > rejects.csv` shows why; mend them and load that file."
        );
    }
    Ok(())
}

fn outcome(reports: &[FileReport], strict: bool) -> Outcome {
    if reports.iter().any(|report| report.error.is_some()) {
        Outcome::Failed
    } else if strict && reports.iter().any(|report| report.rejected > 0) {
        Outcome::DoneWithRejects
    } else {
        Outcome::Done
    }
}
