//! `hotwash rejects`: rejected rows as CSV, to fix and load again.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hotwash_schema::rejects::RejectedRow;

use super::table::counted;
use super::{Context, Outcome};
use crate::export::neutralized;
use crate::logging::note;

/// Loads whose rejects or warnings are listed.
#[derive(clap::Args)]
pub struct LoadChoice {
    /// Load number; default: the latest load with open rejects, or with warnings
    #[arg(long, value_name = "NUMBER")]
    pub batch: Option<i32>,
    /// Name of a file, in any load
    #[arg(long, value_name = "NAME")]
    pub file: Option<String>,
    /// Include all loads, and rejects that a later file corrected
    #[arg(long, conflicts_with = "batch")]
    pub all: bool,
}

/// Arguments of `hotwash rejects`.
#[derive(clap::Args)]
pub struct RejectsArguments {
    #[command(flatten)]
    loads: LoadChoice,
    /// Print one JSON object per row
    #[arg(long)]
    json: bool,
    /// Write one CSV file per loaded file, so that each can be fixed and loaded again
    #[arg(long, value_name = "FOLDER", conflicts_with = "json")]
    into: Option<PathBuf>,
    /// Write texts that a spreadsheet would run as a formula as they are, without an apostrophe
    #[arg(long, conflicts_with = "json")]
    keep_formulas: bool,
}

/// Prints the original columns, then `reject_file`, `reject_row`, `reject_code`, `reject_column`,
/// `reject_value` and `reject_reason`, which every source ignores when the fixed file is loaded.
pub async fn run(context: &Context, arguments: RejectsArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let LoadChoice { batch, file, all } = &arguments.loads;
    let rejects =
        hotwash_schema::rejects::read(database.pool(), *batch, file.as_deref(), *all).await?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        for reject in &rejects {
            writeln!(out, "{}", serde_json::to_string(reject)?)?;
        }
        return Ok(Outcome::Done);
    }
    if let Some(folder) = &arguments.into {
        return write_files(folder, &rejects, arguments.keep_formulas, &mut out);
    }
    write(&rejects.iter().collect::<Vec<_>>(), arguments.keep_formulas, &mut out)?;
    let files: std::collections::BTreeSet<&str> =
        rejects.iter().map(|reject| reject.file.as_str()).collect();
    if files.len() > 1 {
        note(format_args!(
            "these rows are from {} files; to load them again, write one file for each with --into \
             FOLDER",
            files.len()
        ));
    }
    Ok(Outcome::Done)
}

/// Writes a CSV file for each file that had rejects, named after it.
fn write_files(
    folder: &Path,
    rejects: &[RejectedRow],
    keeps_formulas: bool,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be created", folder.display()))?;
    let mut files: BTreeMap<(&str, i32), Vec<&RejectedRow>> = BTreeMap::new();
    for reject in rejects {
        files.entry((&reject.file, reject.batch)).or_default().push(reject);
    }
    for ((file, batch), rows) in &files {
        let own = files.keys().filter(|(other, _)| other == file).count() == 1;
        // A file's name may hold a path of another machine.
        let name = file.replace(['/', '\\'], "_");
        let name =
            if own { format!("{name}.rejects.csv") } else { format!("{name}.{batch}.rejects.csv") };
        let path = folder.join(name);
        let target = std::fs::File::create(&path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        write(rows, keeps_formulas, target)?;
        writeln!(out, "{}: {}", path.display(), counted(rows.len(), "row", "rows"))?;
    }
    Ok(Outcome::Done)
}

fn write(rejects: &[&RejectedRow], keeps_formulas: bool, out: impl Write) -> anyhow::Result<()> {
    let mut headings: Vec<&str> = Vec::new();
    for heading in rejects.iter().flat_map(|reject| reject.content.iter().map(|(name, _)| name)) {
        if !headings.contains(&heading.as_str()) {
            headings.push(heading);
        }
    }
    let mut writer = ::csv::Writer::from_writer(out);
    let reasons = [
        "reject_file",
        "reject_row",
        "reject_code",
        "reject_column",
        "reject_value",
        "reject_reason",
    ];
    let cell = |text: &str| match keeps_formulas {
        true => text.to_owned(),
        false => neutralized(text).into_owned(),
    };
    writer.write_record(headings.iter().chain(&reasons).map(|heading| cell(heading)))?;
    for reject in rejects {
        let content = headings.iter().map(|heading| cell(reject.cell(heading)));
        let why = [
            reject.file.clone(),
            reject.row.to_string(),
            reject.code.clone(),
            reject.column.clone().unwrap_or_default(),
            reject.value.clone().unwrap_or_default(),
            reject.reason.clone(),
        ];
        writer.write_record(content.chain(why.map(|text| cell(&text))))?;
    }
    writer.flush()?;
    Ok(())
}
