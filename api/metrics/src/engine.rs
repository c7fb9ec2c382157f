//! Engines that run cubes: Polars over the snapshot, or a remote engine over the exported tables.
//! Results are bit-identical.

mod address;
mod cache;
mod cells;
#[cfg(feature = "engine")]
mod decode;
#[cfg(feature = "engine")]
mod flight;
mod interface;
mod polars;
#[cfg(feature = "engine")]
mod remote;
#[cfg(not(feature = "engine"))]
#[path = "engine/remote_disabled.rs"]
mod remote;
#[cfg(feature = "engine")]
mod sql;

pub use address::EngineAddress;
pub(crate) use cache::CachingEngine;
pub use cells::{CellColumn, CubeCells};
pub use interface::Engine;
pub(crate) use polars::Polars;
pub use remote::RemoteTables;
