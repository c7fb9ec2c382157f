//! Expressions of a cube: terms, conditions and measures.

use chrono::NaiveDate;

use crate::query::Grain;

/// An integer value of a record. Days and minutes count from 1970.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// A column.
    Column(&'static str),
    /// A number.
    Number(i64),
    /// First month of the period that holds the day in this column, in months since the year 0.
    Period(&'static str, Grain),
    /// The first minus the second.
    Less(Box<Term>, Box<Term>),
    /// The larger of both; missing if the first is missing.
    AtLeast(Box<Term>, Box<Term>),
    /// The first, or the second if the first is missing.
    Else(Box<Term>, Box<Term>),
    /// The first if the condition is true, otherwise the second.
    When(Box<Condition>, Box<Term>, Box<Term>),
    /// A missing value.
    Missing,
}

/// A condition on a record. A comparison with a missing value is false.
///
/// ```
/// use hotwash_metrics::cube::{Comparator, Condition, column, integer};
///
/// let late = column("days_late").over(integer(0));
/// // "Over" is "under" with its sides exchanged, so that each condition has one form.
/// let expected = Condition::Compare(integer(0), Comparator::Under, column("days_late"));
/// assert_eq!(late, expected);
/// assert_eq!(late.clone().and(late.clone()), Condition::All(vec![late.clone(), late]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// Compares two values.
    Compare(Term, Comparator, Term),
    /// The column has one of these numbers.
    OneOf(&'static str, Vec<i64>),
    /// The label has one of these names.
    Named(&'static str, Vec<String>),
    /// The set of labels contains one of these names.
    Holds(&'static str, Vec<String>),
    /// The value is not missing.
    Known(Term),
    /// All conditions are true.
    All(Vec<Condition>),
    /// At least one condition is true.
    Any(Vec<Condition>),
    /// Negation.
    Not(Box<Condition>),
}

/// Comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparator {
    /// Equal.
    Equal,
    /// Less than.
    Under,
    /// Less than or equal.
    UpTo,
}

/// Aggregate over the records of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Sum of a value.
    Sum(Term),
    /// Number of records that meet a condition.
    Count(Condition),
    /// Largest value.
    Largest(Term),
    /// Smallest value.
    Smallest(Term),
}

/// A cube query over one table.
#[derive(Clone, Debug)]
pub struct Cube {
    /// Fact table.
    pub table: &'static str,
    /// Column with the day that selects records by period, first day and last day.
    pub day: Option<&'static str>,
    /// Conditions that a record must meet.
    pub only: Vec<Condition>,
    /// Keys in addition to the requested dimensions.
    pub keys: Vec<(&'static str, Term)>,
    /// Aggregates in addition to the count.
    pub measures: Vec<(&'static str, Measure)>,
}

impl Cube {
    /// Returns a cube over a table.
    pub fn of(table: &'static str) -> Self {
        Self { table, day: None, only: Vec::new(), keys: Vec::new(), measures: Vec::new() }
    }

    /// Selects records by the day in this column. A record without that day is in no period.
    pub fn by_day(mut self, column: &'static str) -> Self {
        self.day = Some(column);
        self
    }

    /// Adds a condition that records must meet.
    pub fn only(mut self, condition: Condition) -> Self {
        self.only.push(condition);
        self
    }

    /// Adds a group key.
    pub fn key(mut self, name: &'static str, term: Term) -> Self {
        self.keys.push((name, term));
        self
    }

    /// Adds a measure.
    pub fn measure(mut self, name: &'static str, measure: Measure) -> Self {
        self.measures.push((name, measure));
        self
    }

    /// Adds the sums of these columns, under their names.
    pub fn sums(self, columns: &[&'static str]) -> Self {
        columns
            .iter()
            .fold(self, |cube, column| cube.measure(column, Measure::Sum(Term::Column(column))))
    }

    /// Adds a count of the records that meet a condition.
    pub fn count(self, name: &'static str, condition: Condition) -> Self {
        self.measure(name, Measure::Count(condition))
    }
}

/// A column.
pub fn column(name: &'static str) -> Term {
    Term::Column(name)
}

/// A day.
pub fn day(day: NaiveDate) -> Term {
    Term::Number(day_number(day))
}

/// A number.
pub fn integer(number: i64) -> Term {
    Term::Number(number)
}

/// Days since 1970.
pub fn day_number(day: NaiveDate) -> i64 {
    (day - NaiveDate::default()).num_days()
}

/// Returns the day for a number of days since 1970.
pub fn day_of(number: i64) -> NaiveDate {
    NaiveDate::default() + chrono::Duration::days(number)
}

/// True if the label has this name.
pub fn named(column: &'static str, name: &str) -> Condition {
    Condition::Named(column, vec![name.to_owned()])
}

/// True if the flag is set.
pub fn is(column: &'static str) -> Condition {
    Condition::OneOf(column, vec![1])
}

/// The first if the condition is true, otherwise the second.
pub fn when(condition: Condition, then: Term, otherwise: Term) -> Term {
    Term::When(Box::new(condition), Box::new(then), Box::new(otherwise))
}

impl Term {
    /// This value minus the other.
    pub fn less(self, other: Term) -> Term {
        Term::Less(Box::new(self), Box::new(other))
    }

    /// The sum of both values.
    pub fn plus(self, other: Term) -> Term {
        self.less(integer(0).less(other))
    }

    /// The larger of both values; missing if this one is missing.
    pub fn at_least(self, other: Term) -> Term {
        Term::AtLeast(Box::new(self), Box::new(other))
    }

    /// This value, or the other if this one is missing.
    pub fn or_else(self, other: Term) -> Term {
        Term::Else(Box::new(self), Box::new(other))
    }

    /// True if both values are equal.
    pub fn equals(self, other: Term) -> Condition {
        Condition::Compare(self, Comparator::Equal, other)
    }

    /// True if this value is less than the other.
    pub fn under(self, other: Term) -> Condition {
        Condition::Compare(self, Comparator::Under, other)
    }

    /// True if this value is less than or equal to the other.
    pub fn up_to(self, other: Term) -> Condition {
        Condition::Compare(self, Comparator::UpTo, other)
    }

    /// True if this value is greater than the other.
    pub fn over(self, other: Term) -> Condition {
        other.under(self)
    }

    /// True if this value is greater than or equal to the other.
    pub fn from(self, other: Term) -> Condition {
        other.up_to(self)
    }

    /// True if the value is not missing.
    pub fn known(self) -> Condition {
        Condition::Known(self)
    }

    /// True if the value is missing or greater than the other: the event had not happened by then.
    pub fn not_by(self, other: Term) -> Condition {
        self.clone().known().not().or(self.over(other))
    }
}

impl Condition {
    /// True if both conditions are true.
    pub fn and(self, other: Condition) -> Condition {
        Condition::All(vec![self, other])
    }

    /// True if at least one condition is true.
    pub fn or(self, other: Condition) -> Condition {
        Condition::Any(vec![self, other])
    }

    /// Negation.
    #[expect(
        clippy::should_implement_trait,
        reason = "a chain of conditions reads in one direction"
    )]
    pub fn not(self) -> Condition {
        Condition::Not(Box::new(self))
    }
}
