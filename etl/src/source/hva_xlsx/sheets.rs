//! Finds the tables of a workbook and their assessments. Sheets may be categories of one
//! assessment, or one facility or year each. A sheet may also have facilities side by side, or be
//! one table of hazards by facility.

use crate::code::WarningCode;
use std::borrow::Cow;
use std::collections::HashSet;

use hotwash_documents::grid::Grid;

use super::by_facility::ByFacility;
use super::layout::{Method, SECTION};
use super::title::{Title, year_in};
use crate::load::Sink;
use crate::lookup::{Lookup, NamedList};
use crate::reading::headings::{Columns, key, lists};
use crate::redact::names_organization;
use crate::source::{SourceError, grids};

/// Table of one assessment, or of several that its rows name.
pub struct AssessmentTable<'a> {
    /// Rows of the table.
    pub grid: Cow<'a, Grid>,
    /// Index of the header row.
    pub index: usize,
    /// Columns of the table.
    pub columns: Columns,
    /// Values that apply to all rows.
    pub title: Title,
    /// The sheet has columns of other facilities too.
    is_part: bool,
}

impl AssessmentTable<'_> {
    /// Reports the use of its columns, unless its sheet is divided among facilities. Sheets have
    /// helper columns without a heading, and scales below one.
    pub fn report_columns(&self, sink: &mut Sink) {
        if let (Cow::Borrowed(grid), false) = (&self.grid, self.is_part) {
            grids::report_columns(SECTION, &[""], grid, self.index, &self.columns, sink);
        }
    }
}

/// Returns the tables in the layout of the workbook.
pub fn tables<'a>(
    grids: &'a [Grid],
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(Method, Vec<AssessmentTable<'a>>), SourceError> {
    let found: Vec<(Method, &Grid, usize, Columns)> = grids
        .iter()
        .filter_map(|grid| {
            Method::of(grid).map(|(method, index, columns)| (method, grid, index, columns))
        })
        .collect();
    // A sheet with another layout than the assessment is a summary of it.
    let Some(method) = found.iter().map(|(method, ..)| *method).min_by_key(|method| *method as u8)
    else {
        return by_facility(grids, lookup, sink);
    };
    let found: Vec<(&Grid, usize, Columns)> = found
        .into_iter()
        .filter(|(own, ..)| *own == method)
        .map(|(_, grid, index, columns)| (grid, index, columns))
        .collect();
    let shared =
        Title::of(grids, &found.iter().map(|(grid, index, _)| (*grid, *index)).collect::<Vec<_>>());
    let mut tables = Vec::new();
    for (grid, index, columns) in found {
        let facilities = side_by_side(method, grid, index, &columns)?;
        if facilities.is_empty() {
            tables.push(AssessmentTable {
                grid: Cow::Borrowed(grid),
                index,
                columns,
                title: shared.clone(),
                is_part: false,
            });
        }
        if !facilities.is_empty() {
            grids::report_sheet(grid, index, sink);
        }
        for (name, columns) in facilities {
            let title = Title { organization: Some(name), ..shared.clone() };
            tables.push(AssessmentTable {
                grid: Cow::Borrowed(grid),
                index,
                columns,
                title,
                is_part: true,
            });
        }
    }
    if method != Method::Stated {
        own_titles(&mut tables, lookup, sink);
    }
    Ok((method, tables))
}

fn by_facility<'a>(
    grids: &'a [Grid],
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(Method, Vec<AssessmentTable<'a>>), SourceError> {
    let found: Vec<(&Grid, ByFacility)> =
        grids.iter().filter_map(|grid| ByFacility::of(grid).map(|table| (grid, table))).collect();
    let title = Title::of(
        grids,
        &found.iter().map(|(grid, table)| (*grid, table.index)).collect::<Vec<_>>(),
    );
    let mut tables = Vec::new();
    for (grid, table) in found {
        let rows = table.rows(grid, lookup, sink)?;
        grids::report_sheet(grid, table.index, sink);
        let Some((_, index, columns)) = Method::of(&rows) else { continue };
        tables.push(AssessmentTable {
            grid: Cow::Owned(rows),
            index,
            columns,
            title: title.clone(),
            is_part: false,
        });
    }
    if tables.is_empty() {
        return Err(SourceError::Unreadable(
            "no sheet has the headings of a hazard vulnerability assessment (EVENT, PROBABILITY, \
             HUMAN IMPACT, …)"
                .into(),
        ));
    }
    Ok((Method::Stated, tables))
}

