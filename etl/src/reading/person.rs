//! Fields for organizations, and the persons that people write into them. Persons are never stored.
//!
//! Each part of a field is judged by its words: titles, initials, and the entries in
//! [`crate::redact::lexicon`]. `is_name_of_person` contains the rules. An unknown word is a
//! person's name only next to a title, an initial or a known name.

use std::sync::LazyLock;

use regex::Regex;

use super::headings::lists;
use crate::redact::lexicon::{NameEvidence, is_alone, is_namesake};
use crate::redact::names::is_pair;
use crate::redact::{names_organization, redact};

/// Fields for organizations in which a given name alone means a person. Elsewhere it can be a storm
/// or a town.
const OWNER_FIELDS: [&str; 5] = ["owner", "organization", "sponsor", "participants", "lead"];

/// Credentials after a person's name.
const CREDENTIALS: [&str; 34] = [
    "RN", "BSN", "MSN", "DNP", "LPN", "LVN", "NP", "APRN", "FNP", "CNP", "PA", "PA-C", "MD", "DO",
    "PHD", "DRPH", "PHARMD", "MPH", "MPA", "MBA", "MHA", "EMT", "EMT-B", "EMT-P", "NRP", "CEM",
    "MEP", "CHEP", "CHPA", "CIH", "RS", "REHS", "ESQ", "MS",
];
/// Titles before any person's name.
const TITLES: [&str; 45] = [
    "dr",
    "mr",
    "mrs",
    "ms",
    "miss",
    "prof",
    "professor",
    "capt",
    "captain",
    "lt",
    "lieut",
    "lieutenant",
    "sgt",
    "sergeant",
    "cpl",
    "corporal",
    "cmdr",
    "cdr",
    "det",
    "detective",
    "chief",
    "rev",
    "reverend",
    "supt",
    "insp",
    "col",
    "colonel",
    "maj",
    "ofc",
    "atty",
    "ff",
    "pvt",
    "sister",
    "father",
    "deacon",
    "rabbi",
    "rep",
    "sen",
    "hon",
    "selectman",
    "selectwoman",
    "councilor",
    "councillor",
    "alderman",
    "coach",
];
/// Titles that also head departments, so that the name after them must be a known one.
const ROLES: [&str; 27] = [
    "director",
    "coordinator",
    "manager",
    "commander",
    "nurse",
    "officer",
    "sheriff",
    "mayor",
    "commissioner",
    "administrator",
    "supervisor",
    "president",
    "trooper",
    "firefighter",
    "paramedic",
    "deputy",
    "inspector",
    "marshal",
    "superintendent",
    "planner",
    "liaison",
    "chair",
    "lead",
    "specialist",
    "advisor",
    "analyst",
    "emd",
];
/// Words that extend a title: `Deputy Fire Chief`.
const RANKS: [&str; 9] =
    ["assistant", "asst", "acting", "interim", "vice", "fire", "police", "ems", "em"];
/// Words between the names of a person.
const PARTICLES: [&str; 16] = [
    "de", "da", "do", "dos", "das", "del", "la", "las", "los", "van", "von", "der", "den", "bin",
    "al", "el",
];
/// Words after a person's name.
const SUFFIXES: [&str; 6] = ["jr", "sr", "ii", "iii", "iv", "esq"];
/// Initial letters in place names: `N. Andover`.
const COMPASS: [&str; 8] = ["N", "S", "E", "W", "NE", "NW", "SE", "SW"];
/// Two letters that are not initials: `ED Lopez` names a desk as often as a person.
const ABBREVIATIONS: [&str; 40] = [
    "DC", "ED", "ER", "IT", "HR", "EM", "PH", "IC", "US", "UN", "FD", "PD", "MA", "NH", "RI", "CT",
    "ME", "VT", "NY", "VA", "NG", "CG", "SP", "SO", "PW", "HD", "LE", "MC", "OR", "QA", "QI", "PR",
    "EH", "BH", "IP", "IS", "BU", "BC", "AG", "DA",
];
/// Abbreviations of units, after a place or after a person who works there: `Lynn FD`, `Smith (FD)`.
pub const UNITS: [&str; 12] =
    ["FD", "PD", "EM", "EMA", "EMS", "OEM", "BOH", "HD", "DPH", "DPW", "PH", "EMD"];
