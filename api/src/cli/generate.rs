//! `hotwash generate FOLDER`: a seeded, fictional coalition data set.

use std::io::Write;
use std::path::PathBuf;

use chrono::NaiveDate;
use hotwash_etl::generate::{Folder, Recipe, generate, truths as list_truths};
use hotwash_etl::template::TableFormat;

use super::day::day;
use super::{Context, Outcome};

/// Arguments of `hotwash generate`.
#[derive(clap::Args)]
#[command(after_help = truths())]
pub struct GenerateArguments {
    /// Folder for the files, created if it is missing
    folder: PathBuf,
    /// Size as a multiple of about 400 events
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    scale: u32,
    /// Random seed; the same seed writes the same files
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Last day of the five years of data
    #[arg(long, default_value = "2026-06-30", value_parser = day)]
    as_of: NaiveDate,
    /// Leave out the truths below: regions differ by chance alone
    #[arg(long)]
    without_truths: bool,
    /// File format: csv, parquet, xlsx or jsonl
    #[arg(long, default_value = "csv")]
    format: TableFormat,
}

/// Help text: what is true of every generated data set.
fn truths() -> String {
    let truths: String = list_truths().iter().map(|truth| format!("\n  - {truth}")).collect();
    format!(
        "Scale 1: five years, and with six regions about 400 exercises and incidents, 2,500 \
         ratings, 3,000 \
         actions and 60 hazard\n\
         vulnerability assessments. Everything is invented, and every file says so. In every data \
         set these truths hold:{truths}"
    )
}

/// Writes the files.
pub fn run(context: &Context, arguments: &GenerateArguments) -> anyhow::Result<Outcome> {
    context.use_profile()?;
    let recipe = Recipe {
        scale: arguments.scale,
        seed: arguments.seed,
        as_of: arguments.as_of,
        format: arguments.format,
        has_truths: !arguments.without_truths,
        ..Recipe::default()
    };
    generate(&recipe, &Folder(arguments.folder.clone()))?;
    let folder = arguments.folder.display();
    writeln!(
        std::io::stdout(),
        "Fictional data written to {folder}; load it with: hotwash load {folder}"
    )?;
    Ok(Outcome::Done)
}
