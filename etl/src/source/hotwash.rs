//! Reads Hotwash's own templates, as CSV, XLSX, JSON Lines or Parquet. One source reads all record
//! types; the headings identify the type.

mod described;
mod fields;

use crate::code::WarningCode;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use hotwash_documents::input::Input;
use hotwash_schema::profile;
use hotwash_schema::record::{CORRECTIVE_ACTION, FINDING, Need, ORGANIZATION, RecordType};

use super::csv_rows::{CsvRow, Fault, Vocabulary, fault};
use super::table_rows::{self, Each, Rows, TemplateFile};
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use crate::inspect::trace;
use crate::load::Sink;
use crate::lookup::{Lookup, NamedList, UNMAPPED};
use crate::record::{
    ActionPriority, ActionReport, ActionStatus, Event, EventKind, EventStatus, Exercise, Incident,
    InformationReport, InformationRequest, Organization, Record, RiskAssessment, RiskScore,
    StatedRisk,
};
use crate::template::{TEMPLATES, Template};
use fields::{
    all_named, capability, date, event, flag, given, integer, moments, named, number,
    optional_date, optional_event, optional_word, organization, precedes, required_organization,
    text, word,
};

/// Source of Hotwash templates.
pub struct Hotwash;

impl Source for Hotwash {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "hotwash",
            name: "Hotwash templates",
            title: "Hotwash's own templates (`hotwash template NAME` writes one)",
            extensions: &[".csv", ".xlsx", ".jsonl", ".parquet"],
            headings: &["event_id", "organization_id", "capability", "rating", "assessment_id"],
        }
    }

    fn recognize(&self, sample: &Sample) -> f64 {
        if table_rows::template(sample).is_some() { 1.0 } else { 0.0 }
    }

    fn nearness(&self, sample: &Sample) -> f64 {
        let known = TEMPLATES
            .iter()
            .map(|template| Vocabulary::of_template(template).known(&sample.headings));
        known.max().unwrap_or_default() as f64 / sample.headings.len().max(1) as f64
    }

    fn rank(&self, sample: &Sample) -> Rank {
        table_rows::template(sample).map_or(Rank::DependsOnEvents, rank_of)
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let sample =
            Sample::take(input).map_err(|error| SourceError::Unreadable(error.to_string()))?;
        let Some(template) = table_rows::template(&sample) else {
            let message = format!(
                "these are the headings of no template: {}; `hotwash template NAME` writes one",
                sample.headings.join(", ")
            );
            return Err(SourceError::Unreadable(message));
        };
        read_rows(template, &TemplateFile { input, template }, lookup, sink)
    }
}

/// Returns the load order of a template's files among the files of one command.
pub fn rank_of(template: &Template) -> Rank {
    let record = template.record;
    let references = |other: &RecordType| {
        record.columns.iter().any(|column| column.references == Some(other.name))
    };
    if *record == ORGANIZATION {
        Rank::Organizations
    } else if references(&CORRECTIVE_ACTION) {
        Rank::DependsOnActions
    } else if references(&FINDING) {
        Rank::DependsOnFindings
    } else if record.event() == Need::No {
        Rank::Events
    } else {
        Rank::DependsOnEvents
    }
}

/// Reads rows of a template, from any kind of table. The description of the record type reads them,
/// except for types that differ by nature: events and organizations, which are matched to those of
/// other sources, actions, whose dates depend on each other, and types with several records a row
/// or several rows a record.
pub fn read_rows(
    template: &'static Template,
    table: &dyn Rows,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(), SourceError> {
    let table = &ComputedRows(table);
    match template.name {
        "organizations" => rows(template, table, sink, lookup, organization_record),
        "events" => rows(template, table, sink, lookup, event_record),
        "actions" => rows(template, table, sink, lookup, action_record),
        "risk_scores" => risk_scores(table, lookup, sink),
        "information_requests" => information_requests(table, lookup, sink),
        _ => rows(template, table, sink, lookup, |row, lookup, sink| {
            described::record(template.record, row, lookup, sink)
        }),
    }
}

/// Rows of which those with an error of a spreadsheet in place of a value, such as `#REF!`, are
/// rejected.
struct ComputedRows<'a>(&'a dyn Rows);

impl Rows for ComputedRows<'_> {
    fn read(
        &self,
        record_type: &'static str,
        sink: &mut Sink,
        each: Each<'_>,
    ) -> Result<(), SourceError> {
        self.0.read(record_type, sink, &mut |row, sink| match row.error_value() {
            Some(fault) => {
                row.reject(sink, record_type, &fault);
                Ok(())
            }
            None => each(row, sink),
        })
    }
}

