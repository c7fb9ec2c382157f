//! Builds Polars columns.

use polars::prelude::{
    ChunkedBuilder, Column, Int32Type, IntoColumn, IntoSeries, PolarsNumericType,
    PrimitiveChunkedBuilder,
};

/// Column of a day's month, counted from the year 0.
pub fn month_column(day: &str) -> String {
    format!("{day}~month")
}

/// Month of a day since 1970, counted from the year 0 (civil calendar; Hinnant, "chrono-compatible
/// date algorithms").
pub(super) fn month_of(day: i32) -> i32 {
    let days = day + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let position = (5 * of_year + 2) / 153;
    let month = if position < 10 { position + 3 } else { position - 9 };
    (year + era * 400 + i32::from(month <= 2)) * 12 + month - 1
}

/// Returns a column of days and its column of months.
pub(super) fn day_columns(
    name: &str,
    days: impl ExactSizeIterator<Item = Option<i32>> + Clone,
) -> [Column; 2] {
    let months = days.clone().map(|day| day.map(month_of));
    [series::<Int32Type>(&month_column(name), months), series::<Int32Type>(name, days)]
}

pub(crate) fn series<T: PolarsNumericType>(
    name: &str,
    values: impl ExactSizeIterator<Item = Option<T::Native>>,
) -> Column
where
    polars::prelude::ChunkedArray<T>: IntoSeries,
{
    let mut builder = PrimitiveChunkedBuilder::<T>::new(name.into(), values.len());
    for value in values {
        builder.append_option(value);
    }
    builder.finish().into_series().into_column()
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};

    use super::month_of;

    #[test]
    fn months_are_those_of_the_calendar() {
        for day in (-40_000..80_000).step_by(13) {
            let date = NaiveDate::default() + chrono::Duration::days(i64::from(day));
            assert_eq!(month_of(day), date.year() * 12 + date.month0() as i32, "{date}");
        }
    }
}
