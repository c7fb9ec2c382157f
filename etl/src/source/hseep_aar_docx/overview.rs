//! Reads the overview table: name, dates, hazard, sponsor, objectives and participants.

use crate::code::WarningCode;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Duration, NaiveDate};
use hotwash_documents::archive::Archive;
use regex::Regex;

use super::Parts;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::dates::saved_on;
use crate::reading::headings::lists;
use crate::reading::items::{items, unmarked};
use crate::reading::person::organization_part;
use crate::reading::time::{End, day, days_at_home, home, range};
use crate::record::{
    AfterActionReport, Event, EventKind, Exercise, Incident, Objective, OrganizationRef,
};
use crate::source::exercise_calendar::type_within;
use crate::source::grid_rows::{self, derived_id};

/// Overview by field.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    fields: BTreeMap<String, String>,
    /// Labels of the fields, as written in the document.
    labels: BTreeMap<String, String>,
    /// Label of the capabilities, in lower case.
    capabilities_label: String,
    /// Heading above the table, which may name the kind of event.
    pub title: String,
}

/// Error in the overview: field, value, reason.
pub type OverviewFault = (String, String, String);

impl Overview {
    /// Reads the table's rows, with one or several pairs of label and text per row; rows of
    /// contacts are skipped.
    pub fn of(cells: &[Vec<String>]) -> Self {
        let mut overview = Self::default();
        let mut after_contact = false;
        for row in cells {
            let filled: Vec<(usize, &String)> =
                row.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()).collect();
            let labels: Vec<(usize, &str)> = filled
                .iter()
                .enumerate()
                // A label is the first cell of its row, or follows the text of another label.
                .filter(|(order, (at, _))| *order % 2 == 0 && (*at == 0 || *order >= 2))
                .filter_map(|(order, (_, text))| Some((order, field_of_label(text)?)))
                .collect();
            for (index, (order, field)) in labels.iter().enumerate() {
                let until = labels.get(index + 1).map_or(filled.len(), |(next, _)| *next);
                let value = filled[order + 1..until]
                    .iter()
                    .map(|(_, text)| text.as_str())
                    .collect::<Vec<_>>()
                    .join("\n");
                after_contact |= *field == "contact";
                // Below the point of contact, `Name` is a person's name.
                if after_contact && field.ends_with("_name") {
                    continue;
                }
                overview.add(field, &filled[*order].1.clone(), &value);
            }
        }
        overview
    }

    /// Adds the text of a label. The first name and the first label of a field are used; other
    /// texts are appended.
    pub fn add(&mut self, field: &str, label: &str, value: &str) {
        let value = ticked(&unprompted(value));
        if value.is_empty() {
            return;
        }
        if field == "capabilities" {
            self.capabilities_label = label.to_lowercase();
        }
        let is_name = field.ends_with("_name");
        let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
        self.labels
            .entry(field.to_owned())
            .or_insert_with(|| label.trim_end_matches(':').to_owned());
        self.fields
            .entry(field.to_owned())
            .and_modify(|known| {
                if !is_name && !known.contains(&value) {
                    known.push('\n');
                    known.push_str(&value);
                }
            })
            .or_insert(value);
    }

    /// Returns whether any field of an overview has a value.
    pub fn has_fields(&self) -> bool {
        self.name().is_some() || self.fields.contains_key("dates") && self.fields.len() >= 3
    }

    /// Adds the fields of a further part of the table.
    pub fn merge(&mut self, other: Self) {
        for (field, value) in other.fields {
            self.fields.entry(field).or_insert(value);
        }
        for (field, label) in other.labels {
            self.labels.entry(field).or_insert(label);
        }
        if self.capabilities_label.is_empty() {
            self.capabilities_label = other.capabilities_label;
        }
    }

    /// Returns the framework named in the label of the capabilities.
    pub fn framework(&self) -> Option<&'static str> {
        let label = &self.capabilities_label;
        if label.contains("hpp")
            || label.contains("health care preparedness")
            || label.contains("healthcare preparedness")
        {
            Some("HPP")
        } else if label.contains("phep") || label.contains("public health") {
            Some("PHEP")
        } else if label.contains("target") {
            Some("TCL")
        } else {
            None
        }
    }

    fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// Returns the participants, as written.
    pub fn participants(&self) -> &str {
        self.get("participants")
    }

    fn name(&self) -> Option<(&str, Option<EventKind>)> {
        for (field, kind) in [
            ("exercise_name", Some(EventKind::Exercise)),
            ("incident_name", Some(EventKind::Incident)),
            ("event_name", None),
        ] {
            if let Some(name) = self.fields.get(field) {
                return Some((name, kind));
            }
        }
        None
    }

    /// Returns whether the event is an exercise or an incident, by the label of its name, or else
    /// by its words.
    fn kind(&self, name: &str, stated: Option<EventKind>, lookup: &Lookup) -> EventKind {
        if let Some(kind) = stated {
            return kind;
        }
        let words_of_event = [self.get("type"), name, self.get("scope")].join(" ").to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| words_of_event.contains(word));
        let title = self.title.to_lowercase();
        if has(&["planned event", "marathon", "parade", "festival", "road race", "inauguration"]) {
            EventKind::PlannedEvent
        } else if has(&["exercise", "drill", "tabletop"])
            || type_within(self.get("type"), lookup).is_some()
            || (title.contains("exercise") && !title.contains("incident"))
        {
            EventKind::Exercise
        } else {
            EventKind::Incident
        }
    }

    /// Returns the event of the report.
    pub fn event(
        &self,
        parts: &Parts,
        archive: &Archive,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<Event, OverviewFault> {
        let Some((name, stated)) = self.name() else {
            return Err((
                "Exercise Name".into(),
                String::new(),
                "must not be empty: the overview names no exercise or incident".into(),
            ));
        };
        let name = name.lines().collect::<Vec<_>>().join(" ");
        let dates = self.get("dates");
        let label = self.labels.get("dates").map_or("Exercise Dates", String::as_str);
        let alone = range(dates).or_else(|| days_of_lines(dates));
        let taken = || {
            let (position, (first, last)) = days_told(dates, self.get("scope"), &parts.cover)?;
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
        let last = day(self.get("end_date"), End::Last).map_or(last, |read| read.day.max(first));
        let (start_at, end_at) = days_at_home(first, last);
        let kind = self.kind(&name, stated, lookup);
        let (sponsor, paid_by) = sponsor_of(self.get("sponsor"));
        let regions = self.regions(sponsor.as_deref(), &name, parts, lookup);
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
        let hazards = grid_rows::hazards(
            self.get("hazard"),
            "Threat or Hazard",
            1,
            lookup,
            sink,
            &mut labels,
        );
        // Points of contact are counted, never read.
        for _ in self.get("contact").lines().filter(|line| !line.trim().is_empty()) {
            sink.dropped();
        }
        let scope =
            Some(self.get("scope")).filter(|text| !text.is_empty()).map(|text| sink.redacted(text));
        let scenario = Some(self.get("scenario"))
            .filter(|text| !text.is_empty())
            .map(|text| sink.redacted(text));
        let type_id = || {
            [self.get("type"), &name, self.get("scope")]
                .into_iter()
                .filter(|text| !text.is_empty())
                .find_map(|text| type_within(text, lookup))
        };
        let report = self.report(parts, archive, last);
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
                    region_id: grid_rows::region_of_organization(name, lookup, UNMAPPED),
                    name: name.clone(),
                }),
                program: Some(self.get("program").to_owned())
                    .filter(|text| !text.is_empty())
                    .or(paid_by),
                scope,
                scenario,
                time_limit_minutes: None,
            }),
            objectives: self.objectives(parts, lookup, sink),
            after_action_report: Some(report),
            ..Event::default()
        })
    }

    fn regions(
        &self,
        sponsor: Option<&str>,
        name: &str,
        parts: &Parts,
        lookup: &Lookup,
    ) -> Vec<(i32, f64)> {
        if let Ok(regions) = grid_rows::regions(self.get("region"), lookup)
            && !regions.is_empty()
        {
            return regions;
        }
        let texts = [self.get("region"), sponsor.unwrap_or_default(), name];
        let named = texts.iter().find_map(|text| {
            grid_rows::region_within(text, lookup)
                .or_else(|| lookup.lists().of("region").find(text))
        });
        let cover = || parts.cover.iter().find_map(|text| grid_rows::region_within(text, lookup));
        named.or_else(cover).map(|region| vec![(region, 1.0)]).unwrap_or_else(|| {
            lookup.regions_of_municipality(self.get("region").split(',').next().unwrap_or_default())
        })
    }

    fn objectives(&self, parts: &Parts, lookup: &Lookup, sink: &mut Sink) -> Vec<Objective> {
        let text = self.get("objectives");
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
                let own = super::words::objective(&line).map_or(number as u32, |(own, _)| own);
                let plain = hotwash_schema::label::normalize_label;
                let wording =
                    plain(super::words::objective(&line).map_or(line.as_str(), |(_, rest)| rest));
                let tested = parts.ratings.iter().find(|rating| {
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

    fn report(&self, parts: &Parts, archive: &Archive, event_date: NaiveDate) -> AfterActionReport {
        let dated = parts.cover.iter().rev().flat_map(|text| text.lines()).find_map(|line| {
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
        let is_draft = parts.cover.iter().any(|text| {
            text.to_lowercase()
                .split(|letter: char| !letter.is_alphabetic())
                .any(|word| word == "draft")
        });
        AfterActionReport {
            layout: if parts.has_2007_plan { "hseep_2007" } else { "hseep_2013" }.into(),
            has_overview: true,
            draft_on: on.filter(|_| is_draft),
            final_on: on.filter(|_| !is_draft),
            participants_listed: !parts.participants.is_empty(),
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

/// Returns the overview field that a label means, in a table or before a colon.
pub fn field_of_label(text: &str) -> Option<&'static str> {
    let label = text.trim().trim_end_matches(':');
    if label.len() > 80 || label.lines().count() > 3 {
        return None;
    }
    lists()
        .field_of_heading("overview", label)
        .or_else(|| lists().is_dropped(label).then_some("contact"))
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

/// Returns whether a text is an unfilled prompt of the template: `[Insert the scenario]`.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[') && text.ends_with(']') && !text[1..].contains('[')
        || text.starts_with('<') && text.ends_with('>') && !text[1..].contains('<')
        || text.len() <= 60
            && [
                "choose an item",
                "choose a date",
                "click or tap",
                "click here to enter",
                "select one",
                "insert text",
            ]
            .iter()
            .any(|prompt| text.to_lowercase().starts_with(prompt))
}

/// Returns the text without the template's prompts, alone on a line or within it.
fn unprompted(text: &str) -> String {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    static PROMPT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\[(?:insert|list|describe|identify|provide|enter|add|include|name of|indicate|type|date|exercise name|organization|jurisdiction)\b[^\]]*\]").expect("the pattern is well formed")
    });
    let lines = text.lines().map(|line| PROMPT.replace_all(line, "").trim().to_owned());
    lines.filter(|line| !line.is_empty() && !is_placeholder(line)).collect::<Vec<_>>().join("\n")
}

/// Returns the checked choices where a text offers several with boxes: `\u{2610} Tabletop \u{2612}
/// Drill` gives `Drill`.
fn ticked(text: &str) -> String {
    const EMPTY: char = '\u{2610}';
    let is_box =
        |letter: char| matches!(letter, EMPTY | '\u{2611}' | '\u{2612}' | '\u{25a1}' | '\u{25a0}');
    if text.matches(is_box).count() < 2 {
        return text.to_owned();
    }
    let starts: Vec<(usize, &str)> = text.match_indices(is_box).collect();
    let ends = starts.iter().skip(1).map(|(position, _)| *position).chain([text.len()]);
    let choices = starts
        .iter()
        .zip(ends)
        .map(|((from, mark), to)| (*mark, text[from + mark.len()..to].trim()));
    let ticked = choices
        .filter(|(mark, _)| !["\u{2610}", "\u{25a1}"].contains(mark))
        .map(|(_, choice)| choice);
    ticked.collect::<Vec<_>>().join("\n")
}
