//! `hotwash demo`: database, bundled data and server in one command.

use std::io::Write;

use hotwash_metrics::{Release, Snapshot, last_closed_month};

use super::progress::LoadProgress;
use super::table::Listing;
use super::{Context, Outcome, load, status};
use crate::http::{ServerConfig, ServerOptions};

/// Arguments of `hotwash demo`.
#[derive(clap::Args)]
pub struct DemoArguments {
    /// Load, print the counts and exit
    #[arg(long)]
    pub no_serve: bool,
    #[command(flatten)]
    options: ServerOptions,
}

/// Migrates, loads the bundled data (idempotent), publishes the metrics and serves.
pub async fn run(context: &Context, arguments: DemoArguments) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout();
    let mut database = context.unmigrated_database().await?;
    writeln!(out, "Database: {}", database.description())?;
    let profile = context.profile()?;
    let report = hotwash_schema::migrate::migrate_with(database.url(), profile.as_ref()).await?;
    writeln!(out, "{report}")?;
    let bar = LoadProgress::new(true);
    let reports = hotwash_etl::demo::load(database.url(), &bar).await?;
    bar.finish();
    let mut documents = Listing::new(&["coalition document", "source", "what was read"]);
    for document in hotwash_etl::demo::contents(database.url()).await? {
        documents.row([document.file, document.source, document.records]);
    }
    documents.print()?;
    load::print(&reports, false)?;
    if let Some(failed) = reports.iter().find(|report| report.error.is_some()) {
        anyhow::bail!("{}: {}", failed.file, failed.error.clone().unwrap_or_default());
    }
    if reports.iter().any(hotwash_etl::load::FileReport::changed) {
        let snapshot = Snapshot::load(database.url()).await?;
        let closed = last_closed_month(chrono::Local::now().date_naive());
        let release = Release::publish(database.url(), &snapshot, closed).await?;
        writeln!(out, "{}", super::release::described(&release))?;
        super::publish(database.url()).await?;
    }
    status::print(&hotwash_schema::status::read(database.pool()).await?)?;
    if arguments.no_serve {
        return Ok(Outcome::Done);
    }
    database.supervise()?;
    crate::http::serve(ServerConfig::new(database.url(), arguments.options)).await?;
    Ok(Outcome::Done)
}
