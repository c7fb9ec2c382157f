//! Reads one table for many facilities: a row per hazard and a column per facility, or transposed.
//! Each figure becomes a row, with the columns that a rejected row has.

use hotwash_documents::grid::{Grid, GridCell, GridRow};

use super::layout::SECTION;
use super::stated::StatedScale;
use crate::code::WarningCode;
use crate::load::Sink;
use crate::lookup::{Lookup, NamedList};
use crate::reading::headings::{lists, texts};
use crate::redact::names_organization;
use crate::source::SourceError;

/// Number of rows searched for the header, and checked for scores.
const LOOKED_AT: usize = 60;
/// Headings of the converted rows.
const HEADINGS: [&str; 5] = ["Hazard", "Organization", "Category", "Scale", "Score"];

/// Positions of the headings in such a table.
#[derive(Clone, Debug)]
pub struct ByFacility {
    /// Index of the header row.
    pub index: usize,
    /// Index of the column with the row names.
    names: usize,
    /// Index of the category column, if there is one.
    category: Option<usize>,
    /// Columns of figures with their headings.
    heads: Vec<(usize, String)>,
    /// Rows are facilities and columns are hazards.
    turned: bool,
    /// Title, corner or columns identify the table; otherwise only its shape does.
    pub is_stated: bool,
}

impl ByFacility {
    /// Finds such a table by its shape: a heading for hazards or facilities, and columns of scores
    /// with unknown headings.
    pub fn of(grid: &Grid) -> Option<Self> {
        (0..grid.rows.len().min(LOOKED_AT)).find_map(|index| Self::at(grid, index))
    }

    fn at(grid: &Grid, index: usize) -> Option<Self> {
        let headings = texts(&grid.rows[index]);
        let field = |column: usize| {
            headings.get(column).and_then(|heading| lists().field(SECTION, heading))
        };
        let says = |text: &str| {
            let text = text.to_lowercase();
            ["hazard", "hva", "vulnerability", "risk"].iter().any(|word| text.contains(word))
        };
        let above = &grid.rows[..index];
        let is_titled = says(&grid.name) || above.iter().flat_map(texts).any(|text| says(&text));
        let named =
            |wanted: &str| (0..headings.len().min(4)).find(|column| field(*column) == Some(wanted));
        let below = &grid.rows[index + 1..(index + 1 + LOOKED_AT).min(grid.rows.len())];
        let heads = |names: usize| -> Vec<(usize, String)> {
            let columns = (names + 1..headings.len()).filter(|column| {
                let heading = &headings[*column];
                heading.chars().any(char::is_alphabetic)
                    && field(*column).is_none()
                    && !lists().is_dropped(heading)
                    && !is_of_all(heading)
                    && holds_scores(below, *column)
            });
            columns.map(|column| (column, headings[column].clone())).collect()
        };
        let organizations = |heads: &[(usize, String)]| {
            heads.iter().filter(|(_, head)| names_organization(head)).count()
        };
        let (names, turned) = match (named("hazard"), named("organization")) {
            (Some(names), _) => (names, false),
            (None, Some(names)) if is_titled => (names, true),
            // A corner without a meaning.
            (None, None) if is_titled => {
                let first =
                    (0..headings.len()).find(|column| names_organization(&headings[*column]))?;
                (first.checked_sub(1)?, false)
            }
            _ => return None,
        };
        let heads = heads(names);
        let is_headed = 2 * organizations(&heads) >= heads.len() && organizations(&heads) > 0;
        let corner = headings.get(names).map(|heading| heading.to_lowercase()).unwrap_or_default();
        let is_stated =
            is_titled || is_headed || corner.contains("hazard") || corner.contains("threat");
        let is_one =
            heads.len() >= 2 && below.len() >= 2 && (is_titled || is_headed || heads.len() >= 3);
        is_one.then_some(Self {
            index,
            names,
            category: named("category"),
            heads,
            turned,
            is_stated,
        })
    }

