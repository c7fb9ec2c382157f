//! Reads the table of a layout in any format, and turns each row into a row of the template.

use crate::code::WarningCode;
use std::io::BufReader;

use csv::ByteRecord;
use hotwash_documents::archive::Archive;
use hotwash_documents::delimited::Records;
use hotwash_documents::grid::{self, GridCell};
use hotwash_documents::input::{Input, decode, decode_cell};
use hotwash_schema::nearest::nearest;
use serde_json::{Map, Value};

use super::definition::{Layout, same_heading};
use super::field::{LayoutField, Origins, folded};
use super::{moment, value};
use crate::inspect::trace;
use crate::load::Sink;
use crate::reading::headings::lists;
use crate::reading::person::is_person;
use crate::reading::time::DateSystem;
use crate::redact::redact;
use crate::source::column_counter::{ColumnCounter, Heading};
use crate::source::csv_rows::{CsvRow, Headings, Origin, Vocabulary};
use crate::source::is_own_header;
use crate::source::table_rows::{Each, Rows};
use crate::source::{ColumnFate, SourceError, parquet_rows};

/// Number of rows searched for the header.
const HEADER_ROWS: usize = 60;
/// Maximum size in bytes of a JSON list, which is read at once.
const LARGEST_LIST: u64 = 1 << 28;

/// A file and its layout.
pub struct LayoutFile<'a> {
    /// File to read.
    pub input: &'a Input,
    /// Layout of the file.
    pub layout: &'a Layout,
}

impl Rows for LayoutFile<'_> {
    fn read(
        &self,
        record_type: &'static str,
        sink: &mut Sink,
        each: Each<'_>,
    ) -> Result<(), SourceError> {
        let mut magic = [0_u8; 4];
        std::io::Read::read(&mut self.input.raw()?, &mut magic)?;
        let mut reading =
            Reading { layout: self.layout, record_type, sink, each, skipped: Skipped::default() };
        match &magic {
            b"PAR1" => reading.parquet(self.input),
            b"PK\x03\x04" => reading.workbook(self.input),
            _ => match first_letter(self.input)? {
                Some(b'{') => reading.lines(self.input),
                Some(b'[') => reading.list(self.input),
                _ => reading.text(self.input),
            },
        }?;
        reading.close();
        Ok(())
    }
}

/// Returns the first non-blank byte of the text.
fn first_letter(input: &Input) -> Result<Option<u8>, SourceError> {
    let mut start = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(input.decoded()?, 4096), &mut start)?;
    let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&start);
    Ok(start.iter().copied().find(|byte| !byte.is_ascii_whitespace()))
}

/// Rows that the layout skips.
#[derive(Default)]
struct Skipped {
    rows: u64,
    first: u64,
}

struct Reading<'a> {
    layout: &'a Layout,
    record_type: &'static str,
    sink: &'a mut Sink,
    each: Each<'a>,
    skipped: Skipped,
}

