//! The operator's file of expected feeds: which source comes from which region, how often, how much
//! of it, and with which headings.

use std::path::{Path, PathBuf};

use hotwash_etl::layout;
use hotwash_etl::source::{self, Source as _};
use hotwash_metrics::{Cadence, Expectation};
use hotwash_schema::nearest::choices;

use crate::section::{self, LineError, Section};

/// Reason why the file of expectations cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExpectationsError {
    /// The file cannot be read.
    #[error(
        "{}: the expectations cannot be read ({error}); correct --expectations or \
         HOTWASH_EXPECTATIONS",
        file.display()
    )]
    Unreadable {
        /// File of expectations.
        file: PathBuf,
        /// Message of the operating system.
        error: std::io::Error,
    },
    /// A line is wrong.
    #[error(transparent)]
    Wrong(#[from] LineError),
}

/// Reads the file. Sources are the built-in ones and the layouts of this folder. Regions are checked
/// with the warehouse.
///
/// # Errors
/// Fails with the line that is wrong, and what to write.
pub fn read(file: &Path, layouts: Option<&Path>) -> Result<Vec<Expectation>, ExpectationsError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| ExpectationsError::Unreadable { file: file.to_owned(), error })?;
    let layouts = layouts.map(layout::in_folder).unwrap_or_default();
    let ids = source::registry().iter().map(|source| source.definition().id);
    let layouts = layouts.sources.iter().map(|source| source.definition().id);
    let known: Vec<&str> = ids.chain(layouts).collect();
    Ok(parse(file, &text, &known)?)
}

fn parse(file: &Path, text: &str, known: &[&str]) -> Result<Vec<Expectation>, LineError> {
    let table = section::parse(file, text)?;
    let top = Section { file, text, line: 1, table: &table };
    top.check(&["feed"])?;
    let mut expectations = Vec::new();
    for (key, value) in &table {
        let feeds = top.below(key, value, "[feed.SOURCE]")?;
        for (key, value) in feeds.table {
            let feed = feeds.below(key, value, "[feed.SOURCE]")?;
            expectations.push(expectation(&feed, key.get_ref().as_ref(), known)?);
        }
    }
    Ok(expectations)
}

fn expectation(section: &Section<'_>, id: &str, known: &[&str]) -> Result<Expectation, LineError> {
    if !known.contains(&id) {
        let choices = choices(id, known.iter().copied());
        return Err(section.wrong(format!("there is no source `{id}`{choices}")));
    }
    section.check(&["cadence", "regions", "records", "headings"])?;
    let kind = "weekly, monthly, quarterly, yearly, or a number of days from 1 to 3660";
    let Some(cadence) = section.text_or_number("cadence", kind)? else {
        return Err(section.wrong(format!("cadence is missing; write cadence = {kind}")));
    };
    let days = || cadence.parse().ok().and_then(Cadence::of_days);
    let Some(cadence) = cadence.parse::<Cadence>().ok().or_else(days) else {
        return Err(section.wrong_value("cadence", format!("cadence = {cadence}: write {kind}")));
    };
    Ok(Expectation {
        source: id.to_owned(),
        name: source::name_of(id),
        cadence,
        regions: section.texts("regions")?,
        volume: section.range("records")?,
        headings: section.texts("headings")?,
        position: format!("{}, line {}", section.file.display(), section.line_of("regions")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Expectation>, String> {
        let known = ["duty_officer_log", "hva_xlsx"];
        let file = Path::new("/etc/hotwash/expectations.toml");
        parse(file, text, &known).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_states_what_is_expected_of_each_source() {
        let text = "[feed.duty_officer_log]\ncadence = \"monthly\"\nregions = [\"1\", \"3\"]\n\
                    records = [5, 200]\nheadings = [\"Log number\"]\n\n\
                    [feed.hva_xlsx]\ncadence = 400\n";
        let expectations = parsed(text).unwrap();
        assert_eq!(expectations.len(), 2);
        let log = expectations.iter().find(|one| one.source == "duty_officer_log").unwrap();
        assert_eq!((log.volume, log.regions.len()), (Some((5, 200)), 2));
        assert_eq!(log.position, "/etc/hotwash/expectations.toml, line 3");
        let hva = expectations.iter().find(|one| one.source == "hva_xlsx").unwrap();
        assert_eq!(Some(hva.cadence), Cadence::of_days(400));
    }

    #[test]
    fn an_unknown_source_or_a_wrong_value_is_named_with_its_line() {
        for (text, parts) in [
            ("\n[feed.duty_log]\ncadence = 7", ["line 2", "`duty_log`", "mean duty_officer_log?"]),
            ("[feed.hva_xlsx]\n\ncadence = \"often\"", ["line 3", "often", "quarterly"]),
            ("[feed.hva_xlsx]\ncadence = 0", ["line 2", "= 0", "number of days"]),
            ("[feed.hva_xlsx]\nregions = [\"1\"]", ["line 1", "cadence is missing", "monthly"]),
            ("[feed.hva_xlsx]\ncadence = 7\nrecords = [9, 5]", ["line 3", "[9, 5]", "the least"]),
            (
                "[feed.hva_xlsx]\ncadence = 7\nheading = []",
                ["line 3", "`heading`", "mean headings?"],
            ),
            ("feeds = 1", ["line 1", "`feeds`", "mean feed?"]),
            ("feed = 1", ["line 1", "section", "[feed.SOURCE]"]),
        ] {
            let message = parsed(text).unwrap_err();
            assert!(parts.iter().all(|part| message.contains(part)), "{text}: {message}");
        }
    }
}
