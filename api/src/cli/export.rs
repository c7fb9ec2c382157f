//! `hotwash export FOLDER`: every record type as a file; in Parquet also the metrics' tables in partitions, for other engines.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use hotwash_metrics::{Snapshot, write_tables};
use hotwash_schema::access::Viewer;
use tokio::io::AsyncWriteExt;

use super::{Context, Outcome};
use crate::export::{self, Format};
use crate::graphql::Seen;

/// What to export.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder for the files, made when it is not there
    folder: PathBuf,
    /// Format of the files
    #[arg(long, value_enum, default_value = "parquet")]
    format: Format,
    /// Only this record type, as GraphQL names its list; may be given again
    #[arg(long = "only", value_name = "NAME")]
    only: Vec<String>,
}

/// Writes the files; each appears whole or not at all.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<Outcome> {
    let database = context.database().await?;
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let seen = Seen { viewer: Viewer::local(), regions: Vec::new() };
    let all: Vec<String> = export::names().iter().map(ToString::to_string).collect();
    for name in if arguments.only.is_empty() { &all } else { &arguments.only } {
        let (columns, sql) = export::plan(name, &[], &seen)?;
        let path = folder.join(format!("{name}.{}", arguments.format.ending()));
        let part = path.with_extension("part");
        let mut pieces = export::run(database.url(), columns, sql, arguments.format).await?;
        let mut file =
            tokio::fs::File::create(&part).await.with_context(|| format!("{} cannot be written", part.display()))?;
        while let Some(piece) = pieces.recv().await {
            file.write_all(&piece.with_context(|| name.clone())?)
                .await
                .with_context(|| format!("{} cannot be written", part.display()))?;
        }
        file.sync_all().await?;
        tokio::fs::rename(&part, &path).await?;
        writeln!(std::io::stdout(), "{}", path.display())?;
    }
    if arguments.format == Format::Parquet && arguments.only.is_empty() {
        let snapshot = Snapshot::load_here(database.url()).await.context("could not read the warehouse")?;
        let folder = folder.clone();
        let written = tokio::task::spawn_blocking(move || write_tables(&snapshot, &folder)).await??;
        writeln!(
            std::io::stdout(),
            "tables of version {}: {} partitions written, {} unchanged, {} removed",
            written.version,
            written.written,
            written.kept,
            written.removed
        )?;
    }
    Ok(Outcome::Done)
}