/// Surnames that are also towns: `Lawrence (FD)` is a fire department.
const TOWNS: [&str; 24] = [
    "adams", "boyd", "carroll", "carter", "douglas", "franklin", "gardner", "graham", "hanson",
    "harrison", "howard", "jackson", "lawrence", "lee", "lincoln", "madison", "marshall", "morgan",
    "nelson", "palmer", "perry", "russell", "walker", "warren",
];
/// Credentials that are also state codes.
const STATES: [&str; 3] = ["MD", "PA", "MS"];
/// Words that join the names of a list.
static JOINT: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    Regex::new(r"\s*(?:[&+\u{2192}>]|->)\s*|\s+(?:and|or|with|w/)\s+")
        .expect("the pattern is well formed")
});

/// Returns whether a text names a person instead of an organization: a contact detail, `Last,
/// First`, a name with a title, initial or credential, or a given name before one or two more
/// words. Hospitals named after a person are organizations.
pub fn is_person(text: &str) -> bool {
    redact(text).1 > 0 || is_last_first(text) || begins_with_name(text) || has_credential(text)
}

/// Returns whether a text names a person like [`is_person`], in a field where a given name alone,
/// or a list of them, means persons.
pub fn is_owner_person(text: &str) -> bool {
    is_person(text) || parts(text).iter().any(|part| is_name_of_person(part, true))
}

/// Returns a cell that is safe to show or store, or none if it names a person.
pub fn without_person(text: &str, field: Option<&str>) -> Option<String> {
    let is_owner = field.is_some_and(|field| OWNER_FIELDS.contains(&field));
    let is_personal = if is_owner { is_owner_person(text) } else { is_person(text) };
    (!is_personal).then(|| redact(text).0.into_owned())
}

fn is_credential(part: &str) -> bool {
    let part = part.trim().trim_end_matches([')', '.']).replace('.', "").to_uppercase();
    CREDENTIALS.contains(&part.as_str())
}

/// Returns whether a text is a name, a comma and credentials, such as `Agnes Miller, RN`.
fn has_credential(text: &str) -> bool {
    text.split_once(',').is_some_and(|(name, letters)| is_credited(name, letters))
}

/// Returns whether letters after a name are a person's credentials. In `Silver Spring, MD` they are
/// a state.
fn is_credited(name: &str, letters: &str) -> bool {
    let known: Vec<NameEvidence> =
        name.split_whitespace().map(|word| NameEvidence::of(word.trim_end_matches('.'))).collect();
    is_like_a_name(name)
        && !known.contains(&NameEvidence::Other)
        && (!STATES.contains(&letters.trim()) || known.iter().any(|evidence| evidence.is_known()))
        && letters.split([',', '/', ' ']).filter(|part| !part.trim().is_empty()).all(is_credential)
}

fn is_like_a_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    (2..=3).contains(&words.len())
        && words.iter().all(|word| {
            is_name_shaped(word)
                && (word.chars().any(char::is_lowercase)
                    || word.ends_with('.') && word.chars().count() == 2)
        })
        && words.last().is_some_and(|last| last.chars().any(char::is_lowercase))
        && !names_organization(text)
}

fn is_name_shaped(word: &str) -> bool {
    // `al-Sayed`, `el-Amin`.
    let word = word
        .split_once('-')
        .filter(|(first, _)| PARTICLES.contains(first))
        .map_or(word, |(_, rest)| rest);
    word.starts_with(char::is_uppercase)
        && word
            .chars()
            .all(|letter| letter.is_alphabetic() || matches!(letter, '\'' | '\u{2019}' | '-' | '.'))
}

/// Returns whether a text in a message could be a person's name, by [`is_person`] or as two or
/// three unknown capitalized words. Messages omit such a heading.
pub fn may_be_person(text: &str) -> bool {
    is_person(text) || is_like_a_name(text) && !lists().is_known(text)
}

