//! Output of Hotwash: the command line, the GraphQL API, the report and their server.
#![cfg_attr(test, allow(clippy::unwrap_used))]
// These panic when nobody reads them: `logging::note` and `writeln!` do not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod alerts;
pub mod cli;
pub mod engine;
pub mod error_list;
pub mod expectations;
pub mod export;
pub mod http;
pub mod logging;
pub mod oidc;
mod outgoing;
pub mod pack;
pub mod page_context;
pub mod record_types;
mod section;
