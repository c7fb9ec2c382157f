//! Suggests the nearest known word for an unknown one.

/// Minimum similarity, 0 to 1, at which a word is suggested for another.
const SIMILAR: f64 = 0.65;

/// Returns the end of a message about an unknown word: the nearest known word, if any is similar.
pub fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(word, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}

/// Returns the known word that is most similar to this one in any case.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_uppercase().replace([' ', '-'], "_");
    let similarity = |other: &str| {
        let other = other.to_uppercase();
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
    use hotwash_schema::vocabulary::{ActionStatus, VOCABULARIES};

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