impl Reading<'_> {
    fn parquet(&mut self, input: &Input) -> Result<(), SourceError> {
        let reader = parquet_rows::open(input)?;
        let mut table = Table::new(self.layout, "", parquet_rows::columns(input)?)?;
        for (index, values) in parquet_rows::rows(&reader)?.enumerate() {
            let cells = values?.iter().map(|value| cell(value)).collect();
            self.row(&mut table, index as u64 + 1, cells)?;
        }
        table.column_usage.close(self.sink);
        Ok(())
    }

    fn workbook(&mut self, input: &Input) -> Result<(), SourceError> {
        let archive = Archive::open(input)?;
        let grids = grid::sheets(&archive, usize::MAX)?;
        let wanted = |name: &str| {
            self.layout.sheets.is_empty()
                || self.layout.sheets.iter().any(|sheet| same_heading(sheet, name))
        };
        let names = || grids.iter().map(|grid| grid.name.as_str()).collect::<Vec<_>>().join(", ");
        if !grids.iter().any(|grid| wanted(&grid.name)) {
            let reason = format!(
                "the workbook has no sheet {}; it has {}",
                self.layout.sheets.join(" or "),
                names()
            );
            return Err(SourceError::Unreadable(reason));
        }
        let grids: Vec<_> = grids.iter().filter(|grid| wanted(&grid.name)).cloned().collect();
        let header = |grid: &grid::Grid| {
            let rows = grid.rows.iter().take(HEADER_ROWS).enumerate();
            let below = rows.filter(|(_, row)| row.number > self.layout.skip_leading_rows);
            let texts: Vec<(usize, Vec<String>)> = below
                .map(|(index, row)| (index, row.cells().iter().map(GridCell::text).collect()))
                .collect();
            header(self.layout, &texts)
        };
        let found: Vec<_> = grids.into_iter().map(|grid| (header(&grid), grid)).collect();
        if !found.iter().any(|(header, _)| header.is_ok()) {
            let missing = found.into_iter().map(|(header, _)| header).find_map(Result::err);
            return Err(SourceError::Unreadable(
                missing.unwrap_or_else(|| "the workbook has no filled sheet".into()),
            ));
        }
        for (header, mut grid) in found {
            let Ok(index) = header else { continue };
            grid.carry_down(index);
            let width =
                grid.rows[index..].iter().map(|row| row.cells().len()).max().unwrap_or_default();
            let headings = (0..width).map(|column| grid.rows[index].cell(column).text()).collect();
            let mut table = Table::new(self.layout, &grid.name, headings)?;
            table.dates = grid.rows[index].dates;
            for row in &grid.rows[index + 1..] {
                self.row(
                    &mut table,
                    row.number,
                    (0..width).map(|column| row.cell(column).clone()).collect(),
                )?;
            }
            table.column_usage.close(self.sink);
        }
        Ok(())
    }

    fn text(&mut self, input: &Input) -> Result<(), SourceError> {
        let texts = |record: &ByteRecord| -> Vec<String> {
            record.iter().map(|field| decode_cell(field).trim().to_owned()).collect()
        };
        let mut records = Records::open(input, is_own_header)?;
        let mut first = Vec::new();
        while first.len() < HEADER_ROWS
            && let Some(number) = records.advance()?
        {
            if number > self.layout.skip_leading_rows {
                first.push((number, texts(records.record())));
            }
        }
        let index = header(
            self.layout,
            &first.iter().map(|(number, row)| (*number, row.clone())).collect::<Vec<_>>(),
        )
        .map_err(SourceError::Unreadable)?;
        let headings = first
            .into_iter()
            .find(|(number, _)| *number == index)
            .map(|(_, row)| row)
            .unwrap_or_default();
        let mut table = Table::new(self.layout, "", headings)?;
        let mut records = Records::open(input, is_own_header)?;
        while let Some(number) = records.advance()? {
            if number <= index {
                continue;
            }
            let cells: Vec<GridCell> =
                texts(records.record()).iter().map(|text| cell(text)).collect();
            let (width, filled) =
                (table.headings.len(), cells.iter().filter(|cell| !cell.is_empty()).count());
            let is_cut = cells.len() < width || cells[width..].iter().any(|cell| !cell.is_empty());
            let wrong = match records.open_quote() {
                Some(wrong) => Some(wrong.to_string()),
                None => (is_cut && filled > 0)
                    .then(|| format!("the row has {} cells and the heading {width}", cells.len())),
            };
            match wrong {
                Some(reason) if !table.is_skipped(&cells) => {
                    self.sink.read_one()?;
                    table.count(number, &cells);
                    self.sink.reject(
                        number,
                        self.record_type,
                        None,
                        None,
                        &reason,
                        Some(table.content(&cells)),
                    );
                }
                _ => self.row(&mut table, number, cells)?,
            }
        }
        table.column_usage.close(self.sink);
        Ok(())
    }

    fn lines(&mut self, input: &Input) -> Result<(), SourceError> {
        let mut table: Option<Table<'_>> = None;
        for (index, line) in std::io::BufRead::lines(BufReader::new(input.text()?)).enumerate() {
            let number = index as u64 + 1;
            let line = line.map_err(|error| SourceError::from(error).at_row(number))?;
            let line = line.trim_start_matches('\u{feff}').trim();
            if line.is_empty() {
                continue;
            }
            match serde_json::from_str::<Map<String, Value>>(line) {
                Ok(object) => self.object(&mut table, number, &object)?,
                Err(error) => {
                    self.sink.read_one()?;
                    let reason = format!("is not a JSON object on one line: {error}");
                    self.sink.reject(number, self.record_type, None, Some(line), &reason, None);
                }
            }
        }
        if let Some(table) = table {
            table.column_usage.close(self.sink);
        }
        Ok(())
    }

    fn list(&mut self, input: &Input) -> Result<(), SourceError> {
        let mut text = Vec::new();
        std::io::Read::read_to_end(
            &mut std::io::Read::take(input.decoded()?, LARGEST_LIST + 1),
            &mut text,
        )?;
        if text.len() as u64 > LARGEST_LIST {
            let reason = format!(
                "a JSON list is read up to {} MiB; write one object a line",
                LARGEST_LIST >> 20
            );
            return Err(SourceError::Unreadable(reason));
        }
        let text = decode(&text);
        let objects: Vec<Map<String, Value>> =
            serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
                SourceError::Unreadable(format!("is not a list of JSON objects: {error}"))
            })?;
        let mut table: Option<Table<'_>> = None;
        for (index, object) in objects.iter().enumerate() {
            self.object(&mut table, index as u64 + 1, object)?;
        }
        if let Some(table) = table {
            table.column_usage.close(self.sink);
        }
        Ok(())
    }

    /// Reads a JSON record. New keys add columns to the table.
    fn object<'l>(
        &mut self,
        table: &mut Option<Table<'l>>,
        number: u64,
        object: &Map<String, Value>,
    ) -> Result<(), SourceError>
    where
        Self: 'l,
    {
        let mut flat = Vec::new();
        flatten("", object, &mut flat);
        let layout: &'l Layout = self.layout;
        let table = match table {
            Some(table) => table,
            None => {
                // The first record can lack keys that later records have.
                let mut headings: Vec<String> = flat.iter().map(|(name, _)| name.clone()).collect();
                let lacking: Vec<String> = layout
                    .required
                    .iter()
                    .filter(|wanted| !headings.iter().any(|heading| same_heading(heading, wanted)))
                    .cloned()
                    .collect();
                if lacking.len() < layout.required.len() {
                    headings.extend(lacking);
                }
                table.insert(Table::new(layout, "", headings)?)
            }
        };
        for (name, _) in &flat {
            table.add(name);
        }
        let mut cells = vec![GridCell::Empty; table.headings.len()];
        for (name, found) in flat {
            if let Some(index) = table.headings.iter().position(|heading| *heading == name) {
                cells[index] = found;
            }
        }
        self.row(table, number, cells)
    }

    /// Reads one row of the table.
    fn row(
        &mut self,
        table: &mut Table<'_>,
        number: u64,
        cells: Vec<GridCell>,
    ) -> Result<(), SourceError> {
        if cells.iter().all(GridCell::is_empty) || table.is_header(&cells) {
            return Ok(());
        }
        if table.is_skipped(&cells) {
            if self.skipped.rows == 0 {
                self.skipped.first = number;
            }
            self.skipped.rows += 1;
            return Ok(());
        }
        self.sink.read_one()?;
        table.count(number, &cells);
        let personal = table
            .dropped
            .iter()
            .zip(&cells)
            .filter(|(is_dropped, cell)| **is_dropped && !cell.is_empty());
        personal.for_each(|_| self.sink.dropped());
        let values: Vec<String> = table.values(&cells);
        if trace::is_on() {
            for (column, value) in self.layout.template.columns.iter().zip(&values) {
                trace::reading(number, column.heading, "", || value.clone());
            }
        }
        let record = ByteRecord::from(values);
        let origin = RowOrigin { table, cells: &cells };
        (self.each)(
            &CsvRow { headings: &table.template, record: &record, number, origin: Some(&origin) },
            self.sink,
        )
    }

    fn close(self) {
        let Skipped { rows, first } = self.skipped;
        if rows > 0 {
            let are = if rows == 1 { "row is" } else { "rows are" };
            let message = format!(
                "{rows} {are} left out, as [skip_rows_where] of the layout {} says",
                self.layout.name
            );
            self.sink.warn(WarningCode::SkippedRows, None, None, &message, first);
        }
    }
}

