//! Changes of rows from an earlier period.

use async_graphql::Error;
use async_graphql::dynamic::{
    Enum, EnumItem, Field, InputObject, InputValue, Object, ObjectAccessor, SchemaBuilder, TypeRef,
};
use hotwash_metrics::{Change, Earlier, Reliability};
use hotwash_schema::day::parse_day;
use hotwash_schema::vocabulary::ChangeVerdict;
use serde_json::{Value as Json, json};

use super::answer::of_row;
use crate::error::bad_input;
use crate::objects::enum_of;
use crate::value::by_name;

/// Registers the types of changes.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let to = Enum::new("ComparedPeriod")
        .description("Earlier period with which rows are compared.")
        .item(EnumItem::new("PREVIOUS_PERIOD").description("The period of the same length before."))
        .item(EnumItem::new("YEAR_BEFORE").description("The same period a year before."));
    let day = |name: &str, description: &str| {
        InputValue::new(name, TypeRef::named_nn("Date")).description(description)
    };
    let days = InputObject::new("MetricDays")
        .description("Days of an earlier period.")
        .field(day("from", "First day."))
        .field(day("to", "Last day."));
    let compare = InputObject::new("MetricCompare")
        .description("Earlier period with which rows are compared, e.g. `{to: YEAR_BEFORE}`.")
        .oneof()
        .field(
            InputValue::new("to", TypeRef::named("ComparedPeriod"))
                .description("Period relative to that of each row, or to `from` and `to`."),
        )
        .field(
            InputValue::new("days", TypeRef::named("MetricDays"))
                .description("Given days; without `period`."),
        );
    let number = |name: &str, description: &str| {
        Field::new(name, TypeRef::named(TypeRef::FLOAT), by_name).description(description)
    };
    let change = Object::new("MetricChange")
        .description(
            "Change of a value from an earlier period. Shares of records, counts of a period \
             and times are tested. Records of one event count as alike. Rows of other regions are \
             tested as far as the release publishes both periods, their records as independent, \
             and their times not at all.",
        )
        .field(number("previous", "Value of the earlier period; empty if there is none."))
        .field(number("previousNumerator", "Numerator of the earlier period."))
        .field(number("previousDenominator", "Denominator of the earlier period."))
        .field(
            Field::new("previousN", TypeRef::named("Long"), by_name)
                .description("Records behind the value of the earlier period."),
        )
        .field(
            Field::new(
                "previousReliability",
                TypeRef::named(Reliability::VOCABULARY.name),
                by_name,
            )
            .description("Reliability of the value of the earlier period."),
        )
        .field(number("difference", "Value less that of the earlier period."))
        .field(number(
            "ciLow",
            "Lower end of its 95% interval: Newcombe for shares, bootstrap for medians of times, \
             both over events where records have one.",
        ))
        .field(number("ciHigh", "Upper end of its 95% interval."))
        .field(number("ratio", "Rate per day over that of the earlier period, for counts."))
        .field(number("ratioLow", "Lower end of its exact 95% interval."))
        .field(number("ratioHigh", "Upper end of its exact 95% interval; empty if it has no end."))
        .field(number(
            "pValue",
            "Two-sided probability of a difference at least as large if nothing changed: the level \
             at which the interval ends at no change for shares and counts, the log-rank test for \
             times.",
        ))
        .field(
            Field::new("verdict", TypeRef::named_nn(ChangeVerdict::VOCABULARY.name), by_name)
                .description(
                    "Verdict, corrected for the number of rows (Benjamini-Hochberg at q <= 0.10).",
                ),
        );
    schema
        .register(to)
        .register(days)
        .register(compare)
        .register(change)
        .register(enum_of(ChangeVerdict::VOCABULARY))
}

/// Adds the argument of an earlier period.
pub fn with_compare(field: Field) -> Field {
    field.argument(InputValue::new("compare", TypeRef::named("MetricCompare")).description(
        "Compare each row with an earlier period, in its field `comparison`. Takes `period`, or `from` \
         and `to`.",
    ))
}

/// Builds the field of a row's change.
pub fn change_field() -> Field {
    Field::new("comparison", TypeRef::named("MetricChange"), of_row)
        .description("Change from the period that `compare` names; empty without it.")
}

/// Reads the earlier period of a field, if it compares.
///
/// # Errors
/// Fails for an invalid day.
pub fn earlier(arguments: &ObjectAccessor<'_>) -> Result<Option<Earlier>, Error> {
    let Some(compare) = arguments.get("compare").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let compare = compare.object()?;
    if let Some(to) = compare.get("to").filter(|value| !value.is_null()) {
        return Ok(Some(match to.enum_name()? {
            "YEAR_BEFORE" => Earlier::YearBefore,
            _ => Earlier::PreviousPeriod,
        }));
    }
    let days = compare.try_get("days")?;
    let days = days.object()?;
    let day = |name: &str| {
        let value = days.try_get(name)?;
        let text = value.string()?;
        parse_day(text).ok_or_else(|| {
            bad_input(format!("compare.days.{name}: {text} must be a day such as 2026-06-30"))
        })
    };
    Ok(Some(Earlier::Between(day("from")?, day("to")?)))
}

/// Returns a change as JSON.
pub fn change_json(change: &Change) -> Json {
    let previous = change.previous.as_ref();
    json!({
        "previous": previous.and_then(|row| row.value),
        "previousNumerator": previous.and_then(|row| row.numerator),
        "previousDenominator": previous.and_then(|row| row.denominator),
        "previousN": previous.map(|row| row.n),
        "previousReliability": previous.map(|row| row.reliability.code()),
        "difference": change.difference,
        "ciLow": change.interval.and_then(|(low, _)| low),
        "ciHigh": change.interval.and_then(|(_, high)| high),
        "ratio": change.ratio,
        "ratioLow": change.ratio_interval.map(|(low, _)| low),
        "ratioHigh": change.ratio_interval.and_then(|(_, high)| high),
        "pValue": change.p,
        "verdict": change.verdict.code(),
    })
}
