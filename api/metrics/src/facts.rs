//! Declares once what a metric counts. Its numbers, the records behind a row, and the contributors
//! of a cell all follow from this declaration.

use std::collections::HashMap;

use serde::Serialize;

use crate::cube::{Condition, Cube, Term, integer, when};
use crate::query::{Dimension, MetricQuery};
use crate::snapshot::{FieldKind, table};

/// The part that a record has in a row.
///
/// A row's numerator is the number of its `Numerator` records. Its denominator is the number of
/// `Numerator` and `Denominator` records. Its n is the number of all its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Part {
    /// Counts in the numerator and in the denominator: the event of interest happened.
    Numerator,
    /// Counts in the denominator only.
    Denominator,
    /// Had not happened when observation ended; counts as lasting at least that long.
    Censored,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 3] = [Self::Numerator, Self::Denominator, Self::Censored];

    /// The name in GraphQL and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Numerator => "NUMERATOR",
            Self::Denominator => "DENOMINATOR",
            Self::Censored => "CENSORED",
        }
    }
}

/// Numbers of a row that are computed from a set of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// The value, its interval and n, and each extra that no other set lists.
    Row,
    /// These extras.
    Extras(&'static [&'static str]),
}

/// Rule by which the days and periods of a query select facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    /// By first day, last day and period.
    Query,
    /// By first and last day; a period does not split them.
    Unsplit,
    /// By the as-of day alone.
    AsOf,
    /// By the last day of the query, or of each of its periods.
    PeriodEnd,
}

/// A survival curve over facts: the time of each, and the numbers of a row that are its points.
#[derive(Clone, Debug)]
pub struct SurvivalCurve {
    /// Time from the start to the closure, or to the end of observation.
    pub time: Term,
    /// Condition of the facts that closed at their time; others were still open then.
    pub closed: Condition,
    /// True if the value is the median, with its interval.
    pub has_median_as_value: bool,
    /// Extras that are quantiles, or ends of a quantile's interval.
    pub quantiles: &'static [&'static str],
    /// Extras that are the share still open after a time, each with that time.
    pub shares: &'static [(&'static str, i64)],
}

