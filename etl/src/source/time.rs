//! Time zones as US feeds label them.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone, Utc};

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
