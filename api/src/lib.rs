//! How records get out: the command line, GraphQL, the leadership report, exports and access control.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
pub mod graphql;
pub mod http;
