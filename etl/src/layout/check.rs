//! Checks a parsed layout: every key and value, each error with its line.

use std::ops::Range;

use chrono_tz::Tz;
use hotwash_schema::nearest::{choices, did_you_mean};
use toml::Spanned;

use super::definition::{Formats, Layout, same_heading};
use super::error::{LayoutError, Text};
use super::field::{LayoutField, Origins, ValueList};
use super::raw::{FieldKeys, RawField, RawLayout, Texts};
use super::record_type::{RECORD_TYPES, RecordType};
use super::value::{UNITS, factor};
use crate::reading::headings::lists;
use crate::template::{ColumnKind, Template, TemplateColumn};

/// Maximum length of a layout's name, in characters.
const LONGEST_NAME: usize = 60;

impl Layout {
    /// Reads a layout; `file` names it in messages.
    ///
    /// # Errors
    /// Returns an error if the text is not TOML, a key is unknown, or a value is not allowed.
    ///
    /// ```
    /// use hotwash_etl::layout::Layout;
    ///
    /// let text = r#"
    /// name = "drill-log"
    /// record = "actions"
    /// key = ["No"]
    ///
    /// [fields]
    /// text = "Action"
    /// status = { constant = "OPEN" }
    /// opened_on = "Date"
    /// "#;
    /// let layout = Layout::read("drill-log.toml", text)?;
    /// assert_eq!(layout.template.name, "actions");
    /// assert!(layout.fits(&["No", "ACTION", "Date", "Remarks"]) && !layout.fits(&["Action"]));
    /// // A fault states the line and what is allowed.
    /// let error = Layout::read("layout.toml", &text.replace("actions\"\n", "acts\"\n")).unwrap_err();
    /// assert!(error.line > 0 && error.message.contains("actions"), "{error}");
    /// # Ok::<(), hotwash_etl::layout::LayoutError>(())
    /// ```
    pub fn read(file: &str, text: &str) -> Result<Self, LayoutError> {
        let located = Text { file, text };
        let raw: RawLayout = toml::from_str(text).map_err(|error| located.of_toml(&error))?;
        Check { text: located }.layout(raw)
    }
}

struct Check<'a> {
    text: Text<'a>,
}

