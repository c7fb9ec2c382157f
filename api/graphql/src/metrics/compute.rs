//! Runs metric queries over the pinned snapshot.

use std::sync::Arc;

use async_graphql::Error;
use async_graphql::dynamic::{FieldValue, ResolverContext};
use hotwash_metrics::{MetricError, MetricQuery, Snapshot, evaluate, evaluate_changes, find};
use hotwash_schema::access::Viewer;
use serde_json::Value as Json;

use super::answer::Answer;
use super::change::{change_json, earlier};
use crate::error::{from_metric, internal};
use crate::viewer_scope::ViewerScope;

/// Answers a metric query.
///
/// # Errors
/// As [`evaluate`].
pub async fn answer(
    ctx: &ResolverContext<'_>,
    id: &str,
    query: MetricQuery,
) -> Result<Option<FieldValue<'static>>, Error> {
    let earlier = earlier(&ctx.args)?;
    let asked = query.clone();
    let computation = move |snapshot: &Snapshot, id: &str, viewer: &Viewer| match earlier {
        None => Ok((evaluate(snapshot, id, &asked, viewer)?, Vec::new())),
        Some(earlier) => evaluate_changes(snapshot, id, &asked, earlier, viewer),
    };
    let (result, changes) = compute(ctx, id, computation).await?;
    let changes: Vec<Json> = changes.iter().map(change_json).collect();
    Ok(Some(FieldValue::owned_any(Answer::new(result, &changes, query))))
}

/// Runs a computation on a separate thread for blocking work.
///
/// # Errors
/// For an unknown metric, and as the computation.
pub async fn compute<T: Send + 'static>(
    ctx: &ResolverContext<'_>,
    id: &str,
    computation: impl FnOnce(&Snapshot, &str, &Viewer) -> Result<T, MetricError> + Send + 'static,
) -> Result<T, Error> {
    let id = find(id).map_err(|error| from_metric(&error))?.definition().id;
    on_snapshot(ctx, move |snapshot, viewer| computation(snapshot, id, viewer)).await
}

/// Runs a computation over several metrics on a separate thread for blocking work.
///
/// # Errors
/// As the computation.
pub async fn on_snapshot<T: Send + 'static>(
    ctx: &ResolverContext<'_>,
    computation: impl FnOnce(&Snapshot, &Viewer) -> Result<T, MetricError> + Send + 'static,
) -> Result<T, Error> {
    let snapshot = Arc::clone(ctx.data::<Arc<Snapshot>>()?);
    let viewer = ctx.data::<ViewerScope>()?.viewer.clone();
    let computed = tokio::task::spawn_blocking(move || computation(&snapshot, &viewer)).await;
    computed.map_err(|error| internal(&error))?.map_err(|error| from_metric(&error))
}
