//! Compares names in documents in one normalized form: lower case, `&` as `and`, no punctuation,
//! single spaces.

/// Normalizes a label for matching: `Health & Medical,  Surge` becomes `health and medical surge`.
pub fn normalize_label(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for character in label.chars() {
        if character == '&' {
            push_word_break(&mut text);
            text.push_str("and");
            push_word_break(&mut text);
        } else if character == '\'' || character == '\u{2019}' {
            // An apostrophe joins letters: "Nor'easter" is one word.
        } else if character.is_alphanumeric() {
            text.extend(character.to_lowercase());
        } else {
            push_word_break(&mut text);
        }
    }
    text.truncate(text.trim_end().len());
    text
}

fn push_word_break(text: &mut String) {
    if !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::normalize_label;

    #[test]
    fn spelling_variants_of_a_name_become_one() {
        for label in [
            "Health & Medical Surge",
            " health and  medical SURGE ",
            "Health\u{a0}and Medical-Surge",
        ] {
            assert_eq!(normalize_label(label), "health and medical surge");
        }
        assert_eq!(normalize_label("Nor\u{2019}easter"), "noreaster");
        assert_eq!(normalize_label("--"), "");
    }
}
