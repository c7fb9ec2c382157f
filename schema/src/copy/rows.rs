//! Reads the rows of a query by binary COPY, without allocating a value per field.

use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use futures::TryStreamExt;

use super::{Error, OpenTransaction, RowFormat, RunStatement};

impl OpenTransaction<'_> {
    /// Runs a query and passes on each field of its rows: the position of its column, and its
    /// bytes in Postgres' binary format, or none for null.
    ///
    /// # Errors
    /// Fails if Postgres rejects the query, or a field is not accepted.
    pub async fn copy_rows<E: From<Error>>(
        &self,
        query: &(impl QueryFragment<Pg> + Sync),
        columns: usize,
        mut accept: impl FnMut(usize, Option<&[u8]>) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let mut stream = self.copy_out(query, RowFormat::Binary).await?;
        let mut rest: Vec<u8> = Vec::new();
        let mut begun = false;
        while let Some(piece) = stream.try_next().await? {
            let mut take = |bytes: &[u8]| -> Result<usize, E> {
                let mut at = 0;
                if !begun {
                    // The header: signature, flags and the length of an extension.
                    let Some(length) =
                        bytes.get(15..19).and_then(|length| <[u8; 4]>::try_from(length).ok())
                    else {
                        return Ok(0);
                    };
                    at = 19 + u32::from_be_bytes(length) as usize;
                    begun = true;
                }
                while let Some(next) = row_end(bytes, at, columns) {
                    let mut position = at + 2;
                    if next == position {
                        return Ok(bytes.len());
                    }
                    for column in 0..columns {
                        let length = length_at(bytes, position).unwrap_or(-1);
                        position += 4;
                        let field = usize::try_from(length)
                            .ok()
                            .map(|length| &bytes[position..position + length]);
                        position += field.map_or(0, <[u8]>::len);
                        accept(column, field)?;
                    }
                    at = next;
                }
                Ok(at)
            };
            if rest.is_empty() {
                let taken = take(&piece)?;
                rest.extend_from_slice(&piece[taken..]);
            } else {
                rest.extend_from_slice(&piece);
                let taken = take(&rest)?;
                rest.drain(..taken);
            }
        }
        Ok(())
    }
}

fn length_at(bytes: &[u8], at: usize) -> Option<i32> {
    bytes
        .get(at..at + 4)
        .and_then(|length| <[u8; 4]>::try_from(length).ok())
        .map(i32::from_be_bytes)
}

/// Returns the end of the row at this position. Returns `None` for an incomplete row. The
/// end-of-data marker is a row without fields.
fn row_end(bytes: &[u8], at: usize, columns: usize) -> Option<usize> {
    let head = bytes.get(at..at + 2)?;
    let mut position = at + 2;
    if head == [0xff, 0xff] {
        return Some(position);
    }
    for _ in 0..columns {
        let length = length_at(bytes, position)?;
        position += 4 + usize::try_from(length).unwrap_or(0);
    }
    (position <= bytes.len()).then_some(position)
}
