//! Numbers as people and spreadsheets write them.

/// Reads a number with thousands separators (`1,200`, `1 200`), no-break spaces, and minus signs of
/// any kind.
pub fn number(text: &str) -> Option<f64> {
    let is_space =
        |letter: char| letter.is_whitespace() || matches!(letter, '\u{200b}' | '\u{feff}');
    let text = text.trim_matches(is_space);
    if let Ok(number) = text.parse::<f64>() {
        return number.is_finite().then_some(number);
    }
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\u{2212}' | '\u{2010}'..='\u{2013}' | '\u{fe63}' | '\u{ff0d}' => plain.push('-'),
            '\u{ff10}'..='\u{ff19}' => {
                plain.extend(char::from_u32(letter as u32 - 0xff10 + u32::from(b'0')));
            }
            ',' => plain.push(','),
            letter if is_space(letter) => plain.push(','),
            letter => plain.push(letter),
        }
    }
    // A space can follow the sign.
    let plain = plain.strip_prefix("-,").map_or(plain.clone(), |rest| format!("-{rest}"));
    let whole = plain.trim_start_matches(['-', '+']).split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let is_grouped =
        groups.next().is_some_and(|first| (1..=3).contains(&first.len()) || !whole.contains(','))
            && groups.all(|group| group.len() == 3);
    let plain = plain.replace(',', "");
    plain.parse::<f64>().ok().filter(|number| is_grouped && number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn separators_spaces_and_minus_signs_of_every_kind_are_read() {
        for (text, expected) in [
            ("1200", Some(1200.0)),
            ("1,200", Some(1200.0)),
            ("1\u{a0}200", Some(1200.0)),
            ("1\u{202f}234\u{2009}567.5", Some(1_234_567.5)),
            ("\u{a0}12\u{a0}", Some(12.0)),
            ("\u{2212}3.5", Some(-3.5)),
            ("\u{2013}3", Some(-3.0)),
            ("\u{2212} 3", Some(-3.0)),
            ("\u{ff11}\u{ff12}", Some(12.0)),
            ("12,5", None),
            ("1,2000", None),
            ("1234,567", None),
            ("1 2", None),
            ("nan", None),
            ("", None),
            ("many", None),
        ] {
            assert_eq!(number(text), expected, "{text:?}");
        }
    }
}
