//! Hazard vulnerability assessments in the Kaiser Permanente layout: a sheet a category or one sheet, older and newer editions.
//! Risk is computed anew; the sheet's own figure is kept beside it.

use chrono::NaiveDate;

use super::grid_rows::{self, Record, Wrong};
use super::{Definition, Rank, Sample, Source, SourceError};
use crate::document::grid::{Cell, Grid};
use crate::input::Input;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::day::{End, day};
use crate::reading::headings::{Columns, key, lists};
use crate::record::{OrganizationRef, RiskAssessment, RiskScore};

/// The source.
pub struct HvaXlsx;

const SECTION: &str = "hva";
const NEEDED: [&str; 4] = ["hazard", "probability", "human_impact", "property_impact"];
/// Difference from the sheet's own risk that is told, as a share.
const TOLERANCE: f64 = 0.005;

impl Source for HvaXlsx {
    fn definition(&self) -> Definition {
        Definition {
            id: "hva_xlsx",
            title: "Hazard vulnerability assessment in the Kaiser Permanente layout (Excel)",
            extensions: &[".xlsx"],
            headings: &[
                "EVENT",
                "PROBABILITY",
                "HUMAN IMPACT",
                "PROPERTY IMPACT",
                "BUSINESS IMPACT",
                "PREPAREDNESS",
                "INTERNAL RESPONSE",
                "EXTERNAL RESPONSE",
                "RISK",
            ],
        }
    }

    fn recognise(&self, sample: &Sample) -> f64 {
        let known = sample
            .grids
            .iter()
            .filter_map(|grid| lists().header(SECTION, grid, &NEEDED))
            .map(|(_, columns)| columns.known())
            .max();
        known.map_or(0.0, |known| (0.7 + 0.03 * known as f64).min(0.99))
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let (grids, archive) = grid_rows::grids(input)?;
        let tables: Vec<(&Grid, usize, Columns)> = grids
            .iter()
            .filter_map(|grid| lists().header(SECTION, grid, &NEEDED).map(|(place, columns)| (grid, place, columns)))
            .collect();
        if tables.is_empty() {
            return Err(SourceError::Unreadable(
                "no sheet has the headings of a hazard vulnerability assessment (EVENT, PROBABILITY, HUMAN IMPACT, …)"
                    .into(),
            ));
        }
        let title = Title::of(&grids, &tables);
        let saved = archive.as_ref().and_then(crate::document::archive::Archive::saved_on);
        let Some(assessed_on) = title.assessed_on.or(saved) else {
            return Err(SourceError::Unreadable(
                "the assessment has no date; write `Date: 2025-03-15` above the table".into(),
            ));
        };
        if title.assessed_on.is_none() {
            sink.warn(
                "no_date",
                None,
                None,
                &format!("the assessment states no date; the day it was saved is taken, {assessed_on}"),
                0,
            );
        }
        if title.organization.is_none() {
            sink.warn(
                "no_organization",
                None,
                None,
                "the assessment does not say whose it is; write the organisation above the table",
                0,
            );
        }
        let organization = title.organization.as_deref().unwrap_or("unnamed");
        let assessment = RiskAssessment {
            row: tables.first().map_or(1, |(grid, place, _)| grid.rows[*place].number),
            source_id: format!("{}|{assessed_on}", hotwash_schema::label::normalize_label(organization)),
            organization: title.organization.clone().map(|name| OrganizationRef::Named {
                region_id: grid_rows::region_of_organization(&name, lookup, UNMAPPED),
                name,
            }),
            region_id: grid_rows::region_of_organization(organization, lookup, UNMAPPED),
            assessment_method_id: lookup.lists().assessment_methods.find("kaiser_hva").unwrap_or(UNMAPPED),
            assessed_on,
            edition: Some(
                if tables.iter().any(|(_, _, columns)| columns.has(&["alerts"])) {
                    "2014 and later"
                } else {
                    "classic"
                }
                .to_owned(),
            ),
            public: false,
        };
        sink.support(&assessment)?;
        for (grid, place, columns) in &tables {
            let mut category = category(&grid.name)
                .or_else(|| grid.rows[..*place].iter().find_map(|row| category(&row.cell(0).text())));
            for row in &grid.rows[place + 1..] {
                let record = Record { row, columns };
                let label = record.text("hazard");
                if let Some(section) = self::category(&label).filter(|_| record.text("probability").is_empty()) {
                    category = Some(section);
                    continue;
                }
                if !is_hazard(&record, &label) {
                    continue;
                }
                sink.read_one()?;
                match score(&record, &label, category, &assessment.source_id, lookup, sink) {
                    Ok(score) => sink.record_from(&score, Some(&record.content()))?,
                    Err(wrong) => record.reject(sink, "risk_score", &wrong),
                }
            }
        }
        Ok(())
    }
}

