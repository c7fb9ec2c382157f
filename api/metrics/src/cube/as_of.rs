//! As-of filter: limits a plan to the facts that count, as known on a day. The only place that
//! decides both.
//!
//! Each table declares its days and minutes (`Dated` of the snapshot's tables): rows that came
//! later are left out, and values that came later read as missing. Facts of events that were not
//! held (planned, cancelled, or incidents that nobody responded to) are left out as well.

use super::{Condition, Measure, Term, column, day, integer, is, when};
use crate::query::MetricQuery;
use crate::snapshot::{FieldKind, HELD, TableDefinition, table};

/// What was known of a table on a day.
pub(super) struct KnownByThen {
    table: &'static TableDefinition,
    day: Term,
    /// First minute after the day.
    end: i64,
}

impl KnownByThen {
    /// On the as-of day of a question.
    pub fn on(query: &MetricQuery, name: &str) -> Self {
        Self { table: table(name), day: day(query.as_of), end: query.last_minute() }
    }

    /// The rows that count.
    pub fn rows(&self) -> Vec<Condition> {
        let took_place = self.table.kind(HELD).map(|_| is(HELD));
        took_place
            .into_iter()
            .chain(self.table.dated.rows.iter().map(|name| self.by_then(name)))
            .collect()
    }

    /// Only what had happened, for a column whose days are such; none for days that lie ahead, as
    /// due dates do.
    pub fn happened(&self, name: &'static str) -> Option<Condition> {
        self.table.dated.values.contains(&name).then(|| self.by_then(name))
    }

    /// A condition on what was known.
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

    /// A value of what was known.
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
            // Its rows are those on which its day had happened.
            Term::Period(..) | Term::Number(_) | Term::Missing => term.clone(),
        }
    }

    /// A measure of what was known.
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
            // A value without a day of its own was always known.
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
