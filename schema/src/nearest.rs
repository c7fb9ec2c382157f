//! Suggests the nearest known word for an unknown one, in messages that are alike everywhere.

/// Minimum similarity, 0 to 1, at which a word is suggested for another.
const SIMILAR: f64 = 0.65;

/// Maximum number of known words that a message lists.
const LISTED: usize = 40;

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

/// Returns the question for a suggested word, to be put after a message; empty without one.
pub fn question(suggested: Option<&str>) -> String {
    suggested.map(|word| ["; did you mean ", word, "?"].concat()).unwrap_or_default()
}

/// Returns the question for the known word that is most similar to this one.
///
/// ```
/// use hotwash_schema::nearest::did_you_mean;
///
/// assert_eq!(did_you_mean("fluud", ["flood"].into_iter()), "; did you mean flood?");
/// assert_eq!(did_you_mean("weather", ["flood"].into_iter()), "");
/// ```
pub fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    question(nearest(word, known))
}

/// Returns the end of a message about an unknown word: the question, and the known words.
///
/// ```
/// use hotwash_schema::nearest::choices;
///
/// let known = ["flood", "hail"];
/// assert_eq!(choices("x", known.into_iter()), "; there are flood, hail");
/// assert_eq!(
///     choices("fluud", known.into_iter()),
///     "; did you mean flood? There are flood, hail"
/// );
/// ```
pub fn choices<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let question = did_you_mean(word, known.clone());
    let begin = if question.is_empty() { "; there are " } else { " There are " };
    let listed = known.clone().take(LISTED).collect::<Vec<_>>().join(", ");
    let rest = match known.count().saturating_sub(LISTED) {
        _ if listed.is_empty() => "none yet".to_owned(),
        0 => String::new(),
        others => format!(" and {others} others"),
    };
    [&question, begin, &listed, &rest].concat()
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

    #[test]
    fn a_long_list_of_choices_is_cut_and_an_empty_one_is_stated() {
        let words: Vec<String> = (0..45).map(|number| format!("word{number}")).collect();
        let message = choices("zzz", words.iter().map(String::as_str));
        assert!(message.ends_with("word39 and 5 others"), "{message}");
        assert_eq!(choices("zzz", std::iter::empty()), "; there are none yet");
    }
}
