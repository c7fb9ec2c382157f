//! Exact statistics over cubes; one file a method. Knows no records.

mod wilson;

pub use wilson::{Z_95, wilson};
