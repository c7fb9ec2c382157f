//! Reads hazard vulnerability assessments. Supports all editions of the Kaiser Permanente layout,
//! on one sheet or one sheet per category, and simpler older layouts. Risk is computed; the sheet's
//! own figure is stored too.

mod by_facility;
mod category;
mod layout;
mod legend;
mod scale;
mod scale_error;
mod scales;
mod scoring;
mod sheets;
mod stated;
mod title;

use crate::code::WarningCode;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use hotwash_documents::input::Input;

use super::grid_rows::{GridFault, GridRecord};
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use super::{cell_labels, grids};
use crate::copy::CopyRow;
use crate::load::Sink;
use crate::lookup::{Lookup, NamedList, UNMAPPED};
use crate::reading::dates::saved_on;
use crate::reading::headings::lists;
use crate::reading::time::End;
use crate::record::{OrganizationRef, RiskAssessment, RiskScore};
use by_facility::ByFacility;
use category::category;
use layout::{Method, bands, is_hazard, is_scored};
use scales::Scales;
use scoring::{Scoring, greatest_own};
use sheets::AssessmentTable;
use title::Title;

/// Source of hazard vulnerability assessments.
pub struct HvaXlsx;

impl Source for HvaXlsx {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "hva_xlsx",
            name: "Hazard vulnerability assessments",
            title: "Hazard vulnerability assessment in the Kaiser Permanente layout and its \
                forerunners (Excel)",
            extensions: &[".xlsx", ".csv"],
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

    fn recognize(&self, sample: &Sample) -> f64 {
        let known =
            sample.grids.iter().filter_map(Method::of).map(|(method, _, columns)| match method {
                Method::Kaiser => 0.7 + 0.03 * columns.known() as f64,
                // Older layouts have fewer headings that distinguish them from other tables.
                Method::Ashe => 0.8,
                Method::Matrix | Method::Stated => 0.76,
            });
        let by_facility = sample.grids.iter().filter_map(ByFacility::of);
        let by_facility = by_facility.map(|table| if table.is_stated { 0.75 } else { 0.3 });
        known.chain(by_facility).fold(0.0, f64::max).min(0.99)
    }

    fn nearness(&self, sample: &Sample) -> f64 {
        sample
            .grids
            .iter()
            .map(|grid| lists().known_share(layout::SECTION, grid))
            .fold(0.0, f64::max)
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let (mut grids, archive) = grids::read(input, sink)?;
        for grid in &mut grids {
            if let Some((_, index, columns)) = Method::of(grid) {
                grids::leave_out_struck(grid, index, &columns, "hazard", sink);
                grid.carry_down(index);
            }
        }
        let (method, tables) = sheets::tables(&grids, lookup, sink)?;
        let mut reading = Reading {
            method,
            title: Title::default(),
            saved: archive.as_ref().and_then(saved_on),
            has_alerts: tables.iter().any(|table| table.columns.has(&["alerts"])),
            assessments: BTreeMap::new(),
            scores: HashMap::new(),
        };
        let scales = scales::scales(method, &tables, &grids)?;
        let mut remarks: Vec<(WarningCode, String)> =
            scales.iter().filter_map(Scales::remark).collect();
        remarks.dedup();
        for (code, message) in remarks {
            sink.warn(code, None, None, &message, 0);
        }
        for (table, scales) in tables.iter().zip(&scales) {
            table.report_columns(sink);
            reading.title = table.title.clone();
            reading.table(table, scales, lookup, sink)?;
        }
        Ok(())
    }
}

/// State while a workbook is read.
struct Reading {
    method: Method,
    title: Title,
    saved: Option<NaiveDate>,
    has_alerts: bool,
    /// Id of each assessment, by organization and date. A workbook contains one assessment;
    /// rejected rows in CSV name theirs.
    assessments: BTreeMap<(Option<String>, NaiveDate), String>,
    /// Scores read for each hazard of an assessment, by derived id.
    scores: HashMap<String, Vec<[u8; 16]>>,
}

/// Identity of an assessment, from the columns of a row or from the workbook's title.
struct AssessmentKey {
    organization: Option<String>,
    assessed_on: NaiveDate,
    edition: String,
}

