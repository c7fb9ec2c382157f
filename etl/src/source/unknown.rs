//! Writes the message about a file that no source recognizes: what it has, the nearest source, and
//! what to do.

use super::definition::Source;
use super::sample::Sample;
use super::similar_tables::similar_table;
use crate::reading::headings::is_data;
use crate::reading::person::may_be_person;
use crate::template::normalize_heading;

/// Headings that reveal a list of patients or persons.
const PERSONAL: [&str; 12] = [
    "mr",
    "mrn",
    "dob",
    "last name",
    "first name",
    "patient name",
    "date of birth",
    "medical record number",
    "triage tag",
    "patient",
    "ssn",
    "signature",
];

/// Returns the message for a file that no source recognizes; `doubted` is a source with weak
/// evidence.
pub fn message(
    sample: &Sample,
    doubted: Option<&'static dyn Source>,
    sources: &[&'static dyn Source],
) -> String {
    if sample.headings.is_empty() || sample.is_binary {
        return "no known format: neither a table with headings nor a known document; `hotwash \
            sources` lists what can be loaded"
            .into();
    }
    let personal = sample.headings.iter().filter(|heading| {
        PERSONAL.contains(&hotwash_schema::label::normalize_label(heading).as_str())
    });
    if personal.count() >= 2 {
        return "this lists patients or other persons, who are never stored; load counts only, \
            as a log's column of patients"
            .into();
    }
    if is_data(&sample.headings) {
        return "the first row holds data, not headings: put a row with the names of the \
            columns above it; `hotwash sources` lists \
            the headings of each source, and `hotwash template NAME` writes a file to be \
            filled in"
            .into();
    }
    let similar_table = similar_table(sample).filter(|_| sample.word.is_none());
    // The first row of a workbook may contain data, so possible names are left out.
    let is_known = |heading: &str| similar_table.is_some_and(|kind| kind.has(heading));
    let is_shown =
        |heading: &&String| !sample.text.is_empty() || is_known(heading) || !may_be_person(heading);
    let shown: Vec<String> = sample
        .headings
        .iter()
        .filter(is_shown)
        .take(20)
        .map(|heading| crate::redact::redact(heading).0.into_owned())
        .collect();
    let likely = similar_table
        .and_then(|kind| with_id(sources, kind.source))
        .or(doubted)
        .or_else(|| nearest(sample, sources));
    let near = likely.map_or_else(String::new, |source| {
        let nearest = source.definition();
        let own: Vec<String> =
            sample.headings.iter().map(|heading| normalize_heading(heading)).collect();
        let missing: Vec<&str> = nearest
            .headings
            .iter()
            .filter(|name| !own.contains(&normalize_heading(name)))
            .copied()
            .collect();
        let missing = if missing.is_empty() {
            String::new()
        } else {
            format!(", which also has {}", missing.join(", "))
        };
        format!("; nearest is {} ({}){missing}", nearest.id, nearest.title)
    });
    let kind = similar_table.map_or_else(String::new, |kind| {
        format!("; this looks like {}, which no source reads: {}", kind.what, kind.advice)
    });
    let mut ids: Vec<&str> =
        likely.into_iter().chain(doubted).map(|source| source.definition().id).collect();
    ids.dedup();
    let decide = ids.iter().map(|id| format!("--source {id}")).collect::<Vec<_>>().join(" or ");
    let decide =
        if ids.is_empty() { decide } else { format!("; {decide} reads it as that all the same") };
    let is_advised = sample.word.is_some() || kind.contains("--suggest");
    let layout = if is_advised {
        ""
    } else {
        "; a layout of your own reads any table: `hotwash inspect FILE --suggest`"
    };
    format!(
        "no source knows these headings: {}{near}{kind}{decide}{layout}; `hotwash sources` \
         lists all",
        shown.join(", ")
    )
}

/// Returns the source that knows the most headings; none if no source knows any.
fn nearest(sample: &Sample, sources: &[&'static dyn Source]) -> Option<&'static dyn Source> {
    if sample.word.is_some() {
        return with_id(sources, "hseep_aar_docx");
    }
    let rated = sources.iter().map(|source| (source.nearness(sample), *source));
    rated
        .filter(|(nearness, _)| *nearness > 0.0)
        .max_by(|one, two| one.0.total_cmp(&two.0))
        .map(|(_, source)| source)
}

fn with_id(sources: &[&'static dyn Source], id: &str) -> Option<&'static dyn Source> {
    sources.iter().copied().find(|source| source.definition().id == id)
}
