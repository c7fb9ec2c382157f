//! End-to-end tests of the real `hotwash` binary over a real Postgres. Nothing here is shipped.
