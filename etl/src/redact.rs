//! Replaces contact details in free text with `[redacted]` before anything is stored, logged or
//! rejected. Organizations remain.

pub mod lexicon;
pub mod names;
mod pattern;

use std::borrow::Cow;
use std::sync::LazyLock;

use hotwash_documents::text::visible;
pub use pattern::names_organization;
use pattern::{MARK, ORGANIZATION_WORDS, pattern};
use regex::Regex;

/// Separator of the parts of a staged reference; the parts themselves have none.
pub const SEPARATOR: char = '\u{1f}';

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[a-z0-9._%+'-]+\s?(?:@|\(at\)|\[at\])\s?[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9._%+'-]+@[a-z0-9-]+",
    )
});
static URL_USER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b[a-z][a-z0-9+.-]*://[^\s/@]+@\S+|\bmailto:\S+"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\+?1[\s.\u{2011}\u{2013}-]{0,2})?(?:\(\d{3}\)[\s.\u{2011}\u{2013}-]{0,2}|\b\d{3}[\s.\u{2011}\u{2013}-]{1,2})\d{3}[\s.\u{2011}\u{2013}-]{1,2}\d{4}\b(?:\s*(?:x|ext\.?|extension)\s*\d{1,6})?",
    )
});
static LABELED_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(phone|tel|telephone|cell|mobile|pager|fax|call|text)\b(\s*(?:no\.?|number|#|at)?\s*[:.]?\s*)\+?[\d(][\d\s().-]{5,18}\d(?:\s*(?:x|ext\.?|extension)\s*\d{1,6})?",
    )
});
static SSN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d{3}-\d{2}-\d{4}\b"));
static LABELED_ID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(DOB|date of birth|MRN|SSN|medical record number)\b(\s*[:#]?\s*)[A-Z0-9][A-Z0-9/.-]{3,}",
    )
});
static CONTACT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)\b(?i:(point of contact|contact person|contact|poc|attn|attention|prepared by|submitted by|evaluator))(?-i:(\s*:\s*))([^\n;|]{2,80})",
    )
});
static STREET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(address)(\s*:?\s*)\d{1,6}\s+[A-Za-z0-9.' -]{2,40}?\s(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|way|court|ct)\b\.?",
    )
});

/// Returns the text without contact details and invisible characters, and the number of details
/// removed.
///
/// ```
/// use hotwash_etl::redact::redact;
///
/// let (text, count) = redact("Buy radios; questions to ops@example.org or 978-555-0100.");
/// assert_eq!(text, "Buy radios; questions to [redacted] or [redacted].");
/// assert_eq!(count, 2);
/// assert_eq!(redact("Buy 12 radios by March 2026.").1, 0);
/// ```
pub fn redact(text: &str) -> (Cow<'_, str>, u32) {
    // A character without width within a number would hide it from the patterns.
    let mut out = visible_parts(text);
    if !is_suspect(&out) {
        return (out, 0);
    }
    let mut count = 0;
    for pattern in [&*URL_USER, &*EMAIL, &*SSN] {
        out = replace(pattern, out, &mut count, |_| MARK.to_owned());
    }
    for pattern in [&*LABELED_ID, &*LABELED_NUMBER, &*STREET] {
        out =
            replace(pattern, out, &mut count, |found| format!("{}{}{MARK}", &found[1], &found[2]));
    }
    out = replace(&PHONE, out, &mut count, |_| MARK.to_owned());
    out = replace(&CONTACT, out, &mut count, |found| {
        let who = &found[3];
        if who.trim() == MARK {
            return found[0].to_owned();
        }
        if !names_organization(who) {
            return format!("{}{}{MARK}", &found[1], &found[2]);
        }
        // `Contact: Jane Doe, Example General Hospital`: the organization remains.
        let parts = who.split(',').map(|part| if names_organization(part) { part } else { MARK });
        format!("{}{}{}", &found[1], &found[2], parts.collect::<Vec<_>>().join(","))
    });
    out = names::without(out, &mut count);
    (out, count)
}

