//! Word lists that indicate or exclude a person's name. They cover single words, independent of
//! context.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::ORGANIZATION_WORDS;

type Words = LazyLock<HashSet<&'static str>>;

static GIVEN: Words = LazyLock::new(|| words(include_str!("words/given_names.txt")));
static AMBIGUOUS: Words = LazyLock::new(|| words(include_str!("words/ambiguous_names.txt")));
static SURNAMES: Words = LazyLock::new(|| words(include_str!("words/surnames.txt")));
static SURNAMES_ALONE: Words = LazyLock::new(|| words(include_str!("words/surnames_alone.txt")));
static OTHER: Words = LazyLock::new(|| {
    words(include_str!("words/other_words.txt")).into_iter().chain(ORGANIZATION_WORDS).collect()
});
static NAMESAKES: LazyLock<Vec<String>> =
    LazyLock::new(|| lines(include_str!("words/namesakes.txt")).map(fold).collect());

/// Minimum length of a given name or surname that means a person by itself.
const LEAST_ALONE: usize = 3;

/// Number of characters in which the name of a hospital, place or firm is searched.
const LONGEST_NAMESAKE: usize = 40;

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn words(text: &'static str) -> HashSet<&'static str> {
    lines(text).flat_map(str::split_whitespace).collect()
}

/// Returns a word in the form of the lists: lower case, without accents, with straight apostrophes.
fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let letters = word.nfd().filter(|letter| !is_combining_mark(*letter));
    letters
        .map(|letter| if letter == '\u{2019}' { '\'' } else { letter })
        .collect::<String>()
        .to_lowercase()
}

/// Evidence of a word for or against a person's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameEvidence {
    /// Only a given name.
    Given,
    /// A given name that is as often a place, a month or an ordinary word.
    AmbiguousGiven,
    /// A surname that no place and no common firm has.
    SurnameAlone,
    /// A common surname, which firms and places also have.
    Surname,
    /// Unknown word.
    Unknown,
    /// A role, department, place, hazard or another word that no person's name has.
    Other,
}

impl NameEvidence {
    /// Returns the evidence of a word. Words with a hyphen use the part with the strongest
    /// evidence.
    pub fn of(word: &str) -> Self {
        let word = fold(word);
        match Self::of_part(&word) {
            Self::Unknown if word.contains('-') => {
                let parts: Vec<Self> = word.split('-').map(Self::of_part).collect();
                let wanted = [
                    Self::Other,
                    Self::Given,
                    Self::SurnameAlone,
                    Self::AmbiguousGiven,
                    Self::Surname,
                ];
                wanted
                    .into_iter()
                    .find(|evidence| parts.contains(evidence))
                    .unwrap_or(Self::Unknown)
            }
            known => known,
        }
    }

    fn of_part(word: &str) -> Self {
        if AMBIGUOUS.contains(word) {
            Self::AmbiguousGiven
        } else if OTHER.contains(word) {
            Self::Other
        } else if GIVEN.contains(word) {
            Self::Given
        } else if SURNAMES_ALONE.contains(word) {
            Self::SurnameAlone
        } else if SURNAMES.contains(word) {
            Self::Surname
        } else {
            Self::Unknown
        }
    }

    /// Returns whether the word is a person's name, among other meanings.
    pub fn is_known(self) -> bool {
        !matches!(self, Self::Unknown | Self::Other)
    }

    /// Returns whether the word is a surname that no place and no common firm has, even if it is
    /// also a given name.
    pub fn is_surname_alone(word: &str) -> bool {
        SURNAMES_ALONE.contains(fold(word).as_str())
    }

    /// Returns whether the word can be a surname.
    pub fn may_be_surname(word: &str) -> bool {
        let word = fold(word);
        Self::of_part(&word) != Self::Other
            && (SURNAMES.contains(word.as_str()) || SURNAMES_ALONE.contains(word.as_str()))
    }
}

/// Returns whether a word means a person by itself.
pub fn is_alone(word: &str) -> bool {
    word.chars().count() >= LEAST_ALONE
        && matches!(NameEvidence::of(word), NameEvidence::Given | NameEvidence::SurnameAlone)
}

/// Returns whether a text begins with the name of a hospital, place or firm that was named after a
/// person.
pub fn is_namesake(text: &str) -> bool {
    let text = fold(&text.chars().take(LONGEST_NAMESAKE).collect::<String>());
    NAMESAKES.iter().any(|name| {
        text.strip_prefix(name.as_str())
            .is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric()))
    })
}

#[cfg(test)]
mod tests {
    use super::{
        AMBIGUOUS, GIVEN, NameEvidence, OTHER, SURNAMES, SURNAMES_ALONE, is_alone, is_namesake,
    };

    #[test]
    fn a_word_is_in_one_list_only() {
        let both = |one: &std::collections::HashSet<&'static str>,
                    two: &std::collections::HashSet<&'static str>| {
            one.intersection(two).map(|word| (*word).to_owned()).collect::<Vec<_>>()
        };
        assert!(AMBIGUOUS.is_subset(&GIVEN));
        assert_eq!(both(&SURNAMES, &SURNAMES_ALONE), [""; 0]);
        assert_eq!(both(&OTHER, &SURNAMES), [""; 0]);
        assert_eq!(both(&OTHER, &SURNAMES_ALONE), [""; 0]);
    }

    #[test]
    fn accents_and_hyphens_do_not_hide_a_name() {
        for name in ["Jo\u{e3}o", "Marie-Ange", "O\u{2019}Brien", "N\u{fa}\u{f1}ez", "THIRU"] {
            assert!(is_alone(name), "{name}");
        }
        assert_eq!(NameEvidence::of("Virginia"), NameEvidence::AmbiguousGiven);
        assert_eq!(NameEvidence::of("Nashua"), NameEvidence::Other);
    }

    #[test]
    fn a_hospital_named_for_a_person_is_known_by_its_full_name() {
        assert!(
            is_namesake("Anna Jaques")
                && is_namesake("Martha\u{2019}s Vineyard")
                && !is_namesake("Anna Jaquesson")
        );
    }
}
