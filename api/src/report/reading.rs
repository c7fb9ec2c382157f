//! Numbers in words: honest about n and intervals. A table of cases tests it.

use hotwash_metrics::{Reliability, Row, Unit};

/// A value as printed.
pub fn value(value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value else { return "–".into() };
    match unit {
        Unit::Share => format!("{:.0} %", value * 100.0),
        Unit::PerYear => format!("{:+.1} points a year", value * 100.0),
        Unit::Days => format!("{value:.0} days"),
        Unit::Minutes => format!("{value:.0} min"),
        Unit::Score => format!("{value:.2}"),
        Unit::Count => thousands(value),
    }
}

/// A count with commas.
pub fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

/// `58 to 83 %`, or nothing.
pub fn interval(row: &Row) -> String {
    let (Some(low), Some(high)) = (row.ci_low, row.ci_high) else { return String::new() };
    match row.unit {
        Unit::Share => format!("{:.0} to {:.0} %", low * 100.0, high * 100.0),
        Unit::PerYear => format!("{:+.1} to {:+.1}", low * 100.0, high * 100.0),
        Unit::Score => format!("{low:.2} to {high:.2}"),
        _ => format!("{} to {}", thousands(low), thousands(high)),
    }
}

/// `72 % (58 to 83 %) of 46 ratings`; `Too few to judge (3 of 5 needed)`; `Withheld …`.
pub fn measured(row: &Row, what: &str) -> String {
    match row.reliability {
        Reliability::Suppressed => "Withheld: so few records would name an organisation.".into(),
        Reliability::LowN => {
            format!("Too few to judge ({}).", row.note.clone().unwrap_or_else(|| format!("{} {what}", row.n)))
        }
        Reliability::Ok if row.value.is_none() => row.note.clone().map_or_else(
            || "Undefined: nothing to divide by.".into(),
            |note| format!("{}{}.", note[..1].to_uppercase(), &note[1..]),
        ),
        Reliability::Ok => {
            let interval = interval(row);
            let interval = if interval.is_empty() { String::new() } else { format!(" ({interval})") };
            format!("{}{interval} of {} {what}.", value(row.value, row.unit), thousands(row.n as f64))
        }
    }
}

/// What a trend's row says.
pub fn trend(row: &Row) -> String {
    let periods = row.extra.get("periods").and_then(serde_json::Value::as_u64).unwrap_or_default();
    let slope = value(row.value, Unit::PerYear);
    match row.extra.get("verdict").and_then(serde_json::Value::as_str) {
        Some("IMPROVING") => format!("Improving: {slope} over {periods} quarters"),
        Some("DECLINING") => format!("Declining: {slope} over {periods} quarters"),
        Some("NO_DETECTABLE_TREND") => format!("No detectable trend over {periods} quarters"),
        _ => format!("Too few quarters to judge a trend ({periods} of 6 needed)"),
    }
}

/// `PHEP:6` with its name, where it is known.
pub fn capability(code: &str, names: &std::collections::BTreeMap<String, String>) -> String {
    names.get(code).map_or_else(|| code.to_owned(), |name| format!("{name} ({})", code.replace(':', " ")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn row(
        reliability: Reliability,
        value: Option<f64>,
        n: u64,
        interval: Option<(f64, f64)>,
        note: Option<&str>,
    ) -> Row {
        Row {
            dimensions: Map::new(),
            value,
            unit: Unit::Share,
            numerator: None,
            denominator: None,
            n,
            ci_low: interval.map(|(low, _)| low),
            ci_high: interval.map(|(_, high)| high),
            reliability,
            note: note.map(str::to_owned),
            extra: Map::new(),
        }
    }

    #[test]
    fn sentences_are_honest_about_n_and_intervals() {
        for (row, said) in [
            (row(Reliability::Ok, Some(0.72), 46, Some((0.58, 0.83)), None), "72 % (58 to 83 %) of 46 ratings."),
            (
                row(Reliability::LowN, Some(0.33), 3, Some((0.06, 0.79)), Some("3 of 5 needed")),
                "Too few to judge (3 of 5 needed).",
            ),
            (row(Reliability::Suppressed, None, 0, None, None), "Withheld: so few records would name an organisation."),
            (row(Reliability::Ok, None, 12, None, None), "Undefined: nothing to divide by."),
        ] {
            assert_eq!(measured(&row, "ratings"), said);
        }
        for (verdict, periods, slope, said) in [
            ("IMPROVING", 20, Some(0.09), "Improving: +9.0 points a year over 20 quarters"),
            ("NO_DETECTABLE_TREND", 9, Some(0.01), "No detectable trend over 9 quarters"),
            ("TOO_FEW", 3, None, "Too few quarters to judge a trend (3 of 6 needed)"),
        ] {
            let mut row = row(Reliability::Ok, slope, 40, None, None);
            row.extra = json!({"verdict": verdict, "periods": periods}).as_object().cloned().unwrap();
            assert_eq!(trend(&row), said);
        }
        assert_eq!(
            (thousands(1_234_567.0), thousands(999.0), thousands(-1_000.0)),
            ("1,234,567".into(), "999".into(), "−1,000".into())
        );
    }
}
