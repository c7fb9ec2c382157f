//! Which layout a sheet is in, and how its rows are scored: the Kaiser Permanente columns, the older ASHE-style product of
//! probability, risk and preparedness (as figures or as marks below a scale), a matrix of probability and severity, or one
//! stated figure a hazard.

use super::scale::{of_scale, printed};
use crate::document::grid::{Cell, Grid};
use crate::load::Sink;
use crate::reading::headings::{Columns, key, lists};
use crate::reading::number::number;
use crate::record::RiskScore;
use crate::source::grid_rows::{Record, Wrong};

pub const SECTION: &str = "hva";
/// Difference from the sheet's own risk that is told, as a share.
const TOLERANCE: f64 = 0.005;
/// Greatest product of the ASHE-style layout: probability 3, risk 5, preparedness 3.
const ASHE_MOST: f64 = 45.0;

/// A layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Kaiser Permanente: probability and six severities.
    Kaiser,
    /// Probability (0 to 3) × risk (1 to 5) × preparedness (1 to 3).
    Ashe,
    /// Probability × severity, both 0 to 3.
    Matrix,
    /// One figure, as its authors state it, with its scale.
    Stated,
}

impl Method {
    /// Code of the assessment method.
    pub fn code(self) -> &'static str {
        match self {
            Self::Kaiser => "kaiser_hva",
            Self::Ashe => "ashe",
            Self::Matrix => "matrix",
            Self::Stated => "regional",
        }
    }

    const NEEDED: [(Self, &'static [&'static str]); 4] = [
        (Self::Kaiser, &["hazard", "probability", "human_impact", "property_impact"]),
        (Self::Ashe, &["hazard", "probability", "risk", "preparedness"]),
        (Self::Matrix, &["hazard", "probability", "severity"]),
        (Self::Stated, &["hazard", "organization", "scale", "total"]),
    ];

    /// The layout of a sheet with the place of its header; the columns of Kaiser's are looked for first.
    pub fn of(grid: &Grid) -> Option<(Self, usize, Columns)> {
        Self::NEEDED.iter().find_map(|(method, needed)| {
            let (place, columns) = lists().header(SECTION, grid, needed)?;
            (*method == Self::Kaiser || !columns.has(&["human_impact"])).then_some((*method, place, columns))
        })
    }
}

