//! Matches claims of different documents to one event: the same kind, adjacent dates, similar
//! names, and no conflict of sponsor or region.

use crate::code::WarningCode;
use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::sql_types::{Array, BigInt, Bool, Date, Double, Integer, Nullable, Text};
use hotwash_schema::label::normalize_label;

use super::super::context::{MergeContext, NEAR};
use crate::load::report::Warning;
use crate::sql::sql;
use hotwash_schema::copy::{Error, RunStatement};

/// Minimum similarity of names (0 to 1) at which two claims on the same dates are matched.
pub const MIN_SIMILARITY: f64 = 0.85;
/// Minimum similarity of sponsors if both claims name one.
const MIN_SPONSOR_SIMILARITY: f64 = 0.6;
/// Words for the kind of an event, which do not identify it.
const GENERIC_WORDS: [&str; 24] = [
    "the",
    "a",
    "an",
    "of",
    "and",
    "in",
    "at",
    "for",
    "on",
    "exercise",
    "drill",
    "incident",
    "event",
    "response",
    "full",
    "scale",
    "functional",
    "tabletop",
    "table",
    "top",
    "fse",
    "ttx",
    "fe",
    "seminar",
];

struct EventSummary {
    event: i64,
    name: String,
    first: NaiveDate,
    last: NaiveDate,
    sponsor: Option<String>,
    regions: Vec<i32>,
    /// The id was given by the document, not made from name and date.
    identified: bool,
    source: String,
    source_id: String,
}

/// Columns of a summary, as Postgres returns them.
type SummaryColumns = (
    Nullable<BigInt>,
    Text,
    Date,
    Date,
    Nullable<Text>,
    Nullable<Array<Integer>>,
    Bool,
    Text,
    Text,
);
type SummaryRow = (
    Option<i64>,
    String,
    NaiveDate,
    NaiveDate,
    Option<String>,
    Option<Vec<i32>>,
    bool,
    String,
    String,
);

impl EventSummary {
    fn of(row: SummaryRow) -> Self {
        let (event, name, first, last, sponsor, regions, identified, source, source_id) = row;
        Self {
            event: event.unwrap_or_default(),
            name: normalize_label(&name),
            first,
            last,
            sponsor: sponsor.map(|name| normalize_label(&name)).filter(|name| !name.is_empty()),
            regions: regions.unwrap_or_default(),
            identified,
            source,
            source_id,
        }
    }

    /// Returns the similarity, 0 to 1, or none if the events cannot be the same.
    fn similarity(&self, other: &Self) -> Option<f64> {
        // Different ids mean different events.
        if self.identified && other.identified && self.source_id != other.source_id {
            return None;
        }
        let gap = (self.first - other.last).max(other.first - self.last).num_days();
        if gap > i64::from(NEAR) {
            return None;
        }
        let at_odds = !self.regions.is_empty()
            && !other.regions.is_empty()
            && !self.regions.iter().any(|region| other.regions.contains(region));
        let sponsor = match (&self.sponsor, &other.sponsor) {
            (Some(one), Some(two)) => Some(name_similarity(one, two)),
            _ => None,
        };
        if at_odds || sponsor.is_some_and(|similarity| similarity < MIN_SPONSOR_SIMILARITY) {
            return None;
        }
        let name = name_similarity(&self.name, &other.name);
        // Dates that are only adjacent require an almost identical name.
        let min_similarity = if gap > 0 { 0.95 } else { MIN_SIMILARITY };
        (name >= min_similarity).then_some(name)
    }
}

