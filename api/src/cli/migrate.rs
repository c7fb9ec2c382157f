//! `hotwash migrate`: brings the database to this version's schema and reference data, the metrics' views to its registry, and what is
//! published to its computations.

use std::io::Write;
use std::path::PathBuf;

use super::{Context, Outcome};

/// Where reference data come from.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with reference files of your own (same names as the shipped ones); the others stay as shipped
    #[arg(long, value_name = "FOLDER")]
    reference: Option<PathBuf>,
}

/// Migrates and upserts the reference data; safe to run again.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<Outcome> {
    let database = context.unmigrated_database().await?;
    let report = hotwash_schema::migrate::migrate_with(database.url(), arguments.reference.as_deref()).await?;
    hotwash_metrics::show_metrics(database.url()).await?;
    if hotwash_metrics::is_published(database.url()).await? {
        // An older version published what this one may compute otherwise.
        super::publish(database.url()).await?;
    }
    writeln!(std::io::stdout().lock(), "{report}")?;
    Ok(Outcome::Done)
}