fn rows<R: Record>(
    template: &Template,
    table: &dyn Rows,
    sink: &mut Sink,
    lookup: &Lookup,
    record: impl Fn(&CsvRow, &Lookup, &mut Sink) -> Result<R, Fault>,
) -> Result<(), SourceError> {
    let record_type = template.record.name;
    table.read(record_type, sink, &mut |row, sink| {
        match record(row, lookup, sink) {
            Ok(record) => sink.record_from(&record, Some(&row.content()))?,
            Err(fault) => row.reject(sink, record_type, &fault),
        }
        Ok(())
    })
}

fn organization_record(
    row: &CsvRow,
    lookup: &Lookup,
    _sink: &mut Sink,
) -> Result<Organization, Fault> {
    Ok(Organization {
        row: row.number,
        source_id: text(row, "organization_id")?,
        name: text(row, "name")?,
        region_id: named(row, "region", lookup.lists().of(NamedList::Region))?
            .ok_or_else(|| fault("region", "", "must not be empty"))?,
        discipline_id: named(row, "discipline", lookup.lists().of(NamedList::Discipline))?
            .ok_or_else(|| fault("discipline", "", "must not be empty"))?,
        municipality_id: named(row, "municipality", lookup.lists().of(NamedList::Municipality))?,
        staffed_beds: integer(row, "staffed_beds")?,
        active: flag(row, "active")?.unwrap_or(true),
        aliases: Vec::new(),
        valid_from: None,
    })
}

fn event_record(row: &CsvRow, lookup: &Lookup, sink: &mut Sink) -> Result<Event, Fault> {
    let kind: EventKind = word(row, "kind", EventKind::parse, EventKind::allowed)?
        .ok_or_else(|| fault("kind", "", "must not be empty"))?;
    let counties = counties(row, lookup)?;
    let mut zone = row.get("time_zone").into_owned();
    if zone.is_empty()
        && let Some(own) = lookup.time_zone_of(&counties)
    {
        zone = own.name().to_owned();
    }
    let [start, end] = moments(row, ["start_at", "end_at"], &zone, sink)?;
    let start = given(start, "start_at")?;
    if end.is_some_and(|end| end.at < start.at) {
        return Err(precedes(row, "end_at", "start_at"));
    }
    let statewide = flag(row, "statewide")?.unwrap_or(false);
    let mut regions = Vec::new();
    for code in row.get("regions").split(';').map(str::trim).filter(|code| !code.is_empty()) {
        match lookup.lists().of(NamedList::Region).require(code) {
            Ok(region) => regions.push(region),
            Err(miss) => return Err(fault("regions", code, miss.to_string())),
        }
    }
    regions.dedup();
    let share = 1.0 / regions.len().max(1) as f64;
    let regions = if statewide && regions.is_empty() {
        lookup.all_regions()
    } else if regions.is_empty() {
        lookup.regions_of(&counties)
    } else {
        regions.into_iter().map(|region| (region, share)).collect()
    };
    let mut labels = Vec::new();
    let hazards = hazards(row, "hazards", lookup, sink, &mut labels);
    let response = match row.get("response").to_uppercase().as_str() {
        "" | "NONE" => "NONE",
        "MONITORED" => "MONITORED",
        "RESPONDED" => "RESPONDED",
        // The value as written: capital letters help to recognize contact details.
        _ => {
            return Err(fault(
                "response",
                &row.get("response"),
                "must be NONE, MONITORED or RESPONDED",
            ));
        }
    };
    let exercise = if kind == EventKind::Exercise {
        Some(Exercise {
            exercise_type_id: named(
                row,
                "exercise_type",
                lookup.lists().of(NamedList::ExerciseType),
            )?
            .unwrap_or(UNMAPPED),
            sponsor: organization(row, "sponsor_organization_id", lookup, sink),
            program: optional_word(row, "program"),
            scope: optional_word(row, "scope").map(|text| sink.redacted(&text)),
            scenario: optional_word(row, "scenario").map(|text| sink.redacted(&text)),
            time_limit_minutes: integer(row, "time_limit_minutes")?.filter(|minutes| *minutes > 0),
        })
    } else {
        None
    };
    let name = text(row, "name")?;
    Ok(Event {
        row: row.number,
        source_id: text(row, "event_id")?,
        kind,
        name: sink.redacted(&name),
        start_at: start.at,
        end_at: end.map(|end| end.at),
        local_date: start.day,
        end_local_date: end.map(|end| end.day),
        time_zone: (!zone.is_empty()).then_some(zone),
        status: word(row, "status", EventStatus::parse, EventStatus::allowed)?.unwrap_or_default(),
        public: row.get("sensitivity").eq_ignore_ascii_case("PUBLIC"),
        statewide,
        owes_aar: flag(row, "owes_aar")?
            .unwrap_or(kind == EventKind::Exercise || response == "RESPONDED"),
        narrative: optional_word(row, "narrative").map(|text| sink.redacted(&text)),
        hazards,
        counties,
        regions,
        labels,
        incident: Incident {
            response,
            activation_level: optional_word(row, "activation_level"),
            activation_ordinal: activation(&row.get("activation_level")),
            deaths_direct: integer(row, "deaths_direct")?,
            injuries_direct: integer(row, "injuries_direct")?,
            damage_property_usd: integer(row, "damage_property_usd")?.map(i64::from),
            evacuated: integer(row, "evacuated")?,
            patients: integer(row, "patients")?,
            hospitals_involved: integer(row, "hospitals_involved")?,
            ..Incident::default()
        },
        exercise,
        ..Event::default()
    })
}