/// Removes the names of persons from a short answer, as in a column of dates or statuses
/// (`Completed by Jane Doe 9/15/2024`), and counts them. An organization's word after a name makes
/// it an organization.
pub fn nameless(text: &str) -> (String, u32) {
    let is_name = |word: &str| is_name_shaped(word) && word.chars().any(char::is_lowercase);
    let bare = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned();
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let (mut out, mut count, mut at) = (String::with_capacity(text.len()), 0, 0);
    while let Some(word) = words.get(at) {
        let (first, second) =
            (bare(word), words.get(at + 1).map(|next| bare(next)).unwrap_or_default());
        let before = at
            .checked_sub(1)
            .and_then(|before| words.get(before))
            .map(|word| bare(word).to_lowercase());
        let is_pair = is_name(&first)
            && is_name(&second)
            && is_pair(&first, &second)
            && !words.get(at + 2).is_some_and(|third| names_organization(third));
        let is_single = is_name(&first)
            && is_alone(&first)
            && before.is_some_and(|word| {
                ["by", "per", "with", "on", "for", "from", "to", "ask", "asked"]
                    .contains(&word.as_str())
            })
            && (second.is_empty() || !is_name(&second));
        if is_pair || is_single {
            let last = words[at + usize::from(is_pair)];
            out.push_str("[redacted]");
            out.extend(last.chars().rev().take_while(|letter| letter.is_whitespace()));
            (count, at) = (count + 1, at + 1 + usize::from(is_pair));
        } else {
            out.push_str(word);
            at += 1;
        }
    }
    (out, count)
}

/// `Jane Doe`, `Jane Doe, RN`, `Jane A. Doe (coordinator)`.
fn begins_with_name(text: &str) -> bool {
    // `Smith (FD)`: a surname before an abbreviation.
    if let Some((name, rest)) = text.split_once('(')
        && let Some(unit) = rest.trim_end().strip_suffix(')')
        && let name = name.trim()
        && !name.contains(' ')
        && name.chars().any(char::is_lowercase)
        && (is_alone(name) && unit.len() <= 5
            || UNITS.contains(&unit)
                && NameEvidence::may_be_surname(name)
                && !TOWNS.contains(&name.to_lowercase().as_str()))
    {
        return true;
    }
    let name = text.split([',', '(', '/', ';', '\n']).next().unwrap_or_default();
    is_name_of_person(name.split(" - ").next().unwrap_or_default(), false)
}

/// `Smith, John`, `Smith, J.`, `Okonkwo, C. A.`; not `Boston, Lawrence`.
fn is_last_first(text: &str) -> bool {
    let Some((last, first)) = text.split_once(',') else { return false };
    let (last, first) = (last.trim(), first.trim());
    let words: Vec<&str> = first.split_whitespace().collect();
    let [given, rest @ ..] = words.as_slice() else { return false };
    let is_surname = is_name_shaped(last)
        && last.split_whitespace().count() <= 2
        && last.split_whitespace().all(|word| NameEvidence::of(word) != NameEvidence::Other);
    let rest_is_name =
        rest.len() <= 2 && rest.iter().all(|word| is_initials(word) || is_name_shaped(word));
    let is_given = match NameEvidence::of(given) {
        NameEvidence::Given => true,
        NameEvidence::AmbiguousGiven => NameEvidence::may_be_surname(last),
        NameEvidence::Unknown | NameEvidence::SurnameAlone => {
            NameEvidence::of(last) == NameEvidence::SurnameAlone
        }
        _ => false,
    };
    is_surname
        && rest_is_name
        && is_name_shaped(given)
        && (is_given || is_initials(given) && !is_credential(given))
}

/// `J`, `J.`, `J.B.`, `JB`.
fn is_initials(word: &str) -> bool {
    let letters: String = word.chars().filter(|letter| *letter != '.').collect();
    (1..=2).contains(&letters.chars().count())
        && letters.chars().all(|letter| letter.is_ascii_uppercase())
        && (letters.len() == 1 || word.contains('.') || !ABBREVIATIONS.contains(&letters.as_str()))
}

