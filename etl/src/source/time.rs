//! Local times: in zones as US feeds label them, and in those of the zone database.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// Offset of a label such as `EST`, `EST-5` or `CDT`, in hours east of UTC.
pub fn zone(label: &str) -> Option<FixedOffset> {
    let label = label.trim().to_ascii_uppercase();
    let name: String = label.chars().take_while(char::is_ascii_alphabetic).collect();
    let rest = &label[name.len()..];
    let hours = match rest.parse::<i32>() {
        Ok(hours) if (-12..=14).contains(&hours) => hours,
        _ => match name.as_str() {
            "GST" => 10,
            "GMT" | "UTC" | "Z" => 0,
            "AST" | "EDT" => -4,
            "ADT" => -3,
            "EST" | "CDT" => -5,
            "CST" | "MDT" => -6,
            "MST" | "PDT" => -7,
            "PST" | "AKDT" => -8,
            "AKST" => -9,
            "HST" | "HAST" => -10,
            "SST" => -11,
            _ => return None,
        },
    };
    FixedOffset::east_opt(hours * 3600)
}

/// The moment of a local time.
pub fn moment(local: NaiveDateTime, zone: FixedOffset) -> DateTime<Utc> {
    zone.from_local_datetime(&local).single().map_or_else(|| local.and_utc(), |moment| moment.with_timezone(&Utc))
}

/// The moment of a local time in a zone; an hour that the clocks skip is read in the earlier offset.
pub fn in_zone(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    zone.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |moment| moment.with_timezone(&Utc))
}

/// The moment of a local time in Massachusetts.
pub fn eastern(local: NaiveDateTime) -> DateTime<Utc> {
    in_zone(local, chrono_tz::America::New_York)
}

/// First and last minute of days in Massachusetts.
pub fn eastern_days(first: NaiveDate, last: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let last_minute = NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default();
    (eastern(first.and_time(NaiveTime::MIN)), eastern(last.and_time(last_minute)))
}

#[cfg(test)]
mod tests {
    use super::zone;

    #[test]
    fn labels_with_and_without_an_offset_mean_the_same() {
        assert_eq!(zone("EST"), zone("EST-5"));
        assert_eq!(zone("cdt").map(|zone| zone.local_minus_utc()), Some(-5 * 3600));
        assert_eq!(zone("CSC"), None);
    }
}
