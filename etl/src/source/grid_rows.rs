//! Reads rows of a sheet by field, below a header found by its headings, and rejects rows.

use crate::code::WarningCode;
use chrono::NaiveDate;
use chrono_tz::Tz;
use hotwash_documents::archive::Archive;
use hotwash_documents::grid::{self, Grid, GridCell, GridRow, Visibility};
use hotwash_documents::input::Input;
use hotwash_documents::sheet_xml::{cell_name, column_name};
use hotwash_schema::profile;
use serde_json::{Map, Value};

use super::column_counter::{ColumnCounter, Heading};
use super::column_usage::ColumnFate;
use super::{SourceError, is_own_header};
use crate::inspect::trace;
use crate::load::Sink;
use crate::lookup::{Lookup, Miss, NamedList, UNMAPPED};
use crate::reading::dates::CellDates;
use crate::reading::headings::{Columns, Section, lists};
use crate::reading::items::unmarked;
use crate::reading::number::number;
use crate::reading::person::{organization_part, without_person};
use crate::reading::time::{
    Clock, End, Order, Settled, Stamp, Unread, home, plausible, read_day, zone_named,
};
use crate::record::OrganizationRef;
use crate::redact::redact;

/// Maximum number of cells or rows listed in a warning.
const MOST_LISTED: usize = 12;

/// Returns all tables of a workbook or CSV file, with the archive of a workbook. Very hidden sheets
/// are empty, and reported.
pub fn grids(input: &Input, sink: &mut Sink) -> Result<(Vec<Grid>, Option<Archive>), SourceError> {
    let mut magic = [0_u8; 2];
    std::io::Read::read(&mut input.raw()?, &mut magic)?;
    if &magic == b"PK" {
        let archive = Archive::open(input)?;
        let grids = grid::sheets(&archive, usize::MAX)?;
        report_very_hidden(&grids, sink);
        return Ok((grids, Some(archive)));
    }
    Ok((vec![grid::csv_grid(input, usize::MAX, is_own_header)?], None))
}

/// Reports very hidden sheets, which users cannot see; they are not read.
pub fn report_very_hidden(grids: &[Grid], sink: &mut Sink) {
    for grid in grids.iter().filter(|grid| grid.visibility == Visibility::VeryHidden) {
        let message = "is very hidden, as the templates of a form are, and was not read; make it \
            visible if it holds records";
        sink.warn(WarningCode::VeryHiddenSheet, None, Some(&grid.name), message, 0);
    }
}

