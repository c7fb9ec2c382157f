//! `hotwash tracker`: workbooks in which owners report on their open corrective actions.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use chrono::NaiveDate;
use hotwash_etl::tracker::{Division, TrackerOptions, WrittenTrackers, write};
use hotwash_metrics::MetricQuery;

use super::day::day;
use super::table::Listing;
use super::{Context, Outcome};
use crate::logging::note;

/// Division of the open actions.
#[derive(Clone, Copy, clap::ValueEnum)]
enum By {
    /// One workbook for each responsible organization
    Owner,
    /// One workbook for each region
    Region,
}

/// Arguments of `hotwash tracker`.
#[derive(clap::Args)]
pub struct TrackerArguments {
    /// What each workbook is for
    #[arg(long, value_enum, default_value_t = By::Owner)]
    by: By,
    /// Folder for the workbooks; it is created if it does not exist
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Day by which answers are asked for, e.g. 2026-06-15; default: in 14 days
    #[arg(long, value_name = "DATE", value_parser = day)]
    due: Option<NaiveDate>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Writes the workbooks, prints them, and publishes the metrics.
pub async fn run(context: &Context, arguments: &TrackerArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let options = TrackerOptions {
        by: match arguments.by {
            By::Owner => Division::Owner,
            By::Region => Division::Region,
        },
        folder: arguments.out.clone(),
        asked_on: MetricQuery::default().as_of,
        due_on: arguments.due,
    };
    let written = write(database.url(), &options).await?;
    print(&written, arguments)?;
    if written.requests.is_some() {
        super::publish(database.url()).await.context(
            "the trackers are written, but the metrics are not published; `hotwash migrate` \
             publishes them",
        )?;
    }
    Ok(Outcome::Done)
}

fn print(written: &WrittenTrackers, arguments: &TrackerArguments) -> anyhow::Result<()> {
    if arguments.json {
        writeln!(std::io::stdout().lock(), "{}", serde_json::to_string(written)?)?;
        return Ok(());
    }
    let Some(requests) = &written.requests else {
        note(format_args!("no corrective action is open, so nothing was written"));
        return Ok(());
    };
    let mut listing = Listing::new(&["file", "for", "#open actions", "answer by"]);
    for tracker in &written.trackers {
        listing.row([
            tracker.file.clone(),
            tracker.title.clone(),
            tracker.actions.to_string(),
            tracker.due_on.to_string(),
        ]);
    }
    listing.print()?;
    note(format_args!(
        "Send the workbooks to their owners. What comes back is loaded by `hotwash load`. Keep \
         {requests}: a warehouse that is made again needs it to recognize the answers."
    ));
    Ok(())
}
