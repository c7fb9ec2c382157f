//! Removes names of persons in running text that a title, credential or verb indicates: `Capt.
//! Smith`, `Jane Doe, RN`, `per J. Doe`, `Jane Doe will …`, `Thiru did not answer`. Without such a
//! sign, hospitals, towns and hazards would be taken for persons. No word of the name may belong to
//! an organization, a role or a place.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::lexicon::{NameEvidence, is_alone, is_namesake};
use super::{MARK, names_organization, pattern};

/// A word in the form of a name.
const WORD: &str = r"\p{Lu}(?:['\u{2019}]\p{Lu})?\p{Ll}(?:[\p{L}'\u{2019}-]*\p{Ll})?";
/// Text between the words of a name: a middle initial, `de la`.
const GAP: &str = r"\s+(?:[A-Z]\.?\s+)?(?:(?:de|da|do|dos|das|del|la|las|los|van|von|der|den|bin|ibn|al|el)\s+){0,2}";
/// Titles before any person's name.
const TITLES: &str = "Dr|Mr|Mrs|Ms|Miss|Prof|Professor|Capt|Captain|Lt|Lieut|Lieutenant|Sgt|Sergeant|Cpl|Corporal|Cmdr|Cdr|Det|Detective|Chief|Rev|Reverend|Supt|Insp";
/// Titles that also head departments, so that the name after them must be a known one.
const WEAK_TITLES: &str = "Director|Coordinator|Manager|Commander|Nurse|Officer|Sheriff|Mayor|Commissioner|Administrator|Supervisor|President|Trooper|Firefighter|Paramedic|Deputy|Inspector|Marshal|Superintendent|Col|Maj";
const LETTERS: &str = r"(?:RN|BSN|MSN|DNP|LPN|NP|APRN|FNP|MD|DO|PA|PA-C|PhD|DrPH|PharmD|MPH|MPA|MHA|MBA|EMT(?:-[BP])?|NRP|CEM|MEP|CHEP|REHS|RS|Esq|R\.N\.|M\.D\.|Ph\.D\.)";

/// Verbs of persons after a given name or surname alone. Storms have given names, so `hit`, `left`
/// and `was` are not included.
const ACTS: &str = r"(?:did not|didn['\u{2019}]t|does not|doesn['\u{2019}]t|has not|hasn['\u{2019}]t|had not|could not|couldn['\u{2019}]t|cannot|will|shall|should|must|can|has|had|to|is to|was to|also|then|never|has since|already)\s+(?:again\s+|then\s+|also\s+)?(?:answer|pick up|get|receive|acknowledge|show up|know|see|hear|come|report in|open|bring|return|join|respond|reply|call|email|e-mail|text|page|phone|draft|write|update|revise|review|send|contact|notify|schedule|confirm|coordinate|follow up|check|ask|attend|facilitate|brief|buy|order|purchase|prepare|share|finalize|sign|meet with|talk to|speak|know|work with|reach out|take the lead|get back|return the|look into|set up|do|handle|take care|research|develop|complete|finish|compile|organize|arrange|circulate|distribute|lead)(?:ed|d)?\b|(?:acknowledged|took over|called in|arrived at|arrived late|was late|was absent|was unable|was not on|was off duty|was on duty|was on scene|had no|had to|answered|called|emailed|e-mailed|texted|paged|phoned|agreed|volunteered|said|says|stated|asked|drafted|wrote|promised|forgot|spoke|mentioned|thinks|believes|wants|replied|briefed|signed off|handed|facilitated|explained|suggested|recommended|reviewed|updated the|sent the|confirmed that|is on leave|was on leave|is out|was out sick|was paged|was called|was not reachable|was unreachable|could not be reached|is the lead|is responsible|owns)\b";
/// Text after a name alone in a log: `Thiru: no answer`, `Thiru's pager`.
const LABELS: &str = r":\s|['\u{2019}]s\s+(?:pager|phone|radio|cell|shift|desk|e-?mail|laptop|badge|number|supervisor|replacement)\b";
/// Words before a given name or surname alone that assign a task or name a source.
const TOLD: &str = r"(?:per|according to|called|contacted|notified|reached|message for|handed off to|handed over to|relieved by|asks?|asked|tasked|assigned to|emailed|e-mailed|texted|paged|phoned|spoke with|spoke to|speak with|speak to|speaking with|met with|meet with|meet w/|meeting with|talked to|talked with|talk to|talk with|discuss with|discussed with|consult with|connect with|touch base with|work with|thanks to|contact|contacting|reports to|sent to|led by|written by|drafted by|reviewed by|approved by|taken by|done by|owned by|facilitated by|cc|waiting on|waiting for|check with|follow up with|coordinate with)";