/// Returns the text without invisible characters, but with the separators of a staged reference.
fn visible_parts(text: &str) -> Cow<'_, str> {
    if !text.contains(SEPARATOR) {
        return visible(text);
    }
    let parts: Vec<Cow<'_, str>> = text.split(SEPARATOR).map(visible).collect();
    Cow::Owned(parts.join(SEPARATOR.encode_utf8(&mut [0; 4])))
}

fn replace<'a>(
    pattern: &Regex,
    text: Cow<'a, str>,
    count: &mut u32,
    with: impl Fn(&regex::Captures) -> String,
) -> Cow<'a, str> {
    if !pattern.is_match(&text) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for found in pattern.captures_iter(&text) {
        let (Some(whole), new) = (found.get(0), with(&found)) else { continue };
        if new == whole.as_str() {
            continue;
        }
        *count += 1;
        out.push_str(&text[last..whole.start()]);
        out.push_str(&new);
        last = whole.end();
    }
    out.push_str(&text[last..]);
    Cow::Owned(out)
}

/// Searches quickly for possible contact details, so that a million plain narratives cost one pass
/// each.
fn is_suspect(text: &str) -> bool {
    static TRIGGER: LazyLock<regex::RegexSet> = LazyLock::new(|| {
        let contacts = [
            r"@|://|(?i:\(at\)|\[at\]|mailto:)",
            r"\d{3}[)\s.\u{2011}\u{2013}-]{1,3}\d{3}[\s.\u{2011}\u{2013}-]{1,2}\d{4}|\d{3}-\d{2}-\d{4}",
            r"(?i)\b(?:phone|tel|telephone|cell|mobile|pager|fax|call|text|DOB|date of birth|MRN|SSN|medical record number)\b\D{0,14}\d",
            r"(?i)\b(?:contact|poc|attn|attention|prepared by|submitted by|evaluator)[a-z ]*\s*:|\baddress\b",
        ];
        #[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
        regex::RegexSet::new(contacts.into_iter().map(str::to_owned).chain(names::signs()))
            .expect("the patterns are well formed")
    });
    text.len() > 4 && TRIGGER.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn contact_details_go_and_what_they_stood_in_stays() {
        for (text, expected, count) in [
            ("Call 617-\u{200b}555-\u{2060}0143 now", "Call [redacted] now", 1),
            ("duty.officer\u{ad}@example\u{200d}.org", "[redacted]", 1),
            ("id\u{1f}E\u{200b}1", "id\u{1f}E1", 0),
            ("Call 617-555-0143 for help", "Call [redacted] for help", 1),
            ("write to duty.officer@example.org, then wait", "write to [redacted], then wait", 1),
            ("Phone: (617) 555-0143 ext. 12.", "Phone: [redacted].", 1),
            ("fax 6175550143", "fax [redacted]", 1),
            ("Contact: Jane Doe; room 4", "Contact: [redacted]; room 4", 1),
            ("Contact: Example General Hospital", "Contact: Example General Hospital", 0),
            (
                "Contact: Jane Doe, Example General Hospital",
                "Contact: [redacted], Example General Hospital",
                1,
            ),
            ("Dr. Jane Doe led triage", "[redacted] led triage", 1),
            ("SSN 123-45-6789", "SSN [redacted]", 1),
            ("MRN: 0045512", "MRN: [redacted]", 1),
            ("GEOID 2502300170 and 15627 rows", "GEOID 2502300170 and 15627 rows", 0),
            ("winds of 60 mph, 3 to 5 inches", "winds of 60 mph, 3 to 5 inches", 0),
            ("ftp://user:secret@host.example.org/x", "[redacted]", 1),
        ] {
            let (found, times) = redact(text);
            assert_eq!((found.as_ref(), times), (expected, count), "{text}");
        }
    }

    #[test]
    fn redacting_again_finds_nothing() {
        let (once, _) = redact("POC: Jane Doe, jane@example.org, 617 555 0143");
        let (twice, count) = redact(&once);
        assert_eq!((twice.as_ref(), count), (once.as_ref(), 0));
    }
}