/// The counties of an event, by FIPS code or by name.
fn counties(row: &CsvRow, lookup: &Lookup) -> Result<Vec<i32>, Fault> {
    let cell = row.get("counties");
    let state = &profile::active().state_code;
    let mut counties = Vec::new();
    for name in cell.split(';').map(str::trim).filter(|name| !name.is_empty()) {
        let county = lookup.county(name).or_else(|| lookup.county_named(state, name));
        let county = county.ok_or_else(|| {
            let reason =
                format!("must be a county of {state}, or the five digits of its FIPS code");
            fault("counties", name, reason)
        })?;
        if !counties.contains(&county) {
            counties.push(county);
        }
    }
    Ok(counties)
}

fn activation(level: &str) -> Option<i16> {
    match level.to_lowercase().as_str() {
        "none" => Some(0),
        "monitoring" => Some(1),
        "partial" | "enhanced" => Some(2),
        "full" => Some(3),
        _ => None,
    }
}

fn hazards(
    row: &CsvRow,
    column: &'static str,
    lookup: &Lookup,
    sink: &mut Sink,
    labels: &mut Vec<(&'static str, String)>,
) -> Vec<i32> {
    let mut hazards = Vec::new();
    for label in row.get(column).split(';').map(str::trim).filter(|label| !label.is_empty()) {
        let found = lookup.hazards_named(label);
        if found.is_none() {
            sink.warn(
                WarningCode::UnmappedHazard,
                Some(column),
                Some(label),
                &lookup.hazard_missed(label),
                row.number,
            );
            sink.unmapped();
            labels.push(("hazard", label.to_owned()));
        }
        for hazard in found.unwrap_or_else(|| vec![UNMAPPED]) {
            if !hazards.contains(&hazard) {
                hazards.push(hazard);
            }
        }
    }
    if hazards.is_empty() {
        hazards.push(UNMAPPED);
    }
    trace::reading(row.number, column, "hazard", || lookup.hazard_names(&hazards));
    hazards
}

fn action_record(row: &CsvRow, lookup: &Lookup, sink: &mut Sink) -> Result<ActionReport, Fault> {
    let what = text(row, "text")?;
    let opened_on = date(row, "opened_on")?;
    let completed_on = optional_date(row, "completed_on")?;
    if completed_on.is_some_and(|done| done < opened_on) {
        return Err(precedes(row, "completed_on", "opened_on"));
    }
    let due_original_on = optional_date(row, "due_original_on")?;
    let id = text(row, "action_id")?;
    let reported_on = optional_date(row, "reported_on")?;
    Ok(ActionReport {
        row: row.number,
        source_id: id.clone(),
        event: optional_event(row, "event_id"),
        finding_source_id: optional_word(row, "finding_id"),
        region_id: named(row, "region", lookup.lists().of(NamedList::Region))?.unwrap_or(UNMAPPED),
        capability_id: if row.get("capability").is_empty() {
            UNMAPPED
        } else {
            capability(row, lookup)?
        },
        owner: organization(row, "owner_organization_id", lookup, sink),
        external_id: Some(id),
        text: sink.redacted(&what),
        priority: word(row, "priority", ActionPriority::parse, ActionPriority::allowed)?,
        status: Some(
            word(row, "status", ActionStatus::parse, ActionStatus::allowed)?
                .ok_or_else(|| fault("status", "", "must not be empty"))?,
        ),
        opened_on: Some(opened_on),
        start_on: optional_date(row, "start_on")?,
        due_on: optional_date(row, "due_on")?.or(due_original_on),
        due_original_on,
        due_changed_on: optional_date(row, "due_changed_on")?,
        completed_on,
        cancelled_on: optional_date(row, "cancelled_on")?,
        validated_on: optional_date(row, "validated_on")?,
        validated_event: optional_event(row, "validated_event_id"),
        reported_on: reported_on.or(latest(row)?),
        undated: reported_on.is_none(),
        public: row.get("sensitivity").eq_ignore_ascii_case("PUBLIC"),
        elements: all_named(row, "elements", lookup.lists().of(NamedList::Element))?,
        ..ActionReport::default()
    })
}

/// Returns the latest date in the row.
fn latest(row: &CsvRow) -> Result<Option<NaiveDate>, Fault> {
    let mut latest = None;
    for column in ["opened_on", "due_changed_on", "completed_on", "cancelled_on", "validated_on"] {
        latest = latest.max(optional_date(row, column)?);
    }
    Ok(latest)
}

/// Records whose rows share an id, with the values that those rows must share.
struct Shared {
    id: &'static str,
    columns: &'static [&'static str],
    /// First row of each id, with its shared values.
    known: HashMap<String, (u64, Vec<String>)>,
}

