//! Writes template rows as Parquet: typed numbers and dates, everything else as text, in row groups
//! of bounded size.

use std::io::Write;
use std::sync::Arc;

use chrono::NaiveDate;
use parquet::basic::{
    Compression, ConvertedType, LogicalType, Repetition, Type as PhysicalType, ZstdLevel,
};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::table::{PARQUET_FICTIONAL_KEY, Wording, write_error};
use super::{CellValue, ColumnKind, TableWriter, Template, TemplateError};

/// Rows per row group, which bounds the memory.
const ROW_GROUP: usize = 64 * 1024;

/// Values of one column of the current row group.
enum Buffer {
    Text(Vec<ByteArray>),
    Integer(Vec<i64>),
    Number(Vec<f64>),
    Date(Vec<i32>),
    YesNo(Vec<bool>),
}

/// Parquet writer.
pub(super) struct ParquetTable {
    template: &'static Template,
    writer: SerializedFileWriter<Box<dyn Write + Send>>,
    columns: Vec<(Vec<i16>, Buffer)>,
    rows: usize,
}

impl ParquetTable {
    pub(super) fn open(
        template: &'static Template,
        wording: &Wording,
        out: Box<dyn Write + Send>,
    ) -> Result<Self, TemplateError> {
        let notes = wording.lines(template).join("\n");
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_key_value_metadata(Some(vec![
                KeyValue::new(
                    PARQUET_FICTIONAL_KEY.to_owned(),
                    Some(wording.is_fictional().to_string()),
                ),
                KeyValue::new("hotwash.template".to_owned(), Some(template.name.to_owned())),
                KeyValue::new("hotwash.about".to_owned(), Some(notes)),
            ]))
            .build();
        let schema = schema(template).map_err(|error| write_error(template, error))?;
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
            .map_err(|error| write_error(template, error))?;
        let columns =
            template.columns.iter().map(|column| (Vec::new(), buffer(column.kind))).collect();
        Ok(Self { template, writer, columns, rows: 0 })
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for (levels, values) in &mut self.columns {
            let Some(mut column) = group.next_column()? else { break };
            match values {
                Buffer::Text(values) => {
                    column.typed::<ByteArrayType>().write_batch(values, Some(levels), None)?
                }
                Buffer::Integer(values) => {
                    column.typed::<Int64Type>().write_batch(values, Some(levels), None)?
                }
                Buffer::Number(values) => {
                    column.typed::<DoubleType>().write_batch(values, Some(levels), None)?
                }
                Buffer::Date(values) => {
                    column.typed::<Int32Type>().write_batch(values, Some(levels), None)?
                }
                Buffer::YesNo(values) => {
                    column.typed::<BoolType>().write_batch(values, Some(levels), None)?
                }
            };
            column.close()?;
            levels.clear();
            values.clear();
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl Buffer {
    fn clear(&mut self) {
        match self {
            Self::Text(values) => values.clear(),
            Self::Integer(values) => values.clear(),
            Self::Number(values) => values.clear(),
            Self::Date(values) => values.clear(),
            Self::YesNo(values) => values.clear(),
        }
    }
}

fn buffer(kind: ColumnKind) -> Buffer {
    match kind {
        ColumnKind::Integer => Buffer::Integer(Vec::new()),
        ColumnKind::Number => Buffer::Number(Vec::new()),
        ColumnKind::Date => Buffer::Date(Vec::new()),
        ColumnKind::YesNo => Buffer::YesNo(Vec::new()),
        _ => Buffer::Text(Vec::new()),
    }
}

fn schema(template: &'static Template) -> Result<Type, ParquetError> {
    let fields = template
        .columns
        .iter()
        .map(|column| {
            let (physical, logical) = match column.kind {
                ColumnKind::Integer => (PhysicalType::INT64, None),
                ColumnKind::Number => (PhysicalType::DOUBLE, None),
                ColumnKind::Date => (PhysicalType::INT32, Some(LogicalType::Date)),
                ColumnKind::YesNo => (PhysicalType::BOOLEAN, None),
                _ => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
            };
            Type::primitive_type_builder(column.heading, physical)
                .with_logical_type(logical)
                .with_converted_type(ConvertedType::NONE)
                .with_repetition(Repetition::OPTIONAL)
                .build()
                .map(Arc::new)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder(template.name).with_fields(fields).build()
}

fn days_since_1970(date: NaiveDate) -> i32 {
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or_default()
}

impl TableWriter for ParquetTable {
    fn write(&mut self, row: &[CellValue<'_>]) -> Result<(), TemplateError> {
        for ((levels, values), cell) in self.columns.iter_mut().zip(row) {
            levels.push(i16::from(*cell != CellValue::Empty));
            match (values, cell) {
                (_, CellValue::Empty) => {}
                (Buffer::Integer(values), CellValue::Integer(number)) => values.push(*number),
                (Buffer::Number(values), CellValue::Number(number)) => values.push(*number),
                (Buffer::Number(values), CellValue::Integer(number)) => values.push(*number as f64),
                (Buffer::Date(values), CellValue::Date(date)) => {
                    values.push(days_since_1970(*date))
                }
                (Buffer::YesNo(values), CellValue::YesNo(yes)) => values.push(*yes),
                (Buffer::Text(values), CellValue::Text(text)) => {
                    values.push(ByteArray::from(text.as_bytes().to_vec()))
                }
                (Buffer::Text(values), other) => {
                    let mut text = String::new();
                    other.render(&mut text);
                    values.push(ByteArray::from(text.into_bytes()));
                }
                (_, other) => {
                    return Err(write_error(
                        self.template,
                        format!("{other:?} does not fit the type of its column"),
                    ));
                }
            }
        }
        self.rows += 1;
        if self.rows == ROW_GROUP {
            self.flush().map_err(|error| write_error(self.template, error))
        } else {
            Ok(())
        }
    }

    fn finish(mut self: Box<Self>) -> Result<(), TemplateError> {
        self.flush().map_err(|error| write_error(self.template, error))?;
        self.writer.close().map_err(|error| write_error(self.template, error))?;
        Ok(())
    }
}