/// What stands above the tables.
struct Title {
    organization: Option<String>,
    assessed_on: Option<NaiveDate>,
}

impl Title {
    fn of(grids: &[Grid], tables: &[(&Grid, usize, Columns)]) -> Self {
        let mut title = Self { organization: None, assessed_on: None };
        let heads = tables.iter().map(|(grid, place, _)| &grid.rows[..*place]);
        // The newer edition keeps its title on a sheet of its own.
        let others = grids
            .iter()
            .filter(|grid| tables.iter().all(|(table, _, _)| table.name != grid.name))
            .map(|grid| &grid.rows[..grid.rows.len().min(40)]);
        for rows in heads.chain(others) {
            for (at, row) in rows.iter().enumerate() {
                for (column, cell) in row.cells().iter().enumerate() {
                    let beside = || {
                        row.cells()[column + 1..]
                            .iter()
                            .find(|cell| !cell.is_empty())
                            .cloned()
                            .or_else(|| rows.get(at + 1).map(|below| below.cell(column).clone()))
                            .unwrap_or_default()
                    };
                    title.take(cell, beside);
                }
            }
        }
        title
    }

    fn take(&mut self, cell: &Cell, beside: impl Fn() -> Cell) {
        let text = cell.text();
        if text.is_empty() {
            return;
        }
        let (label, rest) = text.split_once(':').map_or((text.as_str(), ""), |(label, rest)| (label, rest.trim()));
        let label = key(label);
        let value = || if rest.is_empty() { beside() } else { Cell::Text(rest.to_owned()) };
        if [
            "date",
            "dateofassessment",
            "assessmentdate",
            "year",
            "datecompleted",
            "completed",
            "hvadate",
            "lastupdated",
            "revised",
        ]
        .contains(&label.as_str())
        {
            let value = value();
            let read = value.day().or_else(|| day(&value.text(), End::Last).map(|read| read.day));
            self.assessed_on = self.assessed_on.or(read);
        } else if [
            "facility",
            "facilityname",
            "organization",
            "organizationname",
            "hospital",
            "hospitalname",
            "agency",
            "site",
            "siteaddress",
            "siteandaddress",
            "nameoffacility",
            "name",
        ]
        .contains(&label.as_str())
        {
            // An address after the name is dropped.
            let name = value().text().split(['\n', ',', ';']).next().unwrap_or_default().trim().to_owned();
            if self.organization.is_none() && is_name(&name) {
                self.organization = Some(name);
            }
        } else if self.assessed_on.is_none() && cell.day().is_some() {
            self.assessed_on = cell.day();
        } else if self.organization.is_none() && rest.is_empty() && is_name(&text) && !is_boilerplate(&text) {
            self.organization = Some(text.trim().to_owned());
        }
    }
}

fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && text.len() <= 120
        && !crate::reading::person::is_person(text)
        && day(text, End::Last).is_none()
}

/// The sheet's own titles and instructions, which name nobody.
fn is_boilerplate(text: &str) -> bool {
    const WORDS: [&str; 18] = [
        "hazard",
        "vulnerability",
        "assessment",
        "event",
        "severity",
        "magnitude",
        "instruction",
        "kaiser",
        "score",
        "all hazards",
        "natural",
        "technological",
        "human",
        "summary",
        "evaluate",
        "risk",
        "medical center",
        "threat",
    ];
    let lower = text.to_lowercase();
    (lower.starts_with("medical center")
        || WORDS.iter().filter(|word| **word != "medical center").any(|word| lower.contains(word)))
        || text.split_whitespace().count() > 12
}

/// The category that a title or section row names.
fn category(text: &str) -> Option<&'static str> {
    let name = key(text);
    let name = name.trim_end_matches("occurringevents").trim_end_matches("events").trim_end_matches("hazards");
    match name {
        "natural" | "naturally" | "naturaloccurring" | "naturallyoccurring" => Some("natural"),
        "technological" | "technologic" | "technology" | "tech" => Some("technological"),
        "humanrelated" | "human" => Some("human"),
        "hazardousmaterials" | "hazardousmaterial" | "hazmat" | "hazardous" | "hazardousmaterialsrelated" => {
            Some("hazmat")
        }
        _ => None,
    }
}

