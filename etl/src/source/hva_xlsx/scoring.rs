//! Fills in the scores of a row by the layout and the scales of its table.

use hotwash_documents::grid::GridCell;

use super::layout::{Bands, KAISER_SCORES, Method, own_figure, own_score, printed_share};
use super::scale::figure;
use super::scales::Scales;
use super::sheets::AssessmentTable;
use crate::code::WarningCode;
use crate::load::Sink;
use crate::reading::number::number;
use crate::record::{RiskScore, StatedRisk};
use crate::source::grid_rows::{GridFault, GridRecord};

/// Maximum relative difference from the sheet's own risk without a warning.
const TOLERANCE: f64 = 0.005;

/// Rules for scoring a row.
pub struct Scoring<'a> {
    /// Layout of the table.
    pub method: Method,
    /// Scales of the columns.
    pub scales: &'a Scales,
    /// Columns of marks.
    pub bands: &'a Bands,
    /// Maximum of the sheet's own score, unless it is a share.
    pub greatest_own: Option<f64>,
}

impl Scoring<'_> {
    /// Fills in the scores of a row.
    pub fn fill(
        &self,
        record: &GridRecord<'_>,
        score: &mut RiskScore,
        sink: &mut Sink,
    ) -> Result<(), GridFault> {
        let own = if self.method == Method::Ashe { "total" } else { own_score(record.columns) };
        score.score_printed = record.optional(own);
        score.rank_printed = rank(record, sink);
        match self.method {
            Method::Kaiser => self.kaiser(record, score, sink)?,
            Method::Ashe => self.ashe(record, score, sink)?,
            Method::Matrix => self.matrix(record, score, sink)?,
            Method::Stated => return super::stated::fill(record, score),
        }
        if let (Some(printed), Some(risk)) = (score.risk_printed, score.risk())
            && (printed - risk).abs() > TOLERANCE + 1e-9
        {
            let message = format!(
                "the sheet says {:.0} % and the formula gives {:.0} %; the formula's risk is used, \
                 and the sheet's is stored next to it",
                printed * 100.0,
                risk * 100.0
            );
            sink.warn(
                WarningCode::RiskDiffers,
                Some(&record.columns.heading(own)),
                Some(&score.label),
                &message,
                record.row.number,
            );
        }
        Ok(())
    }

    fn kaiser(
        &self,
        record: &GridRecord<'_>,
        score: &mut RiskScore,
        sink: &mut Sink,
    ) -> Result<(), GridFault> {
        let severity_fields = &KAISER_SCORES[1..];
        let probability = self.likelihood(record, sink)?;
        let mut severity = [None; 6];
        for (read, field) in severity.iter_mut().zip(severity_fields) {
            *read = self.scales.of(field).read(record, field, sink)?;
        }
        let unscored = severity_fields
            .iter()
            .zip(&severity)
            .find(|(field, score)| score.is_none() && record.columns.has(&[field]));
        if let Some((field, _)) = unscored.filter(|_| probability > 0.0) {
            sink.warn(
                WarningCode::NotScored,
                Some(&record.columns.heading(field)),
                Some(&score.label),
                "has no score in this column; loaded without a risk",
                record.row.number,
            );
        }
        score.alerts = record.count("alerts")?;
        score.activations = record.count("activations")?;
        score.risk_printed = printed_share(record);
        if self.scales.is_classic() {
            let to_i16 = |score: Option<f64>| score.map(|score| score as i16);
            score.probability = Some(probability as i16);
            score.human_impact = to_i16(severity[0]);
            score.property_impact = to_i16(severity[1]);
            score.business_impact = to_i16(severity[2]);
            score.preparedness = to_i16(severity[3]);
            score.internal_response = to_i16(severity[4]);
            score.external_response = to_i16(severity[5]);
            return Ok(());
        }
        let shares = severity
            .iter()
            .zip(severity_fields)
            .map(|(score, field)| Some(self.scales.of(field).share((*score)?)));
        let shares: Vec<Option<f64>> = shares.collect();
        let mean = |shares: &[Option<f64>]| {
            let known: Option<Vec<f64>> = shares.iter().copied().collect();
            known.map(|shares| shares.iter().sum::<f64>() / shares.len() as f64)
        };
        let likelihood = self.scales.of("probability").share(probability);
        let times = |severity: Option<f64>| severity.map(|severity| likelihood * severity);
        score.stated = Some(StatedRisk {
            applicable: probability > 0.0,
            risk: times(mean(&shares)),
            inherent: times(mean(&shares[..3])),
        });
        Ok(())
    }

    fn ashe(
        &self,
        record: &GridRecord<'_>,
        score: &mut RiskScore,
        sink: &mut Sink,
    ) -> Result<(), GridFault> {
        let most = |field: &str, usual: i16| {
            let stated = super::legend::Statement::of_heading(&record.columns.heading(field));
            stated.map_or(usual, |stated| stated.most as i16)
        };
        let (likeliest, gravest, least_ready) =
            (most("probability", 3), most("risk", 5), most("preparedness", 3));
        let greatest = f64::from(likeliest) * f64::from(gravest) * f64::from(least_ready);
        let probability = self.whole_number(record, "probability", likeliest)?;
        let consequence = self.whole_number(record, "risk", gravest)?;
        let preparedness = self.whole_number(record, "preparedness", least_ready)?;
        let probability = probability.ok_or_else(|| {
            missing(record, &format!("must be a whole number from 0 to {likeliest}"))
        })?;
        if (likeliest, least_ready) == (3, 3) {
            (score.probability, score.preparedness) = (Some(probability), preparedness);
        }
        let product = consequence.zip(preparedness).map(|(consequence, preparedness)| {
            f64::from(probability) * f64::from(consequence) * f64::from(preparedness)
        });
        score.stated = Some(StatedRisk {
            applicable: probability > 0,
            risk: product.map(|product| product / greatest),
            inherent: None,
        });
        let total: Option<f64> = record.text("total").parse().ok();
        let sum =
            consequence.zip(preparedness).map(|(one, other)| f64::from(probability + one + other));
        if total.is_some() && total == sum && total != product {
            let message = "the sheet's total is a sum; the product of probability, risk and \
                preparedness is used";
            sink.warn(
                WarningCode::RiskDiffers,
                Some(&record.columns.heading("total")),
                None,
                message,
                record.row.number,
            );
            return Ok(());
        }
        score.risk_printed =
            total.map(|total| total / greatest).filter(|share| (0.0..=1.0).contains(share));
        Ok(())
    }

    fn matrix(
        &self,
        record: &GridRecord<'_>,
        score: &mut RiskScore,
        sink: &mut Sink,
    ) -> Result<(), GridFault> {
        let probability = self.likelihood(record, sink)?;
        let severity = self.scales.of("severity").read(record, "severity", sink)?;
        if self.scales.is_classic() {
            score.probability = Some(probability as i16);
        }
        let share = self.scales.of("probability").share(probability);
        let risk = severity.map(|severity| share * self.scales.of("severity").share(severity));
        if risk.is_none() && probability > 0.0 {
            return Err(record.wrong(
                "severity",
                "must not be empty where the hazard applies: no risk can be computed",
            ));
        }
        score.stated = Some(StatedRisk { applicable: probability > 0.0, risk, inherent: None });
        score.risk_printed = match self.greatest_own {
            Some(greatest) => own_figure(record)
                .map(|figure| figure / greatest)
                .filter(|share| (0.0..=1.0).contains(share)),
            None => printed_share(record),
        };
        Ok(())
    }

    fn likelihood(&self, record: &GridRecord<'_>, sink: &mut Sink) -> Result<f64, GridFault> {
        let scale = self.scales.of("probability");
        let wanted = if scale.is_classic() {
            "must be 0 (not applicable), 1, 2 or 3".to_owned()
        } else {
            format!("must be a score from {}", scale.text())
        };
        scale.read(record, "probability", sink)?.ok_or_else(|| missing(record, &wanted))
    }

    /// Returns a whole number, or the score of a marked band.
    fn whole_number(
        &self,
        record: &GridRecord<'_>,
        field: &str,
        most: i16,
    ) -> Result<Option<i16>, GridFault> {
        if let Some((_, columns)) = self.bands.iter().find(|(band, _)| *band == field) {
            let marked: Vec<i16> = columns
                .iter()
                .filter(|(column, _)| !matches!(record.row.cell(*column), GridCell::Empty))
                .map(|(_, score)| *score)
                .collect();
            return match marked.as_slice() {
                [] => Ok(None),
                [score] => Ok(Some(*score)),
                _ => Err(record.wrong(field, "more than one column of the scale is marked")),
            };
        }
        let text = record.text(field);
        match number(&text) {
            _ if text.is_empty() => Ok(None),
            Some(number) if number.fract() == 0.0 && (0.0..=f64::from(most)).contains(&number) => {
                Ok(Some(number as i16))
            }
            _ => Err(record.wrong(field, format!("must be a whole number from 0 to {most}"))),
        }
    }
}