impl Shared {
    fn new(id: &'static str, columns: &'static [&'static str]) -> Self {
        Self { id, columns, known: HashMap::new() }
    }

    /// Adds a row. Returns whether it is the first of its id; a row that contradicts the first is
    /// an error.
    fn take(&mut self, row: &CsvRow) -> Result<bool, Fault> {
        let shared =
            || self.columns.iter().map(|column| row.get(column).into_owned()).collect::<Vec<_>>();
        let id = row.get(self.id).into_owned();
        let Some((number, first)) = self.known.get(&id) else {
            self.known.insert(id, (row.number, shared()));
            return Ok(true);
        };
        match self.columns.iter().zip(shared()).zip(first).find(|((_, own), first)| own != *first) {
            Some(((column, own), first)) => {
                let reason = format!(
                    "must be as in row {number}, \u{201c}{first}\u{201d}: both rows have this {}",
                    self.id
                );
                Err(fault(column, &own, reason))
            }
            None => Ok(false),
        }
    }
}

/// Reads rows of assessments. Rows of one assessment share its id; the assessment itself is staged
/// with its first row.
fn risk_scores(table: &dyn Rows, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
    let mut shared = Shared::new(
        "assessment_id",
        &["organization_id", "method", "assessed_on", "edition", "sensitivity"],
    );
    table.read("risk_score", sink, &mut |row, sink| {
        let read = risk_record(row, lookup, sink).and_then(|read| Ok((shared.take(row)?, read)));
        match read {
            Ok((is_first, (assessment, score))) => {
                if is_first {
                    sink.support(&assessment)?;
                }
                sink.record_from(&score, Some(&row.content()))?;
            }
            Err(fault) => row.reject(sink, "risk_score", &fault),
        }
        Ok(())
    })
}

fn risk_record(
    row: &CsvRow,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(RiskAssessment, RiskScore), Fault> {
    let score = |column: &'static str| match integer(row, column)? {
        Some(score) if !(0..=3).contains(&score) => {
            Err(fault(column, &score.to_string(), "must be 0, 1, 2 or 3"))
        }
        score => Ok(score.and_then(|score| i16::try_from(score).ok())),
    };
    let id = text(row, "assessment_id")?;
    let label = text(row, "hazard")?;
    let mut labels = Vec::new();
    let hazard_id = hazards(row, "hazard", lookup, sink, &mut labels)[0];
    let method = named(row, "method", lookup.lists().of(NamedList::AssessmentMethod))?
        .or_else(|| lookup.lists().of(NamedList::AssessmentMethod).find("kaiser_hva"));
    let risk_printed = number(row, "risk_printed")?;
    if risk_printed.is_some_and(|risk| risk > 1.0) {
        return Err(fault("risk_printed", &row.get("risk_printed"), "must be a share from 0 to 1"));
    }
    let probability = score("probability")?;
    let stated = matrix(row)?;
    if probability.is_none() && stated.is_none() {
        return Err(fault(
            "probability",
            "",
            "must not be empty; a risk register has likelihood and impact instead",
        ));
    }
    let assessment = RiskAssessment {
        row: row.number,
        source_id: id.clone(),
        organization: organization(row, "organization_id", lookup, sink),
        region_id: UNMAPPED,
        assessment_method_id: method.unwrap_or(UNMAPPED),
        assessed_on: date(row, "assessed_on")?,
        edition: optional_word(row, "edition"),
        scale: number(row, "scale_maximum")?.map(|most| format!("0 to {most}")),
        public: row.get("sensitivity").eq_ignore_ascii_case("PUBLIC"),
    };
    let score = RiskScore {
        row: row.number,
        source_id: format!("{id}|{label}"),
        assessment_source_id: id,
        hazard_id,
        label,
        category: optional_word(row, "category"),
        probability,
        human_impact: score("human_impact")?,
        property_impact: score("property_impact")?,
        business_impact: score("business_impact")?,
        preparedness: score("preparedness")?,
        internal_response: score("internal_response")?,
        external_response: score("external_response")?,
        alerts: integer(row, "alerts")?,
        activations: integer(row, "activations")?,
        risk_printed,
        score_printed: None,
        rank_printed: None,
        stated,
    };
    Ok((assessment, score))
}

/// Returns the risk of a register: likelihood times impact, as a share of the maximum product of
/// its scale.
fn matrix(row: &CsvRow) -> Result<Option<StatedRisk>, Fault> {
    let (likelihood, impact) = (number(row, "likelihood")?, number(row, "impact")?);
    if likelihood.is_none() && impact.is_none() {
        return Ok(None);
    }
    let reason = "must be the highest score of the scale of likelihood and impact, as 5";
    let most = number(row, "scale_maximum")?.filter(|most| *most > 0.0);
    let most = most.ok_or_else(|| fault("scale_maximum", &row.get("scale_maximum"), reason))?;
    let share = |column: &'static str, score: Option<f64>| match score {
        Some(score) if (0.0..=most).contains(&score) => Ok(score / most),
        Some(_) => Err(fault(
            column,
            &row.get(column),
            format!("must be from 0 to {most}, the highest score"),
        )),
        None => Err(fault(
            column,
            "",
            "must not be empty: risk is the product of likelihood and impact",
        )),
    };
    let (likelihood, impact) = (share("likelihood", likelihood)?, share("impact", impact)?);
    Ok(Some(StatedRisk {
        applicable: likelihood > 0.0,
        risk: Some(likelihood * impact),
        inherent: None,
    }))
}