/// Reports what a print of the sheet would not show: hidden rows and columns, merged cells, missing
/// values. Hidden rows, columns and sheets are read nevertheless.
pub fn report_sheet(grid: &Grid, index: usize, sink: &mut Sink) {
    let rows = &grid.rows[index + 1..];
    let headings = &grid.rows[index];
    let heading = |column: usize| headings.cell(column).text();
    let sheet = Some(grid.name.as_str()).filter(|name| !name.is_empty());
    if grid.visibility == Visibility::Hidden {
        sink.warn(
            WarningCode::HiddenSheet,
            None,
            sheet,
            "is hidden; its rows are read all the same: delete the sheet if they do not count",
            0,
        );
    }
    let is_filled = |number: &u64| rows.binary_search_by_key(number, |row| row.number).is_ok();
    let hidden: Vec<u64> = grid.notes.hidden_rows.iter().copied().filter(is_filled).collect();
    if let Some(first) = hidden.first() {
        let by = if grid.notes.is_filtered { "hidden, by a filter or by hand" } else { "hidden" };
        let listed = listed(hidden.len(), hidden.iter().map(u64::to_string));
        let are = if hidden.len() == 1 { "is" } else { "are" };
        let message = format!(
            "{} {listed} {are} {by}; read all the same: delete what does not count",
            plural("row", hidden.len())
        );
        sink.warn(WarningCode::HiddenRows, None, sheet, &message, *first);
    }
    let has_data = |column: usize| rows.iter().any(|row| !row.cell(column).is_empty());
    for column in grid.notes.hidden_columns.iter().copied().filter(|column| has_data(*column)) {
        let message = format!("column {} is hidden; it is read all the same", column_name(column));
        sink.warn(
            WarningCode::HiddenColumn,
            Some(&heading(column)),
            sheet,
            &message,
            headings.number,
        );
    }
    let unsaved: Vec<&(u64, usize)> =
        grid.notes.unsaved.iter().filter(|(row, _)| *row > headings.number).collect();
    if let Some((row, _)) = unsaved.first() {
        let names = unsaved.iter().map(|(row, column)| cell_name(*row, *column));
        let message = format!(
            "{} {} a formula whose value was not saved, and {} read as empty; open the workbook in \
             Excel or LibreOffice, save it \
             and load it again",
            listed(unsaved.len(), names),
            if unsaved.len() == 1 { "holds" } else { "hold" },
            if unsaved.len() == 1 { "is" } else { "are" },
        );
        sink.warn(WarningCode::FormulaWithoutValue, None, sheet, &message, *row);
    }
    for merged in &grid.carried {
        let (first, last) = merged.rows;
        let message = format!(
            "a cell is merged over rows {first} to {last}; its value applies to each of them"
        );
        sink.warn(
            WarningCode::MergedCells,
            Some(&heading(merged.columns.0)),
            sheet,
            &message,
            first,
        );
    }
    for merged in grid.merges.iter().filter(|merged| merged.columns.1 > merged.columns.0) {
        let Ok(at) = rows.binary_search_by_key(&merged.rows.0, |row| row.number) else { continue };
        // A line across the table is not a record.
        let filled = rows[at].cells().iter().filter(|cell| !cell.is_empty()).count();
        let is_headed = (merged.columns.0..=merged.columns.1)
            .filter(|column| !heading(*column).is_empty())
            .count()
            > 1;
        if filled > 1 && is_headed && !rows[at].cell(merged.columns.0).is_empty() {
            let (from, to) = (
                cell_name(merged.rows.0, merged.columns.0),
                cell_name(merged.rows.0, merged.columns.1),
            );
            let message = format!(
                "cells {from} to {to} are merged; their values are read under this heading only"
            );
            sink.warn(
                WarningCode::MergedCells,
                Some(&heading(merged.columns.0)),
                sheet,
                &message,
                merged.rows.0,
            );
        }
    }
}

/// Lists the first names, and the number of the others.
fn listed(count: usize, names: impl Iterator<Item = String>) -> String {
    let shown = names.take(MOST_LISTED).collect::<Vec<_>>().join(", ");
    if count > MOST_LISTED { format!("{shown} and {} more", count - MOST_LISTED) } else { shown }
}

fn plural(word: &str, count: usize) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// Reports the use of each column of a table with its header at this index. Fields in `unused` are
/// known but not stored. An empty name in `unused` means columns without a heading, which some
/// layouts have.
pub fn report_columns(
    section: Section,
    unused: &[&str],
    grid: &Grid,
    index: usize,
    columns: &Columns,
    sink: &mut Sink,
) {
    trace::sheet(&grid.name);
    let rows = &grid.rows[index + 1..];
    let width = rows
        .iter()
        .map(|row| row.cells().len())
        .chain([columns.headings.len()])
        .max()
        .unwrap_or_default();
    let heading = |column: usize| {
        let name = columns.headings.get(column).cloned().unwrap_or_default();
        let own = columns.field_at(column);
        let meant = own.or_else(|| lists().field_of_heading(section, &name));
        let read_instead =
            meant.filter(|_| own.is_none()).and_then(|field| columns.index_of(field));
        let fate = match (own, meant) {
            (_, Some(field)) if unused.contains(&field) => ColumnFate::Unused,
            (Some(_), _) => ColumnFate::Read,
            _ if columns.is_dropped(column) => ColumnFate::Dropped,
            _ if name.is_empty() && unused.contains(&"") => ColumnFate::Unused,
            _ if name.to_lowercase().starts_with("reject_") => ColumnFate::Unused,
            _ => ColumnFate::Unread,
        };
        Heading { name, fate, field: meant.map(str::to_owned), read_instead }
    };
    let mut column_usage = ColumnCounter::new(
        &grid.name,
        (0..width).map(heading).collect(),
        lists().headings_of(section),
    );
    for row in rows {
        // A line across the table is not a record.
        if row.cells().iter().filter(|cell| !cell.is_empty()).count() > 1 {
            column_usage.row(
                row.number,
                |column| !row.cell(column).is_empty(),
                |column| row.cell(column).text().into(),
            );
        }
    }
    column_usage.close(sink);
    report_sheet(grid, index, sink);
    for column in (0..width).filter(|column| columns.field_at(*column).is_some()) {
        warn_of_day_first(&columns.headings[column], column, rows, sink);
    }
}

