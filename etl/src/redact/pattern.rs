//! Parts that the rules of redaction share.

use regex::Regex;

pub(super) const MARK: &str = "[redacted]";

#[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

/// Words that make a name an organization's instead of a person's.
pub(super) const ORGANIZATION_WORDS: [&str; 52] = [
    "hospital",
    "hospitals",
    "department",
    "dept",
    "coalition",
    "center",
    "centers",
    "centre",
    "board",
    "agency",
    "agencies",
    "office",
    "council",
    "commission",
    "services",
    "service",
    "authority",
    "health",
    "healthcare",
    "fire",
    "ems",
    "police",
    "medical",
    "clinic",
    "ambulance",
    "rescue",
    "city",
    "town",
    "county",
    "state",
    "region",
    "regional",
    "committee",
    "association",
    "university",
    "college",
    "school",
    "district",
    "division",
    "bureau",
    "team",
    "group",
    "network",
    "alliance",
    "corps",
    "cross",
    "care",
    "nursing",
    "rehabilitation",
    "management",
    "partners",
    "system",
];

/// Returns whether a name has a word that only organizations have.
pub fn names_organization(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower
        .split(|letter: char| !letter.is_alphabetic())
        .any(|word| ORGANIZATION_WORDS.contains(&word))
}