impl Check<'_> {
    fn layout(&self, raw: RawLayout) -> Result<Layout, LayoutError> {
        let name = self.name(&raw.name, "name")?;
        let source =
            raw.source.as_ref().map_or(Ok(name.clone()), |source| self.name(source, "source"))?;
        let record = self.record(&raw.record)?;
        let template =
            record.template().ok_or_else(|| self.error(raw.record.span(), "has no template"))?;
        let formats = Formats {
            date: self.format(raw.date_format.as_ref())?,
            time: self.format(raw.time_format.as_ref())?,
            date_time: self.format(raw.date_time_format.as_ref())?,
        };
        let mut fields = Vec::new();
        for (field, keys) in &raw.fields {
            fields.push(self.field(record, template, field, keys)?);
        }
        if let Some((column, value)) = record.constant {
            fields.extend(
                template
                    .columns
                    .iter()
                    .find(|known| known.heading == column)
                    .map(|column| constant(column, value)),
            );
        }
        self.key(template, raw.key.as_ref(), &mut fields)?;
        self.values(template, &raw, &mut fields)?;
        self.complete(record, template, &raw.record, &fields)?;
        let named = raw.required_headings.as_ref().map(|required| required.get_ref().0.clone());
        let mapped = || fields.iter().flat_map(LayoutField::headings).cloned().collect();
        let mut required: Vec<String> = named.unwrap_or_else(mapped);
        required.sort();
        required.dedup();
        if required.is_empty() {
            let reason = "no field reads a column, so no file can be known by its headings; map \
                one column at least";
            return Err(self.error(raw.record.span(), reason));
        }
        Ok(Layout {
            file: self.text.file.to_owned(),
            about: raw.about,
            source,
            template,
            sheets: raw.sheet.map(|sheet| sheet.into_inner().0).unwrap_or_default(),
            skip_leading_rows: raw.skip_leading_rows.unwrap_or_default().into(),
            required,
            ignored: raw.ignore.0,
            skipped: raw
                .skip_rows_where
                .into_iter()
                .map(|(heading, values)| (heading, values.0))
                .collect(),
            zone: raw.time_zone.as_ref().map(|zone| self.zone(zone)).transpose()?,
            formats,
            decimal: self.decimal(raw.decimal_separator.as_ref())?,
            fields,
            name,
        })
    }

    fn error(&self, span: Range<usize>, message: impl Into<String>) -> LayoutError {
        self.text.error(span, message)
    }

    fn name(&self, name: &Spanned<String>, key: &str) -> Result<String, LayoutError> {
        let text = name.get_ref();
        let is_plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
        };
        if text.is_empty() || text.len() > LONGEST_NAME || !text.bytes().all(is_plain) {
            let message = format!(
                "{key} \u{201c}{text}\u{201d} must be 1 to {LONGEST_NAME} lower-case letters, \
                 digits, hyphens and underscores, \
                 such as fire-incident-log"
            );
            return Err(self.error(name.span(), message));
        }
        Ok(text.clone())
    }

    fn record(&self, record: &Spanned<String>) -> Result<&'static RecordType, LayoutError> {
        RecordType::find(record.get_ref()).ok_or_else(|| {
            let known = RECORD_TYPES.iter().map(|known| known.name);
            let message = format!(
                "record \u{201c}{}\u{201d} is not a record type{}",
                record.get_ref(),
                choices(record.get_ref(), known)
            );
            self.error(record.span(), message)
        })
    }

    fn zone(&self, zone: &Spanned<String>) -> Result<Tz, LayoutError> {
        zone.get_ref().parse().map_err(|_| {
            let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            let near = did_you_mean(zone.get_ref(), known);
            let message = format!(
                "time_zone \u{201c}{}\u{201d} is not a time zone; write it as America/Chicago or \
                 America/Denver{near}",
                zone.get_ref()
            );
            self.error(zone.span(), message)
        })
    }

    fn format(&self, format: Option<&Spanned<String>>) -> Result<Option<String>, LayoutError> {
        let Some(format) = format else { return Ok(None) };
        let text = format.get_ref();
        let mut items = chrono::format::StrftimeItems::new(text);
        if !text.contains('%') || items.any(|item| item == chrono::format::Item::Error) {
            let message = format!(
                "\u{201c}{text}\u{201d} is not a date format; write %m/%d/%Y for 3/14/2025, \
                 %d.%m.%Y for 14.03.2025, \
                 %Y-%m-%d %H:%M for 2025-03-14 09:20, %I:%M %p for 9:20 AM"
            );
            return Err(self.error(format.span(), message));
        }
        Ok(Some(text.clone()))
    }

    fn decimal(&self, separator: Option<&Spanned<String>>) -> Result<char, LayoutError> {
        match separator.map(|separator| (separator, separator.get_ref().as_str())) {
            None | Some((_, ".")) => Ok('.'),
            Some((_, ",")) => Ok(','),
            Some((separator, text)) => {
                let message = format!(
                    "decimal_separator \u{201c}{text}\u{201d} must be \".\" (1,200.5) or \",\" \
                     (1.200,5)"
                );
                Err(self.error(separator.span(), message))
            }
        }
    }

    fn column(
        &self,
        record: &RecordType,
        template: &'static Template,
        field: &Spanned<String>,
    ) -> Result<&'static TemplateColumn, LayoutError> {
        let name = field.get_ref();
        let fixed = record.constant.filter(|(column, _)| column == name);
        if let Some((column, value)) = fixed {
            let message =
                format!("{column} is {value} in every row of {}; leave it out", record.name);
            return Err(self.error(field.span(), message));
        }
        template.columns.iter().find(|column| column.heading == name).ok_or_else(|| {
            let known = template.columns.iter().map(|column| column.heading);
            let message = format!("{} has no field {name}{}", record.name, choices(name, known));
            self.error(field.span(), message)
        })
    }

    fn field(
        &self,
        record: &RecordType,
        template: &'static Template,
        name: &Spanned<String>,
        raw: &Spanned<RawField>,
    ) -> Result<LayoutField, LayoutError> {
        let column = self.column(record, template, name)?;
        let keys = &raw.get_ref().0;
        let wrong =
            |message: String| Err(self.error(raw.span(), format!("{}: {message}", column.heading)));
        let origins = match (&keys.column, &keys.columns, &keys.constant) {
            (Some(heading), None, None) => headings(std::slice::from_ref(heading), keys),
            (None, Some(columns), None) if !columns.0.is_empty() => headings(&columns.0, keys),
            (None, None, Some(constant)) => Origins::Constant(constant.joined()),
            _ => return wrong("give one of column, columns and constant".into()),
        };
        let is_reference =
            column.heading.ends_with("organization_id") || column.heading.ends_with("event_id");
        let is_own_id = column.heading == template.id_column();
        let by_name = match keys.by.as_ref().map(|by| (by, by.get_ref().as_str())) {
            None | Some((_, "id")) => false,
            Some((_, "name")) if is_reference && !is_own_id => true,
            Some((by, "name")) => {
                return Err(self.error(
                    by.span(),
                    "by = \"name\" is for fields that name an organization or event of another row",
                ));
            }
            Some((by, text)) => {
                return Err(self.error(
                    by.span(),
                    format!("by \u{201c}{text}\u{201d} must be \"id\" or \"name\""),
                ));
            }
        };
        if keys.on.is_some() && !(by_name && column.heading.ends_with("event_id")) {
            return wrong(
                "on is the column with the day of an event that is found by name; give by \
                 = \"name\" with it"
                    .into(),
            );
        }
        if keys.separator.is_some() && column.kind != ColumnKind::List {
            return wrong("separator is for fields that hold a list".into());
        }
        let is_number = matches!(column.kind, ColumnKind::Integer | ColumnKind::Number);
        if keys.multiply_by.is_some() && (!is_number || keys.unit.is_some()) {
            return wrong("multiply_by is for fields that hold a number, and excludes unit".into());
        }
        if keys.format.is_some() && !matches!(column.kind, ColumnKind::Date | ColumnKind::Moment) {
            return wrong("format is for fields that hold a date or time".into());
        }
        let unit = keys.unit.as_ref().map(|unit| self.unit(column, unit)).transpose()?;
        let field = LayoutField {
            column,
            origins,
            default: keys.default.as_ref().map(Texts::joined),
            format: self.format(keys.format.as_ref())?,
            factor: unit.or(keys.multiply_by),
            separator: keys.separator.clone().filter(|separator| !separator.is_empty()),
            by_name,
            on: keys.on.clone(),
            after: keys
                .after
                .as_ref()
                .map(|after| self.after(template, column, after))
                .transpose()?,
            values: ValueList::default(),
        };
        if let Some(personal) = field.headings().find(|heading| lists().is_dropped(heading)) {
            return wrong(format!(
                "column \u{201c}{personal}\u{201d} names persons or how to reach them, which is \
                 never stored; leave it out"
            ));
        }
        if let Origins::Constant(text) = &field.origins {
            self.listed(column, text, raw.span())?;
        }
        Ok(field)
    }

    /// Checks the field that must be earlier than this one.
    fn after(
        &self,
        template: &'static Template,
        column: &TemplateColumn,
        after: &Spanned<String>,
    ) -> Result<&'static str, LayoutError> {
        let moments = || template.columns.iter().filter(|known| known.kind == ColumnKind::Moment);
        let known =
            moments().map(|known| known.heading).filter(|heading| *heading != column.heading);
        if column.kind != ColumnKind::Moment {
            let message = format!(
                "after is for fields that hold a date and time; {} holds none",
                column.heading
            );
            return Err(self.error(after.span(), message));
        }
        known.clone().find(|heading| heading == after.get_ref()).ok_or_else(|| {
            let message = format!(
                "after \u{201c}{0}\u{201d} must be another field that holds a date and time{1}",
                after.get_ref(),
                choices(after.get_ref(), known)
            );
            self.error(after.span(), message)
        })
    }

    fn unit(&self, column: &TemplateColumn, unit: &Spanned<String>) -> Result<f64, LayoutError> {
        let name = unit.get_ref();
        factor(column.heading, name).ok_or_else(|| {
            let known: Vec<&str> = UNITS
                .iter()
                .filter(|(ending, ..)| column.heading.ends_with(ending))
                .map(|(_, unit, _)| *unit)
                .collect();
            let message = if known.is_empty() {
                format!("{} has no unit; multiply_by changes its numbers", column.heading)
            } else {
                format!(
                    "unit \u{201c}{name}\u{201d} of {} must be one of {}",
                    column.heading,
                    known.join(", ")
                )
            };
            self.error(unit.span(), message)
        })
    }

    /// Rejects a value outside a closed list.
    fn listed(
        &self,
        column: &TemplateColumn,
        value: &str,
        span: Range<usize>,
    ) -> Result<(), LayoutError> {
        let folded = |text: &str| text.trim().replace([' ', '-'], "_").to_lowercase();
        let yes_or_no = ["yes", "no"].as_slice();
        let known = if column.kind == ColumnKind::YesNo { yes_or_no } else { column.allowed };
        if value.is_empty()
            || known.is_empty()
            || known.iter().any(|known| folded(known) == folded(value))
        {
            return Ok(());
        }
        let message = format!(
            "{}: \u{201c}{value}\u{201d} is not a value of this field{}",
            column.heading,
            choices(value, known.iter().copied())
        );
        Err(self.error(span, message))
    }

    /// Builds the id from the key columns, unless a field provides it.
    fn key(
        &self,
        template: &'static Template,
        key: Option<&Spanned<Texts>>,
        fields: &mut Vec<LayoutField>,
    ) -> Result<(), LayoutError> {
        let Some(key) = key else { return Ok(()) };
        let id = template.id_column();
        if fields.iter().any(|field| field.column.heading == id) {
            let message =
                format!("key makes {id}, which [fields] gives too; leave one of them out");
            return Err(self.error(key.span(), message));
        }
        let headings = key.get_ref().0.clone();
        if headings.is_empty() {
            return Err(self.error(key.span(), "key must name at least one column"));
        }
        if let Some(personal) = headings.iter().find(|heading| lists().is_dropped(heading)) {
            let message = format!(
                "key: column \u{201c}{personal}\u{201d} names persons or how to reach them; take \
                 another"
            );
            return Err(self.error(key.span(), message));
        }
        let column = template.columns.iter().find(|column| column.heading == id);
        fields.extend(column.map(|column| LayoutField {
            origins: Origins::Columns { headings, join: "|".into() },
            ..constant(column, "")
        }));
        Ok(())
    }

    fn values(
        &self,
        template: &'static Template,
        raw: &RawLayout,
        fields: &mut [LayoutField],
    ) -> Result<(), LayoutError> {
        for (name, list) in &raw.values {
            let index = fields.iter().position(|field| field.column.heading == name.get_ref());
            let Some(field) = index.and_then(|index| fields.get_mut(index)) else {
                let mapped = fields.iter().map(|field| field.column.heading);
                let known = template.position(name.get_ref()).is_some();
                let hint = if known {
                    "; give it a column under [fields]".to_owned()
                } else {
                    choices(name.get_ref(), mapped)
                };
                let message = format!("[values.{0}]: [fields] has no {0}{hint}", name.get_ref());
                return Err(self.error(name.span(), message));
            };
            for (theirs, ours) in list {
                for part in ours.get_ref().0.iter().flat_map(|text| text.split(';')) {
                    self.listed(field.column, part.trim(), ours.span())?;
                }
                field.values.add(theirs, &ours.get_ref().joined());
            }
        }
        Ok(())
    }

    /// Rejects a layout without all required fields.
    fn complete(
        &self,
        record: &RecordType,
        template: &'static Template,
        at: &Spanned<String>,
        fields: &[LayoutField],
    ) -> Result<(), LayoutError> {
        let given = |column: &TemplateColumn| {
            fields.iter().any(|field| field.column.heading == column.heading)
        };
        let missing: Vec<&str> = template
            .columns
            .iter()
            .filter(|column| column.required && !given(column))
            .map(|column| column.heading)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let id = template.id_column();
        let key = if missing.contains(&id) {
            format!("; key = [\"Heading\"] makes {id}")
        } else {
            String::new()
        };
        let message = format!(
            "{} needs {}: under [fields], give each a column or a constant, as in {} = {{ constant \
             = \"...\" }}{key}",
            record.name,
            missing.join(", "),
            missing[0],
        );
        Err(self.error(at.span(), message))
    }
}

fn constant(column: &'static TemplateColumn, value: &str) -> LayoutField {
    LayoutField {
        column,
        origins: Origins::Constant(value.to_owned()),
        default: None,
        format: None,
        factor: None,
        separator: None,
        by_name: false,
        on: None,
        after: None,
        values: ValueList::default(),
    }
}

fn headings(headings: &[String], keys: &FieldKeys) -> Origins {
    let mut own: Vec<String> = Vec::new();
    for heading in headings {
        if !own.iter().any(|known| same_heading(known, heading)) {
            own.push(heading.trim().to_owned());
        }
    }
    Origins::Columns { headings: own, join: keys.join.clone().unwrap_or_else(|| " ".into()) }
}