/// Warns of a column in which some dates are readable only day first, and others are read month
/// first.
fn warn_of_day_first(heading: &str, column: usize, rows: &[GridRow], sink: &mut Sink) {
    let mut day_first: Option<(&str, u64)> = None;
    let mut either: Option<(&str, usize)> = None;
    for row in rows {
        let GridCell::Text(text) = row.cell(column) else { continue };
        match Order::of(text) {
            Some(Order::DayFirst) => day_first = day_first.or(Some((text, row.number))),
            Some(Order::Either) => {
                either = Some(either.map_or((text, 1), |(first, count)| (first, count + 1)))
            }
            _ => {}
        }
    }
    if let (Some((text, number)), Some((other, count))) = (day_first, either) {
        let message = format!(
            "is read day first, and {count} dates of this column, such as {other}, month first; \
             write dates as 2025-06-30"
        );
        sink.warn(WarningCode::DayFirstDate, Some(heading), Some(text), &message, number);
    }
}

/// Returns whether an id identifies a record. A running number, such as `12` or a value under
/// `No.`, only numbers the rows of one file.
pub fn is_id(heading: &str, id: &str) -> bool {
    let plain = id.trim_matches(['#', '.', ' ', '(', ')']);
    let is_number = plain.len() <= 4 && plain.bytes().all(|byte| byte.is_ascii_digit());
    let is_numbered = lists().field(Section::RunningNumber, heading).is_some();
    let has_letter = plain.chars().any(char::is_alphabetic);
    !is_number && (has_letter || !is_numbered) && redact(id).1 == 0
}

/// Error in a row.
#[derive(Debug)]
pub struct GridFault {
    /// Heading of the column in the document.
    pub column: Option<String>,
    /// Value.
    pub value: String,
    /// Description of a valid value.
    pub reason: String,
}

/// Row with its columns.
pub struct GridRecord<'a> {
    /// Cells of the row.
    pub row: &'a GridRow,
    /// Meaning of each column.
    pub columns: &'a Columns,
}