    /// Converts the table to one row per figure under [`HEADINGS`]; empty cells are reported. The
    /// error names the information that the table lacks.
    pub fn rows(&self, grid: &Grid, lookup: &Lookup, sink: &mut Sink) -> Result<Grid, SourceError> {
        self.doubt(grid, lookup)?;
        let table = &grid.rows[self.index + 1..];
        let figures = table.iter().filter(|row| is_name(&row.cell(self.names).text()));
        let figures: Vec<String> = figures
            .flat_map(|row| self.heads.iter().map(|(column, _)| row.cell(*column).text()))
            .filter(|text| !text.is_empty())
            .collect();
        let beside = grid.rows[..self.index]
            .iter()
            .chain(table.iter().filter(|row| row.cells().len() <= self.names + 1));
        let beside: Vec<String> = beside.flat_map(texts).chain([grid.name.clone()]).collect();
        let scale = StatedScale::of(&figures, &beside)?;
        if let Some(assumption) = &scale.assumed {
            sink.warn(
                WarningCode::AssumedScale,
                Some("Score"),
                None,
                assumption,
                grid.rows[self.index].number,
            );
        }
        let text = |text: &str| GridCell::Text(text.to_owned());
        let mut rows = vec![GridRow::of(
            grid.rows[self.index].number,
            HEADINGS.iter().map(|heading| text(heading)).collect(),
        )];
        let mut section = String::new();
        for row in table {
            let name = row.cell(self.names).text();
            if !is_name(&name) {
                continue;
            }
            let filled = |column: usize| !row.cell(column).is_empty();
            let mut empty = Vec::new();
            if !self.heads.iter().any(|(column, _)| filled(*column)) {
                section = name;
                continue;
            }
            for (column, head) in &self.heads {
                let (hazard, facility) = if self.turned { (head, &name) } else { (&name, head) };
                if !filled(*column) {
                    empty.push(head.as_str());
                    continue;
                }
                let own = self
                    .category
                    .map(|column| row.cell(column).text())
                    .filter(|own| !own.is_empty());
                let category = own.unwrap_or_else(|| section.clone());
                let cells = [hazard, facility, &category, &scale.text].map(|value| text(value));
                let cells = cells.into_iter().chain([row.cell(*column).clone()]).collect();
                rows.push(GridRow::of(row.number, cells));
            }
            if !empty.is_empty() {
                let message =
                    format!("is listed without a score under {}; not loaded", empty.join(", "));
                sink.warn(
                    WarningCode::NotScored,
                    Some(&self.heading(grid)),
                    Some(&name),
                    &message,
                    row.number,
                );
            }
        }
        Ok(Grid::of(&grid.name, rows))
    }

    fn heading(&self, grid: &Grid) -> String {
        grid.rows[self.index].cell(self.names).text()
    }

    /// Rejects a table whose columns are not known as facilities or hazards.
    fn doubt(&self, grid: &Grid, lookup: &Lookup) -> Result<(), SourceError> {
        let known = |head: &str| {
            if self.turned {
                return lookup.hazards_named(head).is_some();
            }
            let is_short = head.len() <= 8
                && head.chars().all(|letter| letter.is_uppercase() || letter.is_ascii_digit());
            names_organization(head)
                || is_short
                || lookup.lists().organizations.find(head).is_some()
                || lookup.lists().of(NamedList::Region).find(head).is_some()
                || !lookup.regions_of_municipality(head).is_empty()
        };
        if self.heads.iter().any(|(_, head)| known(head)) {
            return Ok(());
        }
        let heads: Vec<&str> = self.heads.iter().map(|(_, head)| head.as_str()).collect();
        Err(SourceError::Unreadable(format!(
            "row {}: the columns {} are beside {} and name no {} that is known; a table of hazards \
             by facility has a row for each hazard and a column for each organization, \
             municipality or region",
            grid.rows[self.index].number,
            crate::redact::redact(&heads.join(", ")).0,
            self.heading(grid),
            if self.turned { "hazard" } else { "organization, municipality or region" },
        )))
    }
}

fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && !is_of_all(text)
}

/// Returns whether a column or row contains totals of the others, or remarks.
fn is_of_all(heading: &str) -> bool {
    const SUMS: [&str; 7] = ["average", "mean", "median", "total", "totals", "maximum", "rank"];
    const WORDS: [&str; 9] =
        ["sum", "max", "overall", "regional", "note", "notes", "comment", "comments", "highest"];
    let lower = heading.to_lowercase();
    let mut words =
        lower.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty());
    let (first, last) = (words.next().unwrap_or_default(), words.next_back());
    SUMS.contains(&first)
        || last.is_some_and(|last| SUMS.contains(&last))
        || WORDS.contains(&first) && (last.is_none() || !names_organization(heading))
}

/// Returns whether most filled cells of a column are scores: figures, percentages or words of a
/// scale.
fn holds_scores(rows: &[GridRow], column: usize) -> bool {
    let filled: Vec<String> =
        rows.iter().map(|row| row.cell(column).text()).filter(|text| !text.is_empty()).collect();
    let scores = filled.iter().filter(|text| super::stated::is_score(text)).count();
    scores > 0 && 5 * scores >= 3 * filled.len()
}
