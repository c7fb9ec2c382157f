//! The GraphQL API: a schema built from the catalogue of record types. Knows no HTTP.

mod aggregate;
pub mod catalogue;
mod cursor;
pub mod entity;
pub mod error;
mod filter;
mod inputs;
mod metrics;
mod objects;
mod page;
mod plan;
mod pool;
mod schema;
mod select;
mod selection;
mod shape;
mod value;
mod written;

pub use filter::{Builder, condition};
pub use pool::Pool;
pub use schema::{Limits, build, sdl};
pub use select::Seen;
pub use value::global_id;
pub use written::{TakesWritten, write, write_batch};
