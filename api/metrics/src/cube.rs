//! The cube: a filter and a group-by over one table of facts with counts, sums and extremes,
//! written once as a typed expression.
//!
//! Knows no engine: Polars runs it over the snapshot, and a distributed engine runs the same
//! expression as SQL. All its numbers are whole (days as counts of days, shares as counts), so that
//! every engine gives the same bits; the statistics follow after.

mod as_of;
mod groups;
mod query;

use chrono::NaiveDate;

use crate::query::Grain;
pub use groups::{CellGroup, filled};
pub use query::{CubePlan, chosen, cube};

/// A value of a record: whole numbers, with days as days since 1970 and minutes as minutes since
/// 1970.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// A column.
    Column(&'static str),
    /// A number.
    Number(i64),
    /// First month of the period that holds the day in this column, in months since the year 0.
    Period(&'static str, Grain),
    /// One less the other.
    Less(Box<Term>, Box<Term>),
    /// The first, but not under the second; missing where the first is.
    AtLeast(Box<Term>, Box<Term>),
    /// The first, or where it is missing the second.
    Else(Box<Term>, Box<Term>),
    /// The first where the condition holds, otherwise the second.
    When(Box<Condition>, Box<Term>, Box<Term>),
    /// Nothing.
    Missing,
}

/// A condition on a record; one that compares with what is missing does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
///
/// ```
/// use hotwash_metrics::cube::{Comparator, Condition, column, whole};
///
/// let late = column("days_late").over(whole(0));
/// // "Over" is "under" with its sides exchanged, so that each condition has one form.
/// let expected = Condition::Compare(whole(0), Comparator::Under, column("days_late"));
/// assert_eq!(late, expected);
/// assert_eq!(late.clone().and(late.clone()), Condition::All(vec![late.clone(), late]));
/// ```
pub enum Condition {
    /// Compares two values.
    Compare(Term, Comparator, Term),
    /// The column has one of these numbers.
    OneOf(&'static str, Vec<i64>),
    /// The label has one of these names.
    Named(&'static str, Vec<String>),
    /// The set of labels holds one of these names.
    Holds(&'static str, Vec<String>),
    /// The value is there.
    Known(Term),
    /// All hold.
    All(Vec<Condition>),
    /// One holds.
    Any(Vec<Condition>),
    /// Negation.
    Not(Box<Condition>),
}

/// Comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparator {
    /// Equal.
    Equal,
    /// Under.
    Under,
    /// Under or equal.
    UpTo,
}

/// Aggregate over the records of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Sum of a value.
    Sum(Term),
    /// Records on which a condition holds.
    Count(Condition),
    /// Largest value.
    Largest(Term),
    /// Smallest value.
    Smallest(Term),
}

/// The expression.
#[derive(Clone, Debug)]
pub struct Cube {
    /// Fact table.
    pub table: &'static str,
    /// Column of the day that periods and first and last days go by.
    pub day: Option<&'static str>,
    /// Conditions that a record must meet.
    pub only: Vec<Condition>,
    /// Keys besides the requested dimensions.
    pub keys: Vec<(&'static str, Term)>,
    /// Aggregates besides the count.
    pub measures: Vec<(&'static str, Measure)>,
}

impl Cube {
    /// A cube over a table.
    pub fn of(table: &'static str) -> Self {
        Self { table, day: None, only: Vec::new(), keys: Vec::new(), measures: Vec::new() }
    }

    /// Periods, first and last day go by this column; a record without it is not counted in any.
    pub fn by_day(mut self, column: &'static str) -> Self {
        self.day = Some(column);
        self
    }

    /// Only records that meet this too.
    pub fn only(mut self, condition: Condition) -> Self {
        self.only.push(condition);
        self
    }

    /// Grouped by this too.
    pub fn key(mut self, name: &'static str, term: Term) -> Self {
        self.keys.push((name, term));
        self
    }

    /// With a measure.
    pub fn measure(mut self, name: &'static str, measure: Measure) -> Self {
        self.measures.push((name, measure));
        self
    }

    /// With the sums of these columns, under their names.
    pub fn sums(self, columns: &[&'static str]) -> Self {
        columns
            .iter()
            .fold(self, |cube, column| cube.measure(column, Measure::Sum(Term::Column(column))))
    }

    /// With a count of the records that meet a condition.
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

/// The day of a number of days since 1970.
pub fn day_of(number: i64) -> NaiveDate {
    NaiveDate::default() + chrono::Duration::days(number)
}

/// The label has this name.
pub fn named(column: &'static str, name: &str) -> Condition {
    Condition::Named(column, vec![name.to_owned()])
}

/// A flag is set.
pub fn is(column: &'static str) -> Condition {
    Condition::OneOf(column, vec![1])
}

/// The first where the condition holds, otherwise the second.
pub fn when(condition: Condition, then: Term, otherwise: Term) -> Term {
    Term::When(Box::new(condition), Box::new(then), Box::new(otherwise))
}

impl Term {
    /// This less the other.
    pub fn less(self, other: Term) -> Term {
        Term::Less(Box::new(self), Box::new(other))
    }

    /// This and the other together.
    pub fn plus(self, other: Term) -> Term {
        self.less(integer(0).less(other))
    }

    /// This, but not under the other.
    pub fn at_least(self, other: Term) -> Term {
        Term::AtLeast(Box::new(self), Box::new(other))
    }

    /// This, or where it is missing the other.
    pub fn or_else(self, other: Term) -> Term {
        Term::Else(Box::new(self), Box::new(other))
    }

    /// Equal to the other.
    pub fn equals(self, other: Term) -> Condition {
        Condition::Compare(self, Comparator::Equal, other)
    }

    /// Under the other, or before it.
    pub fn under(self, other: Term) -> Condition {
        Condition::Compare(self, Comparator::Under, other)
    }

    /// Under the other or equal to it.
    pub fn up_to(self, other: Term) -> Condition {
        Condition::Compare(self, Comparator::UpTo, other)
    }

    /// Over the other, or after it.
    pub fn over(self, other: Term) -> Condition {
        other.under(self)
    }

    /// Over the other or equal to it.
    pub fn from(self, other: Term) -> Condition {
        other.up_to(self)
    }

    /// There.
    pub fn known(self) -> Condition {
        Condition::Known(self)
    }

    /// Missing, or over the other: what has not come to pass by then.
    pub fn not_by(self, other: Term) -> Condition {
        self.clone().known().not().or(self.over(other))
    }
}

impl Condition {
    /// Both hold.
    pub fn and(self, other: Condition) -> Condition {
        Condition::All(vec![self, other])
    }

    /// One of both holds.
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
