//! Prerenders report pages at startup, after each change of the warehouse, and at midnight.
//!
//! Pages are cached per access: all detail, one region's detail, or none. Cubes and suppression are
//! cached with the snapshot (`hotwash_metrics`).

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::web;
use hotwash_schema::access::{Role, Viewer};

use super::pages;
use super::state::AppState;
use hotwash_graphql::ViewerScope;

/// Interval of checking for a new day.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// Computes the pages whenever they change, one after the other, until the server ends.
pub async fn follow(state: web::Data<AppState>) {
    let mut versions = state.store.subscribe();
    loop {
        let (snapshot, today) = (state.store.pin(), chrono::Local::now().date_naive());
        let (generation, version, is_large) = (
            snapshot.generation(),
            snapshot.version,
            snapshot.rows() >= state.options.prerender_rows,
        );
        state.answers.retain(state.store.generation(&snapshot));
        // Release the snapshot while its pages are computed.
        drop(snapshot);
        let changed = || state.store.pin().generation() != generation;
        let began = std::time::Instant::now();
        let readers = if is_large { readers(&state).await } else { Vec::new() };
        let pages = readers
            .iter()
            .flat_map(|seen| paths(&state).into_iter().map(move |path| (seen.clone(), path)));
        for (seen, path) in pages {
            // Stop when a newer snapshot arrives.
            if changed() {
                break;
            }
            pages::answer(&state, seen, &path, "").await;
        }
        if is_large && !changed() {
            state.prerendered.store(version, Ordering::Relaxed);
            tracing::debug!(
                version,
                took_ms = began.elapsed().as_millis() as u64,
                "pages computed ahead"
            );
        }
        while !changed() && chrono::Local::now().date_naive() == today {
            let _ = tokio::time::timeout(CHECK_INTERVAL, versions.changed()).await;
        }
    }
}

/// Returns one viewer per kind of access: the local user if no keys exist; otherwise one with all
/// detail, one per region, and one without detail.
async fn readers(state: &AppState) -> Vec<ViewerScope> {
    if state.oidc.is_none()
        && state.authenticator.keys_exist(&state.primary).await.is_ok_and(|exist| !exist)
    {
        return vec![ViewerScope { viewer: Viewer::local(), regions: Vec::new() }];
    }
    let reader = |role, region: Option<(i32, String)>| {
        let (ids, codes) = region.into_iter().unzip();
        ViewerScope { viewer: Viewer { name: "ahead".into(), role, regions: codes }, regions: ids }
    };
    let snapshot = state.store.pin();
    let regions = snapshot.regions.values().filter(|region| region.id > 0);
    let regions =
        regions.map(|region| reader(Role::Region, Some((region.id, region.code.clone()))));
    [reader(Role::Analyst, None), reader(Role::Viewer, None)].into_iter().chain(regions).collect()
}

/// Returns the paths of the pages, as a viewer without parameters meets them.
fn paths(state: &AppState) -> Vec<String> {
    pages::prerendered_paths(state.store.pin(), &Viewer::local()).unwrap_or_else(|error| {
        tracing::error!(%error, "no page is prerendered: their paths cannot be listed");
        Vec::new()
    })
}
