//! `hotwash load PATH…`: loads files into the warehouse, with a progress bar for people or a JSON
//! object per file for programs.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use hotwash_etl::load::{FileReport, Options};
use hotwash_etl::source::ColumnUsage;
use hotwash_schema::SchemaError;

use super::progress::LoadProgress;
use super::table::{Listing, grouped};
use super::{Context, Outcome};
use crate::logging::note;

/// Maximum number of warnings printed per file; the rest are counted.
const WARNINGS_SHOWN: usize = 10;

/// Arguments of `hotwash load`.
#[derive(clap::Args)]
pub struct LoadArguments {
    /// Files, folders or patterns such as 'inbox/*.docx'
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read every file as this source instead of detecting the source from the content (`hotwash
    /// sources` lists them)
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Read every file with this layout: a TOML file, the name of one in HOTWASH_HOME/layouts, or
    /// the name of an example (`hotwash inspect FILE --suggest` writes a draft)
    #[arg(long, value_name = "LAYOUT", conflicts_with = "source")]
    layout: Option<PathBuf>,
    /// Report what would be loaded without storing it
    #[arg(long)]
    dry_run: bool,
    /// Watch one folder: load new files and move them to its done/ or failed/ folder, each with a
    /// report
    #[arg(long)]
    watch: bool,
    /// Print one JSON object per file
    #[arg(long)]
    json: bool,
    /// Undo a wrong match: id of the event that the load warning names; repeat for more
    #[arg(long, value_name = "EVENT_ID")]
    not_same_as: Vec<String>,
    /// Exit with code 3 if a row was rejected or a column with data was not read
    #[arg(long)]
    strict: bool,
    /// Mark the records as fictional demonstration data; every page then shows a notice
    #[arg(long)]
    fictional: bool,
}

/// Message after an interrupted load.
const INTERRUPTED: &str = "interrupted; files already reported are stored completely, the current \
    file is not. Load again, which \
                           stores nothing twice and publishes the metrics, or run `hotwash \
                           migrate` to publish what is stored";

/// Message after a load whose metrics could not be published.
const UNPUBLISHED: &str =
    "the files are stored, but the metrics are not published; `hotwash migrate` publishes them";

/// Pause before publishing metrics again after the database was unavailable.
const PUBLISH_AGAIN: std::time::Duration = std::time::Duration::from_secs(5);

/// Loads the files, prints a report and publishes the metrics. With `--json`, a load that fails as
/// a whole prints one object per path.
pub async fn run(context: &Context, arguments: LoadArguments) -> anyhow::Result<Outcome> {
    let (paths, json) = (arguments.paths.clone(), arguments.json);
    let mut printed = false;
    let done = load(context, arguments, &mut printed).await;
    match &done {
        Err(error) if json && !printed => print(&failed(&paths, error), true)?,
        _ => {}
    }
    done
}

/// Reports for paths of which nothing was loaded.
fn failed(paths: &[PathBuf], error: &anyhow::Error) -> Vec<FileReport> {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    let mut message = causes.first().cloned().unwrap_or_default();
    for cause in &causes[1..] {
        if !message.contains(cause.as_str()) {
            message = format!("{message}: {cause}");
        }
    }
    paths
        .iter()
        .map(|path| FileReport::rejected_file(&path.display().to_string(), None, message.clone()))
        .collect()
}

async fn load(
    context: &Context,
    arguments: LoadArguments,
    printed: &mut bool,
) -> anyhow::Result<Outcome> {
    let database = context.database().await?;
    let options = Options {
        source: arguments.source.clone(),
        dry_run: arguments.dry_run,
        fictional: arguments.fictional,
        not_same_as: arguments.not_same_as.clone(),
        layout: arguments.layout.clone(),
        layouts: context.layouts(),
        metrics: hotwash_metrics::ids(),
        ..Options::default()
    };
    let bar = LoadProgress::new(!arguments.json);
    if arguments.watch {
        *printed = true;
        return watch(database.url(), &arguments, &options, &bar).await;
    }
    let reports = tokio::select! {
        reports = hotwash_etl::load::load(database.url(), &arguments.paths, &options, &bar) => reports?,
        () = stop_signal() => {
            bar.finish();
            *printed = true;
            anyhow::bail!("{}", if arguments.dry_run { "interrupted; a dry run stores nothing" } else { INTERRUPTED });
        }
    };
    bar.finish();
    // What was loaded is printed before the metrics are published, which may fail by itself.
    *printed = true;
    print(&reports, arguments.json)?;
    if !arguments.dry_run && reports.iter().any(FileReport::changed) {
        tokio::select! {
            published = super::publish(database.url()) => published.context(UNPUBLISHED)?,
            () = stop_signal() => anyhow::bail!("interrupted; {UNPUBLISHED}"),
        }
    }
    Ok(outcome(&reports, arguments.strict))
}

