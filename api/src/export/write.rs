//! Encodes rows in groups: Postgres is read while the previous group is written, and memory does
//! not grow with the number of rows.

mod encoder;

use std::io::{BufWriter, Write};

use bytes::Bytes;
use diesel::QueryResult;
pub use encoder::Encoder;
use futures::{Stream, TryStreamExt};
use hotwash_graphql::pool::{PgRow, Row};
use tokio::sync::mpsc::Sender;

use super::arrow::Arrow;
use super::columns::RowGroup;
use super::parquet::Parquet;
use super::{ExportColumn, Format};

/// Rows per group.
const ROWS_PER_GROUP: usize = 32 * 1024;

/// Starts a file with these columns. Only formats made of row groups have an encoder.
///
/// # Errors
/// Fails when the output cannot be written.
pub fn begin(
    format: Format,
    out: impl Write + Send + 'static,
    columns: &[ExportColumn],
) -> std::io::Result<Box<dyn Encoder>> {
    Ok(match format {
        Format::Parquet => Box::new(Parquet::begin(out, columns)?),
        Format::Arrow => Box::new(Arrow::begin(out, columns)?),
        Format::Csv | Format::Jsonl => {
            return Err(std::io::Error::other("text is not written in groups"));
        }
    })
}

/// Sends written bytes to the client; ends the export with an error when the client is gone.
struct ChannelWriter(Sender<std::io::Result<Bytes>>);

impl Write for ChannelWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| std::io::Error::other("the taker is gone"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Writes all rows; a failure is the last piece.
pub async fn stream(
    format: Format,
    columns: Vec<ExportColumn>,
    rows: impl Stream<Item = QueryResult<PgRow>>,
    sender: Sender<std::io::Result<Bytes>>,
) {
    let (groups, mut taken) = tokio::sync::mpsc::channel::<RowGroup>(1);
    let failed = sender.clone();
    let empty = RowGroup::new(&columns);
    let writer = tokio::task::spawn_blocking(move || {
        let out = BufWriter::with_capacity(1 << 18, ChannelWriter(sender));
        let mut file = begin(format, out, &columns)?;
        while let Some(group) = taken.blocking_recv() {
            file.group(&group)?;
        }
        file.end()
    });
    let read = async {
        futures::pin_mut!(rows);
        let mut group = empty.clone();
        while let Some(row) = rows.try_next().await.map_err(super::format::broken_off)? {
            group.push(&Row(row)).map_err(|error| std::io::Error::other(error.message))?;
            if group.rows == ROWS_PER_GROUP
                && groups.send(std::mem::replace(&mut group, empty.clone())).await.is_err()
            {
                // The writer has ended and reports why.
                return Ok(());
            }
        }
        if group.rows > 0 {
            let _ = groups.send(group).await;
        }
        Ok::<(), std::io::Error>(())
    };
    let read = read.await;
    drop(groups);
    let written = writer.await.map_err(std::io::Error::other).and_then(|written| written);
    if let Err(error) = read.and(written) {
        let _ = failed.send(Err(error)).await;
    }
}
