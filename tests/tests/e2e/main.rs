//! One test binary for all that crosses a boundary, so that it links once.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod access;
mod architecture;
mod backup;
mod bi;
mod channels;
mod column_cache;
mod cursors;
mod cut_lists;
mod documentation;
mod encrypted;
mod fair;
mod faults;
mod fuzz;
mod homes;
mod layouts;
mod limits;
mod loading;
mod nested;
mod nested_lists;
mod oidc;
mod parity;
mod prerender;
mod profiles;
mod proxy;
mod published;
mod queries;
mod recovery;
mod report;
mod serving;
mod sign_in;
mod truths;
mod variables;
mod visibility;
mod watching;
mod websocket;
