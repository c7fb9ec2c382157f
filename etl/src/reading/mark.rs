//! Marks in cells, such as a cross, a check mark or a letter, and the words for not observed.

use super::headings::key;

/// Empty boxes.
const EMPTY: [char; 3] = ['\u{2610}', '\u{25a1}', '\u{25cb}'];
/// Checked boxes.
const CHECKED: [char; 6] = ['\u{2611}', '\u{2612}', '\u{2713}', '\u{2714}', '\u{25a0}', '\u{25cf}'];

/// Returns the labels of the checked boxes in a text such as `\u{2610} P \u{2612} S`; none without
/// boxes.
pub fn checked(text: &str) -> Option<Vec<&str>> {
    let is_box = |letter: char| EMPTY.contains(&letter) || CHECKED.contains(&letter);
    let boxes: Vec<(usize, char)> =
        text.char_indices().filter(|(_, letter)| is_box(*letter)).collect();
    let first = boxes.first()?.0;
    let leads = text[..first].trim().is_empty();
    let labels = boxes.iter().enumerate().map(|(at, (start, mark))| {
        let label = if leads {
            let end = boxes.get(at + 1).map_or(text.len(), |(next, _)| *next);
            &text[start + mark.len_utf8()..end]
        } else {
            let begin =
                at.checked_sub(1).map_or(0, |last| boxes[last].0 + boxes[last].1.len_utf8());
            &text[begin..*start]
        };
        (label.trim(), CHECKED.contains(mark))
    });
    Some(labels.filter(|(_, is_checked)| *is_checked).map(|(label, _)| label).collect())
}

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
    // `\u{2610} P`: an empty box with its label.
    let is_empty_box = text.contains(EMPTY) && !text.contains(CHECKED) && key(text) != "x";
    !text.chars().all(is_blank)
        && !is_empty_box
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
    use super::{checked, is_mark, is_not_observed};

    #[test]
    fn marks_of_every_kind_count_and_empty_boxes_do_not() {
        for text in [
            "X", "x", "\u{2713}", "\u{2714}", "\u{2612}", "\u{2611}", "P", "(X)", "[x]", "Yes",
            "1", "\u{25cf}", "\u{25a0}",
        ] {
            assert!(is_mark(text), "{text}");
        }
        for text in ["\u{2610} P", "\u{2610}S"] {
            assert!(!is_mark(text), "{text}");
        }
        assert!(is_mark("\u{2612} S") && is_mark("\u{2610} x"));
        for text in
            ["", " ", "\u{2610}", "-", "\u{2014}", "[ ]", "( )", "N/A", "Not observed", "no", "N/O"]
        {
            assert!(!is_mark(text), "{text}");
        }
        for (text, labels) in [
            ("\u{2610} P \u{2612} S \u{2610} M \u{2610} U", Some(vec!["S"])),
            ("P\u{2610} S\u{2612} M\u{2610} U\u{2610}", Some(vec!["S"])),
            ("\u{2612} P \u{2612} S", Some(vec!["P", "S"])),
            ("\u{2610} P \u{2610} S", Some(vec![])),
            ("S", None),
        ] {
            assert_eq!(checked(text), labels, "{text}");
        }
        assert!(is_not_observed("Not evaluated during this exercise") && !is_not_observed("X"));
    }
}
