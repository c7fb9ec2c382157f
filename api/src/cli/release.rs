//! `hotwash release`: publishes the monthly numbers about every region.

use std::io::Write;

use chrono::NaiveDate;
use hotwash_metrics::{Release, Snapshot, last_closed_month};

use super::day::day;
use super::{Context, Outcome};

/// Arguments of `hotwash release`.
#[derive(clap::Args)]
pub struct ReleaseArguments {
    /// Last day of the month to release, e.g. 2026-06-30 (default: the last month that has ended)
    #[arg(long, value_name = "DAY", value_parser = day)]
    as_of: Option<NaiveDate>,
}

/// Makes a release from the current warehouse and publishes it to BI tools.
pub async fn run(context: &Context, arguments: ReleaseArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let closed = last_closed_month(chrono::Local::now().date_naive());
    let as_of = arguments.as_of.unwrap_or(closed);
    anyhow::ensure!(
        as_of <= closed && last_closed_month(as_of + chrono::Days::new(1)) == as_of,
        "--as-of {as_of} must be the last day of a month that has ended, such as {closed}"
    );
    let snapshot = Snapshot::load(database.url()).await?;
    let release = Release::publish(database.url(), &snapshot, as_of).await?;
    let with_release = snapshot.with_release(release.clone());
    if hotwash_metrics::publish_release(database.url(), &with_release).await? == 0 {
        // A load has published a newer version of the warehouse meanwhile.
        let newer = Snapshot::load(database.url()).await?;
        hotwash_metrics::publish_release(database.url(), &newer).await?;
    }
    writeln!(std::io::stdout().lock(), "{}", described(&release))?;
    Ok(Outcome::Done)
}

/// Describes a release in one sentence.
pub fn described(release: &Release) -> String {
    let (rows, suppressed) = release.counts();
    format!(
        "Release {} as of {}: {rows} rows about all regions, {suppressed} of them suppressed.",
        release.number, release.as_of
    )
}
