//! Requests that name their snapshot. Metrics are computed from the snapshot itself. Everything
//! else is read from Postgres as it is now, so it is answered only if the warehouse has not changed
//! since.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Error, Pos, Response, ServerError, async_trait};
use hotwash_metrics::Snapshot;

use super::error::{Code, coded};
use super::pool::QueryPool;

/// Marks a request that names its snapshot.
#[derive(Clone, Copy, Debug)]
pub struct NamesSnapshot;

/// Message about records that are no longer those of the named snapshot.
pub fn snapshot_moved(snapshot: i64, present: i64) -> String {
    format!(
        "the warehouse changed from snapshot {snapshot} to {present}, and records are read as they \
         are now; ask everything again without snapshot, and name the number of the answer \
         (metrics alone are still answered from snapshot {snapshot})"
    )
}

/// Rejects answers that read records of another state than the named snapshot.
#[derive(Clone, Copy, Debug)]
pub struct NamedSnapshotExtension;

impl ExtensionFactory for NamedSnapshotExtension {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for NamedSnapshotExtension {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let response = next.run(ctx, operation_name).await;
        if ctx.data_opt::<NamesSnapshot>().is_none() {
            return response;
        }
        match check(ctx).await {
            Ok(()) => response,
            Err(error) => {
                let error = error.into_server_error(Pos::default());
                Response::from_errors(vec![ServerError { locations: Vec::new(), ..error }])
            }
        }
    }
}

/// Checks that the statements of a request read the state of its snapshot. The generation never
/// falls, so if it is that of the snapshot now, it was before.
async fn check(ctx: &ExtensionContext<'_>) -> Result<(), Error> {
    let (pool, snapshot) = (ctx.data::<QueryPool>()?, ctx.data::<Arc<Snapshot>>()?);
    if !pool.is_used() {
        return Ok(());
    }
    let (generation, present) = pool.generation_and_version().await?;
    if generation == snapshot.generation() {
        return Ok(());
    }
    Err(coded(Code::SnapshotMoved, snapshot_moved(snapshot.version, present)))
}
