//! Determines the scales of a workbook's tables: from headings and legends, or from values, words
//! and printed percentages. A workbook with an unknown scale is rejected.

use crate::code::WarningCode;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use hotwash_documents::grid::{Grid, GridCell, GridRow};
use regex::Regex;

use super::layout::{KAISER_SCORES, Method, is_hazard, is_share, printed_share};
use super::legend::{ScoreKind, Statement, statements};
use super::scale::{Scale, figure, ladder};
use super::scale_error::ScaleError;
use super::sheets::AssessmentTable;
use crate::reading::headings::{Section, lists};
use crate::source::grid_rows::GridRecord;

/// Number of rows around a header that are searched for the legend of a column.
const LEGEND_ROWS: usize = 4;
/// Maximum scores of scales that a sheet's own percentages may imply.
const USUAL: [f64; 5] = [3.0, 4.0, 5.0, 6.0, 10.0];
/// Maximum difference between the sheet's share and the computed share that rounding explains.
const ROUNDED: f64 = 0.006;

static DIVIDED: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    Regex::new(r"(?:/|\x{f7}|divided by)\s*(\d{1,4})\b").expect("the pattern is well formed")
});

/// Evidence for a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScaleEvidence {
    /// The scale of the layout, which includes all values.
    Layout,
    /// A heading, a legend or a scale next to the table.
    Stated,
    /// The words of the column.
    Words,
    /// The maximum score or the divisor of the sheet's own formula.
    Formula,
    /// The percentages that result from the sheet's own formula.
    Percentages,
    /// The maximum value.
    Greatest,
}

impl ScaleEvidence {
    fn text(self) -> &'static str {
        match self {
            Self::Layout => "as in the layout",
            Self::Stated => "as the workbook states",
            Self::Words => "as its words show",
            Self::Formula => "as its own formula shows",
            Self::Percentages => "as its own percentages show",
            Self::Greatest => {
                "taken from its greatest score; write `Scale: 1 to 5` above the table if it is \
                 another"
            }
        }
    }
}

/// Scales of one table.
#[derive(Clone, Debug, Default)]
pub struct Scales {
    fields: BTreeMap<&'static str, (Scale, ScaleEvidence)>,
    /// All scores are whole numbers.
    is_whole: bool,
}

impl Scales {
    /// Returns the scale of a field.
    pub fn of(&self, field: &str) -> Scale {
        self.fields
            .get(field)
            .map_or_else(|| Scale::classic(ScoreKind::of_field(field)), |(scale, _)| scale.clone())
    }

    /// Returns whether the scores are whole numbers on the scale of Kaiser Permanente, which the
    /// warehouse stores.
    pub fn is_classic(&self) -> bool {
        self.is_whole && self.fields.values().all(|(scale, _)| scale.is_classic())
    }

