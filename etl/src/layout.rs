//! Layouts of a deployment: TOML files that map the columns of a table to the fields of a record
//! type.
//!
//! A layout turns each row of a foreign table into a row of one of our templates. The template's
//! own reader then reads, looks up and checks the fields.

mod check;
mod definition;
mod error;
mod field;
mod head;
mod moment;
mod raw;
mod record_type;
mod source;
mod store;
mod table;
mod value;

pub use definition::{Formats, Layout};
pub use error::LayoutError;
pub use field::{LayoutField, Origins};
pub(crate) use head::Head;
pub use record_type::{RECORD_TYPES, RecordType};
pub use source::{LayoutSource, PREFIX};
pub use store::{Layouts, find, in_folder, shipped};
pub(crate) use value::word;
