//! `hotwash export FOLDER`: one file per record type, or the tables behind the metrics for a remote
//! engine.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use hotwash_metrics::{Exported, Snapshot, export_tables};
use hotwash_schema::access::Viewer;
use tokio::io::AsyncWriteExt;

use super::{Context, Outcome};
use crate::export::{self, Format};
use hotwash_graphql::ViewerScope;

/// Arguments of `hotwash export`.
#[derive(clap::Args)]
pub struct ExportArguments {
    /// Folder for the files, created if it is missing
    folder: PathBuf,
    /// Format of the files
    #[arg(long, value_enum, default_value = "parquet")]
    format: Format,
    /// Export only this record type, named as its GraphQL list; repeat for more. `tables` writes
    /// the tables behind the metrics as partitioned Parquet with a manifest, for a remote engine
    /// (HOTWASH_ENGINE); unchanged files are not written again
    #[arg(long = "only", value_name = "NAME")]
    only: Vec<String>,
}

/// Name of the tables behind the metrics.
const TABLES: &str = "tables";

/// Writes the files, each atomically.
pub async fn run(context: &Context, arguments: ExportArguments) -> anyhow::Result<Outcome> {
    let tables = arguments.only.iter().any(|name| name == TABLES);
    if tables && arguments.format != Format::Parquet {
        bail!("--only {TABLES} writes only Parquet; omit --format");
    }
    let database = context.existing_database().await?;
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be created", folder.display()))?;
    let seen = ViewerScope { viewer: Viewer::local(), regions: Vec::new() };
    let all: Vec<String> = export::names().iter().map(ToString::to_string).collect();
    if tables {
        let snapshot =
            Snapshot::load(database.url()).await.context("could not read the warehouse")?;
        let into = folder.clone();
        let done = tokio::task::spawn_blocking(move || export_tables(&snapshot, &into)).await??;
        writeln!(std::io::stdout(), "{}", summary(folder, &done))?;
    }
    let chosen = arguments.only.iter().filter(|name| *name != TABLES);
    for name in
        if arguments.only.is_empty() { all.iter().collect() } else { chosen.collect::<Vec<_>>() }
    {
        let planned = export::plan(name, &[], &seen)?;
        let path = folder.join(format!("{name}.{}", arguments.format.ending()));
        let part = path.with_extension("part");
        let mut pieces = export::run(database.url(), planned, arguments.format).await?;
        let mut file = tokio::fs::File::create(&part)
            .await
            .with_context(|| format!("{} cannot be written", part.display()))?;
        while let Some(piece) = pieces.recv().await {
            file.write_all(&piece.with_context(|| name.clone())?)
                .await
                .with_context(|| format!("{} cannot be written", part.display()))?;
        }
        file.sync_all().await?;
        tokio::fs::rename(&part, &path).await?;
        writeln!(std::io::stdout(), "{}", path.display())?;
    }
    Ok(Outcome::Done)
}

/// Summary of a table export in one line.
fn summary(folder: &std::path::Path, done: &Exported) -> String {
    format!(
        "{}: version {} of the tables, {} rows in {} partitions ({:.1} MiB); {} written, {} as \
         they were, {} old files removed, in {:.1} s",
        folder.display(),
        done.version,
        done.rows,
        done.written + done.unchanged,
        done.bytes as f64 / 1_048_576.0,
        done.written,
        done.unchanged,
        done.removed,
        done.took.as_secs_f64()
    )
}
