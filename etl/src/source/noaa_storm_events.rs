//! Reads NOAA NCEI Storm Events: the bulk `details` files (`.csv`, `.csv.gz`) and the web export,
//! two layouts of one database.
//!
//! The same `EVENT_ID` in both is one event. The bulk file has more columns, so its version takes
//! precedence in any order of loading.

use crate::code::WarningCode;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Offset, Utc};
use hotwash_documents::input::Input;

use super::csv_rows::{self, CsvRow, Fault, Vocabulary, coordinate, count, fault};
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use crate::inspect::trace;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::number::number;
use crate::reading::time::{Clock, Unread, label_offset, plausible};
use crate::record::{Event, EventKind, Incident};

/// Source of NOAA storm events.
pub struct NoaaStormEvents;

const SHARED: [&str; 8] = [
    "EVENT_ID",
    "EVENT_TYPE",
    "CZ_TYPE",
    "CZ_FIPS",
    "CZ_TIMEZONE",
    "DEATHS_DIRECT",
    "INJURIES_DIRECT",
    "WFO",
];

/// Columns of both layouts. Unused columns repeat others, or locate the path of a tornado.
const VOCABULARY: Vocabulary = Vocabulary::new(
    &[
        "EVENT_ID",
        "BEGIN_YEARMONTH",
        "BEGIN_DAY",
        "BEGIN_DATE",
        "BEGIN_TIME",
        "END_YEARMONTH",
        "END_DAY",
        "END_DATE",
        "END_TIME",
        "END_DATE_TIME",
        "STATE",
        "STATE_ABBR",
        "STATE_FIPS",
        "EVENT_TYPE",
        "CZ_TYPE",
        "CZ_FIPS",
        "CZ_NAME",
        "CZ_NAME_STR",
        "CZ_TIMEZONE",
        "INJURIES_DIRECT",
        "INJURIES_INDIRECT",
        "DEATHS_DIRECT",
        "DEATHS_INDIRECT",
        "DAMAGE_PROPERTY",
        "DAMAGE_PROPERTY_NUM",
        "DAMAGE_CROPS",
        "DAMAGE_CROPS_NUM",
        "MAGNITUDE",
        "MAGNITUDE_TYPE",
        "BEGIN_LAT",
        "BEGIN_LON",
        "EPISODE_NARRATIVE",
        "EVENT_NARRATIVE",
    ],
    &[
        "EPISODE_ID",
        "YEAR",
        "MONTH_NAME",
        "WFO",
        "BEGIN_DATE_TIME",
        "SOURCE",
        "FLOOD_CAUSE",
        "CATEGORY",
        "TOR_F_SCALE",
        "TOR_LENGTH",
        "TOR_WIDTH",
        "TOR_OTHER_WFO",
        "TOR_OTHER_CZ_STATE",
        "TOR_OTHER_CZ_FIPS",
        "TOR_OTHER_CZ_NAME",
        "BEGIN_RANGE",
        "BEGIN_AZIMUTH",
        "BEGIN_LOCATION",
        "END_RANGE",
        "END_AZIMUTH",
        "END_LOCATION",
        "END_LAT",
        "END_LON",
        "DATA_SOURCE",
        "ABSOLUTE_ROWNUMBER",
    ],
);

impl Source for NoaaStormEvents {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "noaa_storm_events",
            name: "NOAA storm events",
            title: "NOAA NCEI Storm Events (bulk details file or web export)",
            extensions: &[".csv", ".csv.gz"],
            headings: &SHARED,
        }
    }

    fn recognize(&self, sample: &Sample) -> f64 {
        let layout = sample
            .share_of_headings(&["BEGIN_YEARMONTH", "CZ_NAME"])
            .max(sample.share_of_headings(&["BEGIN_DATE", "CZ_NAME_STR"]));
        sample.share_of_headings(&SHARED) * layout
    }

    fn nearness(&self, sample: &Sample) -> f64 {
        VOCABULARY.known(&sample.headings) as f64 / sample.headings.len().max(1) as f64
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Independent
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        csv_rows::read(input, "incident", VOCABULARY, sink, |row, sink| {
            match event(row, lookup, sink) {
                Ok(event) => sink.record(&event)?,
                Err(fault) => row.reject(sink, "incident", &fault),
            }
            Ok(())
        })
    }
}