/// Reads rows of information requests. Rows of one request share its id; the request is staged
/// once, with all recipient organizations.
fn information_requests(
    table: &dyn Rows,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(), SourceError> {
    let mut requests: BTreeMap<String, InformationRequest> = BTreeMap::new();
    let mut shared = Shared::new(
        "information_request_id",
        &["event_id", "label", "platform", "asked_at", "due_at"],
    );
    // Row of each request and organization.
    let mut asked: HashMap<(String, String), u64> = HashMap::new();
    table.read("information_request", sink, &mut |row, sink| {
        let read = (|| {
            let [asked, received] = moments(row, ["asked_at", "received_at"], "", sink)?;
            let [due] = moments(row, ["due_at"], "", sink)?;
            let report = InformationReport {
                organization: required_organization(row, "organization_id", lookup, sink)?,
                received_at: received.map(|received| received.at),
            };
            Ok::<_, Fault>((
                report,
                InformationRequest {
                    row: row.number,
                    source_id: text(row, "information_request_id")?,
                    event: event(row, "event_id")?,
                    label: text(row, "label")?,
                    platform: optional_word(row, "platform"),
                    asked_at: given(asked, "asked_at")?.at,
                    due_at: due.map(|due| due.at),
                    reports: Vec::new(),
                },
            ))
        })();
        let read = read.and_then(|(report, request)| {
            shared.take(row)?;
            let organization = row.get("organization_id").into_owned();
            if let Some(first) =
                asked.insert((request.source_id.clone(), organization.clone()), row.number)
            {
                let reason = format!(
                    "duplicate of row {first}: a request lists an organization once; keep one row"
                );
                asked.insert((request.source_id, organization.clone()), first);
                return Err(fault("organization_id", &organization, reason));
            }
            Ok((report, request))
        });
        match read {
            Ok((report, request)) => {
                let request = requests.entry(request.source_id.clone()).or_insert(request);
                request.reports.push(report);
            }
            Err(fault) => row.reject(sink, "information_request", &fault),
        }
        Ok(())
    })?;
    for request in requests.values() {
        // One record represents one row per recipient organization.
        sink.record_of_rows(request, request.reports.len())?;
    }
    Ok(())
}
