//! `hotwash errors`: the codes of errors, rejected rows and warnings.

use std::io::Write;

use hotwash_etl::code::{RejectCode, WarningCode};
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
        let of_loads = RejectCode::ALL.iter().map(|code| ("reject", code.definition()));
        let warnings = WarningCode::ALL.iter().map(|code| ("warning", code.definition()));
        for (kind, entry) in of_loads.chain(warnings) {
            listing.row([entry.code, kind, entry.meaning, entry.remedy]);
        }
        listing.print()?;
    }
    Ok(Outcome::Done)
}
