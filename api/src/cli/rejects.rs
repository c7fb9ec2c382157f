//! `hotwash rejects`: refused rows as CSV, to mend and load again.

use std::io::Write;

use super::{Context, Outcome};

/// Which rejects.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only those of this load; default: the latest load that had any
    #[arg(long, value_name = "NUMBER")]
    batch: Option<i32>,
    /// Only those of this file
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
    /// Of all loads
    #[arg(long, conflicts_with = "batch")]
    all: bool,
    /// Print one JSON object a row
    #[arg(long)]
    json: bool,
}

/// Prints the original columns, then `reject_file`, `reject_row`, `reject_column`, `reject_value` and `reject_reason`, which
/// every source passes over when the mended file is loaded.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<Outcome> {
    let database = context.database().await?;
    let rejects =
        hotwash_schema::rejects::read(database.url(), arguments.batch, arguments.file.as_deref(), arguments.all)
            .await?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        for reject in &rejects {
            writeln!(out, "{}", serde_json::to_string(reject)?)?;
        }
        return Ok(Outcome::Done);
    }
    let mut headings: Vec<&str> = Vec::new();
    for heading in rejects.iter().flat_map(|reject| reject.content.keys()) {
        if !headings.contains(&heading.as_str()) {
            headings.push(heading);
        }
    }
    let mut writer = ::csv::Writer::from_writer(&mut out);
    let reasons = ["reject_file", "reject_row", "reject_column", "reject_value", "reject_reason"];
    writer.write_record(headings.iter().chain(&reasons))?;
    for reject in &rejects {
        let content = headings.iter().map(|heading| reject.content.get(*heading).cloned().unwrap_or_default());
        let why = [
            reject.file.clone(),
            reject.row.to_string(),
            reject.column.clone().unwrap_or_default(),
            reject.value.clone().unwrap_or_default(),
            reject.reason.clone(),
        ];
        writer.write_record(content.chain(why))?;
    }
    writer.flush()?;
    Ok(Outcome::Done)
}
