//! Simulates an attacker with a key. The attacker reads all answers of the API, writes down every
//! sum that definitions and totals imply, and solves for the suppressed numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use hotwash_metrics::{
    Dimension, Grain, MetricQuery, MetricRow, Reliability, Snapshot, evaluate, registry,
};
use hotwash_schema::access::{Role, Viewer};

use super::solver::Relation;

/// Field for the part of n outside the numerator. Fields that count records add up: n, numerator,
/// this rest, and whole-number extras.
const REST: &str = "rest";

/// Counts that rest on other records than their row: on those that they count themselves. Every
/// other count classifies the records of its row.
const OWN_BASE: [(&str, &str); 9] = [
    ("aar_timeliness", "owed"),
    ("action_backlog", "opened"),
    ("action_backlog", "closed"),
    ("action_on_time", "withoutDueDate"),
    ("exercise_incident_gap", "exerciseN"),
    ("exercise_incident_gap", "incidentN"),
    ("improvement_priority", "open"),
    ("participation", "events"),
    ("risk_profile", "organizations"),
];

/// Number in a table: metric, field, dimensions, period and location.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    pub metric: &'static str,
    pub field: String,
    pub by: Vec<Dimension>,
    pub period: Option<Grain>,
    pub location: BTreeMap<String, String>,
    /// Release that states the number; the change between two releases is a number too.
    pub release: Edition,
}

/// Release among several, or the change since the previous one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edition {
    /// Previous release.
    Before,
    /// The only release, or the later one.
    #[default]
    Now,
    /// Difference of the two releases.
    Change,
    /// All of many releases from this one on, until the number's row moves.
    Since(usize),
    /// Difference between this one of many releases and the one before.
    ChangeIn(usize),
}

impl Number {
    /// Returns the same number in another release.
    pub fn of_edition(&self, release: Edition) -> Self {
        Self { release, ..self.clone() }
    }

    /// Returns the region of the number; none for a figure of the state.
    pub fn region(&self) -> Option<&str> {
        self.location.get("region").map(String::as_str)
    }

    /// Returns the number that represents its row.
    pub fn of_row(&self) -> Self {
        Self { field: String::new(), ..self.clone() }
    }

    /// Returns the number of records that the number rests on.
    ///
    /// A numerator of 1 with an n of 19 says of 19 records how many are done, not which one. The
    /// same holds for each class of a classification of the 19, such as ages of overdue actions.
    /// A class of one record would be a secret only if a release said more about it. Shares and medians
    /// over a class therefore rest on that class, and the release omits them.
    pub fn of_base(&self) -> Self {
        let field = match (self.metric, self.field.as_str()) {
            ("aar_timeliness", "final") => "owed",
            own if OWN_BASE.contains(&own) => own.1,
            _ => "n",
        };
        Self { field: field.to_owned(), ..self.clone() }
    }

    /// Returns whether it is the n of a table by these dimensions, without periods.
    pub fn is_n_by(&self, by: &[Dimension]) -> bool {
        self.field == "n" && self.by == by && self.period.is_none()
    }

    /// Returns the same number of a region, as stated in the table by region.
    pub fn of_region(&self, region: &str) -> Self {
        let mut of = self.clone();
        if !of.by.contains(&Dimension::Region) {
            of.by.insert(0, Dimension::Region);
            of.location.insert("region".into(), region.to_owned());
        }
        of
    }
}

/// Numbers by position; none for a suppressed number.
pub type TableNumbers = BTreeMap<Number, Option<i64>>;

/// Returns a viewer who may read only aggregates.
pub fn viewer() -> Viewer {
    Viewer { name: "attacker".into(), role: Role::Viewer, regions: Vec::new() }
}

/// Returns a viewer of one region.
pub fn member(region: &str) -> Viewer {
    Viewer { name: "attacker".into(), role: Role::Region, regions: vec![region.to_owned()] }
}

