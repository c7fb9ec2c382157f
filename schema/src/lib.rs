//! The warehouse: migrations, reference data, the connection, the private Postgres cluster, and
//! access rules.
//!
//! ```
//! use hotwash_schema::label::normalize_label;
//!
//! // Labels of documents and of reference lists are compared in one form.
//! assert_eq!(normalize_label("Health & Medical,  Surge"), "health and medical surge");
//! assert_eq!(normalize_label("Nor'easter"), normalize_label("NOREASTER"));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod access;
pub mod access_log;
pub mod alerts;
pub mod backup;
pub mod bi;
pub mod catalog;
pub mod changes;
pub mod cluster;
pub mod code;
pub mod connect;
pub mod copy;
pub mod database;
mod database_statement;
pub mod day;
pub mod doctor;
pub mod error;
pub mod formula;
pub mod functions;
pub mod global_id;
pub mod home;
pub mod keys;
pub mod label;
pub mod loss;
pub mod migrate;
pub mod model;
pub mod nearest;
pub mod objects;
pub mod pool;
pub mod profile;
pub mod record;
pub mod reference;
pub mod regions;
pub mod rejects;
pub mod search;
mod statement;
pub mod status;
pub mod tables;
pub mod testing;
pub mod versions;
pub mod vocabulary;
pub mod warnings;

pub use error::SchemaError;
