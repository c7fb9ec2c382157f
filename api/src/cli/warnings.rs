//! `hotwash warnings`: doubtful values that were loaded anyway.

use std::io::Write;

use super::rejects::LoadChoice;
use super::table::{Listing, grouped};
use super::{Context, Outcome};

/// Arguments of `hotwash warnings`.
#[derive(clap::Args)]
pub struct WarningsArguments {
    #[command(flatten)]
    loads: LoadChoice,
    /// Print one JSON object per warning
    #[arg(long)]
    json: bool,
}

/// Prints file, row, column, value and message of each warning.
pub async fn run(context: &Context, arguments: &WarningsArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let LoadChoice { batch, file, all } = &arguments.loads;
    let warnings =
        hotwash_schema::warnings::read(database.pool(), *batch, file.as_deref(), *all).await?;
    if arguments.json {
        let mut out = std::io::stdout().lock();
        for warning in &warnings {
            writeln!(out, "{}", serde_json::to_string(warning)?)?;
        }
        return Ok(Outcome::Done);
    }
    if warnings.is_empty() {
        writeln!(std::io::stdout().lock(), "no warnings")?;
        return Ok(Outcome::Done);
    }
    let mut listing =
        Listing::new(&["file", "#row", "column", "value", "#rows", "warning", "code"]);
    for warning in warnings {
        listing.row([
            warning.file,
            warning.row.filter(|row| *row > 0).map(grouped).unwrap_or_default(),
            warning.column.unwrap_or_default(),
            warning.value.unwrap_or_default(),
            grouped(warning.occurrences),
            warning.message,
            warning.code,
        ]);
    }
    listing.print()?;
    Ok(Outcome::Done)
}
