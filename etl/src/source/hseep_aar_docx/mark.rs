//! Parses a cell of the ratings table: a mark, a letter, a rating in words, or a note that nothing
//! was observed.

use crate::reading::headings::key;
pub use crate::reading::mark::{checked, is_mark, is_not_observed};

/// Rating on one of the scales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenMark {
    /// Code of the scale.
    pub scale: &'static str,
    /// Code of the rating.
    pub code: &'static str,
}

/// Creates a rating of the scale P, S, M, U.
pub const fn psmu(code: &'static str) -> WrittenMark {
    WrittenMark { scale: "PSMU", code }
}

/// Creates a rating of the 2007 evaluation guides: fully, partially, not.
pub const fn fpn(code: &'static str) -> WrittenMark {
    WrittenMark { scale: "FPN", code }
}

/// Columns that represent one rating each, with that rating.
pub const COLUMNS: [(&str, WrittenMark); 8] = [
    ("p", psmu("P")),
    ("s", psmu("S")),
    ("m", psmu("M")),
    ("u", psmu("U")),
    ("not_observed", psmu("NOT_OBSERVED")),
    ("fully", fpn("FULLY")),
    ("partially", fpn("PARTIALLY")),
    ("not", fpn("NOT")),
];

/// Returns the rating of a word or letter: `S`, `Performed with Some Challenges (S)`, `Partially`.
pub fn word(text: &str) -> Option<WrittenMark> {
    let name = key(text);
    Some(match name.as_str() {
        "p" => psmu("P"),
        "s" => psmu("S"),
        "m" => psmu("M"),
        "u" => psmu("U"),
        "n" | "not" | "notperformed" | "notmet" | "didnotperform" => fpn("NOT"),
        _ if is_not_observed(text) => psmu("NOT_OBSERVED"),
        _ if name.contains("unable") || name.contains("couldnot") => psmu("U"),
        _ if name.contains("major") && !name.contains("withoutmajor") => psmu("M"),
        _ if name.ends_with("without")
            || name.contains("withoutchallenge")
            || name.contains("withoutany")
            || name.contains("nochallenge")
            || name.contains("wochallenge") =>
        {
            psmu("P")
        }
        _ if name.contains("some") || name.contains("minor") => psmu("S"),
        _ if name.starts_with("full") => fpn("FULLY"),
        _ if name.starts_with("partial") => fpn("PARTIALLY"),
        _ => return letter(text),
    })
}

/// Returns the rating of a letter before a separator: `P - Performed`, `S/some`. Two letters, as in
/// `S/M`, are no rating.
fn letter(text: &str) -> Option<WrittenMark> {
    let parts = || text.split(|letter: char| !letter.is_alphanumeric());
    let code = |part: &str| ["P", "S", "M", "U"].into_iter().find(|code| *code == part);
    let first = code(parts().find(|part| !part.is_empty())?)?;
    parts().filter_map(code).all(|other| other == first).then(|| psmu(first))
}

#[cfg(test)]
mod tests {
    use super::{fpn, psmu, word};

    #[test]
    fn ratings_in_words_are_read_on_their_own_scale() {
        for (text, expected) in [
            ("S", psmu("S")),
            ("Performed with Some Challenges (S)", psmu("S")),
            ("Performed without challenges", psmu("P")),
            ("P - Performed", psmu("P")),
            ("Major Challenges", psmu("M")),
            ("Unable to be Performed", psmu("U")),
            ("Performed with major challenges in some areas", psmu("M")),
            ("Unable to be performed without help", psmu("U")),
            ("Performed without any challenges", psmu("P")),
            ("Performed w/o challenges (P)", psmu("P")),
            ("N/A", psmu("NOT_OBSERVED")),
            ("Fully", fpn("FULLY")),
            ("Partially performed", fpn("PARTIALLY")),
            ("Not performed", fpn("NOT")),
        ] {
            assert_eq!(word(text), Some(expected), "{text}");
        }
        for text in ["zebra", "S/M", "P/S", "P or S"] {
            assert_eq!(word(text), None, "{text}");
        }
    }
}
