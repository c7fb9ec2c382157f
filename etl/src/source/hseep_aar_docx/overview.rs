//! The overview table: name, dates, hazard, sponsor, objectives, who took part.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::Parts;
use crate::document::archive::Archive;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::day::{End, day, range};
use crate::reading::headings::lists;
use crate::record::{AfterActionReport, Event, Exercise, Incident, Kind, Objective, OrganizationRef};
use crate::source::exercise_calendar::type_within;
use crate::source::grid_rows::{self, made_id};
use crate::source::time::{eastern, eastern_days};

/// The table by field.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    fields: BTreeMap<String, String>,
}

/// What is wrong: field, value, reason.
pub type Refusal = (&'static str, String, String);

impl Overview {
    /// Reads the table's rows; rows of contacts are left out.
    pub fn of(cells: &[Vec<String>]) -> Self {
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for row in cells.iter().filter(|row| row.len() >= 2) {
            let Some(field) = lists().field("overview", row[0].trim_end_matches(':')) else { continue };
            let value = row[1..].iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join("\n");
            if !value.is_empty() && !is_placeholder(&value) {
                fields
                    .entry(field.to_owned())
                    .and_modify(|known| {
                        if !known.contains(&value) {
                            known.push('\n');
                            known.push_str(&value);
                        }
                    })
                    .or_insert(value);
            }
        }
        Self { fields }
    }

    /// Adds what a further part of the table tells.
    pub fn merge(&mut self, other: Self) {
        for (field, value) in other.fields {
            self.fields.entry(field).or_insert(value);
        }
    }

    fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// Who took part.
    pub fn participants(&self) -> Vec<String> {
        let text = self.get("participants");
        let lines: Vec<&str> = text.lines().collect();
        // One line may hold them all.
        let split: Vec<&str> = if lines.len() == 1 && text.contains(';') {
            text.split(';').collect()
        } else if lines.len() == 1 && text.matches(", ").count() >= 2 {
            text.split(", ").collect()
        } else {
            lines
        };
        split
            .into_iter()
            .map(|name| name.trim().trim_start_matches("and ").to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    }

    fn name(&self) -> Option<(&str, Option<Kind>)> {
        for (field, kind) in
            [("exercise_name", Some(Kind::Exercise)), ("incident_name", Some(Kind::Incident)), ("event_name", None)]
        {
            if let Some(name) = self.fields.get(field) {
                return Some((name, kind));
            }
        }
        None
    }

    /// Exercise or incident: by the label of its name, else by its words.
    fn kind(&self, name: &str, stated: Option<Kind>, lookup: &Lookup) -> Kind {
        if let Some(kind) = stated {
            return kind;
        }
        let told = [self.get("type"), name, self.get("scope")].join(" ").to_lowercase();
        if told.contains("exercise")
            || told.contains("drill")
            || type_within(self.get("type"), lookup).is_some()
            || told.contains("tabletop")
        {
            Kind::Exercise
        } else if told.contains("planned event") || told.contains("marathon") || told.contains("parade") {
            Kind::PlannedEvent
        } else {
            Kind::Incident
        }
    }

    /// The event of the report.
    pub fn event(&self, parts: &Parts, archive: &Archive, lookup: &Lookup, sink: &mut Sink) -> Result<Event, Refusal> {
        let Some((name, stated)) = self.name() else {
            return Err((
                "Exercise Name",
                String::new(),
                "must not be empty: the overview names no exercise or incident".into(),
            ));
        };
        let name = name.lines().collect::<Vec<_>>().join(" ");
        let dates = self.get("dates");
        let Some((first, last)) = range(dates).or_else(|| dates.lines().find_map(range)) else {
            return Err((
                "Exercise Dates",
                dates.to_owned(),
                "must be a day or a range of days, as June 4, 2025 or October 16-18, 2024".into(),
            ));
        };
        let last = day(self.get("end_date"), End::Last).map_or(last, |read| read.day.max(first));
        let (start_at, end_at) = eastern_days(first, last);
        let kind = self.kind(&name, stated, lookup);
        let sponsor = self.get("sponsor").lines().next().unwrap_or_default().trim().to_owned();
        let sponsor = Some(sponsor).filter(|text| !text.is_empty() && !crate::reading::person::is_person(text));
        let regions = self.regions(sponsor.as_deref(), &name, parts, lookup);
        if regions.is_empty() {
            sink.warn(
                "no_region",
                Some("Sponsor"),
                sponsor.as_deref(),
                "no region can be told from the overview; loaded without one",
                1,
            );
        }
        let mut labels = Vec::new();
        let hazards = grid_rows::hazards(self.get("hazard"), "Threat or Hazard", 1, lookup, sink, &mut labels);
        // A point of contact is never read, only counted.
        for _ in self.get("contact").lines().filter(|line| !line.trim().is_empty()) {
            sink.dropped();
        }
        let scope = Some(self.get("scope")).filter(|text| !text.is_empty()).map(|text| sink.redacted(text));
        let scenario = Some(self.get("scenario")).filter(|text| !text.is_empty()).map(|text| sink.redacted(text));
        let type_id = || {
            [self.get("type"), &name, self.get("scope")]
                .into_iter()
                .filter(|text| !text.is_empty())
                .find_map(|text| type_within(text, lookup))
        };
        let report = self.report(parts, archive, last);
        Ok(Event {
            row: 1,
            source_id: made_id(&[&name, &first.to_string(), sponsor.as_deref().unwrap_or_default()]),
            source_version: version(&report, last),
            kind,
            name: sink.redacted(&name),
            start_at,
            end_at: Some(end_at),
            local_date: first,
            end_local_date: Some(last),
            time_zone: Some("America/New_York".into()),
            owes_aar: true,
            narrative: scenario.clone().filter(|_| kind != Kind::Exercise),
            hazards,
            regions,
            labels,
            incident: Incident {
                response: if kind == Kind::Incident { "RESPONDED" } else { "" },
                ..Incident::default()
            },
            exercise: (kind == Kind::Exercise).then(|| Exercise {
                exercise_type_id: type_id().unwrap_or(UNMAPPED),
                sponsor: sponsor.as_ref().map(|name| OrganizationRef::Named {
                    region_id: grid_rows::region_of_organization(name, lookup, UNMAPPED),
                    name: name.clone(),
                }),
                programme: Some(self.get("programme").to_owned()).filter(|text| !text.is_empty()),
                scope,
                scenario,
                time_limit_minutes: None,
            }),
            objectives: self.objectives(parts, lookup, sink),
            after_action_report: Some(report),
            ..Event::default()
        })
    }

    fn regions(&self, sponsor: Option<&str>, name: &str, parts: &Parts, lookup: &Lookup) -> Vec<(i32, f64)> {
        if let Ok(regions) = grid_rows::regions(self.get("region"), lookup)
            && !regions.is_empty()
        {
            return regions;
        }
        let texts = [self.get("region"), sponsor.unwrap_or_default(), name];
        let named = texts
            .iter()
            .find_map(|text| grid_rows::region_within(text, lookup).or_else(|| lookup.lists().regions.find(text)));
        let cover = || parts.cover.iter().find_map(|text| grid_rows::region_within(text, lookup));
        named
            .or_else(cover)
            .map(|region| vec![(region, 1.0)])
            .unwrap_or_else(|| lookup.regions_of_municipality(self.get("region").split(',').next().unwrap_or_default()))
    }

    fn objectives(&self, parts: &Parts, lookup: &Lookup, sink: &mut Sink) -> Vec<Objective> {
        let lines = self.get("objectives").lines().filter(|line| !line.trim().is_empty());
        (1..)
            .zip(lines)
            .map(|(number, line)| {
                let label = line.split([':', '.']).next().unwrap_or_default().to_lowercase();
                let tested = parts
                    .ratings
                    .iter()
                    .find(|rating| !label.is_empty() && rating.objective.to_lowercase().starts_with(&label));
                let capability_id = tested
                    .and_then(|rating| lookup.lists().capability(&rating.capability, None).ok())
                    .unwrap_or(UNMAPPED);
                Objective { number, text: sink.redacted(line.trim()), capability_id }
            })
            .collect()
    }

    fn report(&self, parts: &Parts, archive: &Archive, held: NaiveDate) -> AfterActionReport {
        let dated = parts.cover.iter().rev().flat_map(|text| text.lines()).find_map(|line| {
            let line = line.trim().trim_start_matches(|letter: char| !letter.is_alphanumeric());
            let after = line.split_once(':').map_or(line, |(_, rest)| rest);
            day(line, End::Last)
                .or_else(|| day(after, End::Last))
                .filter(|read| read.precision == crate::record::DuePrecision::Day)
        });
        let on = dated
            .map(|read| read.day)
            .filter(|day| *day >= held)
            .or_else(|| archive.saved_on().filter(|day| *day >= held && *day <= held + Duration::days(730)));
        let is_draft = parts
            .cover
            .iter()
            .any(|text| text.to_lowercase().split(|letter: char| !letter.is_alphabetic()).any(|word| word == "draft"));
        AfterActionReport {
            layout: if parts.has_2007_plan { "hseep_2007" } else { "hseep_2013" }.into(),
            has_overview: true,
            draft_on: on.filter(|_| is_draft),
            final_on: on.filter(|_| !is_draft),
            participants_listed: !self.participants().is_empty() || !parts.participants.is_empty(),
        }
    }
}

/// Orders the versions of a report: by their day, the event's where they tell none, and the final one after its draft.
fn version(report: &AfterActionReport, held: NaiveDate) -> String {
    match (report.final_on, report.draft_on) {
        (Some(on), _) => format!("{on} final"),
        (None, on) => format!("{} draft", on.unwrap_or(held)),
    }
}

/// Text of the template that nobody has filled in: `[Insert the scenario]`.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[') && text.ends_with(']') && !text[1..].contains('[')
}

/// The moment of a timeline's row: a day and a time, or a time on the event's first day. Tells whether it has a time.
pub fn moment(text: &str, on: NaiveDate) -> Option<(DateTime<Utc>, bool)> {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let time = |text: &str| {
        ["%H:%M", "%H%M", "%I:%M %p", "%I:%M%p"].iter().find_map(|format| {
            NaiveTime::parse_from_str(text.trim_end_matches(" hrs").trim_end_matches("hrs"), format).ok()
        })
    };
    if let Some(time) = time(&plain) {
        return Some((eastern(on.and_time(time)), true));
    }
    for (place, _) in plain.match_indices([' ', ',']) {
        let (left, right) = (plain[..place].trim_end_matches(','), plain[place..].trim_matches([' ', ',']));
        if let (Some(day), Some(time)) = (day(left, End::First), time(right)) {
            return Some((eastern(day.day.and_time(time)), true));
        }
    }
    if let Ok(local) = NaiveDateTime::parse_from_str(&plain, "%Y-%m-%dT%H:%M") {
        return Some((eastern(local), true));
    }
    day(&plain, End::First).map(|read| (eastern(read.day.and_time(NaiveTime::MIN)), false))
}
