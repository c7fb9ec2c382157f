//! Matches reports without a shared id to known actions: the same event and capability, and similar
//! text.

use crate::code::WarningCode;
use std::collections::{HashMap, HashSet};

use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Text};
use hotwash_schema::label::normalize_label;

use super::super::context::MergeContext;
use crate::load::report::Warning;
use crate::sql::sql;
use hotwash_schema::copy::{Error, RunStatement};

/// Minimum similarity (normalized Levenshtein of normalized text, 0 to 1) at which two texts
/// describe one action.
pub const MIN_SIMILARITY: f64 = 0.9;
/// Minimum similarity of the issues if both reports state one. It is lower because issue titles are
/// shortened more freely.
const MIN_ISSUE_SIMILARITY: f64 = 0.7;

struct Wording {
    id: i64,
    event: i64,
    capability: i32,
    text: String,
    issue: Option<String>,
    identified: bool,
    owner: Option<i64>,
}

impl Wording {
    /// Returns the similarity, 0 to 1, or none if the actions cannot be the same.
    fn similarity(&self, other: &Self) -> Option<f64> {
        let same = |one: i32, two: i32| one == two || one == -1 || two == -1;
        // Two different ids are two actions; this is how a wrong match is undone.
        if !same(self.capability, other.capability) || (self.identified && other.identified) {
            return None;
        }
        let text = strsim::normalized_levenshtein(&self.text, &other.text);
        let issue = match (&self.issue, &other.issue) {
            (Some(one), Some(two)) => Some(strsim::normalized_levenshtein(one, two)),
            _ => None,
        };
        let alike =
            text >= MIN_SIMILARITY && issue.is_none_or(|issue| issue >= MIN_ISSUE_SIMILARITY);
        alike.then(|| issue.map_or(text, |issue| (text + issue) / 2.0))
    }
}

/// Assigns the most similar action to each report that no id has matched. Each report and each
/// action is matched at most once.
pub async fn match_by_similarity(merging: &MergeContext<'_>) -> Result<Vec<Warning>, Error> {
    // Every text an action ever had is compared.
    type Columns = (BigInt, BigInt, Integer, Text, Nullable<Text>, Bool, Nullable<BigInt>);
    type WordingRow = (i64, i64, i32, String, Option<String>, bool, Option<i64>);
    let rows: Vec<WordingRow> =
        merging.rows::<Columns, _>(sql!("action/known_wordings.sql")).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let wording = |row: &WordingRow| {
        let (id, event, capability, text, issue, identified, owner) = row;
        Wording {
            id: *id,
            event: *event,
            capability: *capability,
            text: normalize_label(text),
            issue: issue.as_deref().map(normalize_label).filter(|issue| !issue.is_empty()),
            identified: *identified,
            owner: *owner,
        }
    };
    let mut known: HashMap<i64, Vec<Wording>> = HashMap::new();
    for row in &rows {
        let known_action = wording(row);
        known.entry(known_action.event).or_default().push(known_action);
    }
    let events: Vec<i64> = known.keys().copied().collect();
    let rows: Vec<(WordingRow, String, i64)> = merging
        .transaction
        .rows::<(Columns, Text, BigInt), _>(
            sql!("action/new_wordings.sql").query().bind::<Array<BigInt>, _>(events),
        )
        .await?;
    let taken = merging.rows::<BigInt, i64>(sql!("action/matched_actions.sql")).await?;
    let mut taken: HashSet<i64> = taken.into_iter().collect();
    let mut pairs: Vec<(f64, bool, usize, i64)> = Vec::new();
    for (index, (row, ..)) in rows.iter().enumerate() {
        let report = wording(row);
        let candidates = known.get(&report.event).into_iter().flatten();
        pairs.extend(candidates.filter_map(|action| {
            let same_owner = report.owner.is_some() && report.owner == action.owner;
            Some((report.similarity(action)?, same_owner, index, action.id))
        }));
    }
    // Facilities of one coalition often have the same action: of equally similar ones, that of the
    // same owner comes first.
    pairs.sort_by(|one, two| {
        two.0
            .total_cmp(&one.0)
            .then(two.1.cmp(&one.1))
            .then(one.2.cmp(&two.2))
            .then(one.3.cmp(&two.3))
    });
    let (mut reported, mut warnings) = (HashSet::new(), Vec::new());
    let (mut ids, mut actions, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    for (score, _, index, action) in pairs {
        if reported.contains(&index) || taken.contains(&action) {
            continue;
        }
        reported.insert(index);
        taken.insert(action);
        let ((_, _, _, text, ..), source_id, first_row) = &rows[index];
        warnings.push(Warning {
            code: WarningCode::MatchedBySimilarity,
            column: Some("action".into()),
            value: Some(text.chars().take(200).collect()),
            message: format!(
                "matched to an action that is already known (likeness {score:.2}, at \
                least {MIN_SIMILARITY}); if they are two actions, give each its own id"
            ),
            first_row: first_row.unsigned_abs(),
            occurrences: 1,
        });
        ids.push(source_id.clone());
        actions.push(action);
        scores.push(score);
    }
    let update = sql!("action/match_reports.sql")
        .query()
        .bind::<Array<Text>, _>(ids)
        .bind::<Array<BigInt>, _>(actions)
        .bind::<Array<Double>, _>(scores);
    merging.transaction.execute(update).await?;
    Ok(warnings)
}
