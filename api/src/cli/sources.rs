//! `hotwash sources`: which files can be loaded.

use std::io::Write;

use super::Outcome;
use super::table::Listing;

/// How to print them.
#[derive(clap::Args)]
pub struct Arguments {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists the registered sources.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let definitions: Vec<_> = hotwash_etl::source::registry().iter().map(|source| source.definition()).collect();
    if arguments.json {
        writeln!(std::io::stdout().lock(), "{}", serde_json::to_string_pretty(&definitions)?)?;
        return Ok(Outcome::Done);
    }
    let mut listing = Listing::new(&["source", "what it is", "files"]);
    for definition in definitions {
        listing.row([definition.id, definition.title, &definition.extensions.join(" ")]);
    }
    listing.print()?;
    Ok(Outcome::Done)
}