/// Returns the header row: the first with all required headings. The error names what the best
/// candidate lacks.
fn header<P: Copy>(layout: &Layout, rows: &[(P, Vec<String>)]) -> Result<P, String> {
    if let Some((index, _)) = rows.iter().find(|(_, row)| layout.fits(row)) {
        return Ok(*index);
    }
    let known = |row: &[String]| {
        layout
            .required
            .iter()
            .filter(|wanted| row.iter().any(|heading| same_heading(heading, wanted)))
            .count()
    };
    let best =
        rows.iter().rev().max_by_key(|(_, row)| known(row)).filter(|(_, row)| known(row) > 0);
    let best = best.or_else(|| rows.first()).map(|(_, row)| row.clone()).unwrap_or_default();
    Err(lacking(layout, &best))
}

/// Returns a message with the required headings that are missing, and those present.
fn lacking(layout: &Layout, headings: &[String]) -> String {
    let has = |wanted: &&String| headings.iter().any(|heading| same_heading(heading, wanted));
    let missing: Vec<String> = layout
        .required
        .iter()
        .filter(|wanted| !has(wanted))
        .map(|wanted| {
            let is_free = |heading: &&String| {
                !layout.required.iter().any(|known| same_heading(known, heading))
            };
            let near = nearest(wanted, headings.iter().filter(is_free).map(String::as_str));
            let near = near
                .map(|near| format!(" (nearest is \u{201c}{}\u{201d})", redact(near).0))
                .unwrap_or_default();
            format!("\u{201c}{wanted}\u{201d}{near}")
        })
        .collect();
    let is_near = missing.iter().all(|heading| heading.contains("nearest is"));
    let hint = if is_near {
        ""
    } else {
        "; a value that is the same in every row is { constant = \"3\" }"
    };
    let shown: Vec<String> = headings
        .iter()
        .filter(|heading| !heading.is_empty() && !is_person(heading))
        .take(20)
        .map(|heading| redact(heading).0.into_owned())
        .collect();
    format!(
        "the layout {} ({}) needs the headings {}, which the file lacks; it has {}. Correct the \
         layout, or give \
         required_headings those that every file has{hint}",
        layout.name,
        layout.file,
        missing.join(", "),
        shown.join(", ")
    )
}