/// Loads files that appear in a folder until stopped, and publishes the metrics after each change.
async fn watch(
    url: &str,
    arguments: &LoadArguments,
    options: &Options,
    bar: &LoadProgress,
) -> anyhow::Result<Outcome> {
    let [folder] = arguments.paths.as_slice() else {
        anyhow::bail!("--watch takes one folder; {} paths were given", arguments.paths.len());
    };
    note(format_args!("watching {}; stop with Ctrl-C", folder.display()));
    let (changed, mut to_publish) = tokio::sync::mpsc::unbounded_channel::<()>();
    let own = url.to_owned();
    let publishing = tokio::spawn(async move {
        while to_publish.recv().await.is_some() {
            // Several files that came together are published once.
            while to_publish.try_recv().is_ok() {}
            while let Err(error) = super::publish(&own).await {
                tracing::error!(%error, "the metrics could not be published");
                let is_away = error.downcast_ref::<SchemaError>().is_some_and(SchemaError::is_away);
                if !is_away || to_publish.is_closed() {
                    break;
                }
                tokio::time::sleep(PUBLISH_AGAIN).await;
            }
        }
    });
    let each = |report: &FileReport| {
        if let Err(error) = print(std::slice::from_ref(report), arguments.json) {
            tracing::error!(%error, "the report could not be printed");
        }
        if report.changed() && !options.dry_run {
            let _ = changed.send(());
        }
    };
    hotwash_etl::watch::watch(url, folder, options, bar, each, stop_signal()).await?;
    bar.finish();
    drop(changed);
    publishing.await?;
    Ok(Outcome::Done)
}

/// Waits for Ctrl-C or the signal by which service managers stop a program.
async fn stop_signal() {
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! { () = interrupted => {}, _ = terminated.recv() => {} }
            return;
        }
    }
    interrupted.await;
}

/// Prints one JSON line per file for programs, or a table and next steps for people.
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
        let counts =
            [report.read, report.inserted, report.updated, report.unchanged, report.rejected];
        let mut cells = vec![report.file.clone(), report.source.clone().unwrap_or_default()];
        cells.extend(counts.map(|count| grouped(count as i64)));
        cells.extend([report.warnings, report.redacted].map(|count| grouped(count as i64)));
        cells.push(format!("{:.2}", report.seconds));
        listing.row(cells);
    }
    if reports.iter().any(|report| report.error.is_none()) {
        listing.print()?;
    }
    // Without a terminal, the progress has reported each file already.
    let unreported = reports.iter().filter(|_| std::io::stderr().is_terminal());
    for report in unreported {
        if let Some(error) = &report.error {
            note(format_args!("{}: not loaded: {error}", report.file));
        }
    }
    for report in reports {
        for column in report.lost_columns() {
            note(unread_column_message(report, column));
        }
        warn(report);
    }
    let rejected: u64 = reports.iter().map(|report| report.rejected).sum();
    if rejected > 0 {
        note(format_args!(
            "{} rejected: `hotwash rejects > rejects.csv` shows why; fix {} and load that file.",
            if rejected == 1 { "1 row was".to_owned() } else { format!("{rejected} rows were") },
            if rejected == 1 { "it" } else { "them" },
        ));
    }
    Ok(())
}

/// Prints the first warnings of a file; warnings about columns are printed separately.
fn warn(report: &FileReport) {
    let warnings = || {
        let details = report.details.iter();
        details.filter(|warning| !warning.code.is_about_columns())
    };
    for warning in warnings().take(WARNINGS_SHOWN) {
        let row = if warning.first_row > 0 {
            format!(", row {}", warning.first_row)
        } else {
            String::new()
        };
        let column =
            warning.column.as_ref().map_or_else(String::new, |column| format!(", {column}"));
        let value = warning
            .value
            .as_ref()
            .map_or_else(String::new, |value| format!(" \u{201c}{value}\u{201d}"));
        let times = if warning.occurrences > 1 {
            format!(" ({} times)", warning.occurrences)
        } else {
            String::new()
        };
        note(format_args!("{}{row}{column}{value}: {}{times}", report.file, warning.message));
    }
    let further = warnings().count().saturating_sub(WARNINGS_SHOWN);
    if further > 0 {
        note(format_args!("{}: {further} further warnings; --json prints all", report.file));
    }
}

/// Describes a column with data that was not read.
fn unread_column_message(report: &FileReport, column: &ColumnUsage) -> String {
    let sheet = column.sheet.as_ref().map_or_else(String::new, |sheet| format!(", sheet {sheet}"));
    let samples: Vec<String> =
        column.samples.iter().map(|sample| format!("\u{201c}{sample}\u{201d}")).collect();
    format!(
        "{}{sheet}: column \u{201c}{}\u{201d}: {}: {}",
        report.file,
        column.heading,
        column.message(),
        samples.join(", ")
    )
}

fn outcome(reports: &[FileReport], strict: bool) -> Outcome {
    if reports.iter().any(|report| report.error.is_some()) {
        Outcome::Failed
    } else if strict
        && reports
            .iter()
            .any(|report| report.rejected > 0 || report.lost_columns().next().is_some())
    {
        Outcome::DoneWithRemarks
    } else {
        Outcome::Done
    }
}
