//! Resolves the labels in a cell: capabilities, elements, organizations, hazards and regions.
//! Reports unknown ones.

use hotwash_documents::text::is_error_value;
use hotwash_schema::nearest::question;
use hotwash_schema::profile;

use crate::code::WarningCode;
use crate::inspect::trace;
use crate::load::Sink;
use crate::lookup::{Lookup, Miss, NamedList, UNMAPPED};
use crate::reading::headings::lists;
use crate::reading::items::unmarked;
use crate::reading::mark::checked;
use crate::reading::person::{UNITS, organization_part};
use crate::reading::time::{End, day};
use crate::record::OrganizationRef;
use crate::redact::names_organization;

/// Returns the capability element ids of a cell such as `Planning/Training`; warns about unknown
/// words.
pub fn elements(
    text: &str,
    column: &str,
    number: u64,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Vec<i32> {
    let mut elements = Vec::new();
    let known = |word: &str| {
        lists()
            .element(word)
            .and_then(|code| lookup.lists().of(NamedList::Element).find(code))
            .or_else(|| lookup.lists().of(NamedList::Element).find(word))
    };
    let words: Vec<&str> = if known(text).is_some() {
        vec![text]
    } else if let Some(labels) = checked(text) {
        labels
    } else {
        text.split([';', '/', ',', '\n', '&', '+']).flat_map(|part| part.split(" and ")).collect()
    };
    for word in words.into_iter().map(str::trim).filter(|word| !word.is_empty()) {
        match known(word) {
            Some(element) if !elements.contains(&element) => elements.push(element),
            Some(_) => {}
            None => sink.warn(
                WarningCode::UnknownElement,
                Some(column),
                Some(word),
                "is not a capability element (planning, organization, equipment, training, \
                 exercises); left out",
                number,
            ),
        }
    }
    elements
}

/// Returns the capability of a cell; `-1` with a warning if it is unknown.
pub fn capability(label: &str, column: &str, number: u64, lookup: &Lookup, sink: &mut Sink) -> i32 {
    capability_of(label, None, column, number, lookup, sink)
}

/// Returns the capability of a cell as [`capability`] does, preferring one framework among those
/// with that name. Of several capabilities in a cell, the first is used, and a warning names the
/// others.
pub fn capability_of(
    label: &str,
    framework: Option<&str>,
    column: &str,
    number: u64,
    lookup: &Lookup,
    sink: &mut Sink,
) -> i32 {
    if label.trim().is_empty() {
        return UNMAPPED;
    }
    let capabilities = &lookup.lists().capabilities;
    let miss = match capabilities.find(label, framework) {
        Ok(capability) => {
            trace::reading(number, column, "capability", || {
                capabilities.name(capability).unwrap_or_default().to_owned()
            });
            return capability;
        }
        Err(miss) => miss,
    };
    if let [first, _, ..] = capabilities.split(label).as_slice()
        && let Some(capability) = capabilities.exact(first, framework)
    {
        let message = "names several capabilities: the first is taken; give each a row of its own";
        sink.warn(WarningCode::SeveralCapabilities, Some(column), Some(label), message, number);
        return capability;
    }
    sink.warn(
        WarningCode::UnmappedCapability,
        Some(column),
        Some(label),
        &format!("{miss}; loaded as unmapped"),
        number,
    );
    sink.unmapped();
    UNMAPPED
}

/// Returns why a text names no action: it is a word for none, a hint, or refers to another row.
pub fn no_action(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if lists().is_none(text) || lists().is_undated(text) {
        return Some("names no action; state in words what is to be done, or delete the row");
    }
    let is_hint = [("(", ")"), ("[", "]"), ("<", ">")].into_iter().any(|(open, close)| {
        let inner = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| !inner.contains([')', ']', '>']))
    });
    if is_hint {
        return Some("is only a hint in brackets; state what is to be done, or delete the row");
    }
    let lower = text.to_lowercase();
    let plain = lower.trim_matches(|letter: char| !letter.is_alphanumeric());
    let refers = ["see above", "see below", "as above", "same as above", "ditto", "same", "do"]
        .contains(&plain)
        || plain.len() <= 16 && (plain.starts_with("same as ") || plain.starts_with("see #"));
    refers.then_some("refers to another row; write the action itself, or delete the row")
}

