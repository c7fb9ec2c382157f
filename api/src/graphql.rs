//! The GraphQL API: a schema built from the catalogue of record types. Knows no HTTP.

mod aggregate;
pub mod catalogue;
pub mod entity;
pub mod error;
mod filter;
mod inputs;
mod metrics;
mod objects;
mod page;
mod pool;
mod schema;
mod select;
mod value;

pub use pool::Pool;
pub use schema::{Limits, build, sdl};
pub use select::Seen;
pub use value::{global_id, key_of, type_of};
