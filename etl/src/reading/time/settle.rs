//! Converts local times to instants, including hours that the clocks skip or show twice.

use crate::code::WarningCode;
use chrono::{
    DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone,
    Utc,
};
use chrono_tz::Tz;

use super::{Clock, Stamp, Zone, home};

/// A local time as an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Instant.
    pub at: DateTime<Utc>,
    /// Calendar and clock in the zone of the event.
    pub local: NaiveDateTime,
    /// Remark for a warning.
    pub remark: Option<Remark>,
}

/// A doubt about a local time, and its resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The clocks skipped it. It was moved by the skipped interval, but not past the next time of
    /// the row.
    Skipped(DateTime<Tz>),
    /// The clocks showed it twice, and the order of the row does not decide. The first one is used.
    Repeated(DateTime<Tz>),
    /// The zone's abbreviation belongs to the other season.
    OutOfSeason(&'static str, DateTime<Tz>),
}

impl Remark {
    /// Returns the code of the warning.
    pub fn code(&self) -> WarningCode {
        match self {
            Self::Skipped(_) => WarningCode::SkippedLocalTime,
            Self::Repeated(_) => WarningCode::RepeatedLocalTime,
            Self::OutOfSeason(..) => WarningCode::ZoneOutOfSeason,
        }
    }
}

impl std::fmt::Display for Remark {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Skipped(read) => write!(
                out,
                "does not exist: the clocks of {} skipped it; read as {}",
                read.timezone(),
                read.format("%Y-%m-%d %H:%M %Z")
            ),
            Self::Repeated(read) => write!(
                out,
                "occurs twice: the clocks of {} were set back; read as the first, {}; write the \
                 offset where the second is meant",
                read.timezone(),
                read.format("%Y-%m-%d %H:%M %Z (%:z)")
            ),
            Self::OutOfSeason(word, read) => write!(
                out,
                "{word} is not in use on this day; read as {}; write no zone where local time is \
                 meant",
                read.format("%Y-%m-%d %H:%M %Z")
            ),
        }
    }
}

/// Converts the times of a row, in the order in which they happen. Times without a zone are local
/// times of `zone`.
///
/// For a time that occurs twice, the instant that preserves the order is used. A skipped time is
/// moved by the skipped interval, but not past a later time of the row that was written after it.
/// Days without a time are ignored.
pub fn settle(stamps: &[Stamp], zone: Tz) -> Vec<Settled> {
    let mut read: Vec<Candidates> =
        stamps.iter().map(|stamp| Candidates::of(stamp, zone)).collect();
    let timed: Vec<usize> = (0..stamps.len()).filter(|index| stamps[*index].timed).collect();
    for pair in timed.windows(2).rev() {
        let next = read[pair[1]].last;
        let this = &mut read[pair[0]];
        if this.is_skipped && next < this.first && stamps[pair[0]].local <= stamps[pair[1]].local {
            (this.first, this.last) = (next, next);
        }
    }
    let mut earliest = vec![None; stamps.len()];
    let mut least = DateTime::<Utc>::MIN_UTC;
    for index in &timed {
        earliest[*index] = read[*index].within(least, DateTime::<Utc>::MAX_UTC).next();
        least = earliest[*index].unwrap_or(least);
    }
    let mut latest = vec![None; stamps.len()];
    let mut most = DateTime::<Utc>::MAX_UTC;
    for index in timed.iter().rev() {
        latest[*index] = read[*index].within(DateTime::<Utc>::MIN_UTC, most).last();
        most = latest[*index].unwrap_or(most);
    }
    let start = timed
        .first()
        .map_or(DateTime::<Utc>::MIN_UTC, |first| earliest[*first].unwrap_or(read[*first].first));
    let settled = read.iter().enumerate().map(|(index, read)| {
        let at = earliest[index]
            .or_else(|| read.within(start, DateTime::<Utc>::MAX_UTC).next())
            .unwrap_or(read.first);
        let is_settled = earliest[index].is_some() && earliest[index] == latest[index];
        read.settled(&stamps[index], at, is_settled, zone)
    });
    settled.collect()
}

