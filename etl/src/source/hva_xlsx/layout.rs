//! Recognizes the layout of a sheet and the rows of its hazards. Layouts are the Kaiser Permanente
//! columns, the older ASHE product, a matrix, and one stated figure per hazard. The ASHE product
//! multiplies probability, risk and preparedness, as figures or as marks below a scale.

use hotwash_documents::grid::Grid;

use crate::reading::headings::{Columns, Section, key, lists};
use crate::reading::number::number;
use crate::source::grid_rows::GridRecord;

/// Section of the list of headings.
pub const SECTION: Section = Section::Hva;

/// Layout of an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Kaiser Permanente: probability and six severities.
    Kaiser,
    /// Probability (0 to 3) × risk (1 to 5) × preparedness (1 to 3).
    Ashe,
    /// Probability × severity, both 0 to 3.
    Matrix,
    /// One figure as stated by the authors, with its scale.
    Stated,
}

impl Method {
    /// Returns the code of the assessment method.
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

    /// Returns the layout of a sheet, the index of its header, and its columns. Kaiser Permanente
    /// columns are searched first.
    pub fn of(grid: &Grid) -> Option<(Self, usize, Columns)> {
        Self::NEEDED.iter().find_map(|(method, needed)| {
            let (index, columns) = lists().header(SECTION, grid, needed)?;
            (*method == Self::Kaiser || !columns.has(&["human_impact"]))
                .then_some((*method, index, columns))
        })
    }
}

/// Bands of columns with marks instead of figures: each column with the score it represents.
pub type Bands = Vec<(&'static str, Vec<(usize, i16)>)>;

/// Returns the bands of a sheet whose scores are marks below a scale: `HIGH | MED | LOW | NONE`
/// over `3 | 2 | 1 | 0`.
pub fn bands(grid: &Grid, index: usize, columns: &Columns) -> Bands {
    let mut starts: Vec<(usize, &'static str)> = ["probability", "risk", "preparedness"]
        .into_iter()
        .filter_map(|field| Some((columns.index_of(field)?, field)))
        .collect();
    starts.sort_unstable();
    let end = columns.index_of("total").unwrap_or(usize::MAX);
    let below = &grid.rows[(index + 1).min(grid.rows.len())..(index + 5).min(grid.rows.len())];
    let mut bands = Vec::new();
    for (at, (start, field)) in starts.iter().enumerate() {
        let until = starts.get(at + 1).map_or(end, |(next, _)| *next).min(start + 8);
        let scores = below.iter().find_map(|row| {
            let own: Vec<(usize, i16)> = (*start..until)
                .filter_map(|column| {
                    Some((
                        column,
                        row.cell(column)
                            .text()
                            .parse()
                            .ok()
                            .filter(|score| (0..=5).contains(score))?,
                    ))
                })
                .collect();
            // A scale has several different figures; the row of a hazard has one.
            let falls = own.windows(2).all(|pair| pair[0].1 > pair[1].1)
                || own.windows(2).all(|pair| pair[0].1 < pair[1].1);
            (own.len() >= 2 && falls).then_some(own)
        });
        bands.extend(scores.map(|scores| (*field, scores)));
    }
    bands
}

/// Returns the field of the sheet's own score.
pub fn own_score(columns: &Columns) -> &'static str {
    if columns.has(&["risk"]) { "risk" } else { "total" }
}

/// Returns the sheet's own figure in a row.
pub fn own_figure(record: &GridRecord<'_>) -> Option<f64> {
    number(record.text(own_score(record.columns)).trim_end_matches(['%', ' ']))
}

/// Returns whether the sheet's own risk is written as a share: `0.48` or `48 %`.
pub fn is_share(record: &GridRecord<'_>) -> bool {
    record.text(own_score(record.columns)).contains('%')
        || own_figure(record).is_some_and(|figure| figure <= 1.0)
}

/// Returns the sheet's own risk as a share: `0.48`, `48 %` or `48`.
pub fn printed_share(record: &GridRecord<'_>) -> Option<f64> {
    let is_percent = record.text(own_score(record.columns)).contains('%');
    let figure = own_figure(record)?;
    let share = if is_percent || figure > 1.0 { figure / 100.0 } else { figure };
    (0.0..=1.0).contains(&share).then_some(share)
}

/// Returns whether a row is a hazard rather than an average, scale, question or footnote.
pub fn is_hazard(record: &GridRecord<'_>, label: &str, bands: &Bands) -> bool {
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
        || [
            "averagescore",
            "average",
            "total",
            "threatincreases",
            "summaryof",
            "scoringkey",
            "legend",
        ]
        .iter()
        .any(|word| name.starts_with(word));
    let scale_row = bands.iter().any(|(_, columns)| {
        columns.iter().all(|(column, score)| record.row.cell(*column).text() == score.to_string())
            || columns
                .iter()
                .filter(|(column, _)| record.row.cell(*column).text().chars().count() > 1)
                .count()
                > 1
    });
    let repeats = lists().field(SECTION, label) == Some("hazard")
        || lists().field(SECTION, &record.text("probability")) == Some("probability");
    !label.is_empty()
        && label.chars().any(char::is_alphabetic)
        && !is_foot
        && !repeats
        && !scale_row
}

/// Fields of a hazard's scores.
pub const SCORES: [&str; 9] = [
    "probability",
    "human_impact",
    "property_impact",
    "business_impact",
    "preparedness",
    "internal_response",
    "external_response",
    "severity",
    "scale",
];
/// Those of Kaiser Permanente's method: the probability, then what makes a hazard severe.
pub const KAISER_SCORES: &[&str] = SCORES.split_at(7).0;

/// Returns whether the row of a hazard is scored.
pub fn is_scored(record: &GridRecord<'_>, bands: &Bands) -> bool {
    let banded = bands
        .iter()
        .flat_map(|(_, columns)| columns)
        .any(|(column, _)| !record.row.cell(*column).is_empty());
    // A printed risk alone, such as 0 % from a formula, is not a score.
    banded || SCORES.iter().any(|field| !record.cell(field).is_empty())
}