impl Reading {
    fn table(
        &mut self,
        table: &AssessmentTable<'_>,
        scales: &Scales,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<(), SourceError> {
        let (grid, index, columns) = (table.grid.as_ref(), table.index, &table.columns);
        let mut category = category(&grid.name)
            .or_else(|| grid.rows[..index].iter().find_map(|row| category(&row.cell(0).text())));
        // Only the older layout has marks as scores.
        let bands =
            if self.method == Method::Ashe { bands(grid, index, columns) } else { Vec::new() };
        let greatest_own =
            (self.method == Method::Matrix).then(|| greatest_own(table, scales)).flatten();
        let scoring = Scoring { method: self.method, scales, bands: &bands, greatest_own };
        for row in &grid.rows[index + 1..] {
            let record = GridRecord { row, columns };
            let label = record.text("hazard");
            if let Some(section) =
                category::category(&label).filter(|_| record.text("probability").is_empty())
            {
                category = Some(section);
                continue;
            }
            if !is_hazard(&record, &label, &bands) {
                continue;
            }
            if label.starts_with('[') && label.ends_with(']') {
                let message = "is a prompt of the form; not loaded";
                let column = columns.heading("hazard");
                sink.warn(WarningCode::NotScored, Some(&column), Some(&label), message, row.number);
                continue;
            }
            if !is_scored(&record, &bands) {
                let is_listed = columns.has(&["risk"]) && record.row.cells().len() > 1;
                if is_listed || lookup.hazards_named(&label).is_some() {
                    let message = "is listed without a score; not loaded";
                    sink.warn(
                        WarningCode::NotScored,
                        Some(&columns.heading("hazard")),
                        Some(&label),
                        message,
                        row.number,
                    );
                }
                continue;
            }
            let own = category::category(&record.text("category")).or(category);
            let belonging = match self.belonging(&record) {
                Ok(belonging) => belonging,
                Err(None) => {
                    return Err(SourceError::Unreadable(
                        "the assessment has no date; write `Date: 2025-03-15` above the table"
                            .into(),
                    ));
                }
                Err(Some(wrong)) => {
                    sink.read_one()?;
                    record.reject(sink, "risk_score", &wrong);
                    continue;
                }
            };
            let assessment =
                self.assessment(&belonging, &scales.text(), row.number, lookup, sink)?;
            sink.read_one()?;
            // Includes the title's values, so that a rejected row can be corrected and loaded
            // alone.
            let content = record.content_with(&[
                ("Organization", belonging.organization.clone().unwrap_or_default()),
                ("Assessment Date", belonging.assessed_on.to_string()),
                ("Category", own.unwrap_or_default().to_owned()),
                ("Edition", belonging.edition.clone()),
                ("Scale", scales.text()),
            ]);
            match self.score(&record, &label, own, &assessment, &scoring, lookup, sink) {
                Ok(score) => sink.record_from(&score, Some(&content))?,
                Err(wrong) => {
                    let column = wrong.column.as_deref();
                    sink.reject(
                        row.number,
                        "risk_score",
                        column,
                        Some(&wrong.value),
                        &wrong.reason,
                        Some(content),
                    );
                }
            }
        }
        Ok(())
    }

    /// Returns the date of an assessment that states only its year: the date of saving if within
    /// that year, else its last day.
    fn by_year(&self) -> Option<NaiveDate> {
        let (first, last) = self.title.year?;
        Some(self.saved.filter(|saved| (first..=last).contains(saved)).unwrap_or(last))
    }

    fn belonging(&self, record: &GridRecord<'_>) -> Result<AssessmentKey, Option<GridFault>> {
        let stated = record.day("assessed_on", End::Last).map_err(Some)?;
        let own =
            record.optional("organization").filter(|name| !crate::reading::person::is_person(name));
        let edition = record.optional("edition").unwrap_or_else(|| {
            match self.method {
                Method::Kaiser if self.has_alerts => "2014 and later",
                Method::Kaiser => "classic",
                Method::Ashe => "ASHE-style",
                Method::Matrix => "matrix",
                Method::Stated => "by facility",
            }
            .to_owned()
        });
        Ok(AssessmentKey {
            organization: own.or_else(|| self.title.organization.clone()),
            assessed_on: stated
                .or(self.title.assessed_on)
                .or(self.by_year())
                .or(self.saved)
                .ok_or(None)?,
            edition,
        })
    }

    /// Returns the id of a row's assessment, which is written with its first row.
    fn assessment(
        &mut self,
        belonging: &AssessmentKey,
        scale: &str,
        row: u64,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<String, SourceError> {
        let key = (belonging.organization.clone(), belonging.assessed_on);
        if let Some(id) = self.assessments.get(&key) {
            return Ok(id.clone());
        }
        let assessed_on = belonging.assessed_on;
        if self.title.assessed_on.is_none()
            && [self.saved, self.by_year()].contains(&Some(assessed_on))
        {
            let taken = if self.by_year() == Some(assessed_on) {
                "a day of its year"
            } else {
                "the day it was saved"
            };
            let message = format!("the assessment states no date; {taken} is taken, {assessed_on}");
            sink.warn(WarningCode::NoDate, None, None, &message, 0);
        }
        if belonging.organization.is_none() {
            let message = "the assessment does not name its organization; write the organization \
                above the table";
            sink.warn(WarningCode::NoOrganization, None, None, message, 0);
        }
        if let Some(name) = &belonging.organization {
            cell_labels::doubt_organization(name, "Organization", row, lookup, sink);
        }
        let organization = belonging.organization.as_deref().unwrap_or("unnamed");
        let region_id = cell_labels::region_of_organization(organization, lookup, UNMAPPED);
        let id = format!("{}|{assessed_on}", hotwash_schema::label::normalize_label(organization));
        sink.support(&RiskAssessment {
            row,
            source_id: id.clone(),
            organization: belonging
                .organization
                .clone()
                .map(|name| OrganizationRef::Named { region_id, name }),
            region_id,
            assessment_method_id: lookup
                .lists()
                .of(NamedList::AssessmentMethod)
                .find(self.method.code())
                .unwrap_or(UNMAPPED),
            assessed_on,
            edition: Some(belonging.edition.clone()),
            scale: Some(scale.to_owned()).filter(|text| !text.is_empty()),
            public: false,
        })?;
        self.assessments.insert(key, id.clone());
        Ok(id)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a row with where it stands, what it belongs to and what it is read by"
    )]
    fn score(
        &mut self,
        record: &GridRecord<'_>,
        label: &str,
        category: Option<&str>,
        assessment: &str,
        scoring: &Scoring<'_>,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<RiskScore, GridFault> {
        let number = record.row.number;
        let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
        // A remark in parentheses is not part of the name, unless it distinguishes two hazards.
        let short = label.split_once('(').map_or(label.as_str(), |(name, _)| name.trim());
        // Of several hazards in one name, such as `Cyber Attack/Ransomware`, the first known hazard
        // is used.
        let parts = || {
            let parts =
                label.split(['/', ',', ';', '(', ')', ':']).flat_map(|part| part.split(" or "));
            parts
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .find_map(|part| lookup.hazards_named(part))
        };
        let named =
            lookup.hazards_named(&label).or_else(|| lookup.hazards_named(short)).or_else(parts);
        let hazard_id = match named {
            Some(found) => found[0],
            None => {
                let message = lookup.hazard_missed(short);
                sink.warn(
                    WarningCode::UnmappedHazard,
                    Some(&record.columns.heading("hazard")),
                    Some(&label),
                    &message,
                    number,
                );
                sink.unmapped();
                UNMAPPED
            }
        };
        let label = sink.redacted(&label);
        let named = hotwash_schema::label::normalize_label(&label);
        let id = format!("{assessment}|{}|{named}", category.unwrap_or_default());
        let mut score = RiskScore {
            row: number,
            assessment_source_id: assessment.to_owned(),
            hazard_id,
            label,
            category: category.map(str::to_owned),
            ..RiskScore::default()
        };
        record.kept("hazard")?;
        record.computed(&layout::SCORES)?;
        scoring.fill(record, &mut score, sink)?;
        // `Other` may occur several times in a list; a row that repeats all its scores has the same
        // id.
        let mut content = CopyRow::default();
        crate::record::write(&score, &mut content);
        let known = self.scores.entry(id.clone()).or_default();
        let digest = content.digest();
        let index = known.iter().position(|other| *other == digest).unwrap_or_else(|| {
            known.push(digest);
            known.len() - 1
        });
        score.source_id = if index > 0 { format!("{id}|{}", index + 1) } else { id };
        Ok(score)
    }
}
