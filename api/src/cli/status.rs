//! `hotwash status`: what the warehouse contains and how current it is.

use std::io::Write;

use hotwash_schema::status::WarehouseStatus;

use super::table::{Listing, grouped};
use super::{Context, Outcome};

/// Arguments of `hotwash status`.
#[derive(clap::Args)]
pub struct StatusArguments {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Counts the records and prints the status.
pub async fn run(context: &Context, arguments: &StatusArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let status = hotwash_schema::status::read(database.pool()).await?;
    if arguments.json {
        writeln!(std::io::stdout().lock(), "{}", serde_json::to_string_pretty(&status)?)?;
    } else {
        print(&status)?;
    }
    Ok(Outcome::Done)
}

/// Prints the count per table, the last load and notices.
pub fn print(status: &WarehouseStatus) -> anyhow::Result<()> {
    let mut listing = Listing::new(&["table", "#rows"]);
    for (table, rows) in &status.tables {
        listing.row([table.clone(), grouped(*rows)]);
    }
    listing.print()?;
    let mut out = std::io::stdout().lock();
    write!(out, "warehouse version {}", status.version)?;
    if let Some(last) = status.last_load {
        write!(out, ", last load {}", last.format("%Y-%m-%d %H:%M UTC"))?;
    }
    writeln!(out)?;
    if status.fictional {
        writeln!(
            out,
            "It contains fictional demonstration data: exercises, ratings, actions and risk scores \
             are invented."
        )?;
    }
    Ok(())
}
