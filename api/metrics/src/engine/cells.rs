//! Cells of a plan: counts, keys and measures.

use std::cmp::Ordering;
use std::sync::Arc;

/// The cells of a plan: counts, then a column for each key and each measure.
#[derive(Clone, Debug, Default)]
pub struct CubeCells {
    /// Records in each cell.
    pub counts: Vec<u64>,
    /// Number of key columns, which come first.
    pub keys: usize,
    /// Keys, then measures.
    pub columns: Vec<(&'static str, CellColumn)>,
}

/// A column of an answer.
#[derive(Clone, Debug)]
pub enum CellColumn {
    /// Integers.
    Integer(Vec<Option<i64>>),
    /// Real numbers.
    Real(Vec<Option<f64>>),
    /// Labels, as positions in a list of names.
    Label(Vec<Option<i64>>, Arc<Vec<String>>),
}

impl CubeCells {
    /// Returns the bytes that the column takes in memory.
    pub fn bytes(&self) -> usize {
        self.counts.len() * size_of::<u64>()
            + self
                .columns
                .iter()
                .map(|(_, values)| values.len() * size_of::<Option<i64>>())
                .sum::<usize>()
    }

    /// Returns the rows at these positions.
    pub fn take(&self, rows: &[u32]) -> Self {
        let columns = self.columns.iter().map(|(name, values)| (*name, values.take(rows)));
        Self {
            counts: rows.iter().map(|row| self.counts[*row as usize]).collect(),
            keys: self.keys,
            columns: columns.collect(),
        }
    }
}

impl CellColumn {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Integer(list) | Self::Label(list, _) => list.len(),
            Self::Real(list) => list.len(),
        }
    }

    /// Returns the integers, or the positions of labels.
    pub fn integer(&self) -> &[Option<i64>] {
        match self {
            Self::Integer(list) | Self::Label(list, _) => list,
            Self::Real(_) => &[],
        }
    }

    /// Returns the real numbers.
    pub fn real(&self) -> &[Option<f64>] {
        if let Self::Real(list) = self { list } else { &[] }
    }

    /// Returns the name of a label.
    pub fn name(&self, code: i64) -> Option<&str> {
        let Self::Label(_, names) = self else { return None };
        names.get(usize::try_from(code).ok()?).map(String::as_str)
    }

    /// Compares two rows; labels compare by name.
    pub fn compare(&self, one: usize, two: usize) -> Ordering {
        match self {
            Self::Integer(list) => list[one].cmp(&list[two]),
            Self::Real(list) => list[one].partial_cmp(&list[two]).unwrap_or(Ordering::Equal),
            Self::Label(list, _) if list[one] == list[two] => Ordering::Equal,
            Self::Label(list, _) => {
                let name = |code: Option<i64>| code.and_then(|code| self.name(code));
                name(list[one]).cmp(&name(list[two]))
            }
        }
    }

    /// Returns a number that never contradicts the order of [`compare`](Self::compare), though rows
    /// may share it.
    pub fn rank(&self, row: usize) -> i64 {
        match self {
            Self::Integer(list) => list[row].unwrap_or(i64::MIN),
            Self::Real(_) | Self::Label(..) => 0,
        }
    }

    /// Returns the rows at these positions.
    pub fn take(&self, rows: &[u32]) -> Self {
        fn taken<T: Copy>(list: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|row| list[*row as usize]).collect()
        }
        match self {
            Self::Integer(list) => Self::Integer(taken(list, rows)),
            Self::Real(list) => Self::Real(taken(list, rows)),
            Self::Label(list, names) => Self::Label(taken(list, rows), Arc::clone(names)),
        }
    }
}