/// Table with its headings, and the columns of the layout's fields.
struct Table<'l> {
    layout: &'l Layout,
    headings: Vec<String>,
    /// Column of each field's headings, in the order of the layout's fields.
    indexes: Vec<Vec<Option<usize>>>,
    /// Column of the date by which a field's event is found.
    days: Vec<Option<usize>>,
    /// Columns by which rows are skipped.
    skipped: Vec<Option<usize>>,
    /// Columns with names of persons.
    dropped: Vec<bool>,
    /// Day from which serial date numbers count.
    dates: DateSystem,
    /// Headings of the template's rows.
    template: Headings,
    column_usage: ColumnCounter,
}

impl<'l> Table<'l> {
    fn new(layout: &'l Layout, sheet: &str, headings: Vec<String>) -> Result<Self, SourceError> {
        if !layout.fits(&headings) {
            return Err(SourceError::Unreadable(lacking(layout, &headings)));
        }
        let names =
            layout.template.columns.iter().map(|column| column.heading.to_owned()).collect();
        let mut table = Self {
            layout,
            column_usage: ColumnCounter::new(sheet, Vec::new(), lacked(layout, &headings)),
            headings: Vec::new(),
            indexes: Vec::new(),
            days: Vec::new(),
            skipped: Vec::new(),
            dropped: Vec::new(),
            dates: DateSystem::default(),
            template: Headings::new(names, Vocabulary::of_template(layout.template)),
        };
        for heading in headings {
            table.push(heading);
        }
        table.locate();
        Ok(table)
    }

    /// Adds a column that only some records have.
    fn add(&mut self, heading: &str) {
        if !self.headings.iter().any(|known| known == heading) {
            self.push(heading.to_owned());
            self.locate();
        }
    }

