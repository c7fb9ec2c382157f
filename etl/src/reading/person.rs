//! Whether a name in a field for organisations is a person's, which is never stored.

use std::sync::LazyLock;

use regex::Regex;

use super::headings::lists;
use crate::redact::names::GIVEN;
use crate::redact::{names_organisation, redact};

/// Whether a text names a person rather than an organisation: a contact detail in it, `Last, First`, a middle initial, or a
/// common given name before one or two more words. Other two-word names stay, since many hospitals are named for people.
/// A name behind which a credential stands, `Agnes Miller, RN`, is a person's too.
pub fn is_person(text: &str) -> bool {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    static PERSON: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:[A-Z][a-z'-]+, ?[A-Z](?:\.|[a-z]+)?(?: [A-Z]\.?)?|[A-Z][a-z]+ [A-Z]\. ?[A-Z][a-z'-]+|[A-Z]\. ?[A-Z][a-z'-]+)$").expect("the pattern is well formed")
    });
    redact(text).1 > 0 || PERSON.is_match(text.trim()) || has_given_name(text) || has_credential(text)
}

/// Letters behind a person's name.
const CREDENTIALS: [&str; 30] = [
    "RN", "BSN", "MSN", "LPN", "LVN", "NP", "APRN", "CNP", "PA", "PA-C", "MD", "DO", "PHD", "DRPH", "MPH", "MPA",
    "MBA", "MHA", "EMT", "EMT-B", "EMT-P", "NRP", "CEM", "MEP", "CHEP", "CHPA", "CIH", "RS", "REHS", "ESQ",
];

fn is_credential(part: &str) -> bool {
    let part = part.trim().trim_end_matches([')', '.']).replace('.', "").to_uppercase();
    CREDENTIALS.contains(&part.as_str())
}

/// `Agnes Miller, RN`: two or three words like a name, and behind the comma nothing but credentials.
fn has_credential(text: &str) -> bool {
    let Some((name, rest)) = text.split_once(',') else { return false };
    is_like_a_name(name) && rest.split([',', '/', ' ']).filter(|part| !part.trim().is_empty()).all(is_credential)
}

fn is_like_a_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    (2..=3).contains(&words.len())
        && words.iter().all(|word| {
            word.starts_with(char::is_uppercase)
                && word.chars().all(|letter| letter.is_alphabetic() || matches!(letter, '\'' | '\u{2019}' | '-' | '.'))
                && (word.chars().any(char::is_lowercase) || word.ends_with('.') && word.chars().count() == 2)
        })
        && words.last().is_some_and(|last| last.chars().any(char::is_lowercase))
        && !names_organisation(text)
}

/// Whether a text in a message might be a person's name: one that [`is_person`], or two or three capitalised words that no list
/// of headings knows. Messages rather leave a heading out than show a name.
pub fn may_be_person(text: &str) -> bool {
    is_person(text) || is_like_a_name(text) && !lists().is_known(text)
}

static NAMES: LazyLock<std::collections::HashSet<&str>> = LazyLock::new(|| GIVEN.split_whitespace().collect());

/// A short answer, as in a column of days or statuses, without the names of persons in it, and how many there were:
/// `Completed by Jane Doe 9/15/2024`. A given name before a further word makes one, unless an organisation's word follows.
pub fn nameless(text: &str) -> (String, u32) {
    let is_name = |word: &str| {
        word.starts_with(char::is_uppercase)
            && word.chars().any(char::is_lowercase)
            && word.chars().all(|letter| letter.is_alphabetic() || matches!(letter, '\'' | '\u{2019}' | '-'))
    };
    let bare = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned();
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let (mut out, mut count, mut at) = (String::with_capacity(text.len()), 0, 0);
    while let Some(word) = words.get(at) {
        let (first, second) = (bare(word), words.get(at + 1).map(|next| bare(next)).unwrap_or_default());
        let is_person = is_name(&first)
            && is_name(&second)
            && NAMES.contains(first.to_lowercase().as_str())
            && !names_organisation(&second)
            && !words.get(at + 2).is_some_and(|third| names_organisation(third));
        if is_person {
            out.push_str("[redacted]");
            out.extend(words[at + 1].chars().rev().take_while(|letter| letter.is_whitespace()));
            (count, at) = (count + 1, at + 2);
        } else {
            out.push_str(word);
            at += 1;
        }
    }
    (out, count)
}

