//! The GraphQL API: a schema built from the catalogue of record types. Knows no HTTP.

mod aggregate;
pub mod budget;
pub mod catalogue;
mod cost;
pub mod entity;
pub mod error;
mod filter;
mod guard;
mod inputs;
mod metrics;
mod objects;
mod page;
mod pool;
mod schema;
mod select;
mod trusted;
mod value;

pub use guard::{Charge, Guard, refusal};
pub use pool::Pool;
pub use schema::{Limits, build, sdl};
pub use select::Seen;
pub use trusted::TrustedDocuments;
pub use value::{global_id, key_of, type_of};
