//! Reads rows of our own templates in all their formats.

use std::io::{BufRead, BufReader};

use hotwash_documents::archive::Archive;
use hotwash_documents::grid::{self, GridCell};
use hotwash_documents::input::Input;
use serde_json::{Map, Value};

use super::csv_rows::{self, CsvRow, Headings, KeyCounter, Vocabulary};
use super::grids;
use super::parquet_rows;
use super::{Sample, SourceError};
use crate::load::Sink;
use crate::reading::dates::CellDates;
use crate::reading::headings::texts;
use crate::template::{ColumnKind, Template};

/// Returns the template of a file.
pub fn template(sample: &Sample) -> Option<&'static Template> {
    Template::recognize(&sample.headings).or_else(|| {
        sample
            .grids
            .iter()
            .flat_map(|grid| &grid.rows)
            .find_map(|row| Template::recognize(&texts(row)))
    })
}

/// Rows of a template, from a file of that template or converted by a layout from another table.
pub trait Rows {
    /// Calls `each` with every row; rows outside the table are rejected.
    fn read(
        &self,
        record_type: &'static str,
        sink: &mut Sink,
        each: Each<'_>,
    ) -> Result<(), SourceError>;
}

/// File with the headings of a template.
pub struct TemplateFile<'a> {
    /// The file.
    pub input: &'a Input,
    /// Template of the file.
    pub template: &'static Template,
}

impl Rows for TemplateFile<'_> {
    fn read(
        &self,
        record_type: &'static str,
        sink: &mut Sink,
        each: Each<'_>,
    ) -> Result<(), SourceError> {
        read(self.input, record_type, self.template, sink, each)
    }
}

/// Calls `each` with every row; rows outside the table are rejected.
fn read(
    input: &Input,
    record_type: &'static str,
    template: &'static Template,
    sink: &mut Sink,
    mut each: impl FnMut(&CsvRow, &mut Sink) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let vocabulary = Vocabulary::of_template(template);
    let mut magic = [0_u8; 4];
    std::io::Read::read(&mut input.raw()?, &mut magic)?;
    match &magic {
        b"PAR1" => parquet(input, vocabulary, sink, &mut each),
        b"PK\x03\x04" => workbook(input, template, sink, &mut each),
        _ => {
            let mut first = String::new();
            BufReader::new(input.text()?).read_line(&mut first).or_else(|error| {
                if error.kind() == std::io::ErrorKind::InvalidData { Ok(0) } else { Err(error) }
            })?;
            if first.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
                lines(input, record_type, vocabulary, sink, &mut each)
            } else {
                csv_rows::read(input, record_type, vocabulary, sink, each)
            }
        }
    }
}

/// Function that processes each row.
pub type Each<'a> = &'a mut dyn FnMut(&CsvRow, &mut Sink) -> Result<(), SourceError>;

fn parquet(
    input: &Input,
    vocabulary: Vocabulary,
    sink: &mut Sink,
    each: Each<'_>,
) -> Result<(), SourceError> {
    let headings = Headings::new(parquet_rows::columns(input)?, vocabulary);
    let mut column_usage = headings.column_usage();
    let reader = parquet_rows::open(input)?;
    for (index, values) in parquet_rows::rows(&reader)?.enumerate() {
        let (number, values) = (index as u64 + 1, values?);
        column_usage.row(
            number,
            |column| !values[column].is_empty(),
            |column| values[column].as_str().into(),
        );
        sink.read_one()?;
        each(
            &CsvRow {
                headings: &headings,
                record: &csv::ByteRecord::from(values),
                number,
                origin: None,
            },
            sink,
        )?;
    }
    column_usage.close(sink);
    Ok(())
}

fn workbook(
    input: &Input,
    template: &'static Template,
    sink: &mut Sink,
    each: Each<'_>,
) -> Result<(), SourceError> {
    let vocabulary = Vocabulary::of_template(template);
    let archive = Archive::open(input)?;
    let grids = grid::sheets(&archive, usize::MAX)?;
    grids::report_very_hidden(&grids, sink);
    let header = |grid: &grid::Grid| {
        grid.rows.iter().take(60).position(|row| Template::recognize(&texts(row)).is_some())
    };
    let remedy = "has no headings of a template and was not read; give it those of `hotwash \
        template NAME`";
    grids::report_unread(&grids, |grid| header(grid).is_some(), remedy, sink);
    for grid in grids {
        let Some(index) = header(&grid) else { continue };
        let mut names = texts(&grid.rows[index]);
        let width =
            grid.rows[index..].iter().map(|row| row.cells().len()).max().unwrap_or_default();
        names.resize(width, String::new());
        let kind = |name: &String| Some(template.columns[template.position(name)?].kind);
        let is_date: Vec<bool> = names
            .iter()
            .map(|name| matches!(kind(name), Some(ColumnKind::Date | ColumnKind::Moment)))
            .collect();
        let headings = Headings::new(names, vocabulary);
        let mut column_usage = headings.column_usage();
        for row in &grid.rows[index + 1..] {
            let text = |(column, is_date): (usize, &bool)| match row.cell(column) {
                cell @ GridCell::Number(_) if *is_date => cell
                    .moment(row.dates)
                    .map_or_else(|| cell.text(), |at| GridCell::Moment(at).text()),
                cell => cell.text(),
            };
            let values: Vec<String> = is_date.iter().enumerate().map(text).collect();
            column_usage.row(
                row.number,
                |column| !values[column].is_empty(),
                |column| values[column].as_str().into(),
            );
            sink.read_one()?;
            each(
                &CsvRow {
                    headings: &headings,
                    record: &csv::ByteRecord::from(values),
                    number: row.number,
                    origin: None,
                },
                sink,
            )?;
        }
        column_usage.close(sink);
        grids::report_sheet(&grid, index, sink);
    }
    Ok(())
}

fn lines(
    input: &Input,
    record_type: &'static str,
    vocabulary: Vocabulary,
    sink: &mut Sink,
    each: Each<'_>,
) -> Result<(), SourceError> {
    let reader = BufReader::new(input.text()?);
    let mut column_usage = KeyCounter::new(vocabulary);
    for (index, line) in reader.lines().enumerate() {
        let number = index as u64 + 1;
        let line = line.map_err(|error| SourceError::from(error).at_row(number))?;
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            continue;
        }
        let object: Map<String, Value> = match serde_json::from_str(line) {
            Ok(object) => object,
            Err(error) => {
                sink.read_one()?;
                sink.reject(
                    number,
                    record_type,
                    None,
                    Some(line),
                    &format!("is not a JSON object on one line: {error}"),
                    None,
                );
                continue;
            }
        };
        if object.len() == 1 && object.contains_key("#") {
            continue;
        }
        sink.read_one()?;
        column_usage
            .record(number, object.iter().map(|(name, value)| (name.as_str(), written(value))));
        let headings = Headings::new(object.keys().cloned().collect(), vocabulary);
        let values: Vec<String> = object.values().map(written).collect();
        each(
            &CsvRow {
                headings: &headings,
                record: &csv::ByteRecord::from(values),
                number,
                origin: None,
            },
            sink,
        )?;
    }
    column_usage.close(sink);
    Ok(())
}

fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.into(),
        Value::Array(values) => values.iter().map(written).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}
