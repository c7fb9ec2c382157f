//! Counts as logs write them, some of them approximate.

use std::sync::LazyLock;

use regex::Regex;

/// Returns a count without the words for an approximation: `~20`, `approx. 12`, `12 (estimated)`,
/// `150+`.
pub fn approximate(text: &str) -> &str {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:~|\u{2248}|about|around|approx(?:\.|imately)?|est(?:\.|imated)?)?\s*([\d,]+)\s*\+?\s*(?:\([^\d()]*\)|approx\.?|est\.?|total|patients?|residents?|people|persons|hospitals?|facilities)?$")
            .expect("the pattern is well formed")
    });
    ABOUT.captures(text).and_then(|found| found.get(1)).map_or(text, |count| count.as_str())
}

#[cfg(test)]
mod tests {
    use super::approximate;

    #[test]
    fn what_is_about_so_many_is_so_many_and_a_range_is_none() {
        for (text, expected) in [
            ("84", "84"),
            ("~20", "20"),
            ("approx. 1,200", "1,200"),
            ("12 (estimated)", "12"),
            ("150+ patients", "150"),
            ("4-5", "4-5"),
            ("-3", "-3"),
            ("two", "two"),
            ("12 (3 children)", "12 (3 children)"),
        ] {
            assert_eq!(approximate(text), expected, "{text}");
        }
    }
}
