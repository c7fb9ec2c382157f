//! Builds the event of a report from its overview, and from what its other parts state about it.

use std::sync::LazyLock;

use chrono::{Duration, NaiveDate};
use hotwash_documents::archive::Archive;
use regex::Regex;

use super::parts::Parts;
use super::words::objective;
use crate::code::WarningCode;
use crate::load::Sink;
use crate::lookup::{Lookup, NamedList, UNMAPPED};
use crate::reading::dates::saved_on;
use crate::reading::items::{items, unmarked};
use crate::reading::person::organization_part;
use crate::reading::time::{End, day, days_at_home, has_separate_days, home, range};
use crate::record::{
    AfterActionReport, Event, EventKind, Exercise, Incident, Objective, OrganizationRef,
};
use crate::source::cell_labels;
use crate::source::exercise_calendar::type_within;
use crate::source::record_id::derived_id;

/// Error in the overview: field, value, reason.
pub type OverviewFault = (String, String, String);

impl Parts {
    /// Returns the event of the report.
    pub fn event(
        &self,
        archive: &Archive,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<Event, OverviewFault> {
        let overview = &self.overview;
        let Some((name, stated)) = overview.name() else {
            return Err((
                "Exercise Name".into(),
                String::new(),
                "must not be empty: the overview names no exercise or incident".into(),
            ));
        };
        let name = name.lines().collect::<Vec<_>>().join(" ");
        let dates = overview.get("dates");
        let label = overview.label("dates").unwrap_or("Exercise Dates");
        let alone = range(dates).or_else(|| days_of_lines(dates));
        let taken = || {
            let (position, (first, last)) = days_told(dates, overview.get("scope"), &self.cover)?;
            let message = format!(
                "{label} is not only a date or a range of dates; {first} to {last} is taken from \
                 {position}"
            );
            sink.warn(WarningCode::DatesTaken, Some(label), None, &message, 1);
            Some((first, last))
        };
        let Some((first, last)) = alone.or_else(taken) else {
            return Err((
                label.to_owned(),
                dates.to_owned(),
                "must be a date or a range of dates, such as June 4, 2025 or October 16-18, \
                 2024"
                    .into(),
            ));
        };
        if has_separate_days(dates) {
            let message = format!(
                "names separate days; stored as one event from {first} to {last}: write a range, \
                 as June 4-5, 2025, or a report for each day"
            );
            sink.warn(WarningCode::SeparateDays, Some(label), Some(dates), &message, 1);
        }
        let last =
            day(overview.get("end_date"), End::Last).map_or(last, |read| read.day.max(first));
        let (start_at, end_at) = days_at_home(first, last);
        let kind = overview.kind(&name, stated, lookup);
        let (sponsor, paid_by) = sponsor_of(overview.get("sponsor"));
        let regions = self.regions(sponsor.as_deref(), &name, lookup);
        if regions.is_empty() {
            sink.warn(
                WarningCode::NoRegion,
                Some("Sponsor"),
                sponsor.as_deref(),
                "the overview names no known region; loaded without one",
                1,
            );
        }
        let mut labels = Vec::new();
        let hazards = cell_labels::hazards(
            overview.get("hazard"),
            "Threat or Hazard",
            1,
            lookup,
            sink,
            &mut labels,
        );
        // Points of contact are counted, never read.
        for _ in overview.get("contact").lines().filter(|line| !line.trim().is_empty()) {
            sink.dropped();
        }
        let scope = Some(overview.get("scope"))
            .filter(|text| !text.is_empty())
            .map(|text| sink.redacted(text));
        let scenario = Some(overview.get("scenario"))
            .filter(|text| !text.is_empty())
            .map(|text| sink.redacted(text));
        let type_id = || {
            [overview.get("type"), &name, overview.get("scope")]
                .into_iter()
                .filter(|text| !text.is_empty())
                .find_map(|text| type_within(text, lookup))
        };
        let report = self.report(archive, last);
        Ok(Event {
            row: 1,
            source_id: derived_id(&[
                &name,
                &first.to_string(),
                sponsor.as_deref().unwrap_or_default(),
            ]),
            source_version: version(&report, last),
            kind,
            name: sink.redacted(&name),
            start_at,
            end_at: Some(end_at),
            local_date: first,
            end_local_date: Some(last),
            time_zone: Some(home().name().into()),
            owes_aar: true,
            narrative: scenario.clone().filter(|_| kind != EventKind::Exercise),
            hazards,
            regions,
            labels,
            incident: Incident {
                response: if kind == EventKind::Incident { "RESPONDED" } else { "" },
                ..Incident::default()
            },
            exercise: (kind == EventKind::Exercise).then(|| Exercise {
                exercise_type_id: type_id().unwrap_or(UNMAPPED),
                sponsor: sponsor.as_ref().map(|name| OrganizationRef::Named {
                    region_id: cell_labels::region_of_organization(name, lookup, UNMAPPED),
                    name: name.clone(),
                }),
                program: Some(overview.get("program").to_owned())
                    .filter(|text| !text.is_empty())
                    .or(paid_by),
                scope,
                scenario,
                time_limit_minutes: None,
            }),
            objectives: self.objectives(lookup, sink),
            after_action_report: Some(report),
            ..Event::default()
        })
    }

    fn regions(&self, sponsor: Option<&str>, name: &str, lookup: &Lookup) -> Vec<(i32, f64)> {
        let overview = &self.overview;
        if let Ok(regions) = cell_labels::regions(overview.get("region"), lookup)
            && !regions.is_empty()
        {
            return regions;
        }
        let texts = [overview.get("region"), sponsor.unwrap_or_default(), name];
        let named = texts.iter().find_map(|text| {
            cell_labels::region_within(text, lookup)
                .or_else(|| lookup.lists().of(NamedList::Region).find(text))
        });
        let cover = || self.cover.iter().find_map(|text| cell_labels::region_within(text, lookup));
        named.or_else(cover).map(|region| vec![(region, 1.0)]).unwrap_or_else(|| {
            lookup.regions_of_municipality(
                overview.get("region").split(',').next().unwrap_or_default(),
            )
        })
    }

    fn objectives(&self, lookup: &Lookup, sink: &mut Sink) -> Vec<Objective> {
        let text = self.overview.get("objectives");
        let listed = items(text);
        let lines: Vec<String> = if listed.len() > 1 {
            listed
        } else {
            text.lines().map(|line| line.trim().to_owned()).collect()
        };
        (1..)
            .zip(lines.into_iter().filter(|line| !line.is_empty()))
            .map(|(number, line)| {
                let label = line.split([':', '.']).next().unwrap_or_default().to_lowercase();
                let own = objective(&line).map_or(number as u32, |(own, _)| own);
                let plain = hotwash_schema::label::normalize_label;
                let wording = plain(objective(&line).map_or(line.as_str(), |(_, rest)| rest));
                let tested = self.ratings.iter().find(|rating| {
                    rating.objective_number() == Some(own)
                        || !wording.is_empty() && plain(&rating.objective) == wording
                        || !label.is_empty() && rating.objective.to_lowercase().starts_with(&label)
                });
                let capability_id = tested
                    .and_then(|rating| lookup.lists().capability(&rating.capability, None).ok())
                    .unwrap_or(UNMAPPED);
                Objective { number, text: sink.redacted(&line), capability_id }
            })
            .collect()
    }

    fn report(&self, archive: &Archive, event_date: NaiveDate) -> AfterActionReport {
        let dated = self.cover.iter().rev().flat_map(|text| text.lines()).find_map(|line| {
            let line = line.trim().trim_start_matches(|letter: char| !letter.is_alphanumeric());
            // `Date: July 30, 2025`, `After-Action Report, July 30, 2025`.
            let after = |mark: &str| line.split_once(mark).map(|(_, rest)| rest);
            let parts = [Some(line), after(":"), after(", "), after(" - "), after(" \u{2013} ")];
            parts
                .into_iter()
                .flatten()
                .find_map(|part| day(part, End::Last))
                .filter(|read| read.precision == crate::record::DuePrecision::Day)
        });
        let on = dated.map(|read| read.day).filter(|day| *day >= event_date).or_else(|| {
            saved_on(archive)
                .filter(|day| *day >= event_date && *day <= event_date + Duration::days(730))
        });
        let is_draft = self.cover.iter().any(|text| {
            text.to_lowercase()
                .split(|letter: char| !letter.is_alphabetic())
                .any(|word| word == "draft")
        });
        AfterActionReport {
            layout: if self.has_2007_plan { "hseep_2007" } else { "hseep_2013" }.into(),
            has_overview: true,
            draft_on: on.filter(|_| is_draft),
            final_on: on.filter(|_| !is_draft),
            participants_listed: !self.participants.is_empty(),
        }
    }
}

/// Returns the version key of a report: its date, or the date of the event; a final report follows
/// its draft.
fn version(report: &AfterActionReport, event_date: NaiveDate) -> String {
    match (report.final_on, report.draft_on) {
        (Some(on), _) => format!("{on} final"),
        (None, on) => format!("{} draft", on.unwrap_or(event_date)),
    }
}

/// Splits a text into the sponsor and the funding program: `Example Coalition; HPP grant`.
fn sponsor_of(text: &str) -> (Option<String>, Option<String>) {
    let (mut sponsor, mut programs) = (None, Vec::new());
    for line in text.lines().map(unmarked) {
        let parts: Vec<&str> = line
            .split([';', '/', ',', '(', ')', '|', '\u{2013}', '\u{2014}'])
            .flat_map(|part| part.split(" - "))
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        let paying: Vec<&str> = parts.iter().copied().filter(|part| is_program(part)).collect();
        // The line names only a program.
        let own = if paying.is_empty() {
            Some(line)
        } else {
            parts.iter().copied().find(|part| !is_program(part))
        };
        programs.extend(paying.into_iter().map(str::to_owned));
        // Of several sponsors, the first is used.
        let own = own.and_then(|own| own.split(';').map(str::trim).find(|part| !part.is_empty()));
        sponsor = sponsor.or_else(|| organization_part(own?).0);
    }
    (sponsor, Some(programs.join("; ")).filter(|text| !text.is_empty()))
}

/// Returns whether a text names a funding program rather than a sponsor.
fn is_program(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "grant",
        "grants",
        "funding",
        "funded",
        "funds",
        "award",
        "budget",
        "cooperative agreement",
    ];
    const CODES: [&str; 9] =
        ["hpp", "phep", "uasi", "hsgp", "empg", "cri", "shsp", "hpp-phep", "aspr hpp"];
    const PROGRAMS: [&str; 2] =
        ["hospital preparedness program", "public health emergency preparedness"];
    let lower = text.to_lowercase();
    let has =
        |word: &str| lower.split(|letter: char| !letter.is_alphabetic()).any(|own| own == word);
    WORDS.iter().any(|word| if word.contains(' ') { lower.contains(word) } else { has(word) })
        || CODES.contains(&lower.as_str())
        || PROGRAMS.iter().any(|program| lower.starts_with(program))
}

