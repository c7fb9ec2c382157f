//! `hotwash template NAME`: an empty input file with comments and an example row.

use std::io::Write;

use hotwash_etl::template::{TEMPLATES, TableFormat, write_template};

use super::Outcome;
use super::table::Listing;

/// Arguments of `hotwash template`.
#[derive(clap::Args)]
pub struct TemplateArguments {
    /// Record type, e.g. ratings; without it, lists the templates
    name: Option<String>,
    /// File format: csv, xlsx, jsonl or parquet
    #[arg(long, default_value = "csv")]
    format: TableFormat,
}

/// Prints the template, or the list.
pub fn run(arguments: &TemplateArguments) -> anyhow::Result<Outcome> {
    let Some(name) = &arguments.name else {
        let mut listing = Listing::new(&["template", "what a row is", "#columns"]);
        for template in TEMPLATES.iter() {
            listing.row([
                template.name.to_owned(),
                template.about.to_owned(),
                template.columns.len().to_string(),
            ]);
        }
        listing.print()?;
        return Ok(Outcome::Done);
    };
    write_template(name, arguments.format, std::io::stdout())?;
    std::io::stdout().flush()?;
    Ok(Outcome::Done)
}