    /// Returns the scales as a row states them: `1 to 5`, or `probability 1 to 5; severity 1 to
    /// 10`.
    pub fn text(&self) -> String {
        let mut texts: Vec<String> = self.fields.values().map(|(scale, _)| scale.text()).collect();
        texts.dedup();
        match texts.as_slice() {
            [only] => only.clone(),
            _ => {
                let named = self
                    .fields
                    .iter()
                    .map(|(field, (scale, _))| format!("{field} {}", scale.text()));
                named.collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// Returns the code and message of a warning about an unusual or assumed scale.
    pub fn remark(&self) -> Option<(WarningCode, String)> {
        let evidence = self.fields.values().map(|(_, evidence)| *evidence).max()?;
        let text = self.text();
        if evidence == ScaleEvidence::Greatest {
            return Some((
                WarningCode::AssumedScale,
                format!("no scale is stated; {text} is {}", evidence.text()),
            ));
        }
        let about = match (self.is_whole, self.fields.values().all(|(scale, _)| scale.is_classic()))
        {
            (true, true) => return None,
            (false, true) => "scores with fractions, as averages are",
            (_, false) => "a scale of its own",
        };
        Some((
            WarningCode::OwnScale,
            format!(
                "{about}: {text}, {}; risk is computed on it, and the single scores, which are \
                 stored from 0 to 3 only, are left out",
                evidence.text()
            ),
        ))
    }
}

/// Field of a table whose scale is being determined.
struct Column {
    table: usize,
    field: &'static str,
    kind: ScoreKind,
    heading: String,
    values: Vec<String>,
    found: Option<(Scale, ScaleEvidence)>,
}

impl Column {
    fn figures(&self) -> impl Iterator<Item = f64> {
        self.values.iter().filter_map(|text| figure(text))
    }

    fn most(&self) -> f64 {
        self.figures().fold(0.0, f64::max)
    }

    /// Returns the error for a column with values beyond its stated scale.
    fn exceeds(&self, stated: &Statement) -> ScaleError {
        ScaleError::Exceeded {
            heading: self.heading.clone(),
            least: stated.least,
            most: stated.most,
            greatest: self.most(),
        }
    }

    /// Returns whether the values fit a scale. One figure beyond it is an error in that figure;
    /// many mean another scale.
    fn fits(&self, most: f64) -> bool {
        let (within, all) =
            (self.figures().filter(|figure| *figure <= most).count(), self.figures().count());
        3 * within >= 2 * all
    }
}

/// Returns the scales of each table. The error explains why they are unknown, and what to write.
pub fn scales(
    method: Method,
    tables: &[AssessmentTable<'_>],
    grids: &[Grid],
) -> Result<Vec<Scales>, ScaleError> {
    let fields = fields(method);
    let mut columns: Vec<Column> = Vec::new();
    for (at, table) in tables.iter().enumerate() {
        for field in fields {
            let Some(index) = table.columns.index_of(field) else { continue };
            columns.push(column(at, table, field, index)?);
        }
    }
    share_stated(&mut columns);
    let beside = beside(tables, grids);
    for column in columns.iter_mut().filter(|column| column.found.is_none()) {
        column.found = stated_beside(column, &tables[column.table].grid.name, &beside)?;
    }
    share_stated(&mut columns);
    share_any(&mut columns);
    by_words(&mut columns);
    infer(method, tables, &mut columns, &beside)?;
    Ok((0..tables.len())
        .map(|at| {
            let own = || columns.iter().filter(|column| column.table == at);
            let is_whole = own().flat_map(Column::figures).all(|figure| figure.fract() == 0.0);
            let fields =
                own().filter_map(|column| Some((column.field, column.found.clone()?))).collect();
            Scales { fields, is_whole }
        })
        .collect())
}

/// Returns the fields that have a scale.
fn fields(method: Method) -> &'static [&'static str] {
    match method {
        Method::Kaiser => KAISER_SCORES,
        Method::Matrix => &["probability", "severity"],
        Method::Ashe | Method::Stated => &[],
    }
}

/// Returns the column of a field at this index, with the scale stated by its heading, its legend or
/// a column of scales.
fn column(
    at: usize,
    table: &AssessmentTable<'_>,
    field: &'static str,
    index: usize,
) -> Result<Column, ScaleError> {
    let heading = table.columns.heading(field);
    let kind = ScoreKind::of_field(field);
    let rows = || table.hazards();
    let values: Vec<String> =
        rows().map(|record| record.text(field)).filter(|text| !text.is_empty()).collect();
    let mut column = Column { table: at, field, kind, heading, values, found: None };
    let legend = || {
        let rows = &table.grid.rows;
        let near = rows[table.index.saturating_sub(LEGEND_ROWS)
            ..(table.index + 1 + LEGEND_ROWS).min(rows.len())]
            .iter();
        let near = near.filter(|row| !table.is_hazard_row(row));
        near.filter_map(|row| Statement::of(&row.cell(index).text())).next()
    };
    let by_row = || {
        let texts: Vec<String> =
            rows().map(|record| record.text("scale")).filter(|text| !text.is_empty()).collect();
        let own = texts
            .first()?
            .split(';')
            .find(|part| part.trim().starts_with(field))
            .map(str::to_owned);
        Statement::of(&own.or_else(|| texts.first().cloned())?)
    };
    let stated = Statement::of_heading(&column.heading).or_else(legend).or_else(by_row);
    if let Some(stated) = stated {
        if !column.fits(stated.most) {
            return Err(column.exceeds(&stated));
        }
        column.found = Some((Scale::stated(&stated, kind), ScaleEvidence::Stated));
    } else if let Some(most) = percent(&column) {
        column.found = Some((Scale::up_to(most, kind), ScaleEvidence::Stated));
    }
    Ok(column)
}

/// Returns the maximum of a column of percentages: 100, or 1 if the workbook stores shares.
fn percent(column: &Column) -> Option<f64> {
    let lower = column.heading.to_lowercase();
    let is_written = column.values.iter().filter(|text| text.ends_with('%')).count();
    let is_headed = lower.contains('%') || lower.contains("percent");
    if 2 * is_written > column.values.len() {
        Some(100.0)
    } else {
        is_headed.then(|| if column.most() <= 1.0 { 1.0 } else { 100.0 })
    }
}

/// Copies the stated scale of a column to columns of the same kind, first within the table.
/// Severities of all types are one kind.
fn share_stated(columns: &mut [Column]) {
    let stated: Vec<(usize, ScoreKind, Scale)> = columns
        .iter()
        .filter_map(|column| Some((column.table, column.kind, column.found.as_ref()?.0.clone())))
        .collect();
    for column in columns.iter_mut().filter(|column| column.found.is_none()) {
        let same_kind = |(_, kind, _): &&(usize, ScoreKind, Scale)| *kind == column.kind;
        let here = |(table, ..): &&(usize, ScoreKind, Scale)| *table == column.table;
        let found = stated
            .iter()
            .find(|other| same_kind(other) && here(other))
            .or_else(|| stated.iter().find(same_kind));
        if let Some((_, _, scale)) = found.filter(|(_, _, scale)| column.fits(scale.most)) {
            column.found = Some((scale.clone(), ScaleEvidence::Stated));
        }
    }
}

/// Copies a scale that all other columns state to the remaining columns, if their values reach its
/// end.
fn share_any(columns: &mut [Column]) {
    let mut stated = columns.iter().filter_map(|column| Some(column.found.as_ref()?.0.most));
    let Some(most) = stated
        .next()
        .filter(|most| (3.0..=10.0).contains(most) && stated.all(|other| other == *most))
    else {
        return;
    };
    let unknown = || columns.iter().filter(|column| column.found.is_none());
    let greatest = unknown().map(Column::most).fold(0.0, f64::max);
    if greatest <= most && 2.0 * greatest > most {
        for column in columns.iter_mut().filter(|column| column.found.is_none()) {
            column.found = Some((Scale::up_to(most, column.kind), ScaleEvidence::Stated));
        }
    }
}

/// Determines scales of columns of words: one common scale if a column has the words of all,
/// otherwise one each.
fn by_words(columns: &mut [Column]) {
    let is_worded = |column: &Column| {
        column.found.is_none()
            && !column.values.is_empty()
            && column.values.iter().all(|text| figure(text).is_none())
    };
    let all: Vec<String> = columns
        .iter()
        .filter(|column| is_worded(column))
        .flat_map(|column| column.values.clone())
        .collect();
    let shared = ladder(&all);
    for column in columns.iter_mut().filter(|column| is_worded(column)) {
        let Some(most) = shared.or_else(|| ladder(&column.values)) else { continue };
        let evidence = if most == 3.0 { ScaleEvidence::Layout } else { ScaleEvidence::Words };
        column.found = Some((Scale::up_to(most, column.kind), evidence));
    }
}

/// Returns the texts near the tables: on other sheets, above, below, and to the right.
fn beside(tables: &[AssessmentTable<'_>], grids: &[Grid]) -> Vec<Grid> {
    let others = grids
        .iter()
        .filter(|grid| tables.iter().all(|table| table.grid.name != grid.name))
        .cloned();
    let around = tables.iter().map(|table| {
        let mut known = (0..table.columns.headings.len())
            .filter(|column| table.columns.field_at(*column).is_some());
        let width = known.next_back().map_or(0, |last| last + 1);
        let rows = table.grid.rows.iter().enumerate().map(|(at, row)| {
            let is_table = at == table.index || table.is_hazard_row(row);
            let cell = |column: usize| {
                if is_table && column < width { GridCell::Empty } else { row.cell(column).clone() }
            };
            GridRow::of(row.number, (0..row.cells().len()).map(cell).collect())
        });
        Grid::of(&table.grid.name, rows.collect())
    });
    others.chain(around).collect()
}

/// Returns the scale stated near the tables for one kind of score, or for all kinds.
fn stated_beside(
    column: &Column,
    sheet: &str,
    beside: &[Grid],
) -> Result<Option<(Scale, ScaleEvidence)>, ScaleError> {
    let mut found: Vec<(bool, Statement)> = Vec::new();
    let mut exceeded: Option<Statement> = None;
    for grid in beside {
        for (kinds, statement) in statements(grid) {
            if !kinds.is_empty() && !kinds.contains(&column.kind) {
                continue;
            }
            if column.fits(statement.most) {
                found.push((!kinds.is_empty(), statement));
            } else if grid.name == sheet {
                exceeded = exceeded.or(Some(statement));
            }
        }
    }
    if let Some(stated) = exceeded.filter(|_| found.is_empty()) {
        return Err(column.exceeds(&stated));
    }
    let has_own = found.iter().any(|(is_own, _)| *is_own);
    found.retain(|(is_own, _)| *is_own || !has_own);
    let Some((_, first)) = found.first() else { return Ok(None) };
    if let Some((_, other)) = found.iter().find(|(_, other)| other.most != first.most) {
        return Err(ScaleError::Ambiguous {
            heading: column.heading.clone(),
            one: (first.least, first.most),
            other: (other.least, other.most),
        });
    }
    // A statement with words contains more information than one without.
    let richest = found.iter().max_by_key(|(_, statement)| statement.words.len());
    Ok(richest.map(|(_, statement)| (Scale::stated(statement, column.kind), ScaleEvidence::Stated)))
}

/// Infers scales that are not stated, from the sheet's own formula, its percentages, and its
/// maximum value.
fn infer(
    method: Method,
    tables: &[AssessmentTable<'_>],
    columns: &mut [Column],
    beside: &[Grid],
) -> Result<(), ScaleError> {
    if columns.iter().all(|column| column.found.is_some()) {
        return Ok(());
    }
    let set = |columns: &mut [Column], most: f64, evidence: ScaleEvidence| {
        for column in columns.iter_mut().filter(|column| column.found.is_none()) {
            column.found = Some((Scale::up_to(most, column.kind), evidence));
        }
    };
    let unknown = || columns.iter().filter(|column| column.found.is_none());
    let greatest = unknown().map(Column::most).fold(0.0, f64::max);
    if let Some(most) = of_formula(method, tables, columns, beside).filter(|most| *most >= greatest)
    {
        let evidence = if most == 3.0 { ScaleEvidence::Layout } else { ScaleEvidence::Formula };
        set(columns, most, evidence);
        return Ok(());
    }
    let shown = USUAL
        .into_iter()
        .filter(|most| *most >= greatest)
        .find(|most| agrees(method, tables, columns, *most));
    if let Some(most) = shown {
        set(
            columns,
            most,
            if most == 3.0 { ScaleEvidence::Layout } else { ScaleEvidence::Percentages },
        );
        return Ok(());
    }
    let cells = unknown().flat_map(Column::figures).count();
    let beyond = unknown().flat_map(Column::figures).filter(|figure| *figure > 3.0).count();
    // One figure beyond the layout's scale is an error in its row; several mean another scale.
    let is_classic =
        beyond == 0 || (method == Method::Kaiser && (beyond == 1 || 50 * beyond < cells));
    if is_classic {
        let evidence = if method == Method::Kaiser || greatest < 3.0 && cells == 0 {
            ScaleEvidence::Layout
        } else {
            ScaleEvidence::Greatest
        };
        set(columns, 3.0, evidence);
        return Ok(());
    }
    let ends_there =
        |most: f64| unknown().all(|column| column.most() == most || column.most() > most / 2.0);
    if [5.0, 10.0].contains(&greatest) && ends_there(greatest) {
        set(columns, greatest, ScaleEvidence::Greatest);
        return Ok(());
    }
    let mut headings: Vec<String> = Vec::new();
    for column in unknown() {
        if !headings.contains(&column.heading) {
            headings.push(column.heading.clone());
        }
    }
    Err(ScaleError::Unstated { headings, greatest })
}

/// Returns the maximum score that explains the divisor of a formula or the maximum product in a
/// heading: 54 = 3 × 18, 25 = 5 × 5.
fn of_formula(
    method: Method,
    tables: &[AssessmentTable<'_>],
    columns: &[Column],
    beside: &[Grid],
) -> Option<f64> {
    let headed = tables.iter().flat_map(|table| ["risk", "total"].map(|field| (table, field)));
    let headed =
        headed.filter(|(table, field)| table.columns.has(&[field])).filter_map(|(table, field)| {
            Statement::of_heading(&table.columns.heading(field))
                .map(|statement| statement.most)
                .filter(|most| *most != 100.0)
        });
    let texts =
        beside.iter().flat_map(|grid| &grid.rows).flat_map(|row| row.cells()).map(GridCell::text);
    let formulas = texts.filter(|text| {
        let lower = text.to_lowercase();
        lower.contains("probab") || lower.contains("likelihood") || lower.contains("severity")
    });
    let divisors = formulas.filter_map(|text| DIVIDED.captures(&text)?[1].parse::<f64>().ok());
    let known =
        columns.iter().find_map(|column| column.found.as_ref().map(|(scale, _)| scale.most));
    let fields = match method {
        Method::Kaiser => 6.0,
        _ => 1.0,
    };
    headed.chain(divisors).find_map(|product| {
        let most =
            known.map_or_else(|| (product / fields).sqrt(), |known| product / known / fields);
        (most.fract() == 0.0 && (2.0..=100.0).contains(&most)).then_some(most)
    })
}

/// Returns whether this maximum score for the unknown scales reproduces the sheet's own
/// percentages.
fn agrees(method: Method, tables: &[AssessmentTable<'_>], columns: &[Column], most: f64) -> bool {
    let (mut same, mut all) = (0, 0);
    for (at, table) in tables.iter().enumerate() {
        let share = |record: &GridRecord<'_>, field: &str| {
            let scale = columns
                .iter()
                .find(|column| column.table == at && column.field == field)?
                .found
                .as_ref();
            let score = figure(&record.text(field))?;
            Some(scale.map_or(score / most, |(scale, _)| scale.share(score)))
        };
        for record in table.hazards() {
            let shares: Option<Vec<f64>> =
                fields(method).iter().map(|field| share(&record, field)).collect();
            let (Some(shares), Some(printed)) =
                (shares, printed_share(&record).filter(|printed| *printed > 0.0))
            else {
                continue;
            };
            // A product of 4 and 4 is 16, which is not a percentage.
            if method == Method::Matrix && !is_share(&record) {
                continue;
            }
            let severity = shares[1..].iter().sum::<f64>() / (shares.len() - 1) as f64;
            all += 1;
            same += usize::from((shares[0] * severity - printed).abs() <= ROUNDED);
        }
    }
    same >= 2 && 5 * same >= 4 * all
}

impl AssessmentTable<'_> {
    /// Returns the rows of hazards below the header.
    pub fn hazards(&self) -> impl Iterator<Item = GridRecord<'_>> {
        let rows = self.grid.rows[self.index + 1..].iter().filter(|row| self.is_hazard_row(row));
        rows.map(|row| GridRecord { row, columns: &self.columns })
    }

    /// Returns whether a row below the header scores a hazard.
    fn is_hazard_row(&self, row: &GridRow) -> bool {
        let record = GridRecord { row, columns: &self.columns };
        let label = record.text("hazard");
        row.number > self.grid.rows[self.index].number
            && is_hazard(&record, &label, &Vec::new())
            && lists().field(Section::Hva, &label).is_none()
            && !record.text("probability").is_empty()
    }
}
