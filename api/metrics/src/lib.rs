//! Metrics: a pinned snapshot of the warehouse in Polars frames, and one file per metric.
//!
//! ```
//! use hotwash_metrics::{MetricQuery, Snapshot, evaluate};
//! use hotwash_schema::access::Viewer;
//! use hotwash_schema::testing::TestDatabase;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let database = TestDatabase::new().await; // an empty warehouse
//! let snapshot = Snapshot::load(database.url()).await?;
//! let mut query = MetricQuery::default();
//! query.take("groupBy", "REGION")?;
//! query.take("asOf", "2026-06-30")?;
//! let answer = evaluate(&snapshot, "action_closure", &query, &Viewer::local())?;
//! assert_eq!(answer.definition.id, "action_closure");
//! assert!(answer.rows.iter().all(|row| row.n == 0));
//! # Ok(())
//! # }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod change;
mod clusters;
mod codes;
pub mod columns;
mod compare;
pub mod cube;
mod data_through;
mod definition;
mod differences;
mod disclosure;
mod engine;
mod evaluate;
mod facts;
mod feeds;
mod markdown;
mod metric;
mod metric_views;
mod parallel;
mod publish;
mod query;
mod records;
mod row;
mod row_clusters;
mod snapshot;
mod sql;
mod stale;
mod stated_sums;
mod store;
mod tables;

pub use change::{Behind, Change, Earlier, between, evaluate_changes};
pub use clusters::{Clusters, ShareDifference};
pub use compare::{Comparison, FUNNEL_POSITION, compare_regions};
pub use data_through::data_through;
pub use definition::{Extra, ExtraItem, ExtraKind, MetricDefinition, Parameter, Unit};
pub use differences::{MetricDifference, differences};
#[doc(hidden)]
pub use disclosure::Rules;
pub use disclosure::{MIN_CONTRIBUTORS, MIN_N, Release, last_closed_month};
pub use engine::{EngineAddress, RemoteTables};
pub use evaluate::{MetricResult, evaluate};
pub use facts::Part;
pub use feeds::{Cadence, Expectation, Feed, FeedState, expect};
pub use markdown::markdown;
pub use metric::{Metric, find, ids, registry};
pub use metric_views::show_metrics;
pub use publish::{is_published, publish, publish_release};
pub use query::{Dimension, Grain, MetricError, MetricQuery, Period};
pub use records::{MOST_RECORDS, RecordId, records};
pub use row::{MetricRow, Reliability};
pub use row_clusters::clusters;
pub use snapshot::caches::MetricCaches;
pub use snapshot::{HazardEntry, RegionEntry, Snapshot, TableRefresh};
#[doc(hidden)]
pub use stated_sums::stated_sums;
pub use store::{SnapshotError, SnapshotGone, SnapshotSource, SnapshotStatus, SnapshotStore};
pub use tables::{Exported, MANIFEST, TablesError, export_tables};
