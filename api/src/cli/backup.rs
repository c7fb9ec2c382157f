//! `hotwash backup FILE` and `hotwash restore FILE`.

use std::io::Write;
use std::path::PathBuf;

use super::{Context, Outcome};

/// Where to.
#[derive(clap::Args)]
pub struct BackupArguments {
    /// File to write; what is there stays until the new backup is whole
    file: PathBuf,
}

/// Where from.
#[derive(clap::Args)]
pub struct RestoreArguments {
    /// A file that `hotwash backup` wrote
    file: PathBuf,
}

/// Writes a backup.
pub async fn backup(context: &Context, arguments: &BackupArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let bytes = hotwash_schema::backup::backup(database.url(), &arguments.file).await?;
    writeln!(std::io::stdout(), "{} written ({} KiB)", arguments.file.display(), bytes / 1024)?;
    Ok(Outcome::Done)
}

/// Restores one, and brings it to this program's schema.
pub async fn restore(context: &Context, arguments: &RestoreArguments) -> anyhow::Result<Outcome> {
    let database = context.unmigrated_database().await?;
    hotwash_schema::backup::restore(database.url(), &arguments.file).await?;
    let report = hotwash_schema::migrate::migrate(database.url()).await?;
    hotwash_metrics::show_metrics(database.url()).await?;
    if hotwash_metrics::is_published(database.url()).await? {
        super::publish(database.url()).await?;
    }
    writeln!(
        std::io::stdout(),
        "{} restored. {report}\nLogins of BI tools are the server's, not the database's: grant them again.",
        arguments.file.display()
    )?;
    Ok(Outcome::Done)
}
