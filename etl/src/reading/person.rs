//! Whether an owner's name is a person's, which is never stored.

use std::sync::LazyLock;

use regex::Regex;

/// Whether a text names a person rather than an organisation: a contact detail in it, `Last, First`, or a middle initial.
/// Other two-word names stay, since many hospitals are named for people.
pub fn is_person(text: &str) -> bool {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    static PERSON: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:[A-Z][a-z'-]+, ?[A-Z][a-z]+(?: [A-Z]\.?)?|[A-Z][a-z]+ [A-Z]\.? [A-Z][a-z'-]+|[A-Z]\. ?[A-Z][a-z'-]+)$").expect("the pattern is well formed")
    });
    crate::redact::redact(text).1 > 0 || PERSON.is_match(text.trim())
}

#[cfg(test)]
mod tests {
    use super::is_person;

    #[test]
    fn persons_are_told_from_organisations() {
        for person in ["Doe, Jane", "Jane Q. Doe", "J. Doe", "Dr. Jane Doe", "jane@example.org"] {
            assert!(is_person(person), "{person}");
        }
        for organisation in ["Lawrence General Hospital", "Cape Cod Hospital", "MDPH OPEM", "Region 3 HMCC"] {
            assert!(!is_person(organisation), "{organisation}");
        }
    }
}
