//! Context of a field that is answered with JSON: its selection, and what the request may read.

use std::any::{Any, TypeId};

use async_graphql::dynamic::{FieldFuture, FieldValue, ResolverContext};
use async_graphql::{Data, Error};

use super::column_cache::PinnedColumnCache;
use super::error::internal;
use super::pool::QueryPool;
use super::selection::Selected;
use super::viewer_scope::ViewerScope;

/// Data of a request that the fields read.
#[derive(Clone)]
pub struct RequestContext {
    pool: QueryPool,
    seen: ViewerScope,
    columns: Option<PinnedColumnCache>,
}

impl RequestContext {
    /// Reads the data of a request.
    ///
    /// # Errors
    /// Fails for a request without pool or viewer.
    pub fn of(data: &Data) -> Result<Self, Error> {
        let missing = |what: &str| internal(&format!("the request has no {what}"));
        Ok(Self {
            pool: member::<QueryPool>(data).cloned().ok_or_else(|| missing("pool"))?,
            seen: member::<ViewerScope>(data).cloned().ok_or_else(|| missing("viewer"))?,
            columns: member::<PinnedColumnCache>(data).cloned(),
        })
    }
}

/// Returns a member of a request's data by its type.
pub fn member<T: Any>(data: &Data) -> Option<&T> {
    data.get(&TypeId::of::<T>())?.downcast_ref()
}

/// Field that is answered with JSON, in a request.
pub struct FieldContext<'a> {
    /// The field.
    pub field: Selected<'a>,
    request: RequestContext,
}

impl<'a> FieldContext<'a> {
    /// Joins a field with the data of its request.
    pub fn new(field: Selected<'a>, request: RequestContext) -> Self {
        Self { field, request }
    }

    /// Creates the context of a field that the library resolves.
    ///
    /// # Errors
    /// Fails as [`RequestContext::of`] does.
    pub fn of(ctx: &ResolverContext<'a>) -> Result<Self, Error> {
        Ok(Self::new(Selected::of(ctx), RequestContext::of(&ctx.ctx.query_env.query_data)?))
    }

    /// Returns the pool of the viewer.
    pub fn pool(&self) -> &QueryPool {
        &self.request.pool
    }

    /// Returns the viewer.
    pub fn seen(&self) -> &ViewerScope {
        &self.request.seen
    }

    /// Returns the cached columns, if the server has a column cache.
    pub fn columns(&self) -> Option<&PinnedColumnCache> {
        self.request.columns.as_ref()
    }
}

/// Resolver of a root field that is planned, so that the library never gets to it.
pub fn unplanned(ctx: ResolverContext<'_>) -> FieldFuture<'_> {
    let error = internal(&format!("{} was not planned", ctx.field().name()));
    FieldFuture::new(async { Err::<Option<FieldValue<'_>>, _>(error) })
}
