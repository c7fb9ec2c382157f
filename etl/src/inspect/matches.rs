//! Matches the events and organizations of a file with the warehouse, over a read-only connection.

use std::collections::{BTreeMap, HashSet};

use diesel::sql_types::{Array, BigInt, Integer, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::label::normalize_label;
use serde::Serialize;

use super::columns::shown;
use super::trace::{Named, Trace};
use crate::load::NEAR;
use crate::sql::sql;
use hotwash_schema::copy::{Connection, RunStatement};

/// Maximum number of events or organizations listed.
const LISTED: usize = 200;

/// Events or organizations of a file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Matches {
    /// Number known to the warehouse.
    pub matched: u64,
    /// Number that a load would add.
    pub new: u64,
    /// Number referred to and unknown.
    pub missing: u64,
    /// First of them.
    pub listed: Vec<Match>,
}

/// Result of a match with the warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MatchState {
    /// Known to the warehouse.
    Matched,
    /// Added by a load.
    New,
    /// Unknown: rows that need it are rejected, others are loaded without it.
    Missing,
    /// Not matched, because no warehouse was queried.
    Unknown,
}

/// An event or organization.
#[derive(Clone, Debug, Serialize)]
pub struct Match {
    /// Id in the file.
    pub id: Option<String>,
    /// Name in the file, redacted.
    pub name: Option<String>,
    /// Date in the file.
    pub date: Option<String>,
    /// Result of the match.
    pub state: MatchState,
    /// Name in the warehouse.
    pub known_as: Option<String>,
    /// Number of records that name it.
    pub records: u64,
}

impl Match {
    fn of(named: &Named, records: u64) -> Self {
        let (id, name, date) = match named {
            Named::Own(id, name, day) => (Some(id), Some(name), *day),
            Named::Id(id) => (Some(id), None, None),
            Named::Name(name, day) => (None, Some(name), *day),
        };
        Self {
            id: id.map(|id| shown(id)),
            name: name.map(|name| shown(name)),
            date: date.map(|day| day.to_string()),
            state: MatchState::Unknown,
            known_as: None,
            records,
        }
    }
}

impl Matches {
    /// Returns all of them as not matched.
    pub fn unknown(named: &BTreeMap<Named, u64>) -> Self {
        Self::of(
            distinct(named).iter().map(|(named, records)| Match::of(named, *records)).collect(),
        )
    }

    fn of(mut all: Vec<Match>) -> Self {
        let count = |state: MatchState| all.iter().filter(|one| one.state == state).count() as u64;
        let (matched, new, missing) =
            (count(MatchState::Matched), count(MatchState::New), count(MatchState::Missing));
        all.truncate(LISTED);
        Self { matched, new, missing, listed: all }
    }
}

/// Matches the events and organizations of a trace with the warehouse.
pub async fn find(
    url: &str,
    source: &str,
    trace: &Trace,
) -> Result<(Matches, Matches), SchemaError> {
    let connection = Connection::open(url).await?;
    connection.run_batch("set default_transaction_read_only = on").await?;
    let events = events(&connection, source, &distinct(&trace.events)).await?;
    let organizations = organizations(&connection, source, &distinct(&trace.organizations)).await?;
    Ok((events, organizations))
}

/// Returns what a file names, each once. A reference to one of its own records counts for that
/// record.
fn distinct(named: &BTreeMap<Named, u64>) -> BTreeMap<Named, u64> {
    let own: HashSet<&String> = named
        .keys()
        .filter_map(|one| if let Named::Own(id, ..) = one { Some(id) } else { None })
        .collect();
    let is_own = |one: &Named| matches!(one, Named::Id(id) if own.contains(id));
    let mut all: BTreeMap<Named, u64> = named
        .iter()
        .filter(|(one, _)| !is_own(one))
        .map(|(one, records)| (one.clone(), *records))
        .collect();
    for (one, records) in &mut all {
        if let Named::Own(id, ..) = one {
            *records += named.get(&Named::Id(id.clone())).copied().unwrap_or_default();
        }
    }
    all
}

/// Keys of a query: ids, names and dates; empty where missing.
struct Keys {
    ids: Vec<String>,
    names: Vec<String>,
    days: Vec<String>,
}

impl Keys {
    fn of(named: &BTreeMap<Named, u64>) -> Self {
        let mut keys = Self { ids: Vec::new(), names: Vec::new(), days: Vec::new() };
        for one in named.keys() {
            let (id, name, day) = match one {
                Named::Own(id, name, day) => (id.as_str(), name.as_str(), *day),
                Named::Id(id) => (id.as_str(), "", None),
                Named::Name(name, day) => ("", name.as_str(), *day),
            };
            keys.ids.push(id.replace('\0', ""));
            keys.names.push(normalize_label(name));
            keys.days.push(day.map(|day| day.to_string()).unwrap_or_default());
        }
        keys
    }
}

/// Matches by id in the same source, then by any id, then by name and date. An own event without a
/// match is new.
async fn events(
    connection: &Connection,
    source: &str,
    named: &BTreeMap<Named, u64>,
) -> Result<Matches, SchemaError> {
    let keys = Keys::of(named);
    let known = sql!("inspect/known_events.sql")
        .query()
        .bind::<Array<Text>, _>(keys.ids)
        .bind::<Array<Text>, _>(keys.names)
        .bind::<Array<Text>, _>(keys.days)
        .bind::<Text, _>(source)
        .bind::<Integer, _>(NEAR);
    let rows = connection.rows::<(BigInt, Text), _>(known).await?;
    Ok(answered(named, rows, |named| {
        if matches!(named, Named::Own(..)) { MatchState::New } else { MatchState::Missing }
    }))
}

/// Matches by id in the same source, then by an id that only one source has, then by name. An
/// unknown name is added.
async fn organizations(
    connection: &Connection,
    source: &str,
    named: &BTreeMap<Named, u64>,
) -> Result<Matches, SchemaError> {
    let keys = Keys::of(named);
    let known = sql!("inspect/known_organizations.sql")
        .query()
        .bind::<Array<Text>, _>(keys.ids)
        .bind::<Array<Text>, _>(keys.names)
        .bind::<Text, _>(source);
    let rows = connection.rows::<(BigInt, Text), _>(known).await?;
    Ok(answered(named, rows, |named| {
        if matches!(named, Named::Id(_)) { MatchState::Missing } else { MatchState::New }
    }))
}

fn answered(
    named: &BTreeMap<Named, u64>,
    rows: Vec<(i64, String)>,
    otherwise: impl Fn(&Named) -> MatchState,
) -> Matches {
    let known: BTreeMap<i64, String> = rows.into_iter().collect();
    let all = (1..).zip(named).map(|(index, (one, records))| {
        let mut found = Match::of(one, *records);
        found.known_as = known.get(&index).map(|name| shown(name));
        found.state = match one {
            _ if found.known_as.is_some() => MatchState::Matched,
            one => otherwise(one),
        };
        found
    });
    Matches::of(all.collect())
}
