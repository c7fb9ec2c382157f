//! What a metric counts, declared once: its numbers, the records behind a row and the contributors
//! of a cell all follow from it.

use std::collections::HashMap;

use serde::Serialize;

use crate::cube::{Condition, Cube, Measure};
use crate::query::{Dimension, MetricQuery};
use crate::snapshot::table;

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
    /// The value, its interval and n; and each extra that no other set claims.
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
    answered_for: bool,
    unreleased: bool,
    splits: Vec<Vec<Condition>>,
    listed: HashMap<i64, Part>,
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
            answered_for: false,
            unreleased: false,
            splits: Vec::new(),
            listed: HashMap::new(),
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

    /// The facts are not listed one by one.
    pub fn unlisted(mut self) -> Self {
        self.kind = None;
        self
    }

    /// The rows count something that is no record, such as duties, and that these facts answer for.
    pub fn answering_for_rows(mut self) -> Self {
        self.answered_for = true;
        self
    }

    /// The numbers are never published about other regions.
    pub fn unreleased(mut self) -> Self {
        self.unreleased = true;
        self
    }

    /// Returns whether the numbers are never published about other regions.
    pub fn is_unreleased(&self) -> bool {
        self.unreleased
    }

    /// Returns whether the rows count something else than these facts.
    pub fn are_answered_for(&self) -> bool {
        self.answered_for
    }

    /// Facts that meet the condition are in the numerator.
    pub fn numerator(self, condition: Condition) -> Self {
        self.part(Part::Numerator, condition)
    }

    /// Every fact is in the numerator.
    pub fn all_in_numerator(self) -> Self {
        self.rest(Part::Numerator)
    }

    /// Facts that meet no other condition are censored.
    pub fn censored_otherwise(self) -> Self {
        self.rest(Part::Censored)
    }

    /// Facts that meet the condition, and none declared before, have this part.
    pub fn part(mut self, part: Part, condition: Condition) -> Self {
        self.parts.push((part, condition));
        self
    }

    fn rest(mut self, part: Part) -> Self {
        self.rest = part;
        self
    }

    /// Records whose part the metric computes itself, by id.
    pub fn listed(mut self, parts: HashMap<i64, Part>) -> Self {
        self.listed = parts;
        self
    }

    /// Only these extras rest on the facts.
    pub fn for_extras(mut self, extras: &'static [&'static str]) -> Self {
        self.numbers = Numbers::Extras(extras);
        self
    }

    /// A period in the query does not split the facts.
    pub fn unsplit(mut self) -> Self {
        self.window = Window::Unsplit;
        self
    }

    /// The as-of day alone selects the facts: first day, last day and period do not.
    pub fn on_as_of_day(mut self) -> Self {
        self.window = Window::AsOf;
        self
    }

    /// The facts are those that hold at the end of a period: a stock.
    pub fn at_period_ends(mut self) -> Self {
        self.window = Window::PeriodEnd;
        self
    }

    /// The conditions divide the facts into sets that other metrics publish.
    pub fn split(mut self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.splits.push(conditions.into_iter().collect());
        self
    }

    /// Only facts that meet this too.
    pub fn only(mut self, condition: Condition) -> Self {
        self.cube = self.cube.only(condition);
        self
    }

    /// All ways in which the facts divide: by the declared parts, and into sets of other metrics.
    pub fn partitions(&self) -> Vec<Vec<Condition>> {
        let parts: Vec<Condition> =
            self.parts.iter().map(|(_, condition)| condition.clone()).collect();
        [parts]
            .into_iter()
            .filter(|parts| !parts.is_empty())
            .chain(self.splits.iter().cloned())
            .collect()
    }

    /// How many of the partitions are the declared parts, which come first.
    pub fn own_partitions(&self) -> usize {
        usize::from(!self.parts.is_empty())
    }

    /// Groups and filters by these dimensions do not select among the facts.
    pub fn ignoring(mut self, dimensions: &'static [Dimension]) -> Self {
        self.ignored = dimensions;
        self
    }

    /// Rows are about these dimensions even where the query does not group by them.
    pub fn also_by(mut self, dimensions: &'static [Dimension]) -> Self {
        self.added = dimensions;
        self
    }

    /// The facts as a cube without measures.
    pub fn cube(&self) -> Cube {
        self.cube.clone()
    }

    /// A count of the facts in the numerator.
    pub fn numerator_measure(&self) -> Measure {
        let numerator = self.parts.iter().filter(|(part, _)| *part == Part::Numerator);
        Measure::Count(Condition::Any(numerator.map(|(_, condition)| condition.clone()).collect()))
    }

    /// The facts as a cube with a count of those in the numerator, under this name.
    pub fn counting(&self, name: &'static str) -> Cube {
        self.cube().measure(name, self.numerator_measure())
    }

    /// GraphQL type of the records; none for facts that are not listed one by one.
    pub fn kind(&self) -> Option<&'static str> {
        self.kind
    }

    /// Column that holds the id of the record.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Which numbers rest on the facts.
    pub fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// The part of a record that the metric computed itself.
    pub fn listed_part(&self, key: i64) -> Option<Part> {
        self.listed.get(&key).copied()
    }

    /// The declared parts with what their facts must meet. The first that holds decides.
    pub fn parts(&self) -> &[(Part, Condition)] {
        &self.parts
    }

    /// The part of a fact that meets no declared condition.
    pub fn other_part(&self) -> Part {
        self.rest
    }

    /// The query as it selects among the facts.
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

    /// The dimensions that split the facts.
    pub fn split_by(&self, by: &[Dimension]) -> Vec<Dimension> {
        let added = self.added.iter().filter(|dimension| !by.contains(dimension));
        by.iter()
            .chain(added)
            .copied()
            .filter(|dimension| !self.ignored.contains(dimension))
            .collect()
    }

    /// The dimensions that rows are about even where the query does not group by them.
    pub fn added(&self) -> &'static [Dimension] {
        self.added
    }

    /// The dimensions that do not select among the facts.
    pub fn ignored(&self) -> &'static [Dimension] {
        self.ignored
    }

    /// Returns whether a query's period splits the facts.
    pub fn is_split_by_period(&self) -> bool {
        self.window == Window::Query
    }

    /// Returns whether the facts are those that hold at the end of a period.
    pub fn is_at_period_ends(&self) -> bool {
        self.window == Window::PeriodEnd
    }

    /// Columns of days, minutes and flags: what a correction of a fact changes, whether or not the
    /// fact still counts.
    pub fn values(&self) -> Vec<&'static str> {
        table(self.cube.table).values().collect()
    }

    /// Returns whether the table has a column.
    pub fn has(&self, column: &str) -> bool {
        table(self.cube.table).kind(column).is_some()
    }
}