/// Averages, scales, questions and footnotes are no hazards.
fn is_hazard(record: &Record<'_>, label: &str) -> bool {
    let name = key(label);
    let is_foot = label.starts_with('*')
        || [
            "averagescore",
            "average",
            "total",
            "totals",
            "score",
            "overall",
            "summary",
            "riskprobabilityseverity",
            "notes",
        ]
        .contains(&name.as_str())
        || name.starts_with("averagescore")
        || name.starts_with("total")
        || name.starts_with("threatincreases");
    let fields = [
        "probability",
        "human_impact",
        "property_impact",
        "business_impact",
        "preparedness",
        "internal_response",
        "external_response",
    ];
    let filled = fields.iter().filter(|field| !record.cell(field).is_empty()).count();
    let repeats = lists().field(SECTION, label) == Some("hazard")
        || lists().field(SECTION, &record.text("probability")) == Some("probability");
    !label.is_empty() && label.chars().any(char::is_alphabetic) && !is_foot && filled > 0 && !repeats
}

fn score(
    record: &Record<'_>,
    label: &str,
    category: Option<&str>,
    assessment: &str,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<RiskScore, Wrong> {
    let number = record.row.number;
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    // A remark in brackets is no part of the name, unless it tells two hazards apart.
    let short = label.split_once('(').map_or(label.as_str(), |(name, _)| name.trim());
    let find = |name: &str| lookup.hazards_named(name);
    let hazard_id = match find(&label).or_else(|| find(short)) {
        Some(found) => found[0],
        None => {
            sink.warn(
                "unmapped_hazard",
                Some(&record.columns.heading("hazard")),
                Some(&label),
                "no hazard has this label; loaded as unmapped",
                number,
            );
            sink.unmapped();
            UNMAPPED
        }
    };
    let label = sink.redacted(&label);
    let mut score = RiskScore {
        row: number,
        source_id: format!(
            "{assessment}|{}|{}",
            category.unwrap_or_default(),
            hotwash_schema::label::normalize_label(&label)
        ),
        assessment_source_id: assessment.to_owned(),
        hazard_id,
        label,
        category: category.map(str::to_owned),
        probability: of_scale(record, "probability", false, sink)?,
        human_impact: of_scale(record, "human_impact", false, sink)?,
        property_impact: of_scale(record, "property_impact", false, sink)?,
        business_impact: of_scale(record, "business_impact", false, sink)?,
        preparedness: of_scale(record, "preparedness", true, sink)?,
        internal_response: of_scale(record, "internal_response", true, sink)?,
        external_response: of_scale(record, "external_response", true, sink)?,
        alerts: record.count("alerts")?,
        activations: record.count("activations")?,
        risk_printed: None,
        risk_stated: None,
    };
    if score.probability.is_none() {
        return Err(record.wrong("probability", "must be 0 (not applicable), 1, 2 or 3"));
    }
    score.risk_printed = printed(record);
    if let (Some(printed), Some(risk)) = (score.risk_printed, score.risk())
        && (printed - risk).abs() > TOLERANCE + 1e-9
    {
        let message = format!(
            "the sheet says {:.0} % where the formula gives {:.0} %; the formula's is kept",
            printed * 100.0,
            risk * 100.0
        );
        sink.warn("risk_differs", Some(&record.columns.heading("risk")), Some(&score.label), &message, number);
    }
    Ok(score)
}

/// A score of 0 to 3, or its word on the sheet's scale; readiness runs the other way.
fn of_scale(record: &Record<'_>, field: &str, reversed: bool, sink: &mut Sink) -> Result<Option<i16>, Wrong> {
    let text = record.text(field);
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(number) = text.parse::<f64>() {
        return match number {
            0.0 => Ok(Some(0)),
            1.0 => Ok(Some(1)),
            2.0 => Ok(Some(2)),
            3.0 => Ok(Some(3)),
            _ => Err(record.wrong(field, "must be 0, 1, 2 or 3")),
        };
    }
    let turned = |score: i16| if reversed { 4 - score } else { score };
    let score = match key(&text).as_str() {
        "na" | "none" | "notapplicable" if !(reversed && key(&text) == "none") => 0,
        "low" => turned(1),
        "none" | "lowornone" => 3,
        "moderate" | "medium" | "med" => 2,
        "high" => turned(3),
        _ => return Err(record.wrong(field, "must be 0, 1, 2 or 3, or a word of the scale: N/A, Low, Moderate, High")),
    };
    sink.warn(
        "word_for_score",
        Some(&record.columns.heading(field)),
        Some(&text),
        &format!("a word of the sheet's scale: read as {score}"),
        record.row.number,
    );
    Ok(Some(score))
}

/// The sheet's own risk as a share: `0.48`, `48 %` or `48`.
fn printed(record: &Record<'_>) -> Option<f64> {
    let text = record.text("risk");
    let percent = text.contains('%');
    let number: f64 = text.trim_end_matches(['%', ' ']).parse().ok()?;
    let share = if percent || number > 1.0 { number / 100.0 } else { number };
    (0.0..=1.0).contains(&share).then_some(share)
}
