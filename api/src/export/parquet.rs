//! Rows into Parquet, a row group at a time, to whoever takes the pieces.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use futures::TryStreamExt;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use tokio::sync::mpsc::Sender;
use tokio_postgres::{Row, RowStream};

use super::Column;
use crate::graphql::entity::Kind;

/// Rows a row group: bounds what is held in memory.
const GROUP: usize = 32 * 1024;

/// Sends what is written; an ended taker is an error that ends the export.
struct Out(Sender<Result<Bytes, std::io::Error>>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| std::io::Error::other("the taker is gone"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Writes all rows; a failure is the last piece.
pub async fn write(columns: Vec<Column>, rows: RowStream, sender: Sender<Result<Bytes, std::io::Error>>) {
    let (groups, mut taken) = tokio::sync::mpsc::channel::<Vec<Row>>(2);
    let failed = sender.clone();
    let writer = tokio::task::spawn_blocking(move || -> Result<(), ParquetError> {
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
        let out = std::io::BufWriter::with_capacity(1 << 18, Out(sender));
        let mut file = SerializedFileWriter::new(out, Arc::new(schema(&columns)?), Arc::new(properties))?;
        while let Some(rows) = taken.blocking_recv() {
            let mut group = file.next_row_group()?;
            for (at, column) in columns.iter().enumerate() {
                let Some(mut writer) = group.next_column()? else { break };
                match column.kind {
                    Kind::Int | Kind::Long => fill::<Int64Type, i64>(&mut writer, &rows, at, |value| value)?,
                    Kind::Float => fill::<DoubleType, f64>(&mut writer, &rows, at, |value| value)?,
                    Kind::Boolean => fill::<BoolType, bool>(&mut writer, &rows, at, |value| value)?,
                    Kind::Date => fill::<Int32Type, NaiveDate>(&mut writer, &rows, at, |day| {
                        (day - NaiveDate::default()).num_days() as i32
                    })?,
                    Kind::DateTime => {
                        fill::<Int64Type, DateTime<Utc>>(&mut writer, &rows, at, |moment| moment.timestamp_micros())?
                    }
                    Kind::Text => fill::<ByteArrayType, &str>(&mut writer, &rows, at, ByteArray::from)?,
                }
                writer.close()?;
            }
            group.close()?;
        }
        file.close()?;
        Ok(())
    });
    let read = async {
        futures::pin_mut!(rows);
        let mut group = Vec::with_capacity(GROUP);
        while let Some(row) = rows.try_next().await.map_err(std::io::Error::other)? {
            group.push(row);
            if group.len() == GROUP
                && groups.send(std::mem::replace(&mut group, Vec::with_capacity(GROUP))).await.is_err()
            {
                return Ok(());
            }
        }
        if !group.is_empty() {
            let _ = groups.send(group).await;
        }
        drop(groups);
        Ok::<(), std::io::Error>(())
    };
    let read = read.await;
    let written = writer.await;
    if let Err(error) = read.and_then(|()| written.map_err(std::io::Error::other)?.map_err(std::io::Error::other)) {
        let _ = failed.send(Err(error)).await;
    }
}

fn fill<'a, P, T>(
    writer: &mut parquet::file::writer::SerializedColumnWriter<'_>,
    rows: &'a [Row],
    at: usize,
    turn: impl Fn(T) -> P::T,
) -> Result<(), ParquetError>
where
    P: parquet::data_type::DataType,
    T: tokio_postgres::types::FromSql<'a>,
{
    let mut levels = Vec::with_capacity(rows.len());
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        let value: Option<T> = row.try_get(at).map_err(|error| ParquetError::General(error.to_string()))?;
        levels.push(i16::from(value.is_some()));
        values.extend(value.map(&turn));
    }
    writer.typed::<P>().write_batch(&values, Some(&levels), None).map(|_| ())
}

fn schema(columns: &[Column]) -> Result<Type, ParquetError> {
    let fields = columns.iter().map(|column| {
        let (physical, logical) = match column.kind {
            Kind::Int | Kind::Long => (Physical::INT64, None),
            Kind::Float => (Physical::DOUBLE, None),
            Kind::Boolean => (Physical::BOOLEAN, None),
            Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
            Kind::DateTime => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(column.name, physical)
            .with_logical_type(logical)
            .with_converted_type(ConvertedType::NONE);
        field.with_repetition(Repetition::OPTIONAL).build().map(Arc::new)
    });
    Type::group_type_builder("export").with_fields(fields.collect::<Result<Vec<_>, _>>()?).build()
}
