//! Converts Arrow arrays of any width and encoding to the cells of an answer.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, RecordBatch};
use arrow_schema::DataType;

use super::CellColumn;

/// Reason why an answer cannot be decoded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// The answer has another number of columns.
    #[error("{found} columns instead of {expected}")]
    Columns {
        /// Number of columns.
        found: usize,
        /// Number of columns of the query.
        expected: usize,
    },
    /// A column has a type that no query returns.
    #[error("a column of {0}")]
    Type(DataType),
    /// The batches of an answer differ in the type of a column.
    #[error("a column that changes its type")]
    ChangedType,
    /// A number does not fit.
    #[error("a number beyond 64 bits")]
    Beyond,
    /// A column has values of another kind.
    #[error("{found} where {expected} should be")]
    Kind {
        /// Kind of the values.
        found: &'static str,
        /// Kind that the query returns.
        expected: &'static str,
    },
    /// A label is not in the list of the exported tables.
    #[error("an unknown label {0}")]
    Label(String),
    /// A group has no count.
    #[error("a group without a count")]
    NoCount,
}

/// A decoded column.
#[derive(Clone, Debug, PartialEq)]
pub enum DecodedColumn {
    Integer(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    Text(Vec<Option<String>>),
}

impl Default for DecodedColumn {
    fn default() -> Self {
        Self::Integer(Vec::new())
    }
}

/// Concatenates the columns of all batches.
///
/// # Errors
/// If the number of columns is wrong, or a column has an unexpected type.
pub fn cells(batches: &[RecordBatch], width: usize) -> Result<Vec<DecodedColumn>, DecodeError> {
    let mut columns: Vec<Option<DecodedColumn>> = vec![None; width];
    for batch in batches {
        if batch.num_columns() != width {
            return Err(DecodeError::Columns { found: batch.num_columns(), expected: width });
        }
        for (column, array) in columns.iter_mut().zip(batch.columns()) {
            let more = read(array)?;
            *column = Some(match column.take() {
                None => more,
                Some(known) => known.and(more)?,
            });
        }
    }
    Ok(columns.into_iter().map(Option::unwrap_or_default).collect())
}

fn read(array: &ArrayRef) -> Result<DecodedColumn, DecodeError> {
    fn primitive<T: ArrowPrimitiveType, V>(
        array: &ArrayRef,
        convert: impl Fn(T::Native) -> V,
    ) -> Vec<Option<V>> {
        array.as_primitive::<T>().iter().map(|value| value.map(&convert)).collect()
    }
    fn owned<'a>(values: impl Iterator<Item = Option<&'a str>>) -> DecodedColumn {
        DecodedColumn::Text(values.map(|value| value.map(str::to_owned)).collect())
    }
    Ok(match array.data_type() {
        DataType::Int8 => DecodedColumn::Integer(primitive::<Int8Type, _>(array, i64::from)),
        DataType::Int16 => DecodedColumn::Integer(primitive::<Int16Type, _>(array, i64::from)),
        DataType::Int32 => DecodedColumn::Integer(primitive::<Int32Type, _>(array, i64::from)),
        DataType::Int64 => DecodedColumn::Integer(primitive::<Int64Type, _>(array, |value| value)),
        DataType::UInt8 => DecodedColumn::Integer(primitive::<UInt8Type, _>(array, i64::from)),
        DataType::UInt16 => DecodedColumn::Integer(primitive::<UInt16Type, _>(array, i64::from)),
        DataType::UInt32 => DecodedColumn::Integer(primitive::<UInt32Type, _>(array, i64::from)),
        DataType::UInt64 => {
            let values = primitive::<UInt64Type, _>(array, i64::try_from);
            let values: Result<_, _> = values.into_iter().map(Option::transpose).collect();
            DecodedColumn::Integer(values.map_err(|_| DecodeError::Beyond)?)
        }
        DataType::Float32 => DecodedColumn::Real(primitive::<Float32Type, _>(array, f64::from)),
        DataType::Float64 => DecodedColumn::Real(primitive::<Float64Type, _>(array, |value| value)),
        DataType::Utf8 => owned(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => owned(array.as_string::<i64>().iter()),
        DataType::Utf8View => owned(array.as_string_view().iter()),
        DataType::Null => DecodedColumn::Integer(vec![None; array.len()]),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let positions = dictionary.normalized_keys();
            let there = |row: usize| dictionary.keys().is_valid(row);
            read(dictionary.values())?.at(positions
                .into_iter()
                .enumerate()
                .map(|(row, position)| there(row).then_some(position)))
        }
        other => return Err(DecodeError::Type(other.clone())),
    })
}

impl DecodedColumn {
    /// Appends values of the same kind.
    fn and(self, more: Self) -> Result<Self, DecodeError> {
        fn joined<T>(mut one: Vec<T>, other: Vec<T>) -> Vec<T> {
            one.extend(other);
            one
        }
        Ok(match (self, more) {
            (Self::Integer(one), Self::Integer(other)) => Self::Integer(joined(one, other)),
            (Self::Real(one), Self::Real(other)) => Self::Real(joined(one, other)),
            (Self::Text(one), Self::Text(other)) => Self::Text(joined(one, other)),
            _ => return Err(DecodeError::ChangedType),
        })
    }

