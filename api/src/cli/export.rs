//! `hotwash export FOLDER`: one file per record type and link table, with a data package, or the
//! tables behind the metrics for a remote engine.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use hotwash_metrics::{Exported, Snapshot, export_tables};
use hotwash_schema::access::Viewer;
use hotwash_schema::copy::Connection;
use tokio::io::AsyncWriteExt;

use super::{Context, Outcome};
use crate::export::{self, ExportFile, ExportOptions, FILES, Format, PACKAGE};
use hotwash_graphql::ViewerScope;

/// Arguments of `hotwash export`.
#[derive(clap::Args)]
pub struct ExportArguments {
    /// Folder for the files, created if it is missing
    folder: PathBuf,
    /// Format of the files
    #[arg(long, value_enum, default_value = "parquet")]
    format: Format,
    /// Write texts that a spreadsheet runs as a formula without an apostrophe before them (CSV only)
    #[arg(long)]
    keep_formulas: bool,
    /// Export only this file, e.g. `events` or `eventRegions`; repeat for more. `tables` writes
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
    if tables {
        let snapshot =
            Snapshot::load(database.url()).await.context("could not read the warehouse")?;
        let into = folder.clone();
        let done = tokio::task::spawn_blocking(move || export_tables(&snapshot, &into)).await??;
        writeln!(std::io::stdout(), "{}", summary(folder, &done))?;
    }
    let chosen = arguments.only.iter().filter(|name| *name != TABLES);
    let files = match arguments.only.as_slice() {
        [] => FILES.iter().collect(),
        _ => chosen.map(|name| export::find(name)).collect::<Result<Vec<_>, _>>()?,
    };
    if !files.is_empty() {
        let options =
            ExportOptions { format: arguments.format, keeps_formulas: arguments.keep_formulas };
        write_files(database.url(), folder, &files, options).await?;
    }
    Ok(Outcome::Done)
}

/// Writes files that see one moment of the warehouse, and the package that describes them.
async fn write_files(
    url: &str,
    folder: &Path,
    files: &[&ExportFile],
    options: ExportOptions,
) -> anyhow::Result<()> {
    let seen = ViewerScope { viewer: Viewer::local(), regions: Vec::new() };
    let mut connection = Connection::open(url).await?;
    let transaction = connection.begin_snapshot().await?;
    let moment = transaction.export_snapshot().await?;
    for file in files {
        let planned = export::plan(file, &[], options, &seen)?;
        let mut pieces = export::run(url, planned, Some(&moment)).await?;
        write_whole(
            &folder.join(format!("{}.{}", file.name, options.format.ending())),
            async |to| {
                while let Some(piece) = pieces.recv().await {
                    to.write_all(&piece?).await?;
                }
                Ok(())
            },
        )
        .await?;
    }
    let package = serde_json::to_vec_pretty(&export::describe(files, options))?;
    write_whole(&folder.join(PACKAGE), async |to| to.write_all(&package).await).await
}

/// Writes a file completely or not at all, and prints its path.
async fn write_whole(
    path: &Path,
    write: impl AsyncFnOnce(&mut tokio::fs::File) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let part = path.with_extension("part");
    let written = async {
        let mut file = tokio::fs::File::create(&part).await?;
        write(&mut file).await?;
        file.sync_all().await?;
        tokio::fs::rename(&part, path).await
    };
    written.await.with_context(|| format!("{} cannot be written", path.display()))?;
    writeln!(std::io::stdout(), "{}", path.display())?;
    Ok(())
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
