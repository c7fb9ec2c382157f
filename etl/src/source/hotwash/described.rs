//! Reads the rows of a template by the description of its record type: each column by its type,
//! vocabulary, reference and requiredness.

use hotwash_schema::record::template::{ColumnKind, TemplateColumn};
use hotwash_schema::record::{
    CAPABILITY_RATING, ColumnDef, ColumnType, NOTE, RecordType, StagedColumn, WhenEmpty,
};

use super::fields::{
    self, capability, date, event, flag, given, integer, named, number, optional_date,
    optional_event, optional_word, organization, required_organization, text,
};
use crate::load::Sink;
use crate::lookup::{Lookup, NameIndex, UNMAPPED, UnknownList};
use crate::reading::headings::{Section, lists};
use crate::record::{FieldValue, ReadRecord};
use crate::source::csv_rows::{self, CsvRow, Fault, fault};

/// Returns the record of a row.
pub fn record(
    record_type: &'static RecordType,
    row: &CsvRow,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<ReadRecord, Fault> {
    let times = Times::read(record_type, row, sink)?;
    let reader = Reader { record_type, row, lookup, times };
    let source_id = reader.source_id()?;
    let staged = record_type.columns.iter().filter_map(|column| Some((column, column.staged?)));
    let values = staged
        .map(|(column, staged)| Ok((staged.name, reader.value(column, staged, sink)?)))
        .collect::<Result<_, Fault>>()?;
    days_in_order(record_type, row)?;
    Ok(ReadRecord { record_type, row: row.number, source_id, values })
}

/// Times of a row, by heading.
struct Times(Vec<(&'static str, Option<fields::Moment>)>);

impl Times {
    /// Reads the times that follow each other together, because each helps to place the next.
    /// Planned times are read one by one.
    fn read(record: &RecordType, row: &CsvRow, sink: &mut Sink) -> Result<Self, Fault> {
        let mut times = Vec::new();
        let (mut sequence, mut not_before) = (Vec::new(), Vec::new());
        for column in record.columns {
            let Some(written) = column.template.iter().find(|column| is_time(column)) else {
                continue;
            };
            if column.planned {
                let [planned] = fields::moments(row, [written.heading], "", sink)?;
                times.push((written.heading, planned));
            } else {
                sequence.push(written.heading);
            }
            not_before.extend(column.not_before.map(|earlier| (written.heading, earlier)));
        }
        let moments = fields::moments_in_order(row, &sequence, "", sink)?;
        times.extend(sequence.into_iter().zip(moments));
        let times = Self(times);
        for (heading, earlier) in not_before {
            let (at, start) = (times.of(heading), times.of(earlier));
            if at.zip(start).is_some_and(|(at, start)| at.at < start.at) {
                return Err(fields::precedes(row, heading, earlier));
            }
        }
        Ok(times)
    }

    fn of(&self, heading: &str) -> Option<fields::Moment> {
        self.0.iter().find(|(name, _)| *name == heading).and_then(|(_, moment)| *moment)
    }
}

fn is_time(column: &TemplateColumn) -> bool {
    column.kind == ColumnKind::Moment
}

/// Fails if a day precedes the one that it must not precede. The tables have the same rule, which
/// would fail the entire file.
fn days_in_order(record: &RecordType, row: &CsvRow) -> Result<(), Fault> {
    let day = |heading: &'static str| match row.get(heading) {
        text if text.is_empty() => Ok(None),
        text => csv_rows::day(heading, &text).map(Some),
    };
    for column in record.columns {
        let written = column.template.iter().find(|column| column.kind == ColumnKind::Date);
        let Some((written, earlier)) = written.zip(column.not_before) else { continue };
        let days = day(written.heading)?.zip(day(earlier)?);
        if days.is_some_and(|(day, start)| day < start) {
            return Err(fields::precedes(row, written.heading, earlier));
        }
    }
    Ok(())
}

/// Reader of one row.
struct Reader<'a> {
    record_type: &'static RecordType,
    row: &'a CsvRow<'a>,
    lookup: &'a Lookup,
    times: Times,
}

impl Reader<'_> {
    /// Returns the row's id, which the first column of the template states.
    fn source_id(&self) -> Result<String, Fault> {
        let template = self.record_type.template;
        let from = template.map_or(&[][..], |template| template.id_from);
        match self.record_type.template_columns().next() {
            Some(column) if column.required => text(self.row, column.heading),
            Some(column) => own_id(self.row, column.heading, from),
            None => Ok(String::new()),
        }
    }

    /// Returns the value of a column.
    fn value(
        &self,
        column: &'static ColumnDef,
        staged: StagedColumn,
        sink: &mut Sink,
    ) -> Result<FieldValue, Fault> {
        let row = self.row;
        let Some(written) = column.template.last() else {
            return Ok(self.when_empty(column, staged));
        };
        let (heading, is_required) = (written.heading, written.required);
        // Two columns from one: the scale gives its value a meaning.
        if let Some(read) = rating(self.record_type, staged.name, row, self.lookup) {
            return read;
        }
        if let Some(read) = metric(self.record_type, staged.name, row, self.lookup) {
            return read;
        }
        if is_required {
            fields::required(row, heading)?;
        }
        let read = match (column.references, staged.data_type) {
            (Some("event"), ColumnType::Text) if is_required => {
                FieldValue::Text(Some(event(row, heading)?.staged()))
            }
            (Some("event"), ColumnType::Text) => {
                FieldValue::Text(optional_event(row, heading).map(|event| event.staged()))
            }
            (Some("organization"), ColumnType::Text) if is_required => FieldValue::Text(Some(
                required_organization(row, heading, self.lookup, sink)?.staged(),
            )),
            (Some("organization"), ColumnType::Text) => FieldValue::Text(
                organization(row, heading, self.lookup, sink).map(|named| named.staged()),
            ),
            (Some("capability"), _) if row.get(heading).is_empty() => FieldValue::Integer(None),
            (Some("capability"), _) => FieldValue::Integer(Some(capability(row, self.lookup)?)),
            (Some(table), ColumnType::Integers) => {
                FieldValue::Integers(fields::all_named(row, heading, self.list(heading, table)?)?)
            }
            (Some(table), ColumnType::Integer) => {
                FieldValue::Integer(self.reference(written, table)?)
            }
            (_, ColumnType::Text) if let Some(list) = column.vocabulary => {
                FieldValue::Text(fields::code(row, heading, list)?.map(str::to_owned))
            }
            (_, ColumnType::Text) if is_required => FieldValue::Text(Some(text(row, heading)?)),
            (_, ColumnType::Text) => FieldValue::Text(optional_word(row, heading)),
            (_, ColumnType::SmallInteger) => match integer(row, heading)?.map(i16::try_from) {
                Some(Err(_)) => {
                    let reason = format!("must be at most {}", i16::MAX);
                    return Err(fault(heading, &row.get(heading), reason));
                }
                value => FieldValue::SmallInteger(value.and_then(Result::ok)),
            },
            (_, ColumnType::Integer) => FieldValue::Integer(integer(row, heading)?),
            (_, ColumnType::BigInteger) => {
                FieldValue::BigInteger(integer(row, heading)?.map(i64::from))
            }
            (_, ColumnType::Number) => FieldValue::Number(number(row, heading)?),
            (_, ColumnType::Boolean) => FieldValue::Boolean(flag(row, heading)?),
            (_, ColumnType::Date) if is_required => FieldValue::Date(Some(date(row, heading)?)),
            (_, ColumnType::Date) => FieldValue::Date(optional_date(row, heading)?),
            (_, ColumnType::Moment) if is_required => {
                FieldValue::Moment(Some(given(self.times.of(heading), heading)?.at))
            }
            (_, ColumnType::Moment) => {
                FieldValue::Moment(self.times.of(heading).map(|moment| moment.at))
            }
            // Lists and JSON without a reference come from other sources only.
            (
                _,
                ColumnType::Integers | ColumnType::Numbers | ColumnType::Texts | ColumnType::Json,
            ) => FieldValue::empty(staged.data_type),
        };
        if column.above_zero && read.as_number().is_some_and(|number| number <= 0.0) {
            return Err(fault(heading, &row.get(heading), "must be above 0"));
        }
        Ok(if read.is_empty() { self.when_empty(column, staged) } else { read })
    }

    /// Returns the rows of the list that a column references.
    fn list(&self, heading: &'static str, table: &str) -> Result<&NameIndex, Fault> {
        let unknown =
            |error: UnknownList| fault(heading, &self.row.get(heading), error.to_string());
        self.lookup.lists().of_table(table).map_err(unknown)
    }

    /// Returns the row that a cell names: by its code, its name or another of its spellings.
    fn reference(&self, written: &TemplateColumn, table: &str) -> Result<Option<i32>, Fault> {
        let names = self.list(written.heading, table)?;
        named(self.row, written.heading, names).or_else(|fault| {
            let words = Section::of_list(written.words);
            let code = words.and_then(|words| lists().field(words, &self.row.get(written.heading)));
            code.and_then(|code| names.find(code)).map(Some).ok_or(fault)
        })
    }

    /// Returns the value of a column without one in the row.
    fn when_empty(&self, column: &ColumnDef, staged: StagedColumn) -> FieldValue {
        match column.when_empty {
            WhenEmpty::Null
                if column.required
                    && !column.template.is_empty()
                    && staged.data_type == ColumnType::Integer
                    && column.references.is_some() =>
            {
                FieldValue::Integer(Some(UNMAPPED))
            }
            WhenEmpty::Null => FieldValue::empty(staged.data_type),
            WhenEmpty::Code(code) => FieldValue::Text(Some(code.to_owned())),
            WhenEmpty::Integer(value) => FieldValue::Integer(Some(value)),
            WhenEmpty::Number(value) => FieldValue::Number(Some(value)),
            WhenEmpty::Flag(value) => FieldValue::Boolean(Some(value)),
            WhenEmpty::PrecisionOf(heading) => {
                let timed = self.times.of(heading).is_some_and(|moment| moment.timed);
                let precisions = column.vocabulary.map_or(&[][..], |list| list.codes);
                let code = if timed { precisions.first() } else { precisions.last() };
                FieldValue::Text(code.map(|code| (*code).to_owned()))
            }
        }
    }
}

