//! `hotwash migrate`: updates the schema, the reference data, the metric views and the published
//! metrics to this version.

use std::io::Write;
use std::path::PathBuf;

use super::{Context, Outcome};

/// Arguments of `hotwash migrate`.
#[derive(clap::Args)]
pub struct MigrateArguments {
    /// Folder with your own reference files, named like the shipped ones; missing files use the
    /// shipped data
    #[arg(long, value_name = "FOLDER")]
    reference: Option<PathBuf>,
}

/// Migrates and upserts the reference data. Idempotent.
pub async fn run(context: &Context, arguments: MigrateArguments) -> anyhow::Result<Outcome> {
    let database = context.unmigrated_database().await?;
    let report =
        hotwash_schema::migrate::migrate_with(database.url(), arguments.reference.as_deref())
            .await?;
    hotwash_metrics::show_metrics(database.url()).await?;
    if hotwash_metrics::is_published(database.url()).await? {
        // An older version published what this one may compute otherwise.
        super::publish(database.url()).await?;
    }
    writeln!(std::io::stdout().lock(), "{report}")?;
    Ok(Outcome::Done)
}