/// `JSmith`, `jsmith`, `SmithJ`, `j.smith`: an initial and a surname in one word.
fn is_login(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let (Some(first), Some(last)) = (letters.first(), letters.last()) else { return false };
    let text = |range: &[char]| range.iter().collect::<String>();
    if let Some((given, surname)) = word.split_once(['.', '_'])
        && !given.is_empty()
        && surname.len() > 2
    {
        return (given.chars().count() == 1 || NameEvidence::of(given).is_known())
            && NameEvidence::may_be_surname(surname)
            || is_alone(given) && NameEvidence::of(surname) != NameEvidence::Other;
    }
    if letters.len() < 4
        || !letters
            .iter()
            .all(|letter| letter.is_alphabetic() || matches!(letter, '\'' | '\u{2019}'))
    {
        return false;
    }
    let (rest, start) = (text(&letters[1..]), text(&letters[..letters.len() - 1]));
    let is_capital = |at: usize| letters[at].is_uppercase();
    let lower_after = |at: usize| {
        letters[at..]
            .iter()
            .filter(|letter| letter.is_alphabetic())
            .skip(1)
            .any(|letter| letter.is_lowercase())
    };
    if is_capital(0)
        && is_capital(1)
        && letters[2..].iter().any(|letter| letter.is_lowercase())
        && !is_capital(letters.len() - 1)
    {
        let is_unknown = NameEvidence::of(&rest) == NameEvidence::Unknown
            && letters.len() >= 6
            && !ABBREVIATIONS.contains(&text(&letters[..2]).as_str())
            && *first != 'U'
            && lower_after(1);
        return NameEvidence::may_be_surname(&rest)
            || NameEvidence::of(&rest).is_known() && *first != 'U'
            || is_unknown;
    }
    let is_lower = letters.iter().all(|letter| !letter.is_uppercase());
    is_lower && rest.len() >= 4 && NameEvidence::may_be_surname(&rest)
        || is_capital(0)
            && last.is_uppercase()
            && !is_capital(1)
            && (NameEvidence::may_be_surname(&start) || is_alone(&start))
}