/// Scores of a band of columns that are marked rather than filled in: the column and the score it stands for.
pub type Bands = Vec<(&'static str, Vec<(usize, i16)>)>;

/// The bands of a sheet whose scores are marks below a scale: `HIGH | MED | LOW | NONE` over `3 | 2 | 1 | 0`.
pub fn bands(grid: &Grid, place: usize, columns: &Columns) -> Bands {
    let mut starts: Vec<(usize, &'static str)> = ["probability", "risk", "preparedness"]
        .into_iter()
        .filter_map(|field| Some((columns.place(field)?, field)))
        .collect();
    starts.sort_unstable();
    let end = columns.place("total").unwrap_or(usize::MAX);
    let below = &grid.rows[(place + 1).min(grid.rows.len())..(place + 5).min(grid.rows.len())];
    let mut bands = Vec::new();
    for (at, (start, field)) in starts.iter().enumerate() {
        let until = starts.get(at + 1).map_or(end, |(next, _)| *next).min(start + 8);
        let scores = below.iter().find_map(|row| {
            let own: Vec<(usize, i16)> = (*start..until)
                .filter_map(|column| {
                    Some((column, row.cell(column).text().parse().ok().filter(|score| (0..=5).contains(score))?))
                })
                .collect();
            // A scale has several figures, each other; a hazard's row has one.
            let falls =
                own.windows(2).all(|pair| pair[0].1 > pair[1].1) || own.windows(2).all(|pair| pair[0].1 < pair[1].1);
            (own.len() >= 2 && falls).then_some(own)
        });
        bands.extend(scores.map(|scores| (*field, scores)));
    }
    bands
}

/// Fills in the scores of a row.
pub fn fill(
    method: Method,
    record: &Record<'_>,
    bands: &Bands,
    score: &mut RiskScore,
    sink: &mut Sink,
) -> Result<(), Wrong> {
    let whole = |field: &str, most: i16| -> Result<Option<i16>, Wrong> {
        if let Some((_, columns)) = bands.iter().find(|(band, _)| *band == field) {
            let marked: Vec<i16> = columns
                .iter()
                .filter(|(column, _)| !matches!(record.row.cell(*column), Cell::Empty))
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
    };
    match method {
        Method::Kaiser => {
            score.probability = of_scale(record, "probability", false, sink)?;
            score.human_impact = of_scale(record, "human_impact", false, sink)?;
            score.property_impact = of_scale(record, "property_impact", false, sink)?;
            score.business_impact = of_scale(record, "business_impact", false, sink)?;
            score.preparedness = of_scale(record, "preparedness", true, sink)?;
            score.internal_response = of_scale(record, "internal_response", true, sink)?;
            score.external_response = of_scale(record, "external_response", true, sink)?;
            score.alerts = record.count("alerts")?;
            score.activations = record.count("activations")?;
            score.risk_printed = printed(record);
        }
        Method::Ashe => {
            score.probability = whole("probability", 3)?;
            let consequence = whole("risk", 5)?;
            score.preparedness = whole("preparedness", 3)?;
            if let (Some(probability), Some(consequence), Some(preparedness)) =
                (score.probability, consequence, score.preparedness)
            {
                let product = f64::from(probability * consequence * preparedness);
                score.risk_stated = Some(product / ASHE_MOST);
                let total: Option<f64> = record.text("total").parse().ok();
                score.risk_printed = total.map(|total| total / ASHE_MOST).filter(|share| (0.0..=1.0).contains(share));
                if total.is_some_and(|total| {
                    total == f64::from(probability + consequence + preparedness) && total != product
                }) {
                    let message =
                        "the sheet's total is a sum; the product of probability, risk and preparedness is kept";
                    sink.warn("risk_differs", Some(&record.columns.heading("total")), None, message, record.row.number);
                    return told(record, score);
                }
            }
        }
        Method::Matrix => {
            score.probability = of_scale(record, "probability", false, sink)?;
            let severity = of_scale(record, "severity", false, sink)?;
            score.risk_stated = score
                .probability
                .zip(severity)
                .map(|(probability, severity)| f64::from(probability) / 3.0 * f64::from(severity) / 3.0);
            score.risk_printed = printed(record);
        }
        Method::Stated => return super::stated::fill(record, score),
    }
    told(record, score)?;
    if let (Some(printed), Some(risk)) = (score.risk_printed, score.risk())
        && (printed - risk).abs() > TOLERANCE + 1e-9
        && method != Method::Matrix
    {
        let message = format!(
            "the sheet says {:.0} % where the formula gives {:.0} %; the formula's is kept",
            printed * 100.0,
            risk * 100.0
        );
        let column = record.columns.heading(if method == Method::Ashe { "total" } else { "risk" });
        sink.warn("risk_differs", Some(&column), Some(&score.label), &message, record.row.number);
    }
    Ok(())
}

fn told(record: &Record<'_>, score: &RiskScore) -> Result<(), Wrong> {
    if score.probability.is_some() {
        return Ok(());
    }
    let empty = record.cell("probability").is_empty();
    let reason = "must be 0 (not applicable), 1, 2 or 3";
    let formula = "; it is empty, or a formula whose value was not saved: open the workbook in Excel and save it";
    Err(record.wrong("probability", if empty { format!("{reason}{formula}") } else { reason.to_owned() }))
}

/// Averages, scales, questions and footnotes are no hazards.
pub fn is_hazard(record: &Record<'_>, label: &str, bands: &Bands) -> bool {
    let name = key(label);
    let is_foot = label.starts_with('*')
        || [
            "average",
            "total",
            "totals",
            "score",
            "scores",
            "overall",
            "summary",
            "riskprobabilityseverity",
            "notes",
            "event",
        ]
        .contains(&name.as_str())
        || ["averagescore", "average", "total", "threatincreases", "summaryof", "scoringkey", "legend"]
            .iter()
            .any(|word| name.starts_with(word));
    let scale_row = bands.iter().any(|(_, columns)| {
        columns.iter().all(|(column, score)| record.row.cell(*column).text() == score.to_string())
            || columns.iter().filter(|(column, _)| record.row.cell(*column).text().chars().count() > 1).count() > 1
    });
    let repeats = lists().field(SECTION, label) == Some("hazard")
        || lists().field(SECTION, &record.text("probability")) == Some("probability");
    !label.is_empty() && label.chars().any(char::is_alphabetic) && !is_foot && !repeats && !scale_row
}

/// Whether a hazard's row is scored at all.
pub fn is_scored(record: &Record<'_>, bands: &Bands) -> bool {
    const FIELDS: [&str; 10] = [
        "probability",
        "human_impact",
        "property_impact",
        "business_impact",
        "preparedness",
        "internal_response",
        "external_response",
        "severity",
        "scale",
        "risk",
    ];
    let banded = bands.iter().flat_map(|(_, columns)| columns).any(|(column, _)| !record.row.cell(*column).is_empty());
    // A printed risk alone, as 0 % below a formula, scores nothing.
    banded || FIELDS[..9].iter().any(|field| !record.cell(field).is_empty())
}