    fn push(&mut self, heading: String) {
        let first = self
            .headings
            .iter()
            .position(|known| !heading.is_empty() && same_heading(known, &heading));
        let fields = fields_of(self.layout, &heading);
        let is_unused = self.layout.ignored.iter().any(|known| same_heading(known, &heading));
        let is_dropped = fields.is_empty() && !is_unused && lists().is_dropped(&heading);
        let fate = if !fields.is_empty() && first.is_none() {
            ColumnFate::Read
        } else if is_unused || heading.to_lowercase().starts_with("reject_") {
            ColumnFate::Unused
        } else if is_dropped {
            ColumnFate::Dropped
        } else {
            ColumnFate::Unread
        };
        self.column_usage.add(Heading {
            name: heading.clone(),
            fate,
            read_instead: first.filter(|_| !fields.is_empty()),
            field: Some(fields.join(", ")).filter(|fields| !fields.is_empty()),
        });
        self.dropped.push(lists().is_dropped(&heading));
        self.headings.push(heading);
    }

    fn locate(&mut self) {
        let index = |wanted: &String| {
            self.headings.iter().position(|heading| same_heading(heading, wanted))
        };
        let fields = self.layout.fields.iter();
        self.indexes = fields
            .clone()
            .map(|field| match &field.origins {
                Origins::Columns { headings, .. } => headings.iter().map(index).collect(),
                Origins::Constant(_) => Vec::new(),
            })
            .collect();
        self.days = fields.map(|field| field.on.as_ref().and_then(index)).collect();
        self.skipped = self.layout.skipped.iter().map(|(heading, _)| index(heading)).collect();
    }

    fn count(&mut self, number: u64, cells: &[GridCell]) {
        let width = self.headings.len().min(cells.len());
        self.column_usage.row(
            number,
            |index| index < width && !cells[index].is_empty(),
            |index| cells[index].text().into(),
        );
    }

    /// Returns whether a row repeats the header, as tables do on each printed page.
    fn is_header(&self, cells: &[GridCell]) -> bool {
        let filled = || cells.iter().zip(&self.headings).filter(|(cell, _)| !cell.is_empty());
        filled().count() > 1 && filled().all(|(cell, heading)| cell.text() == *heading)
    }

    fn is_skipped(&self, cells: &[GridCell]) -> bool {
        self.layout.skipped.iter().zip(&self.skipped).any(|((_, values), index)| {
            let Some(index) = index else { return false };
            let text = folded(&cells.get(*index).map(GridCell::text).unwrap_or_default());
            values.iter().any(|value| match value.strip_suffix('*') {
                Some(start) => !text.is_empty() && text.starts_with(&folded(start)),
                None => text == folded(value),
            })
        })
    }

    /// Returns the row in template form.
    fn values(&self, cells: &[GridCell]) -> Vec<String> {
        let columns = self.layout.template.columns.iter();
        let mut values: Vec<String> = columns
            .map(|column| {
                match self
                    .layout
                    .fields
                    .iter()
                    .position(|field| field.column.heading == column.heading)
                {
                    Some(at) => {
                        let own: Vec<&GridCell> = self.indexes[at]
                            .iter()
                            .filter_map(|index| index.and_then(|index| cells.get(index)))
                            .collect();
                        value::value(self.layout, &self.layout.fields[at], &own, self.dates)
                    }
                    None if column.heading == "time_zone" => {
                        self.layout.zone.map(|zone| zone.name().to_owned()).unwrap_or_default()
                    }
                    None => String::new(),
                }
            })
            .collect();
        for field in self.layout.fields.iter().filter(|field| field.after.is_some()) {
            let template = self.layout.template;
            let indexes = template
                .position(field.column.heading)
                .zip(field.after.and_then(|name| template.position(name)));
            if let Some((own, other)) = indexes
                && let Some(moved) = moment::not_before(self.layout, &values[own], &values[other])
            {
                values[own] = moved;
            }
        }
        values
    }

