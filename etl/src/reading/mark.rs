//! Marks in cells, such as a cross, a check mark or a letter, and the words for not observed.

use super::headings::key;

/// Returns whether a text is a mark: anything except nothing, an empty box, a dash or a word for
/// no.
pub fn is_mark(text: &str) -> bool {
    let is_blank = |letter: char| {
        letter.is_whitespace()
            || matches!(
                letter,
                '\u{2610}'
                    | '\u{25a1}'
                    | '\u{25cb}'
                    | '\u{2022}'
                    | '-'
                    | '\u{2013}'
                    | '\u{2014}'
                    | '_'
                    | '.'
                    | '('
                    | ')'
                    | '['
                    | ']'
            )
    };
    let text = text.trim();
    !text.chars().all(is_blank)
        && !["no", "false", "0"].contains(&text.to_lowercase().as_str())
        && !is_not_observed(text)
}

/// Returns whether a text means `N/A`, `Not observed` or `Not evaluated during this exercise`.
pub fn is_not_observed(text: &str) -> bool {
    let name = key(text);
    ["na", "no", "notrated", "nr", "ne", "notscored"].contains(&name.as_str())
        || [
            "notobserved",
            "notapplicable",
            "notevaluated",
            "notassessed",
            "nottested",
            "notexercised",
            "notaddressed",
            "unobserved",
        ]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{is_mark, is_not_observed};

    #[test]
    fn marks_of_every_kind_count_and_empty_boxes_do_not() {
        for text in [
            "X", "x", "\u{2713}", "\u{2714}", "\u{2612}", "\u{2611}", "P", "(X)", "[x]", "Yes",
            "1", "\u{25cf}", "\u{25a0}",
        ] {
            assert!(is_mark(text), "{text}");
        }
        for text in
            ["", " ", "\u{2610}", "-", "\u{2014}", "[ ]", "( )", "N/A", "Not observed", "no", "N/O"]
        {
            assert!(!is_mark(text), "{text}");
        }
        assert!(is_not_observed("Not evaluated during this exercise") && !is_not_observed("X"));
    }
}