/// Returns whether a part of a field is a person's name. With `alone`, one given name or surname is
/// enough.
fn is_name_of_person(part: &str, alone: bool) -> bool {
    let part = part.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    let part = part.trim_start_matches(|letter: char| {
        letter.is_ascii_digit() || matches!(letter, '.' | ' ' | '#')
    });
    if part.chars().any(|letter| letter.is_ascii_digit()) || is_namesake(part) {
        return false;
    }
    let plain = |word: &str| word.trim_end_matches(['.', ',']).to_lowercase();
    let mut words: Vec<&str> = part.split_whitespace().collect();
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| SUFFIXES.contains(&plain(word).as_str()) || is_credential(word))
    {
        words.pop();
    }
    // `Deputy Fire Chief Okonkwo`: the words before the last title belong to it.
    let is_title = |word: &str| TITLES.contains(&plain(word).as_str());
    let is_role = |word: &str| ROLES.contains(&plain(word).as_str());
    let is_rank = |word: &str| RANKS.contains(&plain(word).as_str());
    let titles =
        words.iter().take_while(|word| is_title(word) || is_role(word) || is_rank(word)).count();
    let is_titled = words[..titles].iter().any(|word| is_title(word));
    let is_weakly_titled = !is_titled && words[..titles].iter().any(|word| is_role(word));
    let is_particle = |at: usize| at > 0 && PARTICLES.contains(&plain(words[titles + at]).as_str());
    let is_nickname = |word: &str| word.starts_with(['"', '\u{201c}', '\'']);
    let words: Vec<&str> = (0..words.len() - titles)
        .filter(|at| !is_particle(*at) && !is_nickname(words[titles + at]))
        .map(|at| words[titles + at])
        .collect();
    let known: Vec<NameEvidence> =
        words.iter().map(|word| NameEvidence::of(word.trim_end_matches('.'))).collect();
    let is_initial = |at: usize| is_initials(words[at]);
    let names: Vec<usize> = (0..words.len()).filter(|at| !is_initial(*at)).collect();
    let is_plain = words.iter().all(|word| is_name_shaped(word)) && !names_organization(part);
    if names.iter().any(|at| known[*at] == NameEvidence::Other) || words.len() > 4 {
        return false;
    }
    let is_surname = |at: usize| NameEvidence::may_be_surname(words[at].trim_end_matches('.'));
    match names.as_slice() {
        // `J.D.`, and `JD` alone; not `D.C.` or `IT`.
        [] => {
            let letters: String = part.chars().filter(|letter| letter.is_alphabetic()).collect();
            (part.contains('.') || alone && words.len() == 1 && titles == 0)
                && is_plain
                && letters.len() >= 2
                && !ABBREVIATIONS.contains(&letters.as_str())
        }
        [only] if words.len() == 1 => {
            let word = words[*only];
            let is_short = word.chars().count() < 5 && word.chars().all(char::is_uppercase);
            is_titled && is_plain && !is_short
                || is_weakly_titled
                    && !is_short
                    && (known[*only].is_known() && known[*only] != NameEvidence::AmbiguousGiven
                        || is_surname(*only))
                || is_login(word)
                || alone && (is_alone(word) || !word.is_ascii() && is_surname(*only)) && !is_short
        }
        // `J. Smith`, `Smith J.`; not `N. Andover` or `Lot B`.
        [only] => {
            let is_first = *only == 0;
            let is_compass = COMPASS.contains(&words[0].replace('.', "").as_str());
            let is_dotted =
                words.iter().enumerate().any(|(at, word)| is_initial(at) && word.contains('.'));
            is_plain
                && (is_surname(*only)
                    || is_alone(words[*only])
                    || is_titled
                    || !is_first
                        && !is_compass
                        && (is_dotted
                            || words[*only].chars().any(char::is_lowercase) && words[0].len() == 1))
        }
        [first, second, rest @ ..] => {
            let last = rest.last().unwrap_or(second);
            let is_shouted = words.iter().all(|word| !word.chars().any(char::is_lowercase));
            let is_certain = is_pair(words[*first], words[*last])
                || rest.iter().chain([second]).any(|at| is_pair(words[*first], words[*at]));
            let is_lower = part.chars().all(|letter| !letter.is_uppercase());
            is_titled && is_plain
                || is_certain
                    && is_plain
                    && (!is_shouted || known[*first].is_known() && known[*last].is_known())
                || is_plain && !part.is_ascii() && is_surname(*first) && is_surname(*last)
                || is_lower && alone && known[*first] == NameEvidence::Given && is_surname(*last)
        }
    }
}

/// Splits a field into its lines, and at commas, slashes, brackets and dashes.
fn segments(text: &str) -> Vec<&str> {
    let parts = text
        .split(['\n', ';', '/', '(', ')', ',', '|', '\u{2013}', '\u{2014}'])
        .flat_map(|part| part.split(" - "));
    parts.map(str::trim).filter(|part| part.chars().any(char::is_alphabetic)).collect()
}

/// Splits a field like [`segments`], and also at `&` or `and` between a person and others.
fn parts(text: &str) -> Vec<&str> {
    let split = |part| {
        let pieces: Vec<&str> =
            JOINT.split(part).filter(|piece| !piece.trim().is_empty()).collect();
        let is_joint = pieces.len() > 1
            && pieces.iter().any(|piece| is_name_of_person(piece, true))
            && pieces.iter().all(|piece| {
                is_name_of_person(piece, true)
                    || names_organization(piece)
                    || is_short(piece)
                    || is_role(piece)
            });
        if is_joint { pieces } else { vec![part] }
    };
    segments(text).into_iter().flat_map(split).collect()
}

/// `Fire Chief`, `Director of Nursing`; not `Sheriff's Office`.
fn is_role(part: &str) -> bool {
    let is_role = |word: &str| {
        let word = word.to_lowercase();
        ROLES.contains(&word.as_str()) || TITLES.contains(&word.as_str())
    };
    let (first, last) = (part.split_whitespace().next(), part.split_whitespace().last());
    last.is_some_and(is_role) || part.contains(" of ") && first.is_some_and(is_role)
}

/// An abbreviation such as `MDPH`.
fn is_short(part: &str) -> bool {
    (3..=8).contains(&part.len())
        && part.chars().all(|letter| letter.is_uppercase() || letter.is_ascii_digit())
}

