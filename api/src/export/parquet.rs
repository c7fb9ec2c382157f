//! Writes row groups as Parquet.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{
    Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::ExportColumn;
use super::columns::{ColumnData, RowGroup};
use super::write::Encoder;
use hotwash_graphql::scalar::ScalarKind;

/// Writer of a Parquet file.
pub struct Parquet<W: Write + Send>(SerializedFileWriter<W>);

impl<W: Write + Send> Parquet<W> {
    /// Starts a file with these columns.
    ///
    /// # Errors
    /// Fails when the output cannot be written.
    pub fn begin(out: W, columns: &[ExportColumn]) -> std::io::Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        let schema = schema(columns).map_err(std::io::Error::other)?;
        SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
            .map(Self)
            .map_err(std::io::Error::other)
    }
}

impl<W: Write + Send> Encoder for Parquet<W> {
    fn group(&mut self, group: &RowGroup) -> std::io::Result<()> {
        write(&mut self.0, group).map_err(std::io::Error::other)
    }

    fn end(self: Box<Self>) -> std::io::Result<()> {
        self.0.close().map(|_| ()).map_err(std::io::Error::other)
    }
}

fn write<W: Write + Send>(
    file: &mut SerializedFileWriter<W>,
    group: &RowGroup,
) -> Result<(), ParquetError> {
    let mut written = file.next_row_group()?;
    for values in &group.columns {
        let Some(mut column) = written.next_column()? else { break };
        match values {
            ColumnData::Long(values) | ColumnData::DateTime(values) => {
                fill::<Int64Type, _>(&mut column, values, |one| *one)?
            }
            ColumnData::Float(values) => fill::<DoubleType, _>(&mut column, values, |one| *one)?,
            ColumnData::Boolean(values) => fill::<BoolType, _>(&mut column, values, |one| *one)?,
            ColumnData::Date(values) => fill::<Int32Type, _>(&mut column, values, |one| *one)?,
            ColumnData::Text(values) => {
                fill::<ByteArrayType, _>(&mut column, values, |one| ByteArray::from(&**one))?
            }
        }
        column.close()?;
    }
    written.close().map(|_| ())
}

fn fill<P: DataType, T>(
    column: &mut SerializedColumnWriter<'_>,
    values: &[Option<T>],
    convert: impl Fn(&T) -> P::T,
) -> Result<(), ParquetError> {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let present: Vec<P::T> = values.iter().flatten().map(convert).collect();
    column.typed::<P>().write_batch(&present, Some(&levels), None).map(|_| ())
}

fn schema(columns: &[ExportColumn]) -> Result<Type, ParquetError> {
    let fields = columns.iter().map(|column| {
        let (physical, logical) = match column.kind {
            ScalarKind::Int | ScalarKind::Long | ScalarKind::Id(_) => (Physical::INT64, None),
            ScalarKind::Float => (Physical::DOUBLE, None),
            ScalarKind::Boolean => (Physical::BOOLEAN, None),
            ScalarKind::Date => (Physical::INT32, Some(LogicalType::Date)),
            ScalarKind::DateTime => {
                (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS)))
            }
            ScalarKind::Text | ScalarKind::Texts | ScalarKind::Code(_) => {
                (Physical::BYTE_ARRAY, Some(LogicalType::String))
            }
        };
        let field = Type::primitive_type_builder(&column.name, physical)
            .with_logical_type(logical)
            .with_converted_type(ConvertedType::NONE);
        field.with_repetition(Repetition::OPTIONAL).build().map(Arc::new)
    });
    Type::group_type_builder("export").with_fields(fields.collect::<Result<Vec<_>, _>>()?).build()
}