/// Returns the tables that can be requested: all tables, or those that a release may contain.
fn tables(dimensions: &[Dimension], all: bool) -> Vec<(Vec<Dimension>, Option<Grain>)> {
    let mut tables = Vec::new();
    for regions in [vec![], vec![Dimension::Region]] {
        for grain in [
            None,
            Some(Grain::Month),
            Some(Grain::Quarter),
            Some(Grain::Year),
            Some(Grain::FiscalYear),
        ] {
            tables.push((regions.clone(), grain));
            if grain.is_some() && !all {
                continue;
            }
            for further in dimensions.iter().filter(|one| **one != Dimension::Region) {
                tables.push(([regions.clone(), vec![*further]].concat(), grain));
            }
        }
    }
    tables
}

/// Reads every table of every metric as of a day.
pub fn read_as_of(snapshot: &Snapshot, viewer: &Viewer, as_of: NaiveDate) -> TableNumbers {
    read_by(!viewer.sees_all_detail(), |id, by, period| {
        let query =
            MetricQuery { as_of, group_by: Some(by.to_vec()), period, ..MetricQuery::default() };
        evaluate(snapshot, id, &query, viewer).ok().map(|result| result.rows.to_vec())
    })
}

/// Reads tables of every metric by query; `all` requests more than a release contains.
pub fn read_by(
    all: bool,
    mut query: impl FnMut(&str, &[Dimension], Option<Grain>) -> Option<Vec<MetricRow>>,
) -> TableNumbers {
    let mut numbers = TableNumbers::new();
    for metric in registry()
        .iter()
        .filter(|metric| metric.definition().dimensions.contains(&Dimension::Region))
    {
        let definition = metric.definition();
        for (by, period) in tables(definition.dimensions, all) {
            for row in query(definition.id, &by, period).iter().flatten() {
                collect_row(&mut numbers, definition.id, &by, period, row);
            }
        }
    }
    numbers
}

fn collect_row(
    numbers: &mut TableNumbers,
    metric: &'static str,
    by: &[Dimension],
    period: Option<Grain>,
    row: &MetricRow,
) {
    let mut location: BTreeMap<String, String> = row
        .dimensions
        .iter()
        .map(|(name, key)| (name.clone(), key.as_str().unwrap_or_default().to_owned()))
        .collect();
    location.remove("period");
    let suppressed = row.reliability == Reliability::Suppressed;
    let mut add = |field: &str, value: Option<i64>| {
        let number = Number {
            metric,
            field: field.to_owned(),
            by: by.to_vec(),
            period,
            location: location.clone(),
            release: Edition::Now,
        };
        numbers.insert(number, value.filter(|_| !suppressed));
    };
    add("n", Some(row.n as i64));
    let integer = |value: f64| (value.fract() == 0.0 && value.abs() < 1e12).then_some(value as i64);
    if let Some(numerator) = row.numerator.and_then(integer) {
        add("numerator", Some(numerator));
        add(REST, Some(row.n as i64 - numerator));
    } else if suppressed {
        add("numerator", None);
        add(REST, None);
    }
    // A median of whole days is no count: medians add up to nothing.
    let counts = row.extra.iter().filter(|(name, _)| !name.starts_with("median"));
    for (name, value) in counts {
        if let Some(value) = value.as_i64() {
            add(name, Some(value));
        }
    }
}

/// Adds the numbers of another reading as unknowns: the attacker knows that they exist.
pub fn with_unknowns(answers: &TableNumbers, truth: &TableNumbers) -> TableNumbers {
    let read: BTreeSet<(&str, &[Dimension], Option<Grain>)> =
        answers.keys().map(|number| (number.metric, number.by.as_slice(), number.period)).collect();
    let all = truth
        .keys()
        .filter(|number| read.contains(&(number.metric, number.by.as_slice(), number.period)));
    all.map(|number| (number.clone(), answers.get(number).copied().flatten())).collect()
}