/// Returns the first part of a field that names an organization if others name persons or contact
/// details, with the number of parts removed.
pub fn organization_part(text: &str) -> (Option<String>, u64) {
    let text = text.trim();
    if text.is_empty() {
        return (None, 0);
    }
    // `Smith, John/Lopez, Maria`: every comma is inside a name.
    if text.split(['/', '&', '|']).all(|part| is_last_first(part.trim())) {
        return (None, text.split(['/', '&', '|']).count() as u64);
    }
    let parts = parts(text);
    // After a surname, a credential or a role indicates a person.
    let credited = |at: usize| {
        is_credential(parts[at])
            || parts.get(at + 1).is_some_and(|next| {
                is_credited(parts[at], next)
                    || is_role(next) && NameEvidence::may_be_surname(parts[at])
            })
    };
    let is_personal = |at: usize| {
        is_name_of_person(parts[at], true)
            || parts.len() > 1
                && (is_person(parts[at]) || credited(at) && !is_credential(parts[at]))
    };
    if !is_person(text) && !(0..parts.len()).any(is_personal) {
        return (Some(text.to_owned()), 0);
    }
    let named: Vec<&str> = (0..parts.len())
        .filter(|at| !is_personal(*at) && !is_person(parts[*at]) && !credited(*at))
        .map(|at| parts[at])
        .collect();
    // Roles and credentials are not organizations: a part needs an organization's word or an
    // abbreviation.
    let own =
        named.iter().find(|part| !is_role(part) && (names_organization(part) || is_short(part)));
    (own.map(|part| (*part).to_owned()), (parts.len() - named.len()).max(1) as u64)
}

#[cfg(test)]
mod tests {
    use super::{is_person, nameless, organization_part};

    #[test]
    fn a_short_answer_loses_the_names_of_persons_alone() {
        for (text, expected, count) in [
            ("Completed by Agnes Quillfeather 9/15/2024", "Completed by [redacted] 9/15/2024", 1),
            ("Waiting on Jane Doe, then John Roe", "Waiting on [redacted] then [redacted]", 2),
            ("Completed by Anna Jaques Hospital", "Completed by Anna Jaques Hospital", 0),
            ("June 30, 2025", "June 30, 2025", 0),
            ("On Track", "On Track", 0),
        ] {
            let (found, times) = nameless(text);
            assert_eq!((found.as_str(), times), (expected, count), "{text}");
        }
    }

    #[test]
    fn persons_differ_from_organizations() {
        for person in [
            "Doe, Jane",
            "Jane Q. Doe",
            "J. Doe",
            "Dr. Jane Doe",
            "jane@example.org",
            "Jane Doe",
            "Maria Lopez, RN",
            "J. Doe, RN",
            "Doe, J.",
            "John O'Hara (coordinator)",
        ] {
            assert!(is_person(person), "{person}");
        }
        for organization in [
            "Lawrence General Hospital",
            "Cape Cod Hospital",
            "MDPH OPEM",
            "Region 3 HMCC",
            "Holy Family",
            "Anna Jaques Hospital",
            "Martha's Vineyard Hospital",
            "City of Lawrence",
            "Marlborough Board of Health",
        ] {
            assert!(!is_person(organization), "{organization}");
        }
    }

    #[test]
    fn an_organization_next_to_a_person_stays() {
        for (text, expected) in [
            ("Jane Doe, Lawrence General Hospital", Some("Lawrence General Hospital")),
            (
                "Lawrence Board of Health (Dr. Jane Doe, 978-555-0100)",
                Some("Lawrence Board of Health"),
            ),
            ("MDPH / Jane Doe", Some("MDPH")),
            ("J. Doe / Facilities Department", Some("Facilities Department")),
            ("J. Doe, RN", None),
            ("Jane Doe, RN", None),
            ("Cape Cod Hospital (Agnes Quillfeather, RN)", Some("Cape Cod Hospital")),
            ("Agnes Quillfeather, RN, MPH", None),
            ("Lawrence General Hospital", Some("Lawrence General Hospital")),
        ] {
            assert_eq!(organization_part(text).0.as_deref(), expected, "{text}");
        }
    }
}