/// Returns the similarity of two normalized names, by letters or by identifying words, whichever is
/// higher.
fn name_similarity(one: &str, two: &str) -> f64 {
    let words = |text: &str| -> HashSet<String> {
        text.split(' ')
            .filter(|word| !GENERIC_WORDS.contains(word) && !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (left, right) = (words(one), words(two));
    // `Region 3` and `Region 5` differ in one letter only.
    let numbers = |words: &HashSet<String>| -> HashSet<String> {
        words
            .iter()
            .filter(|word| word.chars().any(|letter| letter.is_ascii_digit()))
            .cloned()
            .collect()
    };
    let (these, those) = (numbers(&left), numbers(&right));
    if !these.is_empty() && !those.is_empty() && these != those {
        return 0.0;
    }
    let shared = left.intersection(&right).count();
    let dice =
        if shared >= 2 { 2.0 * shared as f64 / (left.len() + right.len()) as f64 } else { 0.0 };
    strsim::normalized_levenshtein(one, two).max(dice)
}

/// Matches each new claim to the most similar event. Each claim and each event is matched at most
/// once.
pub async fn match_events(merging: &MergeContext<'_>) -> Result<Vec<Warning>, Error> {
    let known: Vec<(SummaryRow, String)> =
        merging.rows::<(SummaryColumns, Text), _>(sql!("event/known_claims.sql")).await?;
    if known.is_empty() {
        return Ok(Vec::new());
    }
    // Candidates are indexed by kind and month; a claim is compared with those of its own and the
    // adjacent months.
    let month = |day: NaiveDate| chrono::Datelike::num_days_from_ce(&day) / 30;
    let mut by_month: HashMap<(String, i32), Vec<usize>> = HashMap::new();
    let mut others = Vec::new();
    for (row, kind) in known {
        let claim = EventSummary::of(row);
        for index in month(claim.first)..=month(claim.last) {
            by_month.entry((kind.clone(), index)).or_default().push(others.len());
        }
        others.push(claim);
    }
    let own: Vec<(SummaryRow, String, i64)> =
        merging.rows::<(SummaryColumns, Text, BigInt), _>(sql!("event/new_claims.sql")).await?;
    let mut pairs = Vec::new();
    for (index, (row, kind, _)) in own.iter().enumerate() {
        let claim = EventSummary::of(row.clone());
        let near = month(claim.first) - 1..=month(claim.last) + 1;
        let candidates: HashSet<usize> = near
            .filter_map(|index| by_month.get(&(kind.clone(), index)))
            .flatten()
            .copied()
            .collect();
        pairs.extend(
            candidates
                .into_iter()
                .filter_map(|other| Some((claim.similarity(&others[other])?, index, other))),
        );
    }
    pairs.sort_by(|one, two| {
        two.0.total_cmp(&one.0).then(one.1.cmp(&two.1)).then(one.2.cmp(&two.2))
    });
    let (mut placed, mut taken, mut warnings) = (HashSet::new(), HashSet::new(), Vec::new());
    for (similarity, index, other) in pairs {
        let other = &others[other];
        if placed.contains(&index) || !taken.insert(other.event) {
            continue;
        }
        placed.insert(index);
        let ((_, name, .., id), _, first_row) = &own[index];
        warnings.push(Warning {
            code: WarningCode::SameEvent,
            column: Some("name".into()),
            value: Some(name.clone()),
            message: format!(
                "matched to the event known from {} as “{}” of {} (likeness {similarity:.2}, at \
                 least \
                 {MIN_SIMILARITY}); if they are two events, load this file again with \
                 --not-same-as '{id}'",
                other.source, other.name, other.first
            ),
            first_row: first_row.unsigned_abs(),
            occurrences: 1,
        });
        let matched = sql!("event/match_claim.sql").query().bind::<Text, _>(id);
        let matched = matched.bind::<BigInt, _>(other.event).bind::<Double, _>(similarity);
        merging.transaction.execute(matched).await?;
    }
    Ok(warnings)
}

#[cfg(test)]
mod tests {
    use super::name_similarity;

    #[test]
    fn the_same_event_under_two_names_is_similar_and_its_neighbors_are_not() {
        for (one, two) in [
            (
                "merrimack valley mass casualty full scale exercise",
                "merrimack valley mass casualty fse",
            ),
            ("fall river water main break response", "fall river water main break"),
        ] {
            assert!(
                name_similarity(one, two) >= super::MIN_SIMILARITY,
                "{one} / {two}: {}",
                name_similarity(one, two)
            );
        }
        for (one, two) in [
            ("region 3 communications drill", "region 5 communications drill"),
            ("boarding surge", "hazmat release"),
            ("winter storm tabletop", "winter surge tabletop"),
        ] {
            assert!(
                name_similarity(one, two) < super::MIN_SIMILARITY,
                "{one} / {two}: {}",
                name_similarity(one, two)
            );
        }
    }
}