/// Returns the row's own id, or an id derived from the values that make it unique.
fn own_id(row: &CsvRow, column: &'static str, parts: &[&'static str]) -> Result<String, Fault> {
    if !row.get(column).is_empty() {
        return text(row, column);
    }
    Ok(parts.iter().map(|part| row.get(part).into_owned()).collect::<Vec<_>>().join("|"))
}

/// Returns the metric whose figures show a note: one that exists, since no figure would show
/// another.
fn metric(
    record: &RecordType,
    column: &str,
    row: &CsvRow,
    lookup: &Lookup,
) -> Option<Result<FieldValue, Fault>> {
    let metrics = lookup.metrics().filter(|_| *record == NOTE && column == "metric")?;
    let id = |number: Option<i32>| number.and_then(|number| metrics.name(number));
    let found = named(row, "metric", metrics);
    Some(found.map(|number| FieldValue::Text(id(number).map(str::to_owned))))
}

/// Returns a column of a rating, which the scale and the value give together: the id of the scale,
/// or the code of the value.
fn rating(
    record: &RecordType,
    column: &str,
    row: &CsvRow,
    lookup: &Lookup,
) -> Option<Result<FieldValue, Fault>> {
    if *record != CAPABILITY_RATING || !matches!(column, "rating_scale_id" | "rating") {
        return None;
    }
    Some(rating_on_scale(row, lookup).map(|(scale_id, code)| match column {
        "rating" => FieldValue::Text(Some(code)),
        _ => FieldValue::Integer(Some(scale_id)),
    }))
}

fn rating_on_scale(row: &CsvRow, lookup: &Lookup) -> Result<(i32, String), Fault> {
    let scale = match row.get("scale").to_uppercase().as_str() {
        "" | "PSMU" => "PSMU",
        "FPN" => "FPN",
        _ => return Err(fault("scale", &row.get("scale"), "must be PSMU or FPN")),
    };
    let value = text(row, "rating")?;
    lookup.lists().rating(scale, &value).ok_or_else(|| {
        let reason = format!(
            "is not a value of the scale {scale}; PSMU has P, S, M, U and NOT_OBSERVED, FPN has \
             FULLY, PARTIALLY, NOT and NA"
        );
        fault("rating", &value, reason)
    })
}
