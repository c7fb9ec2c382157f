//! Encoder of a file format.

use crate::export::columns::RowGroup;

/// Encoder of a file format.
pub trait Encoder: Send {
    /// Writes a group of rows.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    fn group(&mut self, group: &RowGroup) -> std::io::Result<()>;

    /// Writes what belongs to the end of the file.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    fn end(self: Box<Self>) -> std::io::Result<()>;
}