/// A set of facts behind some numbers of a metric's rows.
#[derive(Clone, Debug)]
pub struct Facts {
    cube: Cube,
    kind: Option<&'static str>,
    key: &'static str,
    parts: Vec<(Part, Condition)>,
    rest: Part,
    numbers: Numbers,
    window: Window,
    ignored: &'static [Dimension],
    added: &'static [Dimension],
    chosen_group: Option<(Dimension, &'static str)>,
    answered_for: bool,
    unreleased: bool,
    splits: Vec<Vec<Condition>>,
    listed: HashMap<i64, Part>,
    further: Vec<(&'static str, Term)>,
    counted_in: Vec<&'static str>,
    curve: Option<SurvivalCurve>,
}

impl Facts {
    /// Facts of one table, each a record of this GraphQL type with its id in this column. All are
    /// in the denominator until a part is declared.
    pub fn of(kind: &'static str, key: &'static str, cube: Cube) -> Self {
        Self {
            cube,
            kind: Some(kind),
            key,
            parts: Vec::new(),
            rest: Part::Denominator,
            numbers: Numbers::Row,
            window: Window::Query,
            ignored: &[],
            added: &[],
            chosen_group: None,
            answered_for: false,
            unreleased: false,
            splits: Vec::new(),
            listed: HashMap::new(),
            further: Vec::new(),
            counted_in: Vec::new(),
            curve: None,
        }
    }

    /// Capability ratings.
    pub fn ratings(cube: Cube) -> Self {
        Self::of("CapabilityRating", "rating_id", cube)
    }

    /// Corrective actions.
    pub fn actions(cube: Cube) -> Self {
        Self::of("CorrectiveAction", "action_id", cube)
    }

    /// Findings.
    pub fn findings(cube: Cube) -> Self {
        Self::of("Finding", "finding_id", cube)
    }

    /// Events.
    pub fn events(cube: Cube) -> Self {
        Self::of("Event", "event_id", cube)
    }

    /// Marks the facts as not listed individually.
    pub fn unlisted(mut self) -> Self {
        self.kind = None;
        self
    }

    /// Declares that rows count something other than records, such as duties, for which these facts
    /// answer.
    pub fn answering_for_rows(mut self) -> Self {
        self.answered_for = true;
        self
    }

    /// Marks the numbers as never published about other regions.
    pub fn unreleased(mut self) -> Self {
        self.unreleased = true;
        self
    }

    /// Returns true if the numbers are never published about other regions.
    pub fn is_unreleased(&self) -> bool {
        self.unreleased
    }

    /// Returns true if rows count something other than these facts.
    pub fn are_answered_for(&self) -> bool {
        self.answered_for
    }

    /// Puts facts that meet the condition into the numerator.
    pub fn numerator(self, condition: Condition) -> Self {
        self.part(Part::Numerator, condition)
    }

    /// Puts every fact into the numerator.
    pub fn all_in_numerator(self) -> Self {
        self.rest(Part::Numerator)
    }

    /// Declares facts that meet no other condition as censored.
    pub fn censored_otherwise(self) -> Self {
        self.rest(Part::Censored)
    }

    /// Declares the part of facts that meet the condition and no earlier one.
    pub fn part(mut self, part: Part, condition: Condition) -> Self {
        self.parts.push((part, condition));
        self
    }

    fn rest(mut self, part: Part) -> Self {
        self.rest = part;
        self
    }

    /// Sets the parts of records, by id, that the metric has computed itself.
    pub fn listed(mut self, parts: HashMap<i64, Part>) -> Self {
        self.listed = parts;
        self
    }

    /// Declares that these extras state the number of facts, of those in the numerator, or of the
    /// others.
    pub fn counted_in(mut self, extras: &[&'static str]) -> Self {
        self.counted_in.extend(extras);
        self
    }

    /// Declares that an extra states the number of facts that meet the condition.
    pub fn stating(self, extra: &'static str, condition: Condition) -> Self {
        self.stating_sum(extra, when(condition, integer(1), integer(0)))
    }

    /// Declares that an extra states the sum of an amount over the facts.
    pub fn stating_sum(mut self, extra: &'static str, amount: Term) -> Self {
        self.further.push((extra, amount));
        self
    }

    /// Returns the numbers of a row, other than n and the numerator, that are sums over the facts: the
    /// name of each extra, and the amount that a fact adds to it.
    pub fn further(&self) -> &[(&'static str, Term)] {
        &self.further
    }

    /// Returns the extras that are sums over the facts: numbers of them, or of amounts.
    pub fn sums(&self) -> impl Iterator<Item = &'static str> {
        let further = self.further.iter().map(|(extra, _)| *extra);
        self.counted_in.iter().copied().chain(further)
    }

    /// Returns true if the numerator of a row is a number of facts.
    pub fn has_numerator(&self) -> bool {
        self.rest == Part::Numerator || self.parts.iter().any(|(part, _)| *part == Part::Numerator)
    }

    /// Declares the survival curve of the facts. A release withholds points that rest on too few.
    pub fn with_curve(mut self, curve: SurvivalCurve) -> Self {
        self.curve = Some(curve);
        self
    }

    /// Returns the survival curve of the facts.
    pub fn curve(&self) -> Option<&SurvivalCurve> {
        self.curve.as_ref()
    }

    /// Declares that only these extras depend on the facts.
    pub fn for_extras(mut self, extras: &'static [&'static str]) -> Self {
        self.numbers = Numbers::Extras(extras);
        self
    }

    /// Declares that the query's period does not split the facts.
    pub fn unsplit(mut self) -> Self {
        self.window = Window::Unsplit;
        self
    }

    /// Declares that the as-of day alone selects the facts.
    pub fn on_as_of_day(mut self) -> Self {
        self.window = Window::AsOf;
        self
    }

    /// Declares a stock: the facts that are true at the end of a period.
    pub fn at_period_ends(mut self) -> Self {
        self.window = Window::PeriodEnd;
        self
    }

    /// Declares conditions that divide the facts into sets that other metrics publish.
    pub fn split(mut self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.splits.push(conditions.into_iter().collect());
        self
    }

    /// Adds a condition that facts must meet.
    pub fn only(mut self, condition: Condition) -> Self {
        self.cube = self.cube.only(condition);
        self
    }

    /// Returns all partitions of the facts: by the declared parts, and into sets of other metrics.
    pub fn partitions(&self) -> Vec<Vec<Condition>> {
        let parts: Vec<Condition> =
            self.parts.iter().map(|(_, condition)| condition.clone()).collect();
        [parts]
            .into_iter()
            .filter(|parts| !parts.is_empty())
            .chain(self.splits.iter().cloned())
            .collect()
    }

    /// Returns the number of partitions by declared parts, which come first.
    pub fn own_partitions(&self) -> usize {
        usize::from(!self.parts.is_empty())
    }

    /// Declares that groups and filters by these dimensions do not select among the facts.
    pub fn ignoring(mut self, dimensions: &'static [Dimension]) -> Self {
        self.ignored = dimensions;
        self
    }

    /// Declares dimensions that every row has, even if the query does not group by them.
    pub fn also_by(mut self, dimensions: &'static [Dimension]) -> Self {
        self.added = dimensions;
        self
    }

    /// Declares that a row rests on one group of the facts by this dimension. The row names the
    /// group in this extra; a row without a name rests on none of the facts.
    pub fn of_group_named_in(mut self, dimension: Dimension, extra: &'static str) -> Self {
        self.chosen_group = Some((dimension, extra));
        self
    }

    /// Returns the dimension whose group a row names, and the extra that names the group.
    pub fn chosen_group(&self) -> Option<(Dimension, &'static str)> {
        self.chosen_group
    }

    /// Returns the facts as a cube without measures.
    pub fn cube(&self) -> Cube {
        self.cube.clone()
    }

    /// Returns the condition for the declared numerator.
    pub fn is_in_numerator(&self) -> Condition {
        let numerator = self.parts.iter().filter(|(part, _)| *part == Part::Numerator);
        Condition::Any(numerator.map(|(_, condition)| condition.clone()).collect())
    }

    /// Returns the facts as a cube that counts those in the numerator under this name.
    pub fn counting(&self, name: &'static str) -> Cube {
        self.cube().count(name, self.is_in_numerator())
    }

    /// Returns the GraphQL type of the records; `None` if they are not listed individually.
    pub fn kind(&self) -> Option<&'static str> {
        self.kind
    }

    /// Column that holds the id of the record.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Returns the numbers that depend on the facts.
    pub fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// Returns the part of a record that the metric has computed itself.
    pub fn listed_part(&self, key: i64) -> Option<Part> {
        self.listed.get(&key).copied()
    }

    /// Returns the declared parts with their conditions. The first true condition decides.
    pub fn parts(&self) -> &[(Part, Condition)] {
        &self.parts
    }

    /// Returns the part of facts that meet no declared condition.
    pub fn other_part(&self) -> Part {
        self.rest
    }

    /// Returns the query as it selects among these facts.
    pub fn select(&self, query: &MetricQuery) -> MetricQuery {
        let mut query = MetricQuery { group_by: None, ..query.clone() };
        match self.window {
            Window::Query => {}
            Window::Unsplit => query.period = None,
            Window::PeriodEnd => {
                let last = query.to.map_or(query.as_of, |to| to.min(query.as_of));
                (query.as_of, query.period, query.from, query.to) = (last, None, None, None);
            }
            Window::AsOf => (query.period, query.from, query.to) = (None, None, None),
        }
        query.filter.retain(|dimension, _| !self.ignored.contains(dimension));
        query
    }

    /// Returns the dimensions that split the facts.
    pub fn split_by(&self, by: &[Dimension]) -> Vec<Dimension> {
        let chosen = self.chosen_group.map(|(dimension, _)| dimension);
        let added = self.added.iter().copied().chain(chosen);
        by.iter()
            .copied()
            .chain(added.filter(|dimension| !by.contains(dimension)))
            .filter(|dimension| !self.ignored.contains(dimension))
            .collect()
    }

    /// Returns the dimensions that every row has, even if the query does not group by them.
    pub fn added(&self) -> &'static [Dimension] {
        self.added
    }

    /// Returns the dimensions that do not select among the facts.
    pub fn ignored(&self) -> &'static [Dimension] {
        self.ignored
    }

    /// Returns true if a query's period splits the facts.
    pub fn is_split_by_period(&self) -> bool {
        self.window == Window::Query
    }

    /// Returns true if the facts are a stock at the end of a period.
    pub fn is_at_period_ends(&self) -> bool {
        self.window == Window::PeriodEnd
    }

    /// Returns the columns of days, minutes, flags and other numbers. A correction of a fact may
    /// change them while the fact still counts.
    pub fn values(&self) -> Vec<(&'static str, FieldKind)> {
        table(self.cube.table).values().collect()
    }

    /// Returns true if records of one event are alike: each record has an event and is not one.
    pub fn cluster_by_event(&self) -> bool {
        self.key != "event_id" && self.has("event_id")
    }

    /// Returns whether the table has a column.
    pub fn has(&self, column: &str) -> bool {
        table(self.cube.table).kind(column).is_some()
    }
}
