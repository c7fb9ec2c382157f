//! How records get out: the command line, the GraphQL API and its server.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
pub mod engine;
pub mod export;
pub mod graphql;
pub mod http;
pub mod oidc;
pub mod report;