/// Converts one time by itself.
pub fn settle_one(stamp: &Stamp, zone: Tz) -> Settled {
    let read = Candidates::of(stamp, zone);
    read.settled(stamp, read.first, false, zone)
}

/// Last minute of a day.
const LAST_MINUTE: NaiveTime = NaiveTime::from_hms_opt(23, 59, 0).expect("a time of the day");

/// Returns the first and last minute of days in the default zone.
pub fn days_at_home(first: NaiveDate, last: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let at = |local: NaiveDateTime| settle_one(&Stamp::of_local(local), home()).at;
    (at(first.and_time(NaiveTime::MIN)), at(last.and_time(LAST_MINUTE)))
}

/// Returns the local day of a time stamp. Midnight UTC is how programs write a day without a time.
pub(super) fn local_day(stamp: &Stamp) -> NaiveDate {
    let is_universal =
        matches!(stamp.zone, Some(Zone::Offset(offset)) if offset.local_minus_utc() == 0);
    let is_day = is_universal && Clock::MIDNIGHT.on(stamp.day) == Some(stamp.local);
    if stamp.zone.is_none() || is_day { stamp.day } else { settle_one(stamp, home()).local.date() }
}

/// Possible instants of a local time: one, or two in an hour that occurs twice.
struct Candidates {
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    is_skipped: bool,
}

impl Candidates {
    fn of(stamp: &Stamp, zone: Tz) -> Self {
        let one = |at: DateTime<Utc>| Self { first: at, last: at, is_skipped: false };
        let index = match stamp.zone {
            Some(Zone::Offset(offset) | Zone::Word(_, offset, _)) => {
                return one((stamp.local - offset).and_utc());
            }
            Some(Zone::Place(index)) => index,
            None => zone,
        };
        match index.from_local_datetime(&stamp.local) {
            MappedLocalTime::Single(at) => one(at.to_utc()),
            MappedLocalTime::Ambiguous(first, last) => {
                Self { first: first.to_utc(), last: last.to_utc(), is_skipped: false }
            }
            MappedLocalTime::None => {
                // The offset before the change: no zone changes its clocks twice in a day.
                let before =
                    index.offset_from_utc_datetime(&(stamp.local - TimeDelta::days(1))).fix();
                Self { is_skipped: true, ..one((stamp.local - before).and_utc()) }
            }
        }
    }

    fn within(
        &self,
        least: DateTime<Utc>,
        most: DateTime<Utc>,
    ) -> impl Iterator<Item = DateTime<Utc>> {
        let second = Some(self.last).filter(|last| *last != self.first);
        std::iter::once(self.first).chain(second).filter(move |at| (least..=most).contains(at))
    }

