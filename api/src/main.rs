//! Hotwash.

fn main() {}
