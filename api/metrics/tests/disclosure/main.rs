//! Attacks disclosure control: a reader with a key must not learn suppressed numbers of a release.
//!
//! `HOTWASH_DISCLOSURE_WORLDS` sets which random warehouses to attack: a number of them, or a range
//! of their seeds such as `9..10`. `tests/run --disclosure` attacks fifty.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod attack;
mod attacker;
mod facts;
mod fiscal_year;
mod scenarios;
mod solver;
mod successive;
mod world;

use std::ops::Range;

use hotwash_metrics::{Release, Rules, Snapshot};
use hotwash_schema::access::Viewer;
use world::AS_OF;

/// Seeds of the random warehouses to attack; `None` in the short run of every day.
fn chosen_worlds() -> Option<Range<u64>> {
    let chosen = std::env::var("HOTWASH_DISCLOSURE_WORLDS").ok()?;
    let (first, end) = chosen.split_once("..").unwrap_or(("0", &chosen));
    Some(first.parse().unwrap()..end.parse().unwrap())
}

fn released(snapshot: &Snapshot, rules: Rules) -> Snapshot {
    let release =
        Release::compute_with_rules(snapshot, AS_OF.parse().unwrap(), None, rules).unwrap();
    // Reads the release as a server does from the warehouse.
    snapshot.with_release(Release::from_json(release.to_json().unwrap()).unwrap())
}

/// Reads every table of every metric that the viewer may read.
fn read(snapshot: &Snapshot, viewer: &Viewer) -> attacker::TableNumbers {
    attacker::read_as_of(snapshot, viewer, AS_OF.parse().unwrap())
}
