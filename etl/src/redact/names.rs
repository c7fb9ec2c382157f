//! Names of persons in running text that a title, a credential or a verb of assignment gives away: `Capt. Smith`, `Jane Doe, RN`,
//! `per J. Doe`, `Jane Doe will …`. A general look for names would take hospitals, towns and hazards for persons, so that a name
//! needs one of these signs, and no word of it may be an organisation's, a role's or a place's.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{MARK, names_organisation, pattern};

/// Given names common in the United States, one a word.
pub const GIVEN: &str = include_str!("../reading/given_names.txt");

static GIVEN_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| GIVEN.split_whitespace().collect());

/// A word written like a name.
const WORD: &str = r"\p{Lu}(?:['\u{2019}]\p{Lu})?\p{Ll}(?:[\p{L}'\u{2019}-]*\p{Ll})?";

/// What shows a name to the cheap look that goes before.
pub const SIGNS: [&str; 4] = [
    r"\b(?:Dr|Mr|Mrs|Ms|Prof|Professor|Capt|Captain|Lt|Lieutenant|Sgt|Sergeant|Cmdr|Det|Detective|Chief|Rev|Supt|Col|Maj)\b",
    r"\b(?:RN|BSN|MSN|DNP|LPN|NP|APRN|FNP|MD|DO|PA|PA-C|PhD|DrPH|PharmD|MPH|MPA|MHA|MBA|EMT|NRP|CEM|MEP|CHEP|REHS|RS|Esq|R\.N|M\.D|Ph\.D)\b",
    r"\b[A-Z]\.\s?[A-Z][a-z]",
    r"\b[A-Z][a-z]+\s+(?:[A-Z]\.?\s+)?[A-Z][A-Za-z'\u{2019}-]*[a-z]\b",
];

static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:(?:Dr|Mr|Mrs|Ms|Prof|Professor|Capt|Captain|Lt|Lieutenant|Sgt|Sergeant|Cmdr|Det|Detective|Chief|Rev|Supt)\.?|(?:Col|Maj)\.)\s+(?:[A-Z]\.\s*)?({WORD})(?:\s+(?:[A-Z]\.\s*)?({WORD}))?"
    ))
});
static CREDITED: LazyLock<Regex> = LazyLock::new(|| {
    const LETTERS: &str = r"(?:RN|BSN|MSN|DNP|LPN|NP|APRN|FNP|MD|DO|PA|PA-C|PhD|DrPH|PharmD|MPH|MPA|MHA|MBA|EMT(?:-[BP])?|NRP|CEM|MEP|CHEP|REHS|RS|Esq|R\.N\.|M\.D\.|Ph\.D\.)";
    pattern(&format!(
        r"\b({WORD}|[A-Z]\.(?:\s?[A-Z]\.)?)\s*(?:[A-Z]\.?\s+)?\b({WORD})(,\s*|\s+)({LETTERS}(?:,\s*{LETTERS})*)(?:\b|$|\s)"
    ))
});
static INITIALED: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"\b([A-Z])\.\s?(?:([A-Z])\.\s?)?({WORD})\b")));
static FULL: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b({WORD})\s+(?:[A-Z]\.?\s+)?({WORD})(?:\s+({WORD}))?")));

/// Words before a name by which somebody is given something to do, or is its source.
const BEFORE: [&str; 17] = [
    "per", "by", "to", "with", "from", "contact", "asked", "tasked", "assigned", "assign", "notify", "notified", "ask",
    "via", "see", "cc", "told",
];
/// Verbs after a name.
const AFTER: [&str; 37] = [
    "will",
    "shall",
    "should",
    "must",
    "can",
    "to",
    "is",
    "was",
    "has",
    "had",
    "agreed",
    "reported",
    "recommended",
    "noted",
    "stated",
    "said",
    "requested",
    "offered",
    "led",
    "sent",
    "called",
    "asked",
    "volunteered",
    "suggested",
    "updated",
    "drafted",
    "ordered",
    "reviewed",
    "confirmed",
    "coordinated",
    "explained",
    "observed",
    "attended",
    "facilitated",
    "presented",
    "served",
    "completed",
];
/// Capitalised words that are no name: roles, places, hazards, months and what plans speak of.
const NO_NAMES: &str = "medical executive operating nursing information financial officer officers governor engineer \
    complaint elected administrative technology security safety strategy clinical quality nurse nurses coordinator manager \
    director supervisor planner specialist technician liaison lead leader leaders chief paramedic paramedics preventionist \
    practitioner physician physicians doctor doctors staff volunteer volunteers personnel member members deputy assistant \
    associate president administrator administrators commander captain lieutenant sergeant detective evaluator controller \
    player players observer facilitator selectmen mayor public general memorial community emergency incident command plan \
    plans planning annex appendix section table attachment hall street avenue road lane drive beach farms farm island islands \
    river harbor harbour point bridge airport elementary high middle junior senior room desk unit units shelter site sites \
    arundel holy family saint mercy house home homes manor village place park plaza square mall campus building tower towers library \
    church temple academy institute foundation society company corporation inc llc communications communication surge mass \
    casualty response recovery mitigation preparedness capability capabilities training exercise exercises drill equipment \
    organization operations operational logistics finance hurricane tornado storm flood blizzard power water radio radios \
    phone phones line coast guard national federal local area north south east west northern southern eastern western upper \
    lower new great old january february march april may june july august september october november december monday tuesday \
    wednesday thursday friday saturday sunday spring summer fall autumn winter coli diff difficile anthracis aureus auris \
    pestis botulinum tularensis the a an all each every this these those our and or for of in on at no not it they we he she \
    who what when if as other others any both some review revise update draft develop complete create establish identify \
    provide ensure conduct purchase buy install train test hold add include require request report set make use send write \
    post assign schedule clarify confirm continue consider work meet increase improve";