/// Metric and name of a number in its rows.
type Field = (&'static str, String);

/// Pairs of fields that are equal where both occur, each with whether they are in periods too. Some
/// metrics state the same for every period. A pair that is equal without a period only is no
/// relation for the attacker, because it may be so in these warehouses alone; but what one of its
/// fields states is no secret in the other.
pub type EqualFields = BTreeMap<(Field, Field), bool>;

/// Fields that add up over a dimension or over periods.
pub type AdditiveFields = BTreeSet<(&'static str, String, String)>;

/// Returns the pairs of fields that are equal wherever both occur in these warehouses, or wherever
/// both occur in rows without a period.
pub fn equal_fields(worlds: &[TableNumbers]) -> EqualFields {
    let mut pairs = EqualFields::new();
    let is_without = |number: &Number| number.period.is_none();
    pairs.extend(equal_in(worlds, &is_without, 30).map(|pair| (pair, false)));
    pairs.extend(equal_in(worlds, &|_| true, 100).map(|pair| (pair, true)));
    pairs
}

/// Returns the pairs of fields that are equal wherever both occur in these rows, with more than so
/// many values above one.
fn equal_in(
    worlds: &[TableNumbers],
    is_chosen: &dyn Fn(&Number) -> bool,
    many: usize,
) -> impl Iterator<Item = (Field, Field)> {
    let mut fields: BTreeMap<Field, Vec<BTreeMap<String, i64>>> = BTreeMap::new();
    for (at, numbers) in worlds.iter().enumerate() {
        for (number, value) in numbers.iter().filter(|(number, _)| is_chosen(number)) {
            let location = format!("{:?} {:?} {:?}", number.by, number.period, number.location);
            let of = fields
                .entry((number.metric, number.field.clone()))
                .or_insert_with(|| vec![BTreeMap::new(); worlds.len()]);
            of[at].extend(value.map(|value| (location, value)));
        }
    }
    let list: Vec<_> = fields.iter().collect();
    let mut pairs = BTreeSet::new();
    for (at, (one, first)) in list.iter().enumerate() {
        for (other, second) in &list[at + 1..] {
            let mut shared = 0;
            let equal = first.iter().zip(second.iter()).all(|(first, second)| {
                first.iter().all(|(location, value)| match second.get(location) {
                    Some(other) => {
                        shared += usize::from(*value > 1);
                        other == value
                    }
                    None => true,
                })
            });
            if equal && shared > many {
                pairs.insert(((*one).clone(), (*other).clone()));
            }
        }
    }
    pairs.into_iter()
}

/// Returns the coarser numbers that contain a finer number.
fn coarser(number: &Number) -> Vec<(String, Number)> {
    let mut found = Vec::new();
    for (at, dimension) in number.by.iter().enumerate() {
        let mut coarse = number.clone();
        coarse.by.remove(at);
        coarse.location.remove(dimension.key());
        found.push((dimension.to_string(), coarse));
    }
    let longer: &[Option<Grain>] = match number.period {
        Some(Grain::Month) => {
            &[Some(Grain::Quarter), Some(Grain::Year), Some(Grain::FiscalYear), None]
        }
        Some(Grain::Quarter) => &[Some(Grain::Year), Some(Grain::FiscalYear), None],
        Some(Grain::Year | Grain::FiscalYear) => &[None],
        None => &[],
    };
    for grain in longer {
        let mut coarse = number.clone();
        coarse.period = *grain;
        if let Some(start) = coarse.location.remove("periodStart")
            && let Some(grain) = grain
        {
            let start = hotwash_metrics::Period::of(start.parse().unwrap(), *grain).start;
            coarse.location.insert("periodStart".into(), start.to_string());
        }
        found.push((format!("{:?}", grain), coarse));
    }
    found
}

fn sums(numbers: &TableNumbers) -> HashMap<(String, Number), Vec<Number>> {
    let mut sums: HashMap<(String, Number), Vec<Number>> = HashMap::new();
    for number in numbers.keys() {
        for (how, coarse) in coarser(number) {
            if numbers.contains_key(&coarse) {
                sums.entry((format!("{:?} {how}", number.by), coarse))
                    .or_default()
                    .push(number.clone());
            }
        }
    }
    sums
}

/// Returns the fields that add up wherever they occur in these warehouses.
pub fn additive(worlds: &[TableNumbers]) -> AdditiveFields {
    let (mut holds, mut fails) = (AdditiveFields::new(), AdditiveFields::new());
    for numbers in worlds {
        for ((how, total), parts) in sums(numbers) {
            let value = |number: &Number| numbers[number];
            let sum: Option<i64> = parts.iter().map(value).sum();
            let key = (total.metric, total.field.clone(), how);
            if sum.zip(value(&total)).is_some_and(|(sum, total)| sum == total) {
                &mut holds
            } else {
                &mut fails
            }
            .insert(key);
        }
    }
    holds.difference(&fails).cloned().collect()
}

/// Returns the relations of shares by element: the areas of all elements add up to the n that each of
/// their rows states.
fn elements(answers: &TableNumbers) -> Vec<Relation> {
    let mut rows: BTreeMap<Number, Vec<&Number>> = BTreeMap::new();
    let of_elements = answers.keys().filter(|number| number.metric == "poete_mix");
    for number in of_elements.filter(|number| number.field == "numerator") {
        let mut all = number.clone();
        all.location.remove(Dimension::Element.key());
        rows.entry(all).or_default().push(number);
    }
    let relation = |numerators: Vec<&Number>| {
        // The rows of all elements state the same n, so one that the attacker reads is enough.
        let mut totals =
            numerators.iter().map(|number| Number { field: "n".into(), ..(*number).clone() });
        let total = totals.find(|number| answers.get(number).copied().flatten().is_some())?;
        let parts = numerators.into_iter().map(|number| (number.clone(), 1));
        Some(parts.chain([(total, -1)]).collect())
    };
    rows.into_values().filter_map(relation).collect()
}

/// Returns all relations between the numbers that the attacker knows of.
pub fn relations(
    answers: &TableNumbers,
    additive: &AdditiveFields,
    equal: &EqualFields,
) -> Vec<Relation> {
    let mut relations: Vec<Relation> = Vec::new();
    for ((how, total), parts) in sums(answers) {
        if additive.contains(&(total.metric, total.field.clone(), how)) {
            let parts = parts.into_iter().map(|part| (part, 1));
            relations.push(parts.chain([(total, -1)]).collect());
        }
    }
    for number in answers.keys().filter(|number| number.release == Edition::Change) {
        let (now, before) = (number.of_edition(Edition::Now), number.of_edition(Edition::Before));
        if answers.contains_key(&now) && answers.contains_key(&before) {
            relations.push(vec![(now, 1), (before, -1), (number.clone(), -1)]);
        }
    }
    for number in answers.keys() {
        // n is the sum of the numerator and the rest.
        if number.field == "n" {
            let of = |field: &str| Number { field: field.to_owned(), ..number.clone() };
            let (numerator, rest) = (of("numerator"), of(REST));
            if answers.contains_key(&numerator) && answers.contains_key(&rest) {
                relations.push(vec![(number.clone(), 1), (numerator, -1), (rest, -1)]);
            }
        }
    }
    relations.extend(elements(answers));
    for (((one, first), (other, second)), _) in equal.iter().filter(|(_, in_periods)| **in_periods)
    {
        for number in
            answers.keys().filter(|number| number.metric == *one && number.field == *first)
        {
            let twin = Number { metric: other, field: second.clone(), ..number.clone() };
            if answers.contains_key(&twin) {
                relations.push(vec![(number.clone(), 1), (twin, -1)]);
            }
        }
    }
    relations
}