/// Splits a list of organizations with full names: `Lynn FD/Salem FD`. A name such as `Health and
/// Human Services` stays whole.
fn several<'a>(text: &'a str, lookup: &Lookup) -> Vec<&'a str> {
    let is_known = |name: &str| lookup.lists().organizations.find(name).is_some();
    let is_full = |name: &&str, least: usize| {
        let words: Vec<&str> = name.split_whitespace().collect();
        let is_unit = words.last().is_some_and(|last| UNITS.contains(last));
        is_known(name) || words.len() >= least && (names_organization(name) || is_unit)
    };
    let separators = [("/", 2), (",", 2), ("&", 3), (" and ", 3)];
    let lists = separators.into_iter().map(|(separator, least)| {
        let names: Vec<&str> =
            text.split(separator).map(str::trim).filter(|name| !name.is_empty()).collect();
        (names.len() > 1 && names.iter().all(|name| is_full(name, least))).then_some(names)
    });
    let found = if is_known(text) { None } else { lists.flatten().next() };
    found.unwrap_or_else(|| vec![text])
}

/// Returns an organization without the part it plays: `MDPH (lead)`.
fn without_part(text: &str) -> &str {
    const PARTS: [&str; 8] = [
        "lead",
        "co-lead",
        "primary",
        "secondary",
        "support",
        "supporting",
        "owner",
        "responsible",
    ];
    let part = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    match part {
        Some((name, part)) if PARTS.contains(&part.trim().to_lowercase().as_str()) => name.trim(),
        _ => text,
    }
}