fn event(row: &CsvRow, lookup: &Lookup, sink: &mut Sink) -> Result<Event, Fault> {
    let id = row.get("EVENT_ID").into_owned();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(fault("EVENT_ID", &id, "must be the event's number"));
    }
    let bulk = !row.get("BEGIN_YEARMONTH").is_empty();
    let (start, end) = if bulk { bulk_times(row)? } else { web_times(row)? };
    if end.is_some_and(|end| end < start) {
        let column = if bulk { "END_DATE_TIME" } else { "END_DATE" };
        return Err(fault(
            column,
            &row.get(column),
            format!("must not be before the start, {start}"),
        ));
    }
    let zone_label = row.get("CZ_TIMEZONE").into_owned();
    let zone = label_offset(&zone_label).unwrap_or_else(|| {
        sink.warn(
            WarningCode::UnknownTimeZone,
            Some("CZ_TIMEZONE"),
            Some(&zone_label),
            "read as UTC",
            row.number,
        );
        Utc.fix()
    });
    let (state, counties, statewide) = location(row, bulk, lookup, sink)?;
    let mut labels = Vec::new();
    let hazards = hazards(row, lookup, sink, &mut labels);
    let zone_name = zone_name(row, bulk);
    if row.get("CZ_TYPE") != "C" && !zone_name.is_empty() {
        labels.push(("zone", zone_name.clone()));
    }
    let narrative = narrative(row, sink);
    let incident = incident(row, bulk, sink)?;
    Ok(Event {
        row: row.number,
        source_version: if bulk { "2 bulk" } else { "1 web export" }.into(),
        kind: EventKind::Incident,
        name: title(&row.get("EVENT_TYPE"), &zone_name, &state),
        start_at: instant(start, zone),
        end_at: end.map(|end| instant(end, zone)),
        local_date: start.date(),
        end_local_date: end.map(|end| end.date()),
        time_zone: (!zone_label.is_empty()).then_some(zone_label),
        public: true,
        statewide,
        latitude: coordinate(row, "BEGIN_LAT", 90.0)?.filter(|degrees| *degrees != 0.0),
        longitude: coordinate(row, "BEGIN_LON", 180.0)?.filter(|degrees| *degrees != 0.0),
        narrative,
        hazards,
        regions: lookup.regions_of(&counties),
        counties,
        labels,
        incident,
        source_id: id,
        ..Event::default()
    })
}

fn instant(local: NaiveDateTime, zone: FixedOffset) -> DateTime<Utc> {
    (local - zone).and_utc()
}

type Times = (NaiveDateTime, Option<NaiveDateTime>);

/// Parses times of the bulk file, such as `BEGIN_YEARMONTH` 199403, `BEGIN_DAY` 27 and `BEGIN_TIME`
/// 1132. Unlike `BEGIN_DATE_TIME`, they contain the century.
fn bulk_times(row: &CsvRow) -> Result<Times, Fault> {
    let time = |months: &'static str,
                day: &'static str,
                clock: &'static str|
     -> Result<Option<NaiveDateTime>, Fault> {
        let (month_text, day_text) = (row.get(months), row.get(day));
        if month_text.is_empty() && day_text.is_empty() {
            return Ok(None);
        }
        let number: i32 = month_text
            .parse()
            .map_err(|_| fault(months, &month_text, "must be year and month, as 199403"))?;
        let day_number: u32 =
            day_text.parse().map_err(|_| fault(day, &day_text, "must be a day of the month"))?;
        let date = NaiveDate::from_ymd_opt(number / 100, (number % 100).unsigned_abs(), day_number)
            .ok_or(Unread::Day);
        let date = date.and_then(plausible).map_err(|unread| {
            fault(day, &format!("{month_text} {day_text}"), unread.to_string())
        })?;
        let at = clock_time(clock, &row.get(clock), date)?;
        read_as(row, &[months, day, clock], at);
        Ok(Some(at))
    };
    let start = time("BEGIN_YEARMONTH", "BEGIN_DAY", "BEGIN_TIME")?
        .ok_or_else(|| fault("BEGIN_YEARMONTH", "", "must not be empty"))?;
    Ok((start, time("END_YEARMONTH", "END_DAY", "END_TIME")?))
}

/// Parses times of the web export: `BEGIN_DATE` 09/18/1996 and `BEGIN_TIME` 300. A spreadsheet that
/// saves the file writes `9/18/96`.
fn web_times(row: &CsvRow) -> Result<Times, Fault> {
    let time = |day: &'static str, clock: &'static str| -> Result<Option<NaiveDateTime>, Fault> {
        let text = row.get(day);
        if text.is_empty() {
            return Ok(None);
        }
        let date = csv_rows::day(day, &text)?;
        let at = clock_time(clock, &row.get(clock), date)?;
        read_as(row, &[day, clock], at);
        Ok(Some(at))
    };
    let start = time("BEGIN_DATE", "BEGIN_TIME")?
        .ok_or_else(|| fault("BEGIN_DATE", "", "must not be empty"))?;
    Ok((start, time("END_DATE", "END_TIME")?))
}