    /// Returns the values at these positions.
    fn at(&self, positions: impl Iterator<Item = Option<usize>>) -> Self {
        fn taken<T: Clone>(
            list: &[Option<T>],
            positions: impl Iterator<Item = Option<usize>>,
        ) -> Vec<Option<T>> {
            positions
                .map(|position| position.and_then(|position| list.get(position).cloned().flatten()))
                .collect()
        }
        match self {
            Self::Integer(list) => Self::Integer(taken(list, positions)),
            Self::Real(list) => Self::Real(taken(list, positions)),
            Self::Text(list) => Self::Text(taken(list, positions)),
        }
    }

    /// Returns the marked rows.
    pub fn only(self, marked: &[bool]) -> Self {
        let rows = marked
            .iter()
            .enumerate()
            .filter(|(_, is_marked)| **is_marked)
            .map(|(row, _)| Some(row));
        self.at(rows)
    }

    /// Returns the counts of groups.
    ///
    /// # Errors
    /// If the column has other values, or a group has none.
    pub fn counts(self) -> Result<Vec<u64>, DecodeError> {
        let count = |count: Option<i64>| count.map(i64::unsigned_abs).ok_or(DecodeError::NoCount);
        self.integer()?.into_iter().map(count).collect()
    }

    /// Returns the integers.
    ///
    /// # Errors
    /// If the column has other values.
    pub fn integer(self) -> Result<Vec<Option<i64>>, DecodeError> {
        match self {
            Self::Integer(list) => Ok(list),
            Self::Real(_) => {
                Err(DecodeError::Kind { found: "fractions", expected: "whole numbers" })
            }
            Self::Text(_) => Err(DecodeError::Kind { found: "texts", expected: "whole numbers" }),
        }
    }

    /// Converts the column to numbers.
    ///
    /// # Errors
    /// If the column has texts.
    pub fn values(self) -> Result<CellColumn, DecodeError> {
        match self {
            Self::Integer(list) => Ok(CellColumn::Integer(list)),
            Self::Real(list) => Ok(CellColumn::Real(list)),
            Self::Text(_) => Err(DecodeError::Kind { found: "texts", expected: "numbers" }),
        }
    }

    /// Converts the column to labels from a list of names.
    ///
    /// # Errors
    /// If the column has an unknown name, or numbers.
    pub fn labels(self, names: &Arc<Vec<String>>) -> Result<CellColumn, DecodeError> {
        let list = match self {
            Self::Text(list) => list,
            Self::Integer(list) if list.iter().all(Option::is_none) => vec![None; list.len()],
            _ => return Err(DecodeError::Kind { found: "numbers", expected: "labels" }),
        };
        let positions: HashMap<&str, i64> = names.iter().map(String::as_str).zip(0..).collect();
        let position = |name: Option<String>| {
            let position = |name: String| {
                positions
                    .get(name.as_str())
                    .copied()
                    .ok_or_else(|| DecodeError::Label(name.clone()))
            };
            name.map(position).transpose()
        };
        Ok(CellColumn::Label(
            list.into_iter().map(position).collect::<Result<_, _>>()?,
            Arc::clone(names),
        ))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{
        DictionaryArray, Float64Array, Int8Array, Int32Array, LargeStringArray, StringArray,
        StringViewArray, UInt64Array,
    };

    use super::*;

    #[test]
    fn every_width_and_encoding_is_read() {
        let integer = |array: ArrayRef| read(&array);
        let expected = Ok(DecodedColumn::Integer(vec![Some(3), None]));
        assert_eq!(integer(Arc::new(Int8Array::from(vec![Some(3), None]))), expected);
        assert_eq!(integer(Arc::new(Int32Array::from(vec![Some(3), None]))), expected);
        assert_eq!(integer(Arc::new(UInt64Array::from(vec![Some(3), None]))), expected);
        assert!(integer(Arc::new(UInt64Array::from(vec![u64::MAX]))).is_err());
        assert_eq!(
            integer(Arc::new(Float64Array::from(vec![0.1]))),
            Ok(DecodedColumn::Real(vec![Some(0.1)]))
        );
        let texts: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec![Some("b"), None, Some("a")])),
            Arc::new(LargeStringArray::from(vec![Some("b"), None, Some("a")])),
            Arc::new(StringViewArray::from(vec![Some("b"), None, Some("a")])),
            Arc::new(
                [Some("b"), None, Some("a")].into_iter().collect::<DictionaryArray<Int32Type>>(),
            ),
        ];
        let names = Arc::new(vec!["a".to_owned(), "b".to_owned()]);
        for array in texts {
            let kind = array.data_type().clone();
            let labels = read(&array).and_then(|cells| cells.labels(&names)).unwrap();
            assert_eq!(labels.integer(), [Some(1), None, Some(0)], "{kind}");
        }
        assert!(DecodedColumn::Text(vec![Some("c".into())]).labels(&names).is_err());
        let counts = |counts: [Option<i64>; 2]| DecodedColumn::Integer(counts.into()).counts();
        assert_eq!(counts([Some(3), Some(0)]), Ok(vec![3, 0]));
        assert_eq!(counts([Some(3), None]), Err(DecodeError::NoCount));
    }
}