/// Returns the organization that owns an action. A person in the cell is dropped and reported. Of
/// several organizations, the first is used, and a warning names the others.
pub fn owner(
    text: &str,
    column: &str,
    number: u64,
    region_id: i32,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Option<OrganizationRef> {
    let mut organizations: Vec<String> = Vec::new();
    for part in text
        .split(['\n', ';'])
        .map(unmarked)
        .filter(|part| !part.is_empty() && !lists().is_undated(part))
    {
        if is_no_organization(part) {
            let message = "names no organization; loaded without an owner";
            sink.warn(WarningCode::UnknownOrganization, Some(column), Some(part), message, number);
            continue;
        }
        // Two letters are a person's initials, unless an organization is known by them.
        if part.chars().all(|letter| letter.is_ascii_uppercase())
            && lookup.lists().organizations.find(part).is_some()
        {
            organizations.push(part.to_owned());
            continue;
        }
        for name in several(part, lookup) {
            organizations.extend(organization_in(without_part(name), column, number, sink));
        }
    }
    if organizations.len() > 1 {
        let message = "names several organizations: the first is taken as the owner";
        sink.warn(
            WarningCode::SeveralOwners,
            Some(column),
            Some(&organizations.join("; ")),
            message,
            number,
        );
    }
    let name = organizations.into_iter().next();
    trace::reading(number, column, trace::ORGANIZATION, || name.clone().unwrap_or_default());
    let name = name?;
    doubt_organization(&name, column, number, lookup, sink);
    Some(OrganizationRef::Named {
        region_id: region_of_organization(&name, lookup, region_id),
        name,
    })
}

/// Returns whether a text in a field for an organization is none: `Various`, `See notes`, an error
/// value, a date, a share, a mark or an extension.
pub fn is_no_organization(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let is_extension = || {
        let lower = text.to_lowercase();
        let number = lower.trim_start_matches("ext").trim_start_matches(['.', ':', '#', ' ']);
        lower.starts_with("ext")
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    letters < 2
        || is_error_value(text)
        || lists().names_nobody(text)
        || is_extension()
        || day(text, End::Last).is_some()
}

/// Returns the organization that a field names. A person in the field is dropped and reported,
/// without the name.
pub fn organization_in(text: &str, column: &str, number: u64, sink: &mut Sink) -> Option<String> {
    let (organization, left_out) = organization_part(text);
    if left_out > 0 {
        (0..left_out).for_each(|_| sink.dropped());
        let message = "names a person, who is not stored: the row loads with the organization next \
            to the name, or else with \
            none; give an organization or a role";
        sink.warn(WarningCode::PersonDropped, Some(column), None, message, number);
    }
    organization
}

/// Warns about an organization whose name is similar to a known name. It is loaded under its own
/// name.
pub fn doubt_organization(name: &str, column: &str, number: u64, lookup: &Lookup, sink: &mut Sink) {
    if let Some(near) = lookup.lists().organizations.misspelled(name) {
        let near = question(Some(&near));
        let message = format!("not in any reference list{near} It is added by its name");
        sink.warn(WarningCode::UnknownOrganization, Some(column), Some(name), &message, number);
    }
}

/// Returns the hazards of a text such as `Coastal storm and power failure`; the first is primary.
/// Unknown labels are reported and stored in `labels`.
pub fn hazards(
    text: &str,
    column: &str,
    number: u64,
    lookup: &Lookup,
    sink: &mut Sink,
    labels: &mut Vec<(&'static str, String)>,
) -> Vec<i32> {
    let find = |label: &str| lookup.hazards_named(label);
    let mut hazards: Vec<i32> = Vec::new();
    let mut unknown = Vec::new();
    match find(text) {
        Some(found) => hazards.extend(found),
        None => {
            for part in text
                .split([';', '/', ',', '\n', '&', '+'])
                .flat_map(|part| part.split(" and "))
                .flat_map(|part| part.split(" with "))
            {
                let part = part.trim();
                match find(part).or_else(|| lookup.hazards_within(part)) {
                    _ if part.is_empty() => {}
                    Some(found) => hazards.extend(found),
                    None => unknown.push(part.to_owned()),
                }
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    hazards.retain(|hazard| seen.insert(*hazard));
    trace::reading(number, column, "hazard", || lookup.hazard_names(&hazards));
    if hazards.is_empty() {
        hazards.push(UNMAPPED);
        if !text.trim().is_empty() {
            sink.warn(
                WarningCode::UnmappedHazard,
                Some(column),
                Some(text),
                &lookup.hazard_missed(text),
                number,
            );
            sink.unmapped();
        }
        unknown = vec![text.trim().to_owned()];
    }
    for label in unknown.into_iter().filter(|label| !label.is_empty()) {
        let label = sink.redacted(&label);
        if !labels.contains(&("hazard", label.clone())) {
            labels.push(("hazard", label));
        }
    }
    hazards
}

/// A part of a cell that no region is named by.
#[derive(Debug, thiserror::Error)]
#[error("{part}: {miss}")]
pub struct UnknownRegion {
    part: String,
    miss: Miss,
}

impl From<UnknownRegion> for String {
    fn from(error: UnknownRegion) -> Self {
        error.to_string()
    }
}

/// Returns the regions of a cell, as codes or names, separated by commas, semicolons or slashes;
/// `Statewide` means all regions.
pub fn regions(text: &str, lookup: &Lookup) -> Result<Vec<(i32, f64)>, UnknownRegion> {
    let plain = text.trim();
    if plain.is_empty() || lists().is_none(plain) || lists().is_undated(plain) {
        return Ok(Vec::new());
    }
    let words = plain.to_lowercase().replace('-', " ");
    if ["statewide", "state wide", "all", "all regions"].contains(&words.as_str())
        || profile::active().state_words.contains(&words)
    {
        return Ok(lookup.all_regions());
    }
    let mut found = Vec::new();
    let names = lookup.lists().of(NamedList::Region);
    if let Some(region) = names.find(plain) {
        found.push(region);
    } else {
        for part in plain
            .split([',', ';', '/', '&', '\n'])
            .flat_map(|part| part.split(" and "))
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let region = names.require(part).or_else(|miss| {
                let unknown = UnknownRegion { part: part.to_owned(), miss };
                region_within(part, lookup).ok_or(unknown)
            })?;
            if !found.contains(&region) {
                found.push(region);
            }
        }
    }
    let share = 1.0 / found.len().max(1) as f64;
    Ok(found.into_iter().map(|region| (region, share)).collect())
}

/// Returns the region that a text names by its code next to a word for regions: `Region 4AB`.
pub fn region_within(text: &str, lookup: &Lookup) -> Option<i32> {
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let near = |word: &str| profile::active().regions.words.contains(&word.to_lowercase());
    words.windows(2).find_map(|pair| {
        if near(pair[0]) {
            lookup.region(&pair[1].to_uppercase())
        } else if near(pair[1]) && pair[0].len() <= 3 {
            lookup.region(&pair[0].to_uppercase())
        } else {
            None
        }
    })
}

/// Returns the region of an organization by its name: a region in the name, the region it sponsors,
/// or the region of its town. Otherwise returns the given region, unless that is the state.
pub fn region_of_organization(name: &str, lookup: &Lookup, otherwise: i32) -> i32 {
    if let Some(region) = region_within(name, lookup).or_else(|| lookup.sponsored_region(name)) {
        return region;
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    let town = (1..=words.len().min(3)).rev().find_map(|count| {
        lookup.regions_of_municipality(&words[..count].join(" ")).first().map(|(region, _)| *region)
    });
    let own = &profile::active().state_organizations;
    let is_state = words.iter().any(|word| own.iter().any(|known| known == word));
    town.unwrap_or(if is_state { UNMAPPED } else { otherwise })
}
