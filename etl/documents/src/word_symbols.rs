//! Check marks in symbol fonts (Wingdings, Webdings), which have no text of their own.

/// Checked box.
pub const MARKED: char = '\u{2612}';
/// Empty box.
pub const UNMARKED: char = '\u{2610}';

/// Returns the mark for a symbol font's code: checked such as `F0FE`, empty such as `F0A8`, or a
/// bullet.
pub fn symbol(code: u32) -> Option<char> {
    match code & 0xff {
        0xfe | 0xfd | 0xfc | 0xfb | 0x78 | 0x52 | 0x53 | 0x54 | 0x50 | 0xd6 | 0x56 | 0x51 => {
            Some(MARKED)
        }
        0xa8 | 0x6f | 0xa3 | 0x2a | 0x71 | 0x72 => Some(UNMARKED),
        0xb7 | 0x6c | 0x6e | 0xa7 | 0xd8 => Some('\u{2022}'),
        _ => None,
    }
}

/// Returns the mark that a plain letter shows in a symbol font: `ü` is a check mark.
pub fn in_symbol_font(letter: char) -> Option<char> {
    match letter {
        ' ' | '\n' => Some(letter),
        // Marks written as Unicode characters, in any font.
        '\u{2610}'..='\u{2612}' | '\u{2713}'..='\u{2718}' => Some(letter),
        _ => u8::try_from(u32::from(letter)).ok().and_then(|code| symbol(u32::from(code))),
    }
}
