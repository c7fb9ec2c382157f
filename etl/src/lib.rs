//! Hotwash.
