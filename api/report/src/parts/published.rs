//! Section of `/data`: what is published about other regions, as of which day, and what is not
//! protected.

use chrono::{Months, NaiveDate};
use hotwash_metrics::{MIN_CONTRIBUTORS, MIN_N, Release, last_closed_month};

use crate::page::{FigureCell, Section};
use crate::wording::{day, thousands};

/// Reason why the top risks of other regions are missing.
pub const OWN_TOP_RISKS: &str = "Top risks are listed for your own region only.";

/// Builds the section.
pub fn section(release: Option<&Release>) -> Section {
    let readers = "Viewers read the release about all regions. Members of a region read live \
        numbers about their own region, and \
        the release about the others. Analysts read live numbers about all regions.";
    let tables = "Each metric for the state, by region, by region and one further dimension, and \
        by region and month, quarter or \
        fiscal year. Parameters have their defaults. Organizations are never listed.";
    let unprotected = "Suppressed numbers are left out, not blurred, so that they can be bounded. \
        Members of two regions who share what they know are not considered. What somebody knows \
        beforehand is not protected. An organization under two names counts as two. The number of \
        canceled actions follows from two metrics. The exposure of an improvement priority is the \
        largest mean risk of a region's hazards, so the others are not larger.";
    let mut facts: Vec<(&str, String)> = vec![("Release", number(release))];
    facts.extend(release.map(|release| ("Next release", next(release.as_of))));
    facts.extend([("Readers", readers.to_owned()), ("Content", tables.to_owned())]);
    facts.push(("When a number is published", rule(release)));
    facts.push(("What is not protected", unprotected.to_owned()));
    let facts = facts.into_iter().map(|(name, text)| (name.to_owned(), FigureCell::from(text)));
    Section::Facts("What is published about other regions".into(), facts.collect())
}

fn number(release: Option<&Release>) -> String {
    match release {
        Some(release) => format!(
            "Release {}, as of {}, published on {}.",
            release.number,
            day(release.as_of),
            day(release.made_at.date_naive())
        ),
        None => "None has been made. Until then nothing is published about other regions; hotwash \
             release makes one."
            .into(),
    }
}

/// Announces the next release, as of the end of the following month.
fn next(as_of: NaiveDate) -> String {
    let next = last_closed_month(as_of + Months::new(2));
    let due = next.succ_opt().unwrap_or(next);
    format!("As of {}, due on {}, or when the server starts after that day.", day(next), day(due))
}

fn rule(release: Option<&Release>) -> String {
    let rule = format!(
        "When at least {MIN_N} records and at least {MIN_CONTRIBUTORS} organizations are behind \
         it, and no other published \
         numbers give a smaller one away. Totals are published first, and months last. A row \
         changes in a later release only when at least {MIN_CONTRIBUTORS} organizations changed \
         it, and all releases together give nothing smaller away. Else it stays as it was."
    );
    let counts = release.map(Release::counts).map(|(rows, suppressed)| {
        format!(
            " Of {} rows, {} are suppressed.",
            thousands(rows as f64),
            thousands(suppressed as f64)
        )
    });
    rule + &counts.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_next_release_is_as_of_the_end_of_the_next_month() {
        let announced = |day: &str| next(day.parse().unwrap());
        assert!(
            announced("2026-01-31").starts_with("As of Feb 28, 2026, due on Mar 1, 2026"),
            "{}",
            announced("2026-01-31")
        );
        assert!(announced("2026-12-31").starts_with("As of Jan 31, 2027, due on Feb 1, 2027"));
    }
}