/// `Jane Doe`, `Jane Doe, RN`, `Jane A. Doe (coordinator)`.
fn has_given_name(text: &str) -> bool {
    let name = text.split([',', '(', '/', ';', '\n']).next().unwrap_or_default();
    let name = name.split(" - ").next().unwrap_or_default().trim();
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_name = |word: &&str| {
        word.starts_with(char::is_uppercase)
            && word.chars().all(|letter| letter.is_alphabetic() || matches!(letter, '\'' | '-' | '.'))
            && word.chars().filter(|letter| letter.is_uppercase()).count() <= 2
    };
    (2..=3).contains(&words.len())
        && words.iter().all(is_name)
        && NAMES.contains(words[0].to_lowercase().as_str())
        && !names_organisation(name)
}

/// The first part of a field that names an organisation, when others name persons or how to reach them; and how many were
/// left out.
pub fn organisation_in(text: &str) -> (Option<String>, u64) {
    let text = text.trim();
    if text.is_empty() {
        return (None, 0);
    }
    let parts =
        text.split(['\n', ';', '/', '(', ')', ',', '|', '\u{2013}', '\u{2014}']).flat_map(|part| part.split(" - "));
    let parts: Vec<&str> = parts.map(str::trim).filter(|part| part.chars().any(char::is_alphabetic)).collect();
    // A credential makes a person of the part before it.
    let credited = |at: usize| {
        is_credential(parts[at])
            || parts.get(at + 1).is_some_and(|next| is_credential(next)) && is_like_a_name(parts[at])
    };
    let has_person = |at: usize| {
        has_given_name(parts[at])
            || parts.len() > 1 && is_person(parts[at])
            || parts.len() > 1 && is_like_a_name(parts[at]) && credited(at)
    };
    if !is_person(text) && !(0..parts.len()).any(has_person) {
        return (Some(text.to_owned()), 0);
    }
    let named = parts.iter().enumerate().filter(|(at, part)| !is_person(part) && !credited(*at));
    let named: Vec<&&str> = named.map(|(_, part)| part).collect();
    // A role or a credential is no organisation: a part that says it is one, or an abbreviation.
    let is_short = |part: &str| {
        (3..=8).contains(&part.len()) && part.chars().all(|letter| letter.is_uppercase() || letter.is_ascii_digit())
    };
    let own = named.iter().find(|part| names_organisation(part) || is_short(part));
    (own.map(|part| (***part).to_owned()), (parts.len() - named.len()).max(1) as u64)
}

#[cfg(test)]
mod tests {
    use super::{is_person, nameless, organisation_in};

    #[test]
    fn a_short_answer_loses_the_names_of_persons_alone() {
        for (text, expected, count) in [
            ("Completed by Agnes Quillfeather 9/15/2024", "Completed by [redacted] 9/15/2024", 1),
            ("Waiting on Jane Doe, then John Roe", "Waiting on [redacted] then [redacted]", 2),
            ("Completed by Anna Jaques Hospital", "Completed by Anna Jaques Hospital", 0),
            ("June 30, 2025", "June 30, 2025", 0),
            ("On Track", "On Track", 0),
        ] {
            let (found, times) = nameless(text);
            assert_eq!((found.as_str(), times), (expected, count), "{text}");
        }
    }

    #[test]
    fn persons_are_told_from_organisations() {
        for person in [
            "Doe, Jane",
            "Jane Q. Doe",
            "J. Doe",
            "Dr. Jane Doe",
            "jane@example.org",
            "Jane Doe",
            "Maria Lopez, RN",
            "J. Doe, RN",
            "Doe, J.",
            "John O'Hara (coordinator)",
        ] {
            assert!(is_person(person), "{person}");
        }
        for organisation in [
            "Lawrence General Hospital",
            "Cape Cod Hospital",
            "MDPH OPEM",
            "Region 3 HMCC",
            "Holy Family",
            "Anna Jaques Hospital",
            "Martha's Vineyard Hospital",
            "City of Lawrence",
            "Marlborough Board of Health",
        ] {
            assert!(!is_person(organisation), "{organisation}");
        }
    }

    #[test]
    fn an_organisation_beside_a_person_stays() {
        for (text, expected) in [
            ("Jane Doe, Lawrence General Hospital", Some("Lawrence General Hospital")),
            ("Lawrence Board of Health (Dr. Jane Doe, 978-555-0100)", Some("Lawrence Board of Health")),
            ("MDPH / Jane Doe", Some("MDPH")),
            ("J. Doe / Facilities Department", Some("Facilities Department")),
            ("J. Doe, RN", None),
            ("Jane Doe, RN", None),
            ("Cape Cod Hospital (Agnes Quillfeather, RN)", Some("Cape Cod Hospital")),
            ("Agnes Quillfeather, RN, MPH", None),
            ("Lawrence General Hospital", Some("Lawrence General Hospital")),
        ] {
            assert_eq!(organisation_in(text).0.as_deref(), expected, "{text}");
        }
    }
}
