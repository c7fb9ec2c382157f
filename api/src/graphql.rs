//! The GraphQL API: a schema built from the catalogue of record types. Knows no HTTP.

mod aggregate;
pub mod budget;
pub mod catalogue;
mod coerce;
mod cost;
mod cursor;
mod documents;
pub mod entity;
pub mod error;
mod filter;
mod guard;
mod held;
mod inputs;
mod metrics;
mod nesting;
mod objects;
mod page;
mod plan;
mod pool;
mod schema;
mod select;
mod selection;
mod shape;
mod trusted;
mod value;
mod written;

pub use filter::{Builder, condition};
pub use guard::{Charge, Guard, refusal};
pub use held::{Held, HeldAt};
pub use nesting::{JsonError, read_json};
pub use pool::Pool;
pub use schema::{Limits, build, sdl};
pub use select::Seen;
pub use trusted::TrustedDocuments;
pub use value::{global_id, key_of, type_of};
pub use written::{TakesWritten, write, write_batch};