/// Creates the error of a row without a likelihood, which cannot be scored.
fn missing(record: &GridRecord<'_>, wanted: &str) -> GridFault {
    const EMPTY: &str = "it is empty, or a formula whose value was not saved: open the workbook in \
        Excel and save it";
    let is_empty = record.cell("probability").is_empty();
    record.wrong(
        "probability",
        if is_empty { format!("{wanted}; {EMPTY}") } else { wanted.to_owned() },
    )
}

/// Returns the sheet's own rank: `3` or `3rd`.
fn rank(record: &GridRecord<'_>, sink: &mut Sink) -> Option<i32> {
    let text = record.optional("rank")?;
    let rank = text
        .trim_end_matches(|letter: char| !letter.is_ascii_digit())
        .trim_start_matches('#')
        .parse()
        .ok();
    let rank = rank.filter(|rank| *rank > 0);
    if rank.is_none() {
        let message = "is not a rank such as 1; it is not stored";
        sink.warn(
            WarningCode::UnreadRank,
            Some(&record.columns.heading("rank")),
            Some(&text),
            message,
            record.row.number,
        );
    }
    rank
}

/// Returns the maximum of a matrix's own scores: as stated by their heading, or as their product or
/// sum. Returns none if they are shares.
pub fn greatest_own(table: &AssessmentTable<'_>, scales: &Scales) -> Option<f64> {
    let field = own_score(&table.columns);
    let rows: Vec<[f64; 3]> = table
        .hazards()
        .filter(|record| !record.text(field).contains('%'))
        .filter_map(|record| {
            Some([
                figure(&record.text("probability"))?,
                figure(&record.text("severity"))?,
                own_figure(&record)?,
            ])
        })
        .collect();
    let stated = super::legend::Statement::of_heading(&table.columns.heading(field))
        .map(|statement| statement.most);
    let most = [scales.of("probability").most, scales.of("severity").most];
    let is_mostly = |combine: fn(f64, f64) -> f64| {
        5 * rows.iter().filter(|[one, other, own]| combine(*one, *other) == *own).count()
            >= 4 * rows.len()
    };
    let greatest = rows.iter().map(|row| row[2]).fold(0.0, f64::max);
    match stated {
        Some(stated) if greatest <= stated => Some(stated),
        _ if rows.is_empty() || greatest <= 1.0 => None,
        _ if is_mostly(|one, other| one * other) => Some(most[0] * most[1]),
        _ if is_mostly(|one, other| one + other) => Some(most[0] + most[1]),
        _ if greatest <= most[0] * most[1] => Some(most[0] * most[1]),
        _ => None,
    }
}