/// Returns the dates given in running text: the months of a span on the cover or in the scope, or
/// the single date.
fn days_told(
    dates: &str,
    scope: &str,
    cover: &[String],
) -> Option<(&'static str, (NaiveDate, NaiveDate))> {
    #[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
    fn pattern(text: &str) -> Regex {
        Regex::new(text).expect("the pattern is well formed")
    }
    const MONTH: &str = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";
    static SPAN: LazyLock<Regex> = LazyLock::new(|| {
        const DAY: &str = r"(?:\s+\d{1,2}(?:st|nd|rd|th)?)?,?";
        pattern(&format!(
            r"(?i)\b({MONTH}{DAY})\s*(\d{{4}})?\s*(?:-|\x{{2013}}|\x{{2014}}|to|through|thru|until)\s*({MONTH}{DAY}\s*\d{{4}})\b"
        ))
    });
    static DAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\b(?:{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}/\d{{1,2}}/\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}})\b"
        ))
    });
    let span = |text: &str| {
        let found = SPAN.captures(text)?;
        let last = day(&found[3], End::Last)?.day;
        let year = found
            .get(2)
            .map_or_else(|| last.format("%Y").to_string(), |year| year.as_str().to_owned());
        let first = day(&format!("{} {year}", found[1].trim_end_matches(',')), End::First)?.day;
        (first <= last).then_some((first, last))
    };
    let only = |text: &str| {
        let days = DAY
            .find_iter(text)
            .filter_map(|found| day(found.as_str(), End::First))
            .map(|read| read.day);
        let days: std::collections::BTreeSet<NaiveDate> = days.collect();
        days.first().filter(|_| days.len() == 1).map(|day| (*day, *day))
    };
    let of = |position, found: Option<(NaiveDate, NaiveDate)>| found.map(|days| (position, days));
    of("its text", span(dates).or_else(|| only(dates)))
        .or_else(|| of("the cover", cover.iter().find_map(|text| span(text))))
        .or_else(|| of("the scope", span(scope)))
}

/// Returns the first and last day of dates written one per line.
fn days_of_lines(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let days: Vec<(NaiveDate, NaiveDate)> = text.lines().map(unmarked).filter_map(range).collect();
    Some((days.iter().map(|(first, _)| *first).min()?, days.iter().map(|(_, last)| *last).max()?))
}