impl GridRecord<'_> {
    /// Returns the cell of a field.
    pub fn cell(&self, field: &str) -> &GridCell {
        self.columns.index_of(field).map_or(&GridCell::Empty, |index| self.row.cell(index))
    }

    /// Returns the text of a field; empty if there is none.
    pub fn text(&self, field: &str) -> String {
        if self.columns.index_of(field).is_none()
            && let Some(words) =
                self.columns.marked(field, |index| self.row.cell(index).text().into())
        {
            return words;
        }
        self.cell(field).text().trim().to_owned()
    }

    /// Returns the text of a field, or none.
    pub fn optional(&self, field: &str) -> Option<String> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }

    /// Returns a required text; an empty cell is an error.
    pub fn required(&self, field: &str) -> Result<String, GridFault> {
        self.optional(field).ok_or_else(|| self.wrong(field, "must not be empty"))
    }

    /// Returns an error if a row of a text file has values beyond the header: an unquoted delimiter
    /// shifted its cells.
    pub fn shifted(&self) -> Result<(), GridFault> {
        let (cells, headed) = (self.row.cells().len(), self.columns.written);
        if headed == 0 || cells <= headed {
            return Ok(());
        }
        let beyond =
            self.row.cells()[headed..].iter().map(GridCell::text).find(|text| !text.is_empty());
        Err(GridFault {
            column: None,
            value: beyond.unwrap_or_default(),
            reason: format!(
                "the row has {cells} cells and the header has {headed}; enclose a value that \
                 contains the delimiter in quotation \
                 marks, or give the further column a heading"
            ),
        })
    }

    /// Returns the time zone of the row's times: its `time_zone`, or the zone of the warehouse.
    pub fn zone(&self) -> Result<Tz, GridFault> {
        match self.optional("time_zone") {
            None => Ok(home()),
            Some(text) => zone_named(&text).ok_or_else(|| {
                self.wrong(
                    "time_zone",
                    "must be a time zone, such as America/Chicago or CT; or leave it empty",
                )
            }),
        }
    }

    /// Returns an error for the first of these fields whose formula has no saved value.
    pub fn unsaved(&self, fields: &[&str]) -> Result<(), GridFault> {
        let indexes =
            fields.iter().filter_map(|field| Some((*field, self.columns.index_of(field)?)));
        match indexes.into_iter().find(|(_, index)| self.row.is_unsaved(*index)) {
            Some((field, index)) => Err(self.wrong(
                field,
                format!(
                    "cell {} holds a formula whose value was not saved; open the workbook in Excel \
                     or LibreOffice, save it and \
                     load it again",
                    cell_name(self.row.number, index)
                ),
            )),
            None => Ok(()),
        }
    }

    /// Creates an error for this field.
    pub fn wrong(&self, field: &str, reason: impl Into<String>) -> GridFault {
        GridFault {
            column: Some(self.columns.heading(field)),
            value: self.text(field),
            reason: reason.into(),
        }
    }

    /// Returns the date of a cell that contains a date or a number of days.
    pub fn cell_day(&self, field: &str) -> Option<NaiveDate> {
        let at = self.cell(field).moment(self.row.dates)?;
        plausible(at.date()).ok()
    }

    /// Returns a date, in any style. A spreadsheet shows a reference to an empty cell as day 0.
    pub fn day(&self, field: &str, end: End) -> Result<Option<NaiveDate>, GridFault> {
        let read = self.day_of(field, end)?;
        if let Some(day) = read {
            trace::reading(self.row.number, field, "date", || day.to_string());
        }
        Ok(read)
    }

    fn day_of(&self, field: &str, end: End) -> Result<Option<NaiveDate>, GridFault> {
        if let Some(at) = self.cell(field).moment(self.row.dates) {
            return plausible(at.date())
                .map(Some)
                .map_err(|unread| self.wrong(field, unread.to_string()));
        }
        match self.optional(field) {
            _ if *self.cell(field) == GridCell::Clock(Clock::MIDNIGHT) => Ok(None),
            Some(text) if lists().is_undated(&text) => Ok(None),
            Some(text) => read_day(&text, end)
                .map(|read| Some(read.day))
                .map_err(|unread| self.wrong(field, unread.to_string())),
            None => Ok(None),
        }
    }

    /// Rejects a date with an impossible year, in a column whose other texts do not reject the row.
    pub fn reject_unlikely_year(&self, field: &str) -> Result<(), GridFault> {
        let read = match self.cell(field).moment(self.row.dates) {
            Some(at) => plausible(at.date()),
            None => read_day(&self.text(field), End::Last).map(|read| read.day),
        };
        match read {
            Err(unread @ Unread::Year(_)) => Err(self.wrong(field, unread.to_string())),
            _ => Ok(()),
        }
    }

    /// Returns a time; a time of day alone is on the given date.
    pub fn stamp(&self, field: &str, on: Option<NaiveDate>) -> Result<Option<Stamp>, GridFault> {
        let text = self.text(field);
        if lists().is_undated(&text) || ["-", "--"].contains(&text.as_str()) {
            return Ok(None);
        }
        let read = self.cell(field).stamp(self.row.dates, on).transpose();
        let read = read.map_err(|unread| self.wrong(field, unread.to_string()))?;
        if let Some(stamp) = read {
            trace::reading(self.row.number, field, "date and time", || {
                stamp.local.format("%Y-%m-%d %H:%M").to_string()
            });
        }
        Ok(read)
    }

    /// Warns about a doubtful time in this field.
    pub fn warn_of(&self, field: &str, settled: &Settled, sink: &mut Sink) {
        trace::reading(self.row.number, field, "date and time", || {
            settled.local.format("%Y-%m-%d %H:%M").to_string()
        });
        if let Some(remark) = settled.remark {
            let (column, value) = (self.columns.heading(field), self.text(field));
            sink.warn(
                remark.code(),
                Some(&column),
                Some(&value),
                &remark.to_string(),
                self.row.number,
            );
        }
    }

    /// Returns a non-negative count.
    pub fn count(&self, field: &str) -> Result<Option<i32>, GridFault> {
        let text = self.text(field);
        if text.is_empty() {
            return Ok(None);
        }
        match number(crate::reading::count::approximate(&text)) {
            Some(number) if number < 0.0 => Err(self.wrong(field, "must not be negative")),
            Some(number) if number.fract() == 0.0 && number <= f64::from(i32::MAX) => {
                trace::reading(self.row.number, field, "count", || number.to_string());
                Ok(Some(number as i32))
            }
            _ => Err(self.wrong(field, "must be a whole number")),
        }
    }

    /// Returns the row by heading, redacted, without columns that name persons.
    pub fn content(&self) -> Value {
        self.content_with(&[])
    }

    /// Returns the row by heading, including empty cells, with further values that the sheet states
    /// under these names.
    pub fn content_with(&self, further: &[(&str, String)]) -> Value {
        let mut content = Map::new();
        for (index, heading) in self.columns.headings.iter().enumerate() {
            if !heading.is_empty()
                && !self.columns.is_dropped(index)
                && let Some(text) =
                    without_person(&self.row.cell(index).text(), self.columns.field_at(index))
            {
                content.insert(heading.clone(), text.into());
            }
        }
        for (name, text) in further {
            content.entry(*name).or_insert_with(|| redact(text).0.into_owned().into());
        }
        Value::Object(content)
    }

    /// Rejects the row.
    pub fn reject(&self, sink: &mut Sink, record_type: &str, wrong: &GridFault) {
        sink.reject(
            self.row.number,
            record_type,
            wrong.column.as_deref(),
            Some(&wrong.value),
            &wrong.reason,
            Some(self.content()),
        );
    }

    /// Counts the cells in columns that name persons, which are dropped.
    pub fn drop_contacts(&self, sink: &mut Sink) {
        for index in 0..self.columns.headings.len() {
            if self.columns.is_dropped(index) && !self.row.cell(index).is_empty() {
                sink.dropped();
            }
        }
    }
}

