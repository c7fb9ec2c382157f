//! Bundled fonts of the PDF, and which characters they can show.

use std::borrow::Cow;
use std::sync::LazyLock;

use ttf_parser::Face;
use typst::foundations::Bytes;
use typst::text::Font;

/// Shown for a character that no bundled font has. PDF/UA allows no character without a glyph, so
/// one emoji of one record would leave the report without its PDF.
const UNKNOWN: char = '\u{25A1}';

/// Fonts of the text, and one with most of the signs and alphabets that they lack.
const FILES: [&[u8]; 4] = [
    include_bytes!("../../fonts/Roboto-Regular.ttf"),
    include_bytes!("../../fonts/Roboto-Bold.ttf"),
    include_bytes!("../../fonts/Roboto-Italic.ttf"),
    include_bytes!("../../fonts/DejaVuSansMono.ttf"),
];

static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| FILES.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect());

/// Character tables of the fonts. Typst's own tables list characters that a font lacks.
static FACES: LazyLock<Vec<Face<'static>>> =
    LazyLock::new(|| FILES.into_iter().filter_map(|file| Face::parse(file, 0).ok()).collect());

/// Returns the bundled fonts.
pub fn fonts() -> &'static [Font] {
    &FONTS
}

/// Replaces each character that no bundled font has by an empty square, and removes those that only
/// change how such a character looks.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_known) {
        return Cow::Borrowed(text);
    }
    let shown = |character: char| match character {
        _ if is_known(character) => Some(character),
        // Variation selectors and skin tones.
        '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' => None,
        _ => Some(UNKNOWN),
    };
    Cow::Owned(text.chars().filter_map(shown).collect())
}

fn is_known(character: char) -> bool {
    character.is_ascii() || FACES.iter().any(|face| face.glyph_index(character).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_without_a_glyph_become_squares() {
        assert_eq!(printable("a \u{2265} \u{416}\n"), "a \u{2265} \u{416}\n");
        assert_eq!(printable("\u{533B}\u{9662} \u{2705}\u{FE0F}!"), "\u{25A1}\u{25A1} \u{25A1}!");
        assert_eq!(printable("\u{1F44D}\u{1F3FD}."), "\u{25A1}.");
    }
}
