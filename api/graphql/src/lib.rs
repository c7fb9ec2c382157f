//! GraphQL API: a schema built from the catalog of record types. Independent of HTTP.
//!
//! ```
//! use hotwash_graphql::{build, sdl};
//!
//! // The schema is built from the catalog of record types, without a database.
//! assert!(build().is_ok());
//! assert!(sdl()?.contains("type CorrectiveAction implements Node"));
//! # Ok::<(), async_graphql::dynamic::SchemaError>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod aggregate;
mod arguments;
pub mod catalog;
mod changes;
mod code_check;
mod code_list;
mod coerce;
mod column_cache;
mod cost;
mod cursor;
mod dimension;
mod documents;
pub mod entity;
pub mod error;
mod execution;
mod federation;
mod field_context;
mod field_errors;
mod filter;
mod full_text;
mod guard;
mod inputs;
mod json;
mod metrics;
mod named_snapshot;
mod names;
mod nested;
mod nesting;
mod node;
mod objects;
mod page;
mod persisted;
mod plan;
mod planned;
pub mod pool;
pub mod rate_limit;
mod relation;
mod result;
pub mod scalar;
mod schema;
mod search;
mod selection;
pub mod shape;
pub mod sql;
mod syntax;
mod trusted;
mod typename;
mod used_variables;
mod validation;
mod value;
mod viewer_scope;

pub use code_list::NamedCodes;
pub use column_cache::{ColumnCache, PinnedColumnCache};
pub use execution::execute_own;
pub use filter::{Builder, condition};
pub use guard::{Charge, Guard, refusal};
pub use named_snapshot::{NamesSnapshot, snapshot_moved};
pub use nesting::{JsonError, read_json};
pub use pool::QueryPool;
pub use result::{ExecutionResult, write_batch};
pub use schema::{Limits, build, build_subgraph, sdl, subgraph_sdl};
pub use trusted::TrustedDocuments;
pub use viewer_scope::ViewerScope;
