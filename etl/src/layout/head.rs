//! The beginning of a table, from which a layout is suggested.

use std::io::{BufRead, BufReader};

use hotwash_documents::archive::{Archive, Office};
use hotwash_documents::grid::{self, Grid, GridCell};
use hotwash_documents::input::Input;
use serde_json::{Map, Value};

use super::table::{cell, flatten};
use crate::error::ChoiceError;
use crate::reading::headings::{is_data, texts};
use crate::source::{SourceError, is_own_header, parquet_rows};

/// Maximum number of rows to read.
const ROWS: usize = 400;
/// Number of rows searched for the header.
const HEADER_ROWS: usize = 40;

/// Headings and first rows.
#[derive(Debug, Default)]
pub struct Head {
    /// Name of the sheet, if the workbook has several.
    pub sheet: Option<String>,
    /// Headings.
    pub headings: Vec<String>,
    /// First rows.
    pub rows: Vec<Vec<GridCell>>,
}

impl Head {
    /// Reads the beginning of a table; `known` counts the texts of a row that can be headings.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or contains no table.
    pub fn read(input: &Input, known: impl Fn(&[String]) -> usize) -> Result<Self, ChoiceError> {
        let mut magic = [0_u8; 4];
        let start = input.raw().and_then(|mut raw| std::io::Read::read(&mut raw, &mut magic));
        start?;
        match &magic {
            b"PAR1" => Ok(parquet(input)?),
            b"PK\x03\x04" => {
                let archive = Archive::open(input)?;
                if archive.kind == Office::Word {
                    return Err(ChoiceError::Unsuitable(
                        "a layout reads tables: CSV, XLSX, JSON Lines or Parquet; this is a Word \
                         document",
                    ));
                }
                let grids = grid::sheets(&archive, ROWS)?;
                let several = grids.iter().filter(|grid| grid.rows.len() > 1).count() > 1;
                let heads =
                    grids.iter().filter_map(|grid| Some((grid, Self::of_grid(grid, &known)?)));
                let best = heads.max_by_key(|(_, head)| (known(&head.headings), head.rows.len()));
                let (grid, head) =
                    best.ok_or(ChoiceError::Unsuitable("the workbook has no table"))?;
                Ok(Self { sheet: several.then(|| grid.name.clone()), ..head })
            }
            _ => {
                let text = input.decoded()?;
                let mut text = BufReader::new(text);
                let first = text.fill_buf()?;
                let first = first.strip_prefix("\u{feff}".as_bytes()).unwrap_or(first);
                match first.iter().find(|byte| !byte.is_ascii_whitespace()) {
                    Some(b'{') => lines(text),
                    Some(b'[') => list(text),
                    _ => {
                        let grid = grid::csv_grid(input, ROWS, is_own_header);
                        let grid = grid?;
                        Self::of_grid(&grid, &known)
                            .ok_or(ChoiceError::Unsuitable("the file holds no table"))
                    }
                }
            }
        }
    }

    fn of_grid(grid: &Grid, known: &impl Fn(&[String]) -> usize) -> Option<Self> {
        let filled =
            |row: &grid::GridRow| row.cells().iter().filter(|cell| !cell.is_empty()).count();
        let most = grid.rows.iter().take(HEADER_ROWS).map(filled).max()?;
        let rated = grid
            .rows
            .iter()
            .take(HEADER_ROWS)
            .enumerate()
            .filter(|(_, row)| 2 * filled(row) > most);
        let rated = rated.filter(|(_, row)| !is_data(&texts(row)));
        let (index, header) = rated
            .max_by_key(|(index, row)| (known(&texts(row)), std::cmp::Reverse(*index)))
            .filter(|_| most > 1)?;
        let width = grid.rows[index..].iter().map(|row| row.cells().len()).max()?;
        Some(Self {
            sheet: None,
            headings: (0..width).map(|column| header.cell(column).text()).collect(),
            rows: grid.rows[index + 1..]
                .iter()
                .map(|row| (0..width).map(|column| row.cell(column).clone()).collect())
                .collect(),
        })
    }

    fn of_objects(objects: &[Map<String, Value>]) -> Self {
        let mut head = Self::default();
        let flat: Vec<Vec<(String, GridCell)>> = objects
            .iter()
            .map(|object| {
                let mut flat = Vec::new();
                flatten("", object, &mut flat);
                flat
            })
            .collect();
        for (name, _) in flat.iter().flatten() {
            if !head.headings.contains(name) {
                head.headings.push(name.clone());
            }
        }
        for values in flat {
            let mut row = vec![GridCell::Empty; head.headings.len()];
            for (name, value) in values {
                if let Some(index) = head.headings.iter().position(|heading| *heading == name) {
                    row[index] = value;
                }
            }
            head.rows.push(row);
        }
        head
    }

    /// Returns the non-empty values of a column.
    pub fn values(&self, index: usize) -> impl Iterator<Item = &GridCell> {
        self.rows.iter().filter_map(move |row| row.get(index)).filter(|cell| !cell.is_empty())
    }
}

fn lines(text: impl BufRead) -> Result<Head, ChoiceError> {
    let mut objects = Vec::new();
    for line in text.lines().take(ROWS) {
        let line = line?;
        let line = line.trim_start_matches('\u{feff}').trim();
        if !line.is_empty() {
            let read = serde_json::from_str(line);
            objects.push(read.map_err(|error| {
                let (row, reason) = (objects.len() + 1, serde_json::Error::to_string(&error));
                ChoiceError::JsonLine { row, reason }
            })?);
        }
    }
    Ok(Head::of_objects(&objects))
}

fn list(text: impl BufRead) -> Result<Head, ChoiceError> {
    let objects: Vec<Map<String, Value>> = serde_json::from_reader(text).map_err(|error| {
        ChoiceError::Unreadable(format!("is not a list of JSON objects: {error}"))
    })?;
    Ok(Head::of_objects(&objects[..objects.len().min(ROWS)]))
}

fn parquet(input: &Input) -> Result<Head, SourceError> {
    let headings = parquet_rows::columns(input)?;
    let reader = parquet_rows::open(input)?;
    let rows = parquet_rows::rows(&reader)?.take(ROWS).filter_map(Result::ok);
    let rows = rows.map(|row| row.iter().map(|text| cell(text)).collect()).collect();
    Ok(Head { sheet: None, headings, rows })
}
