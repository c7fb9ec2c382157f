//! Inputs of report pages, for the server and the command line. Single records are the API's own
//! answers, so that the same access rules apply.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::dynamic::Schema;
use hotwash_graphql::error::Code;
use hotwash_graphql::{QueryPool, ViewerScope, execute_own};
use hotwash_metrics::Snapshot;
use hotwash_report::{self as report, PageAnswers, PageContext, PageParameters, PageQuery};
use hotwash_schema::access::Viewer;
use serde_json::Value;

use crate::record_types;

/// Inputs of a page, owned so that another thread can render it.
#[derive(Clone)]
pub struct OwnedPageContext {
    /// The pinned snapshot.
    pub snapshot: Arc<Snapshot>,
    /// Viewer.
    pub viewer: Viewer,
    /// Parameters of the page.
    pub parameters: PageParameters,
    /// Answers of the API.
    pub answers: PageAnswers,
}

impl OwnedPageContext {
    /// Builds the context of a viewer, without parameters and answers.
    pub fn new(snapshot: Arc<Snapshot>, viewer: &Viewer) -> Self {
        Self {
            snapshot,
            viewer: viewer.clone(),
            parameters: PageParameters::default(),
            answers: PageAnswers::new(),
        }
    }

    /// Borrows the context for the report.
    pub fn borrow(&self) -> PageContext<'_> {
        PageContext {
            snapshot: &self.snapshot,
            viewer: &self.viewer,
            parameters: self.parameters.clone(),
            answers: self.answers.clone(),
            record_type: record_types::find,
            source_name: hotwash_etl::source::name_of,
            not_released: Default::default(),
            overdue: Default::default(),
            reach: Default::default(),
        }
    }

    /// Returns the viewer with the ids of the viewer's regions.
    pub fn scope(&self) -> ViewerScope {
        let own = |code: &String| self.viewer.regions.contains(code);
        let regions = self.snapshot.regions.values().filter(|region| own(&region.code));
        ViewerScope {
            viewer: self.viewer.clone(),
            regions: regions.map(|region| region.id).collect(),
        }
    }

    /// Returns the GraphQL queries that a page needs; listing a figure's records takes computing.
    ///
    /// # Errors
    /// Fails when a metric cannot be computed.
    pub async fn queries(&self, path: &str) -> anyhow::Result<Vec<PageQuery>> {
        let (context, path) = (self.clone(), path.to_owned());
        let found =
            tokio::task::spawn_blocking(move || report::page_queries(&path, &context.borrow()))
                .await?;
        Ok(found?)
    }
}

/// Reads single records outside of the server.
pub struct RecordReader {
    schema: Schema,
    pool: QueryPool,
}

impl RecordReader {
    /// Opens connections to a warehouse.
    ///
    /// # Errors
    /// Fails when the GraphQL schema is faulty.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let pool = QueryPool::new(url, 1, 1, Duration::from_secs(60));
        Ok(Self { schema: hotwash_graphql::build()?, pool })
    }

    /// Adds the answers that a page needs to its context.
    ///
    /// # Errors
    /// Fails when a metric cannot be computed.
    pub async fn read(&self, context: &mut OwnedPageContext, path: &str) -> anyhow::Result<()> {
        let seen = context.scope();
        for query in context.queries(path).await? {
            let found = answer(&self.schema, self.pool.clone(), &seen, query.query).await;
            context.answers.insert(query.name, found.map_err(|refusal| refusal.to_string()));
        }
        Ok(())
    }
}

/// Reason for the reader why single records cannot be shown.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);

/// Runs a query of a page through the API.
///
/// # Errors
/// Fails with a message for the reader when the records cannot be shown.
pub async fn answer(
    schema: &Schema,
    pool: QueryPool,
    seen: &ViewerScope,
    query: String,
) -> Result<Value, Refusal> {
    let request = async_graphql::Request::new(query).data(pool).data(seen.clone());
    let result = execute_own(schema, request).await;
    match result.errors.first() {
        None => result.into_data().map_err(|error| Refusal(error.to_string())),
        Some(error) => Err(Refusal(refusal(error))),
    }
}

/// Message for single records that cannot be shown.
fn refusal(error: &async_graphql::ServerError) -> String {
    let code = error.extensions.as_ref().and_then(|known| known.get("code")).cloned();
    match code {
        Some(code) if code == Code::Forbidden.graphql().into() => {
            "You may not see single records: this key reads only aggregates.".into()
        }
        Some(code)
            if [Code::Unavailable, Code::Timeout]
                .iter()
                .any(|away| code == away.graphql().into()) =>
        {
            "Single records cannot be listed now: the database does not answer.".into()
        }
        _ => report::sentence(&error.message),
    }
}