static NOT_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| NO_NAMES.split_whitespace().collect());

fn is_name(word: &str) -> bool {
    let lower = word.to_lowercase();
    !NOT_NAMES.contains(lower.as_str()) && !names_organisation(word)
}

fn is_given(word: &str) -> bool {
    GIVEN_NAMES.contains(word.to_lowercase().as_str())
}

/// Where in a text a person's name stands, of what a rule found; none when it is no name.
type Person = fn(&str, &Captures) -> Option<Range<usize>>;

/// The text without such names; counts each.
pub fn without<'a>(mut text: Cow<'a, str>, count: &mut u32) -> Cow<'a, str> {
    let rules: [(&Regex, Person); 4] =
        [(&TITLED, titled), (&CREDITED, credited), (&INITIALED, initialed), (&FULL, full)];
    for (rule, person) in rules {
        text = replaced(text, rule, person, count);
    }
    text
}

fn replaced<'a>(text: Cow<'a, str>, rule: &Regex, person: Person, count: &mut u32) -> Cow<'a, str> {
    let (mut out, mut last, mut from) = (String::new(), 0, 0);
    while let Some(found) = rule.captures_at(&text, from) {
        // A name may begin with the second word of what is none.
        from = found.get(1).map_or(text.len(), |first| first.end());
        if let Some(name) = person(&text, &found).filter(|name| name.start >= last) {
            *count += 1;
            out.push_str(&text[last..name.start]);
            out.push_str(MARK);
            (last, from) = (name.end, name.end);
        }
    }
    if last == 0 {
        return text;
    }
    out.push_str(&text[last..]);
    Cow::Owned(out)
}

/// `Capt. Smith`, `Dr. Jane Doe`; not `Chief Medical Officer`.
fn titled(_: &str, found: &Captures) -> Option<Range<usize>> {
    let (whole, first) = (found.get(0)?, found.get(1)?);
    if !is_name(first.as_str()) {
        return None;
    }
    let end = found.get(2).filter(|second| is_name(second.as_str())).map_or(first.end(), |second| second.end());
    Some(whole.start()..end)
}

/// `Jane Doe, RN, MPH`. Letters that are a state's as well, `Silver Spring, MD`, and letters without a comma need a given name.
fn credited(_: &str, found: &Captures) -> Option<Range<usize>> {
    let (whole, first, second) = (found.get(0)?, &found[1], &found[2]);
    let is_certain = found[3].starts_with(',') && !["MD", "DO", "PA"].contains(&&found[4]);
    let is_person = is_name(first) && is_name(second) && (is_certain || is_given(first));
    is_person.then(|| whole.start()..found.get(4).map_or(whole.end(), |letters| letters.end()))
}

/// `per J. Doe`, `J. Doe will …`; not `N. Andover`, `E. Coli` nor `B. Radios will …` in a list.
fn initialed(text: &str, found: &Captures) -> Option<Range<usize>> {
    let (whole, initial, surname) = (found.get(0)?, &found[1], &found[3]);
    let pair = found.get(2).map(|second| second.as_str());
    let is_abbreviation = [("U", Some("S")), ("D", Some("C")), ("P", Some("O"))].contains(&(initial, pair));
    if !is_name(surname) || is_abbreviation || pair.is_none() && ["N", "S", "E", "W"].contains(&initial) {
        return None;
    }
    let before = Before::of(&text[..whole.start()]);
    let is_person = match before {
        // The first letters of the alphabet number the items of a list.
        Before::Start => (pair.is_some() || initial > "F") && is_before_verb(text, whole.end()),
        Before::Told => true,
        Before::Word => is_before_verb(text, whole.end()),
        Before::Name => false,
    };
    is_person.then(|| whole.range())
}

/// `assigned to Jane Doe`, `Jane Doe will …`; not `Anna Jaques Hospital` nor `Hurricane Maria Response`.
fn full(text: &str, found: &Captures) -> Option<Range<usize>> {
    let (first, second) = (found.get(1)?, found.get(2)?);
    if !is_given(first.as_str()) || !is_name(first.as_str()) || !is_name(second.as_str()) {
        return None;
    }
    let third = found.get(3).map(|third| third.as_str());
    // Hospitals are named for people.
    if third.is_some_and(|third| names_organisation(third) || !is_name(third)) && !is_before_verb(text, second.end()) {
        return None;
    }
    let is_person = match Before::of(&text[..first.start()]) {
        Before::Told => true,
        Before::Start | Before::Word => is_before_verb(text, second.end()),
        Before::Name => false,
    };
    is_person.then(|| first.start()..second.end())
}

