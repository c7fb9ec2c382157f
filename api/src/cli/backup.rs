//! `hotwash backup FILE` and `hotwash restore FILE`.

use std::io::Write;
use std::path::PathBuf;

use super::{Context, Outcome};

/// Arguments of `hotwash backup`.
#[derive(clap::Args)]
pub struct BackupArguments {
    /// File to write; an existing file is replaced only once the backup is complete
    file: PathBuf,
}

/// Arguments of `hotwash restore`.
#[derive(clap::Args)]
pub struct RestoreArguments {
    /// File written by `hotwash backup`
    file: PathBuf,
}

/// Writes a backup.
pub async fn backup(context: &Context, arguments: &BackupArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let bytes = hotwash_schema::backup::backup(database.pool(), &arguments.file).await?;
    writeln!(std::io::stdout(), "{} written ({} KiB)", arguments.file.display(), bytes / 1024)?;
    Ok(Outcome::Done)
}

/// Restores a backup and migrates it to this version's schema.
pub async fn restore(context: &Context, arguments: &RestoreArguments) -> anyhow::Result<Outcome> {
    let database = context.unmigrated_database().await?;
    hotwash_schema::backup::restore(database.pool(), &arguments.file).await?;
    let report = hotwash_schema::migrate::migrate(database.url()).await?;
    hotwash_metrics::show_metrics(database.url()).await?;
    if hotwash_metrics::is_published(database.url()).await? {
        super::publish(database.url()).await?;
    }
    writeln!(
        std::io::stdout(),
        "{} restored. {report}\nLogins of BI tools are the server's, not the database's: grant \
         them again.",
        arguments.file.display()
    )?;
    Ok(Outcome::Done)
}