/// Returns the facilities with columns side by side, each with its own columns. Each group of
/// columns begins with a probability, below the name of the facility. The result is empty if there
/// is only one group.
fn side_by_side(
    method: Method,
    grid: &Grid,
    index: usize,
    columns: &Columns,
) -> Result<Vec<(String, Columns)>, SourceError> {
    let needed = match method {
        Method::Kaiser => "human_impact",
        Method::Ashe => "preparedness",
        Method::Matrix => "severity",
        Method::Stated => return Ok(Vec::new()),
    };
    let is = |heading: &str, field: &str| lists().field_of_heading(SECTION, heading) == Some(field);
    let starts: Vec<usize> = (0..columns.headings.len())
        .filter(|at| is(&columns.headings[*at], "probability"))
        .collect();
    let of_all_groups = [columns.index_of("hazard"), columns.index_of("category")];
    // A question, or a second likelihood of the same hazard, is not a further facility: each group
    // has its own scores.
    let has_scores = |from: usize, to: usize| {
        columns.headings[from + 1..to].iter().any(|heading| is(heading, needed))
    };
    let ends = starts.iter().skip(1).copied().chain([columns.headings.len()]);
    let groups: Vec<(usize, usize)> =
        starts.iter().copied().zip(ends).filter(|(from, to)| has_scores(*from, *to)).collect();
    if groups.len() < 2 {
        return Ok(Vec::new());
    }
    let named = groups.iter().map(|(from, to)| {
        let above = grid.rows[..index].iter().rev().take(3);
        let texts = above.flat_map(|row| (*from..*to).map(|column| row.cell(column).text()));
        let name = texts
            .into_iter()
            .find(|text| !text.is_empty() && lists().field_of_heading(SECTION, text).is_none());
        let Some(name) = name else {
            let heading = &columns.headings[*from];
            return Err(SourceError::Unreadable(format!(
                "row {}: {} assessments are side by side, and above the columns from {heading} \
                 ({}) no facility is named; write \
                 its name above them",
                grid.rows[index].number,
                groups.len(),
                from + 1,
            )));
        };
        let own = (0..*to).map(|at| {
            let is_own = at >= *from || of_all_groups.contains(&Some(at));
            columns.headings.get(at).filter(|_| is_own).map_or("", String::as_str)
        });
        Ok((name, lists().columns(SECTION, own)))
    });
    named.collect()
}

/// Separates sheets that score the same hazards into one assessment each. The head or the name of a
/// sheet gives its organization, date or year. A sheet without any of these repeats another, and is
/// not read.
fn own_titles(tables: &mut Vec<AssessmentTable<'_>>, lookup: &Lookup, sink: &mut Sink) {
    let hazards: Vec<HashSet<String>> = tables.iter().map(hazards).collect();
    let repeats = |one: usize, other: usize| {
        let shared = hazards[one].intersection(&hazards[other]).count();
        shared >= 2 && 2 * shared >= hazards[one].len().min(hazards[other].len())
    };
    let is_repeated = |at: usize| (0..tables.len()).any(|other| other != at && repeats(at, other));
    let repeated: Vec<bool> = (0..tables.len()).map(is_repeated).collect();
    for (table, _) in
        tables.iter_mut().zip(&repeated).filter(|(table, repeated)| **repeated && !table.is_part)
    {
        let head = Title::of(&[], &[(&table.grid, table.index)]);
        let year = head.year.or_else(|| year_in(&table.grid.name));
        let named = || Some(table.grid.name.clone()).filter(|name| is_facility(name, lookup));
        let organization =
            head.organization.filter(|_| year_in(&table.grid.name).is_none()).or_else(named);
        let shared = &table.title;
        table.title = Title {
            organization: organization.or_else(|| shared.organization.clone()),
            assessed_on: head
                .assessed_on
                .or(shared.assessed_on.filter(|_| year.is_none() || head.year.is_some())),
            year: year.or(shared.year),
        };
    }
    let mut kept: Vec<usize> = Vec::new();
    for at in 0..tables.len() {
        let title = &tables[at].title;
        let same = |other: &&usize| {
            let known = &tables[**other].title;
            repeats(at, **other)
                && (&known.organization, known.assessed_on, known.year)
                    == (&title.organization, title.assessed_on, title.year)
        };
        match kept.iter().find(same) {
            // The longer of two sheets is the assessment; the other is a summary or a top ten of
            // it.
            Some(other) => {
                let (less, more) = if hazards[*other].len() < hazards[at].len() {
                    (*other, at)
                } else {
                    (at, *other)
                };
                let message = format!(
                    "sheet {} scores hazards of sheet {} again for the same organization and day, \
                     and is not read; if it is \
                     another facility's, write `Facility: NAME` above its table",
                    tables[less].grid.name, tables[more].grid.name
                );
                sink.warn(
                    WarningCode::RepeatedSheet,
                    None,
                    Some(&tables[less].grid.name),
                    &message,
                    0,
                );
                if less != at {
                    let other = *other;
                    kept.retain(|known| *known != other);
                    kept.push(at);
                }
            }
            None => kept.push(at),
        }
    }
    let mut at = 0;
    tables.retain(|_| {
        at += 1;
        kept.contains(&(at - 1))
    });
}

/// Returns the hazards that a table scores, normalized for comparison.
fn hazards(table: &AssessmentTable<'_>) -> HashSet<String> {
    let Some(column) = table.columns.index_of("hazard") else { return HashSet::new() };
    let scored = table.columns.index_of("probability").unwrap_or(column);
    let rows = table.grid.rows[table.index + 1..].iter().filter(|row| !row.cell(scored).is_empty());
    rows.map(|row| key(&row.cell(column).text())).filter(|name| name.len() > 2).collect()
}

/// Returns whether the name of a sheet is the name of a facility, a municipality or a region.
fn is_facility(name: &str, lookup: &Lookup) -> bool {
    super::category::category(name).is_none()
        && (names_organization(name)
            || lookup.lists().organizations.find(name).is_some()
            || lookup.lists().of(NamedList::Region).find(name).is_some()
            || !lookup.regions_of_municipality(name).is_empty())
}