/// What stands before a name.
enum Before {
    /// Nothing, or the end of a sentence or item.
    Start,
    /// A word by which somebody is told: `per`, `assigned to`.
    Told,
    /// Another word of a sentence.
    Word,
    /// A capitalised word, with which it may make another name: `Appendix A. Doe`, `Hurricane Jose`.
    Name,
}

impl Before {
    fn of(text: &str) -> Self {
        let plain = text.trim_end();
        if text.ends_with('\n') || plain.is_empty() || !plain.ends_with(char::is_alphanumeric) && !plain.ends_with(',')
        {
            // `St. Vincent Doe` is a saint's.
            return if plain.ends_with("St.") { Self::Name } else { Self::Start };
        }
        let word =
            plain.rsplit(|letter: char| !letter.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
        if BEFORE.contains(&word.to_lowercase().as_str()) {
            Self::Told
        } else if word.starts_with(char::is_uppercase) && !plain.ends_with(',') {
            Self::Name
        } else {
            Self::Word
        }
    }
}

/// Whether a verb by which somebody does or is given something follows, past what stands in brackets or between commas.
fn is_before_verb(text: &str, end: usize) -> bool {
    let rest = text[end..].trim_start();
    let rest = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((remark, rest)) if remark.len() <= 60 => rest.trim_start(),
        _ => rest,
    };
    let rest = match rest.strip_prefix(',').and_then(|rest| rest.split_once(',')) {
        Some((remark, rest)) if remark.len() <= 40 => rest.trim_start(),
        _ => rest,
    };
    let word: String = rest.chars().take_while(|letter| letter.is_alphabetic()).collect();
    AFTER.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use crate::redact::redact;

    #[test]
    fn names_that_a_title_a_credential_or_a_verb_gives_away_go() {
        for (text, expected) in [
            ("Capt. Smith led the drill", "[redacted] led the drill"),
            ("Captain Jane Doe and Lt. J. Roe met", "[redacted] and [redacted] met"),
            ("Jane Doe, RN will revise the plan", "[redacted] will revise the plan"),
            ("Jane Quillfeather, RN, MPH drafted it", "[redacted] drafted it"),
            ("ask Jane Doe RN for it", "ask [redacted] for it"),
            ("J. Doe, RN", "[redacted]"),
            ("Revise the annex per J. Doe.", "Revise the annex per [redacted]."),
            ("J. Doe will revise the annex", "[redacted] will revise the annex"),
            ("The annex (J.Q. Doe to revise)", "The annex ([redacted] to revise)"),
            ("Assigned to Jane Doe", "Assigned to [redacted]"),
            ("Jane A. Doe will call; John O'Hara agreed", "[redacted] will call; [redacted] agreed"),
            ("per Maria Lopez-Roe, the EMD", "per [redacted], the EMD"),
            ("Jane Doe (EMD) to draft the plan", "[redacted] (EMD) to draft the plan"),
        ] {
            let (found, count) = redact(text);
            assert_eq!(found.as_ref(), expected);
            assert_eq!(count as usize, expected.matches("[redacted]").count(), "{text}");
            assert_eq!(redact(&found).1, 0, "again: {found}");
        }
    }

    #[test]
    fn organisations_places_hazards_capabilities_and_roles_stay() {
        for text in [
            "Assigned to Anna Jaques Hospital",
            "per Martha Jefferson House, staff will stay",
            "Lawrence General Hospital will revise its plan",
            "Hurricane Maria will be the scenario; Tropical Storm Irene was the last",
            "Chief Medical Officer and Chief Executive will sign; Lt. Governor attended",
            "the Chief of Operations will call",
            "A. Planning will be revised. B. Radios will be bought.",
            "B. Volunteers to be trained",
            "Appendix J. Roles will be added",
            "E. Coli was found, C. Diff was not",
            "N. Andover Fire will drill with W. Springfield",
            "by U.S. Coast Guard and D.C. National Guard",
            "Performed with Major Challenges",
            "Information Sharing will be drilled; Mass Care is rated; Medical Surge was not",
            "a tour of Silver Spring, MD and Hyannis, MA",
            "Thunderstorm Wind, Anne Arundel, MD",
            "Infection Preventionist, RN will train staff",
            "given to Virginia Beach and to Charles River Campus",
            "Patrick Air Force Base, Roger Williams Medical Center and St. Vincent Hospital",
            "see Table 1. Summary of Core Capability Performance",
            "Holy Family RN staffing was short; RN and EMT crews rested",
            "Region 3 HMCC to lead; Cape Cod Healthcare will host",
            "Storm reports to Great Barrington; Dr. Office hours",
        ] {
            let (found, count) = redact(text);
            assert_eq!((found.as_ref(), count), (text, 0));
        }
    }
}
