//! Pages computed ahead, before somebody asks: after each change of the warehouse, at the start and at midnight, when "today" is another day.
//!
//! What every reader's pages share, the cubes and what is decided about small cells, is then kept with the snapshot (`hotwash_metrics`);
//! where no key is needed the pages themselves are.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::web;
use hotwash_schema::access::{Role, Viewer};

use super::{State, pages};
use crate::graphql::Seen;

/// The last version of the warehouse whose pages were computed ahead; 0 for none.
#[derive(Default)]
pub struct Ahead(AtomicI64);

impl Ahead {
    /// It.
    pub fn version(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often it is looked whether the day has changed.
const LOOK: Duration = Duration::from_secs(60);

/// Pages without a region of their own, the most read first.
const PATHS: [&str; 7] = ["/", "/regions", "/actions", "/capabilities", "/risks", "/response", "/data"];

/// Computes the pages whenever they change, one after the other, until the server ends.
pub async fn follow(state: web::Data<State>) {
    let mut versions = state.store.subscribe();
    loop {
        let (snapshot, today) = (state.store.pin(), chrono::Local::now().date_naive());
        let (mark, version, enough) = (snapshot.mark(), snapshot.version, snapshot.rows() >= state.options.ahead_rows);
        // An old snapshot is not held while its pages are computed.
        drop(snapshot);
        let changed = || state.store.pin().mark() != mark;
        let began = std::time::Instant::now();
        for path in paths(&state).into_iter().filter(|_| enough) {
            // A newer snapshot has other pages; whoever asks meanwhile comes first.
            if changed() {
                break;
            }
            // One who sees all, and one to whom small cells are not told: what is decided for one region serves all.
            for seen in [Seen { viewer: Viewer::local(), regions: Vec::new() }, of_one_region(&state)] {
                pages::answer(&state, seen, &path, "").await;
            }
        }
        if enough && !changed() {
            state.ahead.0.store(version, Ordering::Relaxed);
            tracing::debug!(version, took_ms = began.elapsed().as_millis() as u64, "pages computed ahead");
        }
        while !changed() && chrono::Local::now().date_naive() == today {
            let _ = tokio::time::timeout(LOOK, versions.changed()).await;
        }
    }
}

/// A reader of the first region.
fn of_one_region(state: &State) -> Seen {
    let snapshot = state.store.pin();
    let first: Vec<_> = snapshot.regions.values().filter(|region| region.id > 0).take(1).collect();
    let codes = first.iter().map(|region| region.code.clone()).collect();
    let viewer = Viewer { name: "ahead".into(), role: Role::Region, regions: codes };
    Seen { viewer, regions: first.iter().map(|region| region.id).collect() }
}

fn paths(state: &State) -> Vec<String> {
    let snapshot = state.store.pin();
    let codes =
        snapshot.regions.values().filter(|region| region.id > 0).map(|region| format!("/regions/{}", region.code));
    PATHS.iter().map(|path| (*path).to_owned()).chain(codes).collect()
}
