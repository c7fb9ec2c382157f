//! Writes row groups as an Arrow file (IPC format), one uncompressed record batch per group, which
//! every reader supports.

use std::io::Write;
use std::sync::Arc;

use polars_arrow::array::{Array, BooleanArray, PrimitiveArray, Utf8Array};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, TimeUnit};
use polars_arrow::io::ipc::write::{FileWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatchT;

use super::ExportColumn;
use super::columns::{ColumnData, RowGroup};
use super::write::Encoder;
use hotwash_graphql::scalar::ScalarKind;

/// Writer of an Arrow file.
pub struct Arrow<W: Write> {
    file: FileWriter<W>,
    schema: Arc<ArrowSchema>,
}

impl<W: Write> Arrow<W> {
    /// Starts a file with these columns.
    ///
    /// # Errors
    /// Fails when the output cannot be written.
    pub fn begin(out: W, columns: &[ExportColumn]) -> std::io::Result<Self> {
        let fields = columns.iter().map(|column| {
            let name = column.name.as_str().into();
            (column.name.as_str().into(), Field::new(name, kind(column.kind), true))
        });
        let schema: Arc<ArrowSchema> = Arc::new(fields.collect());
        let file =
            FileWriter::try_new(out, Arc::clone(&schema), None, WriteOptions { compression: None });
        Ok(Self { file: file.map_err(std::io::Error::other)?, schema })
    }
}

fn kind(kind: ScalarKind) -> ArrowDataType {
    match kind {
        ScalarKind::Int | ScalarKind::Long | ScalarKind::Id(_) => ArrowDataType::Int64,
        ScalarKind::Float => ArrowDataType::Float64,
        ScalarKind::Boolean => ArrowDataType::Boolean,
        ScalarKind::Date => ArrowDataType::Date32,
        ScalarKind::DateTime => ArrowDataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ScalarKind::Text | ScalarKind::Texts | ScalarKind::Code(_) => ArrowDataType::Utf8,
    }
}

fn array(values: &ColumnData) -> Box<dyn Array> {
    match values {
        ColumnData::Long(values) => PrimitiveArray::<i64>::from(values).boxed(),
        ColumnData::Float(values) => PrimitiveArray::<f64>::from(values).boxed(),
        ColumnData::Boolean(values) => BooleanArray::from(values).boxed(),
        ColumnData::Date(values) => {
            PrimitiveArray::<i32>::from(values).to(kind(ScalarKind::Date)).boxed()
        }
        ColumnData::DateTime(values) => {
            PrimitiveArray::<i64>::from(values).to(kind(ScalarKind::DateTime)).boxed()
        }
        ColumnData::Text(values) => {
            Utf8Array::<i32>::from_iter(values.iter().map(Option::as_deref)).boxed()
        }
    }
}

impl<W: Write + Send> Encoder for Arrow<W> {
    fn group(&mut self, group: &RowGroup) -> std::io::Result<()> {
        let arrays = group.columns.iter().map(array).collect();
        let batch = RecordBatchT::try_new(group.rows, Arc::clone(&self.schema), arrays);
        self.file.write(&batch.map_err(std::io::Error::other)?, None).map_err(std::io::Error::other)
    }

    fn end(mut self: Box<Self>) -> std::io::Result<()> {
        self.file.finish().map_err(std::io::Error::other)
    }
}