/// Returns the capability element ids of a cell such as `Planning/Training`; warns about unknown
/// words.
pub fn elements(
    text: &str,
    column: &str,
    number: u64,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Vec<i32> {
    let mut elements = Vec::new();
    let known = |word: &str| {
        lists()
            .element(word)
            .and_then(|code| lookup.lists().of(NamedList::Element).find(code))
            .or_else(|| lookup.lists().of(NamedList::Element).find(word))
    };
    let words: Vec<&str> = if known(text).is_some() {
        vec![text]
    } else {
        text.split([';', '/', ',', '\n', '&', '+']).flat_map(|part| part.split(" and ")).collect()
    };
    for word in words.into_iter().map(str::trim).filter(|word| !word.is_empty()) {
        match known(word) {
            Some(element) if !elements.contains(&element) => elements.push(element),
            Some(_) => {}
            None => sink.warn(
                WarningCode::UnknownElement,
                Some(column),
                Some(word),
                "is not a capability element (planning, organization, equipment, training, \
                 exercises); left out",
                number,
            ),
        }
    }
    elements
}

/// Returns the capability of a cell; `-1` with a warning if it is unknown.
pub fn capability(label: &str, column: &str, number: u64, lookup: &Lookup, sink: &mut Sink) -> i32 {
    capability_of(label, None, column, number, lookup, sink)
}

/// Returns the capability of a cell as [`capability`] does, preferring one framework among those
/// with that name. Of several capabilities in a cell, the first is used, and a warning names the
/// others.
pub fn capability_of(
    label: &str,
    framework: Option<&str>,
    column: &str,
    number: u64,
    lookup: &Lookup,
    sink: &mut Sink,
) -> i32 {
    if label.trim().is_empty() {
        return UNMAPPED;
    }
    let capabilities = &lookup.lists().capabilities;
    let miss = match capabilities.find(label, framework) {
        Ok(capability) => {
            trace::reading(number, column, "capability", || {
                capabilities.name(capability).unwrap_or_default().to_owned()
            });
            return capability;
        }
        Err(miss) => miss,
    };
    if let [first, _, ..] = capabilities.split(label).as_slice()
        && let Some(capability) = capabilities.exact(first, framework)
    {
        let message = "names several capabilities: the first is taken; give each a row of its own";
        sink.warn(WarningCode::SeveralCapabilities, Some(column), Some(label), message, number);
        return capability;
    }
    sink.warn(
        WarningCode::UnmappedCapability,
        Some(column),
        Some(label),
        &format!("{miss}; loaded as unmapped"),
        number,
    );
    sink.unmapped();
    UNMAPPED
}

/// Returns the organization that owns an action. A person in the cell is dropped and reported. Of
/// several organizations, the first is used, and a warning names the others.
pub fn owner(
    text: &str,
    column: &str,
    number: u64,
    region_id: i32,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Option<OrganizationRef> {
    let mut organizations: Vec<String> = Vec::new();
    for part in text
        .split(['\n', ';'])
        .map(unmarked)
        .filter(|part| !part.is_empty() && !lists().is_undated(part))
    {
        organizations.extend(organization_in(part, column, number, sink));
    }
    if organizations.len() > 1 {
        let message = "names several organizations: the first is taken as the owner";
        sink.warn(
            WarningCode::SeveralOwners,
            Some(column),
            Some(&organizations.join("; ")),
            message,
            number,
        );
    }
    let name = organizations.into_iter().next();
    trace::reading(number, column, trace::ORGANIZATION, || name.clone().unwrap_or_default());
    let name = name?;
    doubt_organization(&name, column, number, lookup, sink);
    Some(OrganizationRef::Named {
        region_id: region_of_organization(&name, lookup, region_id),
        name,
    })
}

/// Returns the organization that a field names. A person in the field is dropped and reported,
/// without the name.
pub fn organization_in(text: &str, column: &str, number: u64, sink: &mut Sink) -> Option<String> {
    let (organization, left_out) = organization_part(text);
    if left_out > 0 {
        (0..left_out).for_each(|_| sink.dropped());
        let message = "names a person, who is not stored: the row loads with the organization next \
            to the name, or else with \
            none; give an organization or a role";
        sink.warn(WarningCode::PersonDropped, Some(column), None, message, number);
    }
    organization
}

/// Warns about an organization whose name is similar to a known name. It is loaded under its own
/// name.
pub fn doubt_organization(name: &str, column: &str, number: u64, lookup: &Lookup, sink: &mut Sink) {
    if let Some(near) = lookup.lists().organizations.misspelled(name) {
        let message =
            format!("not in any reference list; did you mean {near}? It is added by its name");
        sink.warn(WarningCode::UnknownOrganization, Some(column), Some(name), &message, number);
    }
}

/// Returns the hazards of a text such as `Coastal storm and power failure`; the first is primary.
/// Unknown labels are reported and stored in `labels`.
pub fn hazards(
    text: &str,
    column: &str,
    number: u64,
    lookup: &Lookup,
    sink: &mut Sink,
    labels: &mut Vec<(&'static str, String)>,
) -> Vec<i32> {
    let find = |label: &str| lookup.hazards_named(label);
    let mut hazards: Vec<i32> = Vec::new();
    let mut unknown = Vec::new();
    match find(text) {
        Some(found) => hazards.extend(found),
        None => {
            for part in text
                .split([';', '/', ',', '\n', '&', '+'])
                .flat_map(|part| part.split(" and "))
                .flat_map(|part| part.split(" with "))
            {
                let part = part.trim();
                match find(part).or_else(|| lookup.hazards_within(part)) {
                    _ if part.is_empty() => {}
                    Some(found) => hazards.extend(found),
                    None => unknown.push(part.to_owned()),
                }
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    hazards.retain(|hazard| seen.insert(*hazard));
    trace::reading(number, column, "hazard", || lookup.hazard_names(&hazards));
    if hazards.is_empty() {
        hazards.push(UNMAPPED);
        if !text.trim().is_empty() {
            sink.warn(
                WarningCode::UnmappedHazard,
                Some(column),
                Some(text),
                &lookup.hazard_missed(text),
                number,
            );
            sink.unmapped();
        }
        unknown = vec![text.trim().to_owned()];
    }
    for label in unknown.into_iter().filter(|label| !label.is_empty()) {
        let label = sink.redacted(&label);
        if !labels.contains(&("hazard", label.clone())) {
            labels.push(("hazard", label));
        }
    }
    hazards
}

/// A part of a cell that no region is named by.
#[derive(Debug, thiserror::Error)]
#[error("{part}: {miss}")]
pub struct UnknownRegion {
    part: String,
    miss: Miss,
}

impl From<UnknownRegion> for String {
    fn from(error: UnknownRegion) -> Self {
        error.to_string()
    }
}

/// Returns the regions of a cell, as codes or names, separated by commas, semicolons or slashes;
/// `Statewide` means all regions.
pub fn regions(text: &str, lookup: &Lookup) -> Result<Vec<(i32, f64)>, UnknownRegion> {
    let plain = text.trim();
    if plain.is_empty() {
        return Ok(Vec::new());
    }
    let words = plain.to_lowercase().replace('-', " ");
    if ["statewide", "state wide", "all", "all regions"].contains(&words.as_str())
        || profile::active().state_words.contains(&words)
    {
        return Ok(lookup.all_regions());
    }
    let mut found = Vec::new();
    let names = lookup.lists().of(NamedList::Region);
    if let Some(region) = names.find(plain) {
        found.push(region);
    } else {
        for part in plain
            .split([',', ';', '/', '&', '\n'])
            .flat_map(|part| part.split(" and "))
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let region = names.require(part).or_else(|miss| {
                let unknown = UnknownRegion { part: part.to_owned(), miss };
                region_within(part, lookup).ok_or(unknown)
            })?;
            if !found.contains(&region) {
                found.push(region);
            }
        }
    }
    let share = 1.0 / found.len().max(1) as f64;
    Ok(found.into_iter().map(|region| (region, share)).collect())
}

/// Returns the region that a text names by its code next to a word for regions: `Region 4AB`.
pub fn region_within(text: &str, lookup: &Lookup) -> Option<i32> {
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let near = |word: &str| profile::active().regions.words.contains(&word.to_lowercase());
    words.windows(2).find_map(|pair| {
        if near(pair[0]) {
            lookup.region(&pair[1].to_uppercase())
        } else if near(pair[1]) && pair[0].len() <= 3 {
            lookup.region(&pair[0].to_uppercase())
        } else {
            None
        }
    })
}

/// Returns the region of an organization by its name: a region in the name, the region it sponsors,
/// or the region of its town. Otherwise returns the given region, unless that is the state.
pub fn region_of_organization(name: &str, lookup: &Lookup, otherwise: i32) -> i32 {
    if let Some(region) = region_within(name, lookup).or_else(|| lookup.sponsored_region(name)) {
        return region;
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    let town = (1..=words.len().min(3)).rev().find_map(|count| {
        lookup.regions_of_municipality(&words[..count].join(" ")).first().map(|(region, _)| *region)
    });
    let own = &profile::active().state_organizations;
    let is_state = words.iter().any(|word| own.iter().any(|known| known == word));
    town.unwrap_or(if is_state { UNMAPPED } else { otherwise })
}

/// Returns a short id derived from the values that make a record unique.
pub fn derived_id(parts: &[&str]) -> String {
    let joined = parts
        .iter()
        .map(|part| hotwash_schema::label::normalize_label(part))
        .collect::<Vec<_>>()
        .join("|");
    blake3::hash(joined.as_bytes()).to_hex()[..24].to_owned()
}
