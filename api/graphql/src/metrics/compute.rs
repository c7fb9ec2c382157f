//! Runs metric queries over the pinned snapshot.

use std::sync::Arc;

use async_graphql::Error;
use async_graphql::dynamic::{FieldValue, ResolverContext};
use hotwash_metrics::{MetricError, MetricQuery, Snapshot, evaluate, find};
use hotwash_schema::access::Viewer;

use super::answer::Answer;
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
    let result = compute(ctx, id, query.clone(), evaluate).await?;
    Ok(Some(FieldValue::owned_any(Answer::new(result, query))))
}

/// Runs a computation on a separate thread for blocking work.
///
/// # Errors
/// For an unknown metric, and as the computation.
pub async fn compute<T: Send + 'static>(
    ctx: &ResolverContext<'_>,
    id: &str,
    query: MetricQuery,
    computation: fn(&Snapshot, &str, &MetricQuery, &Viewer) -> Result<T, MetricError>,
) -> Result<T, Error> {
    let snapshot = Arc::clone(ctx.data::<Arc<Snapshot>>()?);
    let viewer = ctx.data::<ViewerScope>()?.viewer.clone();
    let id = find(id).map_err(|error| from_metric(&error))?.definition().id;
    let computed =
        tokio::task::spawn_blocking(move || computation(&snapshot, id, &query, &viewer)).await;
    computed.map_err(|error| internal(&error))?.map_err(|error| from_metric(&error))
}