/// Returns the signs of a name for the quick search that runs first.
pub fn signs() -> Vec<String> {
    vec![
        format!(r"\b(?:{TITLES}|{WEAK_TITLES})\b"),
        format!(r"\b{LETTERS}\b"),
        r"\b[A-Z]\.\s?[A-Z][a-z]".to_owned(),
        r"\b\p{Lu}[\p{L}'\u{2019}-]+\s+(?:[A-Z]\.?\s+)?\p{Lu}[\p{L}'\u{2019}-]*\p{Ll}\b|\b\p{Lu}\p{L}+ d[aeo]"
            .to_owned(),
        format!(r"\b\p{{Lu}}[\p{{L}}'\u{{2019}}-]+\s+(?:{ACTS})"),
        format!(r"\b\p{{Lu}}[\p{{L}}'\u{{2019}}-]*\p{{L}}(?:{LABELS})"),
        format!(r"\b(?i:{TOLD})\s+\p{{Lu}}"),
        r"\b(?i:send|sent|give|gave|given|forward|forwarded|get|got|obtain|return)\b.{0,60}?\s(?i:to|from)\s+\p{Lu}".to_owned(),
        LOGIN.as_str().to_owned(),
    ]
}

static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:(?:{TITLES})\.?|(?:Col|Maj)\.)\s+(?:(?:[A-Z]\.\s*)+|[A-Z]\s+)?({WORD})(?:\s+(?:[A-Z]\.\s*)?({WORD}))?"
    ))
});
static WEAKLY_TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:{WEAK_TITLES})\s+(?:[A-Z]\.\s*)?({WORD})(?:\s+(?:[A-Z]\.\s*)?({WORD}))?"
    ))
});
static CREDITED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b({WORD}|[A-Z]\.(?:\s?[A-Z]\.)?)\s*(?:[A-Z]\.?\s+)?\b({WORD})(,\s*|\s+)({LETTERS}(?:,\s*{LETTERS})*)(?:\b|$|\s)"
    ))
});
static INITIALED: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b([A-Z])\.\s?(?:([A-Z])\.\s?)?({WORD})\b")));
static FULL: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b({WORD}){GAP}({WORD})(?:{GAP}({WORD}))?")));
static ACTING: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b({WORD})(?:\s+(?:{ACTS})|{LABELS})")));
static TASKED: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b(?i:{TOLD})\s+({WORD})\b(?:\s+({WORD})\b)?")));
/// What is handed to a person or taken from one.
static HANDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?i:send|sent|give|gave|given|forward|forwarded|get|got|obtain|return)\b[^.;:\n]{{0,60}}?\s(?i:to|from)\s+({WORD})\b"
    ))
});
/// A name before another one that was removed.
static JOINED: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b({WORD})(?:,?\s+and|\s*[,&/])\s*\[redacted\]")));
/// An initial and a surname in one word: `JSmith`.
static LOGIN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[A-Z](\p{Lu}(?:['\u{2019}]\p{Lu})?\p{Ll}{2,}\p{L}*)\b"));

/// Words before a name that assign a task or name a source.
const BEFORE: [&str; 34] = [
    "per",
    "by",
    "to",
    "with",
    "from",
    "contact",
    "asked",
    "tasked",
    "assigned",
    "assign",
    "notify",
    "notified",
    "ask",
    "via",
    "see",
    "cc",
    "told",
    "emailed",
    "texted",
    "paged",
    "phoned",
    "called",
    "contacted",
    "thank",
    "thanks",
    "owner",
    "lead",
    "call",
    "email",
    "e-mail",
    "phone",
    "text",
    "page",
    "reach",
];
/// Words after a name that make it a place's.
const PLACES: [&str; 18] = [
    "Road", "Rd", "Street", "St", "Avenue", "Ave", "Drive", "Lane", "Highway", "Bridge", "School",
    "National", "Park", "Lake", "River", "Creek", "Island", "Trail",
];
/// Verbs after a name.
const AFTER: &str = "will shall should must can to is was has had agreed reported recommended \
    noted stated said requested offered \
    led sent called asked volunteered suggested updated drafted ordered reviewed confirmed \
    coordinated explained observed \
    attended facilitated presented served completed did didn does doesn hasn wasn couldn won could \
    would cannot never also \
    arrived emailed texted paged phoned answered responded contacted wrote spoke met tried wants \
    needs says thinks believes \
    felt feels notified announced forgot missed relieved briefed signed mentioned raised submitted \
    shared assumed directed \
    opened closed acknowledged received took gave brought went came got made ran started stopped \
    checked counted moved \
    instructed staffed logged recorded handed joined managed oversaw owns leads";

fn is_name(word: &str) -> bool {
    NameEvidence::of(word) != NameEvidence::Other
}

fn is_given(word: &str) -> bool {
    matches!(NameEvidence::of(word), NameEvidence::Given | NameEvidence::AmbiguousGiven)
}

/// Rule that returns the range of a person's name within a match; none if it is not a name.
type Person = fn(&str, &Captures) -> Option<Range<usize>>;

/// Returns the text without such names, and counts them.
pub fn without<'a>(mut text: Cow<'a, str>, count: &mut u32) -> Cow<'a, str> {
    let rules: [(&Regex, Person); 10] = [
        (&TITLED, titled),
        (&WEAKLY_TITLED, weakly_titled),
        (&CREDITED, credited),
        (&INITIALED, initialed),
        (&FULL, full),
        (&LOGIN, login),
        (&ACTING, acting),
        (&TASKED, tasked),
        (&HANDED, handed),
        (&JOINED, joined),
    ];
    for (rule, person) in rules {
        text = replaced(text, rule, person, count);
    }
    text
}

fn replaced<'a>(text: Cow<'a, str>, rule: &Regex, person: Person, count: &mut u32) -> Cow<'a, str> {
    let (mut out, mut last, mut from) = (String::new(), 0, 0);
    while let Some(found) = rule.captures_at(&text, from) {
        // A name can begin with the second word of a failed match.
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

/// `Capt. Smith`, `Dr. Jane Doe`; not `Chief Medical Officer` or `Captain Cook Road`.
fn titled(text: &str, found: &Captures) -> Option<Range<usize>> {
    let (whole, first) = (found.get(0)?, found.get(1)?);
    if !is_name(first.as_str()) {
        return None;
    }
    let end = found
        .get(2)
        .filter(|second| is_name(second.as_str()))
        .map_or(first.end(), |second| second.end());
    let next = text[end..]
        .trim_start()
        .split(|letter: char| !letter.is_alphabetic())
        .next()
        .unwrap_or_default();
    (!PLACES.contains(&next)).then(|| whole.start()..end)
}

/// `Jane Doe, RN, MPH`. Credentials that are also state codes, as in `Silver Spring, MD`, and those
/// without a comma require a given name.
fn credited(_: &str, found: &Captures) -> Option<Range<usize>> {
    let (whole, first, second) = (found.get(0)?, &found[1], &found[2]);
    let is_certain = found[3].starts_with(',') && !["MD", "DO", "PA"].contains(&&found[4]);
    let is_person = is_name(first) && is_name(second) && (is_certain || is_given(first));
    is_person.then(|| whole.start()..found.get(4).map_or(whole.end(), |letters| letters.end()))
}

/// `per J. Doe`, `J. Doe will …`; not `N. Andover`, `E. Coli` or `B. Radios will …` in a list.
fn initialed(text: &str, found: &Captures) -> Option<Range<usize>> {
    let (whole, initial, surname) = (found.get(0)?, &found[1], &found[3]);
    let pair = found.get(2).map(|second| second.as_str());
    let is_abbreviation =
        [("U", Some("S")), ("D", Some("C")), ("P", Some("O"))].contains(&(initial, pair));
    if !is_name(surname)
        || is_abbreviation
        || pair.is_none() && ["N", "S", "E", "W"].contains(&initial)
    {
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

/// `assigned to Jane Doe`, `Jane Doe will …`; not `Anna Jaques Hospital` or `Hurricane Maria
/// Response`.
fn full(text: &str, found: &Captures) -> Option<Range<usize>> {
    let (first, second) = (found.get(1)?, found.get(2)?);
    if !is_pair(first.as_str(), second.as_str()) || is_namesake(&text[first.start()..]) {
        return None;
    }
    let third =
        found.get(3).filter(|third| is_name(third.as_str()) && is_before_verb(text, third.end()));
    let end = third.map_or(second.end(), |third| third.end());
    let is_acting = is_before_verb(text, end);
    // Hospitals are named after people.
    if let (false, Some(next)) = (is_acting, found.get(3))
        && (names_organization(next.as_str()) || !is_name(next.as_str()))
    {
        return None;
    }
    let is_person = match Before::of(&text[..first.start()]) {
        Before::Told => true,
        Before::Start | Before::Word => is_acting,
        Before::Name => false,
    };
    is_person.then(|| first.start()..end)
}

/// Returns whether two words are a given name and a surname, in either order.
pub fn is_pair(first: &str, second: &str) -> bool {
    match (NameEvidence::of(first), NameEvidence::of(second)) {
        (_, NameEvidence::Other) | (NameEvidence::Other, _) => false,
        (NameEvidence::Given, _) => true,
        (NameEvidence::AmbiguousGiven, _) => NameEvidence::may_be_surname(second),
        (
            NameEvidence::SurnameAlone,
            NameEvidence::Given | NameEvidence::AmbiguousGiven | NameEvidence::SurnameAlone,
        ) => true,
        (NameEvidence::Unknown | NameEvidence::Surname, _) => {
            NameEvidence::is_surname_alone(second)
        }
        _ => false,
    }
}

/// `Director Smith`; not `Director Public Health` or `Sheriff Suffolk`.
fn weakly_titled(text: &str, found: &Captures) -> Option<Range<usize>> {
    let first = found.get(1)?.as_str();
    if !is_alone(first) && !is_given(first) && !NameEvidence::may_be_surname(first) {
        return None;
    }
    titled(text, found)
}

/// `JSmith will …`, `per JSmith`; not `UMass will …`.
fn login(text: &str, found: &Captures) -> Option<Range<usize>> {
    let (whole, surname) = (found.get(0)?, found.get(1)?);
    let is_person = NameEvidence::may_be_surname(surname.as_str())
        && (matches!(Before::of(&text[..whole.start()]), Before::Told)
            || is_before_verb(text, whole.end()));
    is_person.then(|| whole.range())
}

/// `Thiru did not answer`; not `Charlotte called for aid` or `San Jose called`.
fn acting(text: &str, found: &Captures) -> Option<Range<usize>> {
    let name = found.get(1)?;
    let is_apart = !matches!(Before::of(&text[..name.start()]), Before::Name);
    (is_apart && is_alone(name.as_str())).then(|| name.range())
}

/// `per Thiru`, `message for Anil Mehta`; not `assigned to Henry Ford`.
fn tasked(text: &str, found: &Captures) -> Option<Range<usize>> {
    let first = found.get(1)?;
    let rest = |end: usize| &text[end..];
    if let Some(second) = found.get(2) {
        let next =
            rest(second.end()).trim_start().split(|letter: char| !letter.is_alphabetic()).next();
        let is_place = next.is_some_and(|next| PLACES.contains(&next) || names_organization(next));
        let is_person = is_pair(first.as_str(), second.as_str())
            && !is_namesake(rest(first.start()))
            && !is_place;
        return is_person.then(|| first.start()..second.end());
    }
    let goes_on = rest(first.end()).trim_start().starts_with(char::is_uppercase)
        || rest(first.end()).starts_with(['-', '\'', '\u{2019}']);
    (!goes_on && is_alone(first.as_str())).then(|| first.range())
}

/// `Send the list to Karen.`; not `send supplies to Irma survivors`.
fn handed(text: &str, found: &Captures) -> Option<Range<usize>> {
    let name = found.get(1)?;
    let rest = text[name.end()..].trim_start();
    let is_last = rest.is_empty() || rest.starts_with(['.', ',', ';', ')', '!', '?']);
    (is_last && is_alone(name.as_str())).then(|| name.range())
}

/// `Bob and [redacted]`; not `Henry Ford, [redacted]`.
fn joined(text: &str, found: &Captures) -> Option<Range<usize>> {
    let name = found.get(1)?;
    let is_apart = !matches!(Before::of(&text[..name.start()]), Before::Name);
    (is_apart && is_alone(name.as_str())).then(|| name.range())
}

/// Text before a name.
enum Before {
    /// Nothing, or the end of a sentence or item.
    Start,
    /// A word that addresses somebody: `per`, `assigned to`.
    Told,
    /// Another word of a sentence.
    Word,
    /// A capitalized word, which can be part of another name: `Appendix A. Doe`, `Hurricane Jose`.
    Name,
}

impl Before {
    fn of(text: &str) -> Self {
        let plain = text.trim_end();
        let listed = plain
            .strip_suffix('&')
            .or_else(|| plain.strip_suffix(" and"))
            .or_else(|| plain.strip_suffix(','));
        if listed.is_some_and(|list| list.trim_end().ends_with(MARK)) {
            return Self::Told;
        }
        if text.ends_with('\n')
            || plain.is_empty()
            || !plain.ends_with(char::is_alphanumeric) && !plain.ends_with(',')
        {
            // `St. Vincent Doe` is a saint's name.
            return if plain.ends_with("St.") { Self::Name } else { Self::Start };
        }
        let word = plain
            .rsplit(|letter: char| !letter.is_alphanumeric())
            .find(|word| !word.is_empty())
            .unwrap_or_default();
        if BEFORE.contains(&word.to_lowercase().as_str()) {
            Self::Told
        } else if word.starts_with(char::is_uppercase) && !plain.ends_with(',') {
            Self::Name
        } else {
            Self::Word
        }
    }
}

/// Returns whether a verb of persons follows, skipping text in brackets or between commas.
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
    !word.is_empty() && AFTER.split_whitespace().any(|verb| verb == word)
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
            (
                "Jane A. Doe will call; John O'Hara agreed",
                "[redacted] will call; [redacted] agreed",
            ),
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
    fn organizations_places_hazards_capabilities_and_roles_stay() {
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
