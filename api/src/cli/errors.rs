//! `hotwash errors`: the codes of errors, rejected rows, warnings and alerts.

use std::io::Write;

use hotwash_graphql::error::Code;

use super::Outcome;
use super::table::Listing;
use crate::error_list;

/// Arguments of `hotwash errors`.
#[derive(clap::Args)]
pub struct ErrorsArguments {
    /// Print the reference page with meanings and remedies as Markdown
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists the codes.
pub fn run(arguments: &ErrorsArguments) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    if arguments.markdown {
        write!(out, "{}", error_list::markdown())?;
    } else if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&error_list::json())?)?;
    } else {
        drop(out);
        let mut listing = Listing::new(&["code", "kind", "meaning", "remedy"]);
        for code in Code::ALL {
            let entry = code.definition();
            let kind = format!("error {}", entry.status);
            listing.row([entry.code, &kind, entry.meaning, entry.remedy]);
        }
        for (kind, [code, meaning, remedy]) in error_list::others() {
            listing.row([code, kind, meaning, remedy]);
        }
        listing.print()?;
    }
    Ok(Outcome::Done)
}
