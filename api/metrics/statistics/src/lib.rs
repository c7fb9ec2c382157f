//! Exact statistics over cubes, one file per method. Pure functions: no input, no output, no records.
//!
//! ```
//! let (low, high) = hotwash_statistics::wilson(8.0, 10.0).expect("10 is over 0");
//! assert!(low < 0.8 && 0.8 < high);
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod benjamini_hochberg;
mod beta;
mod clusters;
pub mod draws;
mod kaplan_meier;
mod log_rank;
mod mann_kendall;
mod newcombe;
pub mod order;
mod rate_ratio;
mod theil_sen;
mod trend;
mod wilson;
mod xmr;

pub use benjamini_hochberg::benjamini_hochberg;
pub use clusters::{Cluster, design_effect, effective_samples};
pub use kaplan_meier::{KaplanMeier, SurvivalStep, kaplan_meier, kaplan_meier_counted};
pub use log_rank::{Observed, Times, log_rank, median_difference, number_of_clusters};
pub use mann_kendall::{MannKendall, exact_p, mann_kendall};
pub use newcombe::{newcombe, newcombe_p};
pub use rate_ratio::{RateRatio, rate_ratio};
pub use theil_sen::{Slope, theil_sen};
pub use trend::{Direction, Trend, trend};
pub use wilson::{Z_95, wilson};
pub use xmr::{Signal, Xmr, XmrForm, xmr};
