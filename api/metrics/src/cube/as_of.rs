//! Limits a plan to the facts that count and were known on the as-of day. No other module decides
//! this.
//!
//! Each table declares its days and minutes (`Dated` of the snapshot's tables). Rows that came
//! later are left out, and values that came later are treated as missing. Facts of events that did
//! not take place are left out too: planned or canceled events, and incidents without a response.

use super::{Condition, Measure, Term, column, day, integer, is, when};
use crate::query::MetricQuery;
use crate::snapshot::{FieldKind, HELD, TableDefinition, table};

/// Filter for the facts of a table that were known on a day.
pub(super) struct KnownByThen {
    table: &'static TableDefinition,
    day: Term,
    /// First minute after the day.
    end: i64,
}

impl KnownByThen {
    /// Returns the filter for the as-of day of a query.
    pub fn on(query: &MetricQuery, name: &str) -> Self {
        Self { table: table(name), day: day(query.as_of), end: query.last_minute() }
    }

    /// Returns the conditions for rows that count.
    pub fn rows(&self) -> Vec<Condition> {
        let took_place = self.table.kind(HELD).map(|_| is(HELD));
        took_place
            .into_iter()
            .chain(self.table.dated.rows.iter().map(|name| self.by_then(name)))
            .collect()
    }

    /// Returns the condition that the column's day has passed. Returns `None` for days that may be
    /// in the future, such as due dates.
    pub fn happened(&self, name: &'static str) -> Option<Condition> {
        self.table.dated.values.contains(&name).then(|| self.by_then(name))
    }

    /// Rewrites a condition so that it uses only what was known.
    pub fn condition(&self, condition: &Condition) -> Condition {
        let all = |list: &[Condition]| list.iter().map(|one| self.condition(one)).collect();
        match condition {
            Condition::Compare(one, order, other) => {
                Condition::Compare(self.term(one), *order, self.term(other))
            }
            Condition::Known(term) => Condition::Known(self.term(term)),
            Condition::All(list) => Condition::All(all(list)),
            Condition::Any(list) => Condition::Any(all(list)),
            Condition::Not(one) => Condition::Not(Box::new(self.condition(one))),
            Condition::OneOf(..) | Condition::Named(..) | Condition::Holds(..) => condition.clone(),
        }
    }

    /// Rewrites a value so that it is missing if it became known later.
    pub fn term(&self, term: &Term) -> Term {
        let both =
            |one: &Term, other: &Term| (Box::new(self.term(one)), Box::new(self.term(other)));
        match term {
            Term::Column(name) => self.column(name),
            Term::Less(one, other) => {
                let (one, other) = both(one, other);
                Term::Less(one, other)
            }
            Term::AtLeast(one, other) => {
                let (one, other) = both(one, other);
                Term::AtLeast(one, other)
            }
            Term::Else(one, other) => {
                let (one, other) = both(one, other);
                Term::Else(one, other)
            }
            Term::When(condition, one, other) => {
                let (one, other) = both(one, other);
                Term::When(Box::new(self.condition(condition)), one, other)
            }
            // The plan retains only rows whose day has passed.
            Term::Period(..) | Term::Number(_) | Term::Missing => term.clone(),
        }
    }

    /// Rewrites a measure so that it uses only what was known.
    pub fn measure(&self, measure: &Measure) -> Measure {
        match measure {
            Measure::Sum(term) => Measure::Sum(self.term(term)),
            Measure::Count(condition) => Measure::Count(self.condition(condition)),
            Measure::Largest(term) => Measure::Largest(self.term(term)),
            Measure::Smallest(term) => Measure::Smallest(self.term(term)),
        }
    }

    fn column(&self, name: &'static str) -> Term {
        let dated = &self.table.dated;
        if dated.values.contains(&name) {
            return when(self.by_then(name), column(name), Term::Missing);
        }
        match dated.with.iter().find(|(value, _)| *value == name) {
            // A value without its own day is always known.
            Some((_, by)) => {
                when(self.by_then(by).or(column(by).known().not()), column(name), Term::Missing)
            }
            None => column(name),
        }
    }

    fn by_then(&self, name: &'static str) -> Condition {
        match self.table.kind(name) {
            Some(FieldKind::Day) => column(name).up_to(self.day.clone()),
            _ => column(name).under(integer(self.end)),
        }
    }
}
