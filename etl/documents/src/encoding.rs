//! Detects the encoding of a text that is not UTF-8.

/// Minimum number of letters for detecting UTF-16 without a byte-order mark.
const LEAST_UTF16: usize = 4;

/// Detects UTF-16 by its byte-order mark, or by the null bytes next to ASCII letters.
pub fn utf16(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    if head.starts_with(&[0xFF, 0xFE]) {
        return Some(encoding_rs::UTF_16LE);
    }
    if head.starts_with(&[0xFE, 0xFF]) {
        return Some(encoding_rs::UTF_16BE);
    }
    let is_text = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let pairs = || head.chunks_exact(2);
    let plain = |letter: usize| {
        pairs().filter(|pair| is_text(pair[letter]) && pair[1 - letter] == 0).count()
    };
    let is_encoded = |letter: usize| {
        let is_begun =
            pairs().next().is_some_and(|pair| is_text(pair[letter]) && pair[1 - letter] == 0);
        is_begun && pairs().len() >= LEAST_UTF16 && 10 * plain(letter) >= 9 * pairs().len()
    };
    if is_encoded(0) {
        Some(encoding_rs::UTF_16LE)
    } else if is_encoded(1) {
        Some(encoding_rs::UTF_16BE)
    } else {
        None
    }
}

/// Returns whether a text is in Mac Roman: read so, it has fewer letters and signs in places where
/// nobody writes them than in Windows-1252. `JosŽ` is `José`.
pub fn is_mac_roman(sample: &[u8]) -> bool {
    let whole = match std::str::from_utf8(sample) {
        Ok(_) => return false,
        // The sample can end inside a character.
        Err(error) => error.error_len().is_none(),
    };
    let misplaced = |encoding: &'static encoding_rs::Encoding| {
        misplaced(&encoding.decode_without_bom_handling(sample).0)
    };
    !whole && misplaced(encoding_rs::MACINTOSH) < misplaced(encoding_rs::WINDOWS_1252)
}

/// Signs that no table needs, so that they are letters of another encoding.
const RARE: &str = "\u{192}\u{2c6}\u{2dc}\u{221a}\u{2248}\u{2206}\u{25ca}\u{2044}\u{fb01}\u{fb02}\u{2202}\u{2211}\u{220f}\u{222b}\u{2da}\u{2d8}\u{2d9}\u{2dd}\u{2db}\u{2c7}\u{131}\u{f8ff}";

/// Counts letters and signs in places where nobody writes them: a capital after a small letter, a
/// bullet between two letters.
fn misplaced(text: &str) -> usize {
    let letters: Vec<char> = text.chars().collect();
    let at = |index: Option<usize>| index.and_then(|at| letters.get(at)).copied().unwrap_or(' ');
    let is_misplaced = |(index, letter): (usize, &char)| {
        let (before, after) = (at(index.checked_sub(1)), at(index.checked_add(1)));
        match letter {
            _ if letter.is_ascii() => false,
            _ if RARE.contains(*letter) || letter.is_control() => true,
            // Daggers and opening quotation marks of other languages.
            '\u{2020}' | '\u{2021}' => after.is_alphabetic(),
            '\u{2030}' | '\u{201a}' | '\u{201e}' => before.is_alphabetic(),
            '\u{201c}' | '\u{201d}' | '\u{2022}' | '\u{2122}' => {
                before.is_alphabetic() && after.is_alphabetic()
            }
            _ if letter.is_uppercase() => {
                before.is_lowercase()
                    || before.is_uppercase() && after.is_lowercase()
                    || !before.is_alphabetic() && !after.is_alphabetic()
            }
            _ => false,
        }
    };
    letters.iter().enumerate().filter(|found| is_misplaced(*found)).count()
}

#[cfg(test)]
mod tests {
    use super::is_mac_roman;

    #[test]
    fn mac_roman_differs_from_windows_1252() {
        for text in [
            "Révise el plan del niño – “surge” it’s late",
            "José María Health Center",
            "Über café",
            "It’s “late” – now",
            "ÉCOLE FRANÇAISE",
            "Plan français; rôle du comité",
        ] {
            let byte = |letter: char| {
                let known = MAC.iter().find(|(known, _)| *known == letter);
                known.map_or(letter as u8, |(_, byte)| *byte)
            };
            assert!(is_mac_roman(&text.chars().map(byte).collect::<Vec<u8>>()), "{text}");
            let (windows, ..) = encoding_rs::WINDOWS_1252.encode(text);
            assert!(!is_mac_roman(&windows), "{text}");
            assert!(!is_mac_roman(text.as_bytes()), "{text}");
        }
        for text in ["staff–patient ratio 1½ • 40°", "plan† and ‰", "à la carte • §4", "Nº 5 — º"]
        {
            let (windows, ..) = encoding_rs::WINDOWS_1252.encode(text);
            assert!(!is_mac_roman(&windows), "{text}");
        }
    }

    const MAC: [(char, u8); 16] = [
        ('é', 0x8e),
        ('É', 0x83),
        ('Ç', 0x82),
        ('ç', 0x8d),
        ('ñ', 0x96),
        ('í', 0x92),
        ('Ü', 0x86),
        ('ü', 0x9f),
        ('ô', 0x99),
        ('à', 0x88),
        ('–', 0xd0),
        ('“', 0xd2),
        ('”', 0xd3),
        ('’', 0xd5),
        ('•', 0xa5),
        ('á', 0x87),
    ];
}
