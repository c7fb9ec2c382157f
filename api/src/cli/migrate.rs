//! `hotwash migrate`: updates the schema, the reference data, the metric views and the published
//! metrics to this version.

use std::io::Write;

use super::{Context, Outcome};

/// Migrates and upserts the reference data of the jurisdiction profile. Idempotent.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let profile = context.profile()?;
    let database = context.unmigrated_database().await?;
    let report = hotwash_schema::migrate::migrate_with(database.url(), profile.as_ref()).await?;
    hotwash_metrics::show_metrics(database.url()).await?;
    if hotwash_metrics::is_published(database.url()).await? {
        // An older version published what this one may compute otherwise.
        super::publish(database.url()).await?;
    }
    writeln!(std::io::stdout().lock(), "{report}")?;
    Ok(Outcome::Done)
}