    fn settled(&self, stamp: &Stamp, at: DateTime<Utc>, is_settled: bool, zone: Tz) -> Settled {
        let shown = at.with_timezone(&zone);
        let remark = match stamp.zone {
            _ if !stamp.timed => None,
            Some(Zone::Word(word, offset, index)) => {
                let in_use =
                    [index, zone].map(|zone| zone.offset_from_utc_datetime(&at.naive_utc()).fix());
                (!in_use.contains(&offset)).then_some(Remark::OutOfSeason(word, shown))
            }
            _ if self.is_skipped => Some(Remark::Skipped(shown)),
            _ if self.first != self.last && !is_settled => Some(Remark::Repeated(shown)),
            _ => None,
        };
        Settled { at, local: shown.naive_local(), remark }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
    use chrono_tz::{America, Pacific, Tz};

    use super::{Remark, Stamp, WarningCode, settle, settle_one};
    use crate::reading::time::stamp;

    const ZONES: [Tz; 7] = [
        America::New_York,
        America::Chicago,
        America::Denver,
        America::Los_Angeles,
        America::Anchorage,
        Pacific::Honolulu,
        America::Puerto_Rico,
    ];

    fn offset(zone: Tz, at: DateTime<Utc>) -> TimeDelta {
        TimeDelta::seconds(i64::from(
            zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc(),
        ))
    }

    /// The first second of each new offset of a zone from 1967 to 2037, with the offsets before and
    /// after.
    fn transitions(zone: Tz) -> Vec<(DateTime<Utc>, TimeDelta, TimeDelta)> {
        let year = |year: i32| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap();
        let mut found = Vec::new();
        let mut at = year(1967);
        while at < year(2038) {
            let next = at + TimeDelta::hours(12);
            let (before, after) = (offset(zone, at), offset(zone, next));
            if before != after {
                let passed: Vec<TimeDelta> =
                    (0..(next - at).num_seconds()).map(TimeDelta::seconds).collect();
                let first = passed.partition_point(|passed| offset(zone, at + *passed) == before);
                let high = at + TimeDelta::seconds(first as i64);
                found.push((high, before, after));
            }
            at = next;
        }
        found
    }

    /// Returns the local time that the clocks of a zone show at an instant.
    fn local(zone: Tz, at: DateTime<Utc>) -> Stamp {
        Stamp { timed: true, ..Stamp::of_local((at + offset(zone, at)).naive_utc()) }
    }

    fn code(remark: Option<Remark>) -> Option<WarningCode> {
        remark.map(|remark| remark.code())
    }

    #[test]
    fn every_transition_of_seven_zones_from_1967_to_2037_is_read() {
        let second = TimeDelta::seconds(1);
        let (mut gaps, mut folds) = (0, 0);
        for zone in ZONES {
            for (change, before, after) in transitions(zone) {
                let size = (after - before).abs();
                let is_gap = after > before;
                let at = |offset: TimeDelta, shift: TimeDelta| Stamp {
                    timed: true,
                    ..Stamp::of_local((change + offset + shift).naive_utc())
                };
                let alone = |stamp: Stamp| {
                    let read = settle_one(&stamp, zone);
                    (read.at, code(read.remark))
                };
                // One second before the ambiguous times, and the first second after them.
                let doubt = if is_gap { TimeDelta::zero() } else { size };
                assert_eq!(
                    alone(at(before.min(after), -second)),
                    (change - doubt - second, None),
                    "{zone} {change}"
                );
                assert_eq!(
                    alone(at(before.max(after), TimeDelta::zero())),
                    (change + doubt, None),
                    "{zone} {change}"
                );
                for shift in [TimeDelta::zero(), second, size / 2, size - second] {
                    if is_gap {
                        // Skipped: moved by the gap.
                        gaps += 1;
                        let moved = settle_one(&at(before, shift), zone);
                        assert_eq!(
                            alone(at(before, shift)),
                            (change + shift, Some(WarningCode::SkippedLocalTime)),
                            "{zone} {change}"
                        );
                        assert_eq!(moved.local, at(after, shift).local, "{zone} {change}");
                        continue;
                    }
                    // Shown twice: the first if it is alone, else the one that preserves the order
                    // of a row.
                    folds += 1;
                    let (twice, first, last) =
                        (at(after, shift), change - size + shift, change + shift);
                    assert_eq!(
                        alone(twice),
                        (first, Some(WarningCode::RepeatedLocalTime)),
                        "{zone} {change}"
                    );
                    let fixed = |at: DateTime<Utc>| {
                        let written = at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
                        stamp(&written, None).unwrap()
                    };
                    for (row, index, expected) in [
                        ([fixed(first + second), twice], 1, last),
                        ([twice, fixed(last - second)], 0, first),
                    ] {
                        let read = settle(&row, zone)[index];
                        assert_eq!(
                            (read.at, read.remark),
                            (expected, None),
                            "{zone} {change} {shift}"
                        );
                    }
                }
            }
        }
        assert!(gaps > 1000 && folds > 1000, "{gaps} {folds}");
        for zone in [Pacific::Honolulu, America::Puerto_Rico] {
            assert!(transitions(zone).is_empty(), "{zone}");
        }
    }

    #[test]
    fn local_times_around_every_transition_rise_as_the_instants_did() {
        let steps =
            [-120, -61, -60, -30, -1, 0, 1, 29, 30, 59, 60, 61, 120].map(TimeDelta::minutes);
        for zone in ZONES {
            for (change, _, _) in transitions(zone) {
                for (index, first) in steps.iter().enumerate() {
                    for (further, second) in steps.iter().enumerate().skip(index) {
                        let instants = [*first, *second, steps[(further + 3).min(steps.len() - 1)]]
                            .map(|step| change + step);
                        let row = settle(&instants.map(|at| local(zone, at)), zone);
                        let read: Vec<DateTime<Utc>> =
                            row.iter().map(|settled| settled.at).collect();
                        assert!(read.is_sorted(), "{zone} {instants:?} {read:?}");
                        for (settled, at) in row.iter().zip(instants) {
                            assert_eq!(settled.local, local(zone, at).local, "shown as written");
                            assert!(
                                settled.at == at
                                    || settled
                                        .remark
                                        .is_some_and(|remark| remark.code()
                                            == WarningCode::RepeatedLocalTime)
                            );
                        }
                        // With an offset, each is a definite instant.
                        for at in instants {
                            let offset = zone.offset_from_utc_datetime(&at.naive_utc()).fix();
                            let written = at
                                .with_timezone(&offset)
                                .format("%Y-%m-%dT%H:%M:%S%:z")
                                .to_string();
                            let read = settle_one(&stamp(&written, None).unwrap(), zone);
                            assert_eq!((read.at, read.remark), (at, None), "{written}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn words_for_zones_are_instants_and_those_of_the_other_season_are_warned_of() {
        let read = |text: &str, zone: Tz| {
            let read = settle_one(&stamp(text, None).unwrap(), zone);
            (read.at.format("%Y-%m-%d %H:%M").to_string(), code(read.remark))
        };
        assert_eq!(
            read("2024-11-03 01:50 EDT", America::New_York),
            ("2024-11-03 05:50".into(), None)
        );
        assert_eq!(
            read("2024-11-03 01:10 EST", America::New_York),
            ("2024-11-03 06:10".into(), None)
        );
        assert_eq!(
            read("2025-07-01 09:00 EST", America::New_York),
            ("2025-07-01 14:00".into(), Some(WarningCode::ZoneOutOfSeason))
        );
        assert_eq!(
            read("2025-07-01 09:00 MST", America::Phoenix),
            ("2025-07-01 16:00".into(), None)
        );
        assert_eq!(
            read("2025-07-01 09:00 Eastern Standard Time", America::Chicago),
            ("2025-07-01 13:00".into(), None)
        );
        assert_eq!(
            read("2025-07-01 09:00 AST", America::Puerto_Rico),
            ("2025-07-01 13:00".into(), None)
        );
        assert_eq!(read("2025-01-01 09:00", Pacific::Honolulu), ("2025-01-01 19:00".into(), None));
    }

    #[test]
    fn a_skipped_time_is_not_moved_past_the_next_time_of_its_row() {
        let row = ["2025-03-09 01:50", "2025-03-09 02:30", "2025-03-09 03:10"]
            .map(|text| stamp(text, None).unwrap());
        let read = settle(&row, America::New_York);
        let shown: Vec<String> =
            read.iter().map(|read| read.local.format("%H:%M").to_string()).collect();
        assert_eq!(shown, ["01:50", "03:10", "03:10"]);
        assert!(read[1].remark.unwrap().to_string().contains("does not exist"), "{read:?}");
        let apart = ["2025-03-09 01:50", "2025-03-09 02:30", "2025-03-09 03:40"]
            .map(|text| stamp(text, None).unwrap());
        assert_eq!(settle(&apart, America::New_York)[1].local.format("%H:%M").to_string(), "03:30");
    }
}
