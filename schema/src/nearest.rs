//! Suggests the nearest known word for an unknown one.

/// Minimum similarity, 0 to 1, at which a word is suggested for another.
const SIMILAR: f64 = 0.65;

/// Returns the known word that is most similar to this one, in any case and with spaces or hyphens
/// for underscores.
///
/// ```
/// use hotwash_schema::nearest::nearest;
///
/// let known = ["action_overdue", "action_on_time"];
/// assert_eq!(nearest("actions overdue", known.into_iter()), Some("action_overdue"));
/// assert_eq!(nearest("weather", known.into_iter()), None);
/// ```
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let key = |word: &str| word.to_lowercase().replace([' ', '-'], "_");
    let word = key(word);
    let similarity = |other: &str| {
        let other = key(other);
        (strsim::jaro_winkler(&word, &other) + strsim::normalized_levenshtein(&word, &other)) / 2.0
    };
    let rated = known.map(|other| (similarity(other), other));
    rated
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|one, two| one.0.total_cmp(&two.0))
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{ActionStatus, VOCABULARIES};

    #[test]
    fn a_word_in_another_case_or_with_a_typo_is_recognized() {
        for list in VOCABULARIES {
            for code in list.codes {
                let written = code.to_lowercase().replace('_', " ");
                assert_eq!(nearest(&written, list.codes.iter().copied()), Some(*code));
            }
        }
        let near = |word: &str| nearest(word, ActionStatus::CODES.iter().copied());
        assert_eq!(near("canceled"), Some("CANCELLED"));
        assert_eq!(near("INPROGRES"), Some("IN_PROGRESS"));
        assert_eq!(near("winter"), None);
    }
}