    /// Returns the row by its own headings, redacted, without columns that name persons.
    fn content(&self, cells: &[GridCell]) -> Value {
        let mut content = Map::new();
        for ((heading, cell), is_dropped) in self.headings.iter().zip(cells).zip(&self.dropped) {
            let text = cell.text();
            if !heading.is_empty()
                && !is_dropped
                && !heading.starts_with("reject_")
                && !is_person(&text)
            {
                content.entry(heading).or_insert_with(|| redact(&text).0.into_owned().into());
            }
        }
        Value::Object(content)
    }
}

/// Returns the headings that the layout names and the table lacks, to suggest them for unread
/// columns.
fn lacked(layout: &Layout, headings: &[String]) -> Vec<String> {
    let named = layout.fields.iter().flat_map(LayoutField::headings);
    named
        .filter(|wanted| !headings.iter().any(|heading| same_heading(heading, wanted)))
        .cloned()
        .collect()
}

/// Returns the fields that a heading feeds.
fn fields_of(layout: &Layout, heading: &str) -> Vec<&'static str> {
    let is_named = |wanted: &String| same_heading(wanted, heading);
    let fields = layout.fields.iter().filter(|field| field.headings().any(is_named));
    let mut fields: Vec<&'static str> = fields.map(|field| field.column.heading).collect();
    if layout.skipped.iter().any(|(wanted, _)| is_named(wanted)) {
        fields.push("skip_rows_where");
    }
    fields
}

/// Row of the original table, for messages about the row of the template.
struct RowOrigin<'a, 'l> {
    table: &'a Table<'l>,
    cells: &'a [GridCell],
}

impl RowOrigin<'_, '_> {
    fn field(&self, column: &str) -> Option<(usize, &LayoutField)> {
        self.table
            .layout
            .fields
            .iter()
            .enumerate()
            .find(|(_, field)| field.column.heading == column)
    }
}

impl Origin for RowOrigin<'_, '_> {
    fn cell(&self, column: &str) -> Option<(String, String)> {
        let (at, field) = self.field(column)?;
        let Origins::Columns { headings, join } = &field.origins else { return None };
        let texts = self.table.indexes[at]
            .iter()
            .filter_map(|index| Some(self.cells.get((*index)?)?.text()));
        Some((
            headings.join(", "),
            texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(join),
        ))
    }

    fn remark(&self, column: &str) -> String {
        let layout = self.table.layout;
        let listed = match self.field(column) {
            Some((_, field)) if field.is_listable() => {
                format!(", whose [values.{column}] may give one value for another")
            }
            _ => String::new(),
        };
        format!("field {column} of the layout {} ({}){listed}", layout.name, layout.file)
    }

    fn is_name(&self, column: &str) -> bool {
        self.field(column).is_some_and(|(_, field)| field.by_name)
    }

    fn event_day(&self, column: &str) -> Option<chrono::NaiveDate> {
        let (at, _) = self.field(column)?;
        let cell = self.cells.get(self.table.days[at]?)?;
        moment::day_of(cell, self.table.layout.formats.date.as_ref(), self.table.dates)
    }

    fn content(&self) -> Value {
        self.table.content(self.cells)
    }
}

/// Returns a text as a cell.
pub fn cell(text: &str) -> GridCell {
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{a0}');
    if text.is_empty() { GridCell::Empty } else { GridCell::Text(text.to_owned()) }
}

/// Returns the values of an object by name. Nested values also have their path as name, like
/// `location.city`.
pub fn flatten(within: &str, object: &Map<String, Value>, into: &mut Vec<(String, GridCell)>) {
    for (name, value) in object {
        let name = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
        let found = match value {
            Value::Object(inner) => {
                flatten(&name, inner, into);
                continue;
            }
            Value::Number(number) => {
                number.as_f64().map_or_else(|| cell(&number.to_string()), GridCell::Number)
            }
            Value::Bool(flag) => GridCell::Flag(*flag),
            Value::Null => GridCell::Empty,
            Value::String(text) => cell(text),
            Value::Array(values) => {
                let texts: Vec<String> = values
                    .iter()
                    .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                    .collect();
                cell(&texts.join("; "))
            }
        };
        into.push((name, found));
    }
}
