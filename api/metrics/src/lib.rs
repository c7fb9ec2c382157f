//! What is computed: a pinned snapshot of the warehouse in Polars frames, and one file a metric over it.
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod ask;
mod codes;
pub mod columns;
mod compare;
mod cube;
mod definition;
mod disclosure;
mod engine;
mod facts;
mod markdown;
mod metric;
mod publish;
mod records;
mod row;
mod snapshot;
pub mod stats;
mod store;
mod tables;
mod tidy;

pub use ask::{Ask, Dimension, Grain, MetricError, Period};
pub use compare::{Comparison, compare_regions};
pub use definition::{Definition, Extra, ExtraKind, Parameter, Unit};
#[doc(hidden)]
pub use disclosure::Rules;
pub use disclosure::{MIN_CONTRIBUTORS, MIN_N, Release, last_closed_month};
pub use engine::{EngineAddress, FarTables};
pub use facts::Part;
pub use markdown::markdown;
pub use metric::{Metric, MetricResult, evaluate, find, registry};

pub use publish::{is_published, publish, publish_release};
pub use records::{RecordId, records};
pub use row::{Reliability, Row};
pub use snapshot::{HazardEntry, RegionEntry, Snapshot, Taken};
pub use store::{SnapshotStatus, SnapshotStore, Source, SourceError};
pub use tables::{Exported, MANIFEST, TablesError, export_tables};
pub use tidy::show_metrics;