/// Records the interpretation of columns that form one time, for `inspect`.
fn read_as(row: &CsvRow, columns: &[&'static str], at: NaiveDateTime) {
    for column in columns {
        trace::reading(row.number, column, "date and time", || {
            at.format("%Y-%m-%d %H:%M").to_string()
        });
    }
}

/// Returns the time on a date: `300` is 03:00, `1132` is 11:32, `2400` is the end of the day, an
/// empty cell is midnight.
fn clock_time(column: &'static str, text: &str, day: NaiveDate) -> Result<NaiveDateTime, Fault> {
    let clock = if text.is_empty() {
        Some(Clock::MIDNIGHT)
    } else {
        text.parse().map_or_else(|_| Clock::read(text), Clock::of_figure)
    };
    clock
        .and_then(|clock| clock.on(day))
        .ok_or_else(|| fault(column, text, "must be a time of day, such as 300 for 03:00, or 1132"))
}

/// Returns the state, the counties, and whether the event is statewide. Forecast and marine zones
/// are not counties.
fn location(
    row: &CsvRow,
    bulk: bool,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(String, Vec<i32>, bool), Fault> {
    let code = row.get("CZ_FIPS").into_owned();
    let number: u32 = if code.is_empty() {
        0
    } else {
        code.parse()
            .map_err(|_| fault("CZ_FIPS", &code, "must be the number of a county or zone"))?
    };
    let state_fips = if bulk {
        let text = row.get("STATE_FIPS");
        let number: u32 = text
            .parse()
            .map_err(|_| fault("STATE_FIPS", &text, "must be the number of a state"))?;
        format!("{number:02}")
    } else {
        lookup_state(&row.get("STATE_ABBR"), lookup).unwrap_or_default()
    };
    let state = if bulk {
        lookup.state_code(&state_fips).map_or_else(|| row.get("STATE").into_owned(), str::to_owned)
    } else {
        row.get("STATE_ABBR").into_owned()
    };
    if row.get("CZ_TYPE") != "C" || number == 0 {
        return Ok((state, Vec::new(), false));
    }
    let fips = format!("{state_fips}{number:03}");
    match lookup.county(&fips) {
        Some(county) => Ok((state, vec![county], false)),
        None => {
            sink.warn(
                WarningCode::UnknownCounty,
                Some("CZ_FIPS"),
                Some(&fips),
                "no county has this code; loaded without a county",
                row.number,
            );
            sink.unmapped();
            Ok((state, vec![UNMAPPED], false))
        }
    }
}

fn lookup_state(code: &str, lookup: &Lookup) -> Option<String> {
    (1..=78).map(|number| format!("{number:02}")).find(|fips| lookup.state_code(fips) == Some(code))
}

/// Returns the county or zone without the additions of the web export: `SUFFOLK CO.`, `SUFFOLK
/// (ZONE)`.
fn zone_name(row: &CsvRow, bulk: bool) -> String {
    let name = row.get(if bulk { "CZ_NAME" } else { "CZ_NAME_STR" });
    let name = name.trim_end_matches(" CO.").trim_end_matches("(ZONE)").trim();
    name.to_owned()
}

fn title(hazard: &str, zone: &str, state: &str) -> String {
    let location: Vec<String> = zone.split(' ').map(capitalized).collect();
    let kind = hazard.split(' ').map(|word| {
        if word.chars().any(char::is_lowercase) { word.to_owned() } else { capitalized(word) }
    });
    let kind: Vec<String> = kind.collect();
    match zone {
        "" => format!("{}, {state}", kind.join(" ")),
        _ => format!("{}, {}, {state}", kind.join(" "), location.join(" ")),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
    })
}

/// Returns the hazards of `THUNDERSTORM WINDS/FLOODING`: the first is primary, the others are
/// secondary.
fn hazards(
    row: &CsvRow,
    lookup: &Lookup,
    sink: &mut Sink,
    labels: &mut Vec<(&'static str, String)>,
) -> Vec<i32> {
    let label = row.get("EVENT_TYPE");
    if let Some(found) = lookup.hazards("noaa", &label) {
        return found;
    }
    let mut hazards: Vec<i32> = Vec::new();
    for part in label.split('/') {
        for hazard in lookup.hazards("noaa", part).unwrap_or_default() {
            if !hazards.contains(&hazard) {
                hazards.push(hazard);
            }
        }
    }
    if hazards.is_empty() {
        sink.warn(
            WarningCode::UnmappedHazard,
            Some("EVENT_TYPE"),
            Some(&label),
            "no hazard has this label; loaded as unmapped",
            row.number,
        );
        sink.unmapped();
        labels.push(("hazard", label.into_owned()));
        hazards.push(UNMAPPED);
    }
    hazards
}

fn narrative(row: &CsvRow, sink: &mut Sink) -> Option<String> {
    let event = row.get("EVENT_NARRATIVE");
    let episode = row.get("EPISODE_NARRATIVE");
    let text = if event.is_empty() { episode } else { event };
    (!text.is_empty()).then(|| sink.redacted(&text))
}

fn incident(row: &CsvRow, bulk: bool, sink: &mut Sink) -> Result<Incident, Fault> {
    let damage = |bulk_column: &'static str, web_column: &'static str, sink: &mut Sink| {
        let column = if bulk { bulk_column } else { web_column };
        let text = row.get(column);
        let dollars = dollars(&text);
        if matches!(dollars, Ok(None)) && !text.is_empty() {
            sink.warn(
                WarningCode::UnclearDamage,
                Some(column),
                Some(&text),
                "no amount before the letter; left empty",
                row.number,
            );
        }
        dollars.map_err(|reason| fault(column, &text, reason))
    };
    let magnitude = row.get("MAGNITUDE");
    let kind = row.get("MAGNITUDE_TYPE");
    Ok(Incident {
        response: "NONE",
        deaths_direct: count(row, "DEATHS_DIRECT")?,
        deaths_indirect: count(row, "DEATHS_INDIRECT")?,
        injuries_direct: count(row, "INJURIES_DIRECT")?,
        injuries_indirect: count(row, "INJURIES_INDIRECT")?,
        damage_property_usd: damage("DAMAGE_PROPERTY", "DAMAGE_PROPERTY_NUM", sink)?,
        damage_crops_usd: damage("DAMAGE_CROPS", "DAMAGE_CROPS_NUM", sink)?,
        magnitude: number(&magnitude),
        magnitude_type: (!kind.is_empty()).then(|| kind.into_owned()),
        ..Incident::default()
    })
}

/// Parses an amount such as `25K`, `1.5M`, `25.00K` or `0` into whole US dollars. A letter alone
/// has no value.
fn dollars(text: &str) -> Result<Option<i64>, &'static str> {
    let text = text.trim();
    let (figure, unit) = match text.char_indices().last() {
        None => return Ok(None),
        Some((at, letter)) => match letter.to_ascii_uppercase() {
            'H' => (&text[..at], 1e2),
            'K' => (&text[..at], 1e3),
            'M' => (&text[..at], 1e6),
            'B' => (&text[..at], 1e9),
            'T' => (&text[..at], 1e12),
            _ => (text, 1.0),
        },
    };
    if figure.trim().is_empty() {
        return Ok(None);
    }
    match number(figure) {
        Some(amount) if amount < 0.0 => Err("must not be negative"),
        Some(amount) if amount * unit < 9e15 => Ok(Some((amount * unit).round() as i64)),
        _ => Err("must be an amount such as 25.00K, 1.5M or 0"),
    }
}

#[cfg(test)]
mod tests {
    use super::{dollars, title};

    #[test]
    fn amounts_with_letters_are_whole_dollars() {
        for (text, expected) in [
            ("25.00K", Ok(Some(25_000))),
            ("1.5M", Ok(Some(1_500_000))),
            ("2B", Ok(Some(2_000_000_000))),
            ("5h", Ok(Some(500))),
            ("0", Ok(Some(0))),
            ("3", Ok(Some(3))),
            ("", Ok(None)),
            ("K", Ok(None)),
        ] {
            assert_eq!(dollars(text), expected, "{text}");
        }
        assert!(dollars("-5K").is_err() && dollars("much").is_err() && dollars("1e300").is_err());
    }

    #[test]
    fn both_layouts_give_an_event_the_same_name() {
        assert_eq!(title("Flood", "SUFFOLK", "MA"), "Flood, Suffolk, MA");
        assert_eq!(title("HAIL/ICY ROADS", "", "TX"), "Hail/icy Roads, TX");
    }
}
