//! What the warehouse is: migrations, reference data, tables, the connection pool and the private Postgres cluster.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod access;
