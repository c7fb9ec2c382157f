//! `hotwash sources`: the file formats that can be loaded.

use std::io::Write;

use hotwash_etl::layout;
use hotwash_etl::source::{Source, registry};

use super::table::Listing;
use super::{Context, Outcome};
use crate::logging::note;

/// Arguments of `hotwash sources`.
#[derive(clap::Args)]
pub struct SourcesArguments {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists the registered sources and the deployment's own layouts.
pub fn run(context: &Context, arguments: &SourcesArguments) -> anyhow::Result<Outcome> {
    let layouts = context.layouts().map(|folder| layout::in_folder(&folder)).unwrap_or_default();
    let own = layouts.sources.iter().map(|source| source.definition());
    let definitions: Vec<_> =
        registry().iter().map(|source| source.definition()).chain(own).collect();
    for error in &layouts.errors {
        note(format_args!("{error}"));
    }
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
