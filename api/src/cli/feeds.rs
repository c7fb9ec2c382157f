//! `hotwash feeds`: which expected feeds are overdue, outside their usual volume, or changed.

use std::io::Write;

use anyhow::Context as _;
use chrono::NaiveDate;
use hotwash_metrics::{Feed, FeedState, MetricQuery, Snapshot};
use serde_json::{Value, json};

use super::table::{Listing, grouped};
use super::{Context, Outcome};

/// Arguments of `hotwash feeds`.
#[derive(clap::Args)]
pub struct FeedsArguments {
    /// Exit with 1 if a feed is overdue, outside its band, or lacks headings, and with 2 if the
    /// feeds cannot be checked
    #[arg(long)]
    check: bool,
    /// Print one JSON array
    #[arg(long)]
    json: bool,
}

/// Prints the state of each expected feed.
pub async fn run(context: &Context, arguments: &FeedsArguments) -> anyhow::Result<Outcome> {
    match state(context, arguments).await {
        Err(error) if arguments.check => {
            writeln!(std::io::stderr(), "error: {error:#}")?;
            Ok(Outcome::NotChecked)
        }
        other => other,
    }
}

async fn state(context: &Context, arguments: &FeedsArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let file = context.expectations.as_ref();
    file.filter(|file| !file.as_os_str().is_empty()).context(
        "no feed is expected; name the file with --expectations FILE, HOTWASH_EXPECTATIONS, or \
         `expectations` in the settings file",
    )?;
    context.use_expectations()?;
    let snapshot = Snapshot::load(database.url()).await.context("could not read the warehouse")?;
    let today = MetricQuery::default().as_of;
    let feeds = snapshot.feeds();
    if arguments.json {
        let rows: Vec<Value> = feeds.iter().map(|feed| to_json(feed, today)).collect();
        writeln!(std::io::stdout().lock(), "{}", serde_json::to_string_pretty(&rows)?)?;
    } else {
        print(feeds, today)?;
    }
    let is_well = feeds.iter().all(|feed| feed.state(today) == FeedState::AsExpected);
    Ok(if is_well || !arguments.check { Outcome::Done } else { Outcome::Failed })
}

fn print(feeds: &[Feed], today: NaiveDate) -> anyhow::Result<()> {
    let mut listing = Listing::new(&[
        "source",
        "region",
        "cadence",
        "last data",
        "expected by",
        "#days overdue",
        "#records",
        "#band",
        "state",
    ]);
    let day =
        |day: Option<NaiveDate>| day.map_or_else(|| "never".to_owned(), |day| day.to_string());
    for feed in feeds {
        let band = feed
            .volume
            .map(|(least, most)| format!("{} to {}", grouped(least as i64), grouped(most as i64)));
        let missing = match feed.missing_headings.as_slice() {
            [] => String::new(),
            missing => format!("; missing: {}", missing.join(", ")),
        };
        listing.row([
            feed.source.clone(),
            feed.region.clone().unwrap_or_else(|| "all".to_owned()),
            feed.cadence.to_string(),
            day(feed.newest),
            feed.expected_by().map(|day| day.to_string()).unwrap_or_default(),
            feed.days_overdue(today).map(grouped).unwrap_or_default(),
            grouped(feed.records as i64),
            band.unwrap_or_default(),
            format!("{}{missing}", feed.state(today).name()),
        ]);
    }
    listing.print()?;
    Ok(())
}

fn to_json(feed: &Feed, today: NaiveDate) -> Value {
    json!({
        "source": feed.source,
        "region": feed.region,
        "cadence": feed.cadence.to_string(),
        "lastData": feed.newest,
        "expectedBy": feed.expected_by(),
        "daysOverdue": feed.days_overdue(today),
        "records": feed.records,
        "leastRecords": feed.volume.map(|(least, _)| least),
        "mostRecords": feed.volume.map(|(_, most)| most),
        "missingHeadings": feed.missing_headings,
        "state": feed.state(today).name(),
    })
}
