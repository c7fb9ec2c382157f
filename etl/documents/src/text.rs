//! Text without characters that nobody sees: control characters, marks of direction, and spaces
//! without width. They hide contact details from redaction, names from each other, and the true
//! order of letters from readers; on a terminal they run as commands.

use std::borrow::Cow;

/// Returns the text without invisible characters. Tabs and line ends remain; every line end
/// becomes `\n`. A joiner of width zero remains between two letters outside of ASCII, where some
/// scripts need it.
///
/// ```
/// use hotwash_documents::text::visible;
///
/// assert_eq!(visible("617-\u{200b}555-0143"), "617-555-0143");
/// assert_eq!(visible("\u{1b}[31mred\u{202e}"), "[31mred");
/// assert_eq!(visible("first\r\nsecond"), "first\nsecond");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(may_begin_invisible) || !text.chars().any(is_changed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' | '\u{b}' | '\u{c}' => out.push('\n'),
            '\u{200c}' | '\u{200d}' => {
                let is_outside = |letter: char| !letter.is_ascii() && !is_changed(letter);
                let (before, after) = (out.chars().next_back(), letters.peek().copied());
                if before.is_some_and(is_outside) && after.is_some_and(is_outside) {
                    out.push(letter);
                }
            }
            letter if is_changed(letter) => {}
            letter => out.push(letter),
        }
    }
    Cow::Owned(out)
}

/// Characters with which a spreadsheet recognizes a formula, and their full-width forms.
pub const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Removes the apostrophe that an export puts before a text which a spreadsheet would run as a
/// formula.
///
/// ```
/// use hotwash_documents::text::without_guard;
///
/// assert_eq!(without_guard("'=1+1".into()), "=1+1");
/// assert_eq!(without_guard("'tis".into()), "'tis");
/// ```
pub fn without_guard(cell: Cow<'_, str>) -> Cow<'_, str> {
    if !cell.strip_prefix('\'').is_some_and(|formula| formula.starts_with(FORMULA_STARTS)) {
        return cell;
    }
    match cell {
        Cow::Borrowed(cell) => Cow::Borrowed(&cell[1..]),
        Cow::Owned(cell) => Cow::Owned(cell[1..].to_owned()),
    }
}

/// Returns whether a text is the error that a spreadsheet shows in place of a formula's value:
/// `#REF!`, `#N/A`, `#NAME?`, `Err:502`, or `####` for a value that does not fit its column.
///
/// ```
/// use hotwash_documents::text::is_error_value;
///
/// assert!(is_error_value("#DIV/0!") && is_error_value("#N/A") && is_error_value("#####"));
/// assert!(!is_error_value("#12") && !is_error_value("N/A"));
/// ```
pub fn is_error_value(text: &str) -> bool {
    if let Some(code) = text.strip_prefix("Err:") {
        return code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    }
    let Some(name) = text.strip_prefix('#') else { return false };
    let is_name = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'/' | b'_' | b'0'))
    };
    name == "N/A"
        || name == "GETTING_DATA"
        || name.len() >= 2 && name.bytes().all(|byte| byte == b'#')
        || name.strip_suffix(['!', '?']).is_some_and(|name| name.len() >= 3 && is_name(name))
}

/// Returns false for most bytes, so that a plain text costs one pass. A byte of UTF-8 that begins
/// an invisible character returns true.
fn may_begin_invisible(byte: u8) -> bool {
    matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe1 | 0xe2 | 0xef | 0xf3)
        || byte < b' ' && byte != b'\t' && byte != b'\n'
}

/// Returns whether a character is removed or replaced.
fn is_changed(letter: char) -> bool {
    match letter {
        '\t' | '\n' => false,
        // Marks and embeddings of direction.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => true,
        // Hyphens, spaces and joiners without width, and the mark of byte order.
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}' => true,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn only_what_can_be_seen_remains() {
        for (text, expected) in [
            ("Bos\u{200b}ton \u{feff}drill\u{2060}", "Boston drill"),
            ("\u{1b}]0;title\u{7}name\u{9b}31m", "]0;titlename31m"),
            ("invoice\u{202e}fdp.exe\u{202c}", "invoicefdp.exe"),
            ("a\u{e0041}b\0c\u{ad}d", "abcd"),
            ("one\rtwo\r\nthree\u{b}four\tfive", "one\ntwo\nthree\nfour\tfive"),
            ("617\u{200c}-555\u{200d}-0143", "617-555-0143"),
        ] {
            assert_eq!(visible(text), expected, "{text:?}");
        }
    }

    #[test]
    fn letters_of_all_scripts_remain() {
        for text in [
            "",
            "Régión 4AB – “Nor’easter”… 95 °F",
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "\u{1f469}\u{200d}\u{1f692}",
            "\u{4e2d}\u{6587}\u{3000}\u{2028}",
        ] {
            assert_eq!(visible(text), text);
            assert!(
                matches!(visible(text), std::borrow::Cow::Borrowed(_))
                    || text.contains(['\u{200c}', '\u{200d}'])
            );
        }
    }
}
