//! Compiles a cube query: filters, groups and periods become conditions and keys of one plan.

mod plan;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
pub use plan::CubePlan;
pub(crate) use plan::PERIOD;

use super::as_of::KnownByThen;
use super::groups::Members;
use super::{CellGroup, Condition, Cube, Measure, Term, column, day, day_of, groups, integer};
use crate::engine::{CellColumn, CubeCells};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::snapshot::{FieldKind, Snapshot, table};

/// Name for values that are not in the reference lists.
const UNMAPPED: &str = "unmapped";

/// Column of a table that holds a dimension.
fn column_of(dimension: Dimension, table_name: &str) -> &'static str {
    match dimension {
        Dimension::Region => "regions",
        Dimension::Hazard | Dimension::HazardCategory => "hazard_id",
        Dimension::Source => "source",
        Dimension::Capability => "capability",
        Dimension::Framework => "framework",
        Dimension::EventKind => "event_kind",
        Dimension::ExerciseType => "exercise_type",
        Dimension::Element if table(table_name).kind("elements").is_some() => "elements",
        Dimension::Element => "element",
        Dimension::Discipline => "discipline",
        Dimension::Organization => "organization_id",
    }
}

/// Returns the conditions of a cube and of a query, limited to what was known on the as-of day.
pub fn chosen(snapshot: &Snapshot, cube: &Cube, query: &MetricQuery) -> Vec<Condition> {
    let known = KnownByThen::on(query, cube.table);
    let mut only = known.rows();
    only.extend(cube.only.iter().map(|condition| known.condition(condition)));
    if let Some(by) = cube.day {
        only.extend(known.happened(by));
        only.extend(query.from.map(|from| column(by).from(day(from))));
        only.extend(query.to.map(|to| column(by).up_to(day(to))));
    }
    for (dimension, wanted) in &query.filter {
        let name = column_of(*dimension, cube.table);
        only.push(match dimension {
            Dimension::Hazard | Dimension::HazardCategory => {
                let meant = |id: i32| wanted.contains(&snapshot.of_hazard(id, *dimension));
                let ids = snapshot.hazards.keys().copied().filter(|id| meant(*id));
                Condition::OneOf(name, ids.map(i64::from).collect())
            }
            Dimension::Organization => {
                let known = Condition::OneOf(
                    name,
                    wanted.iter().filter_map(|id| id.parse().ok()).collect(),
                );
                if wanted.iter().any(|id| id == UNMAPPED) {
                    known.or(column(name).under(integer(0)))
                } else {
                    known
                }
            }
            _ if table(cube.table).kind(name) == Some(FieldKind::Set) => {
                Condition::Holds(name, wanted.clone())
            }
            _ => Condition::Named(name, wanted.clone()),
        });
    }
    only
}

/// Runs a cube for a query. Returns its groups, ordered by keys and period.
///
/// A record with several values in a dimension, such as an event in two regions, counts in the
/// group of each. Without that dimension it counts once.
///
/// # Errors
/// Fails when the engine fails.
///
/// ```
/// use hotwash_metrics::cube::{Cube, column, cube, day};
/// use hotwash_metrics::{Dimension, MetricQuery, Snapshot};
/// use hotwash_schema::testing::TestDatabase;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = TestDatabase::new().await; // an empty warehouse
/// let snapshot = Snapshot::load(database.url()).await?;
/// let query = MetricQuery::default();
/// // By region: the actions opened, and how many of them are completed.
/// let actions = Cube::of("actions")
///     .by_day("opened_on")
///     .count("completed", column("completed_on").up_to(day(query.as_of)));
/// for group in cube(&snapshot, &actions, &query, &[Dimension::Region])? {
///     assert!(group.sum("completed") <= group.count() as i64, "{:?}", group.keys);
/// }
/// # Ok(())
/// # }
/// ```
pub fn cube(
    snapshot: &Snapshot,
    cube: &Cube,
    query: &MetricQuery,
    group_by: &[Dimension],
) -> Result<Vec<CellGroup>, MetricError> {
    let keys = GroupKeys::of(cube, query, group_by);
    let answer = snapshot.engine().run(snapshot.frames(), &keys.plan(snapshot, cube, query))?;
    Ok(keys.gather(snapshot, query, answer))
}

/// Returns the first day in a column of a table.
pub fn first_day(
    snapshot: &Snapshot,
    table: &'static str,
    name: &'static str,
) -> Result<Option<NaiveDate>, MetricError> {
    let first = Cube::of(table).measure("first", Measure::Smallest(column(name)));
    let groups = cube(snapshot, &first, &MetricQuery::always(), &[])?;
    let days = groups.iter().flat_map(|group| group.integer("first")).flatten();
    Ok(days.min().copied().map(day_of))
}

/// The keys of a plan by which groups differ: the columns of dimensions, and the period.
pub(crate) struct GroupKeys {
    /// The keys by name; in an answer, their columns come first.
    pub keys: Vec<(&'static str, Term)>,
    table: &'static str,
    dimensions: Vec<Dimension>,
    /// Position of each dimension's column.
    positions: Vec<usize>,
    /// Column of the day that decides the period; `None` without periods.
    pub day: Option<&'static str>,
}

impl GroupKeys {
    /// Returns the keys for these dimensions and the period of the query.
    pub fn of(cube: &Cube, query: &MetricQuery, group_by: &[Dimension]) -> Self {
        let (mut keys, mut positions) = (Vec::new(), Vec::new());
        for dimension in group_by {
            let column_name = column_of(*dimension, cube.table);
            let known = keys.iter().position(|(name, _)| *name == column_name);
            positions.push(known.unwrap_or(keys.len()));
            if known.is_none() {
                keys.push((column_name, column(column_name)));
            }
        }
        let day_and_grain = cube.day.zip(query.period);
        keys.extend(day_and_grain.map(|(day, grain)| (PERIOD, Term::Period(day, grain))));
        Self {
            keys,
            table: cube.table,
            dimensions: group_by.to_vec(),
            positions,
            day: day_and_grain.map(|(day, _)| day),
        }
    }

    /// Compiles the plan of a cube: these keys, then the keys and measures of the cube.
    pub fn plan(&self, snapshot: &Snapshot, cube: &Cube, query: &MetricQuery) -> CubePlan {
        let known = KnownByThen::on(query, cube.table);
        let mut only = chosen(snapshot, cube, query);
        only.extend(self.day.map(|day| column(day).known()));
        let own = cube.keys.iter().map(|(name, term)| (*name, known.term(term)));
        let measures = cube.measures.iter();
        CubePlan {
            table: cube.table,
            only,
            keys: self.keys.iter().cloned().chain(own).collect(),
            measures: measures.map(|(name, measure)| (*name, known.measure(measure))).collect(),
        }
    }

    /// Collects the cells of an answer into groups. A cell of several regions is in each of them.
    pub fn gather(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        answer: CubeCells,
    ) -> Vec<CellGroup> {
        let members = self.dimensions.iter().zip(&self.positions).map(|(dimension, position)| {
            Members::of(snapshot, *dimension, &answer.columns[*position].1, query, self.table)
        });
        let members: Vec<Members> = members.collect();
        let grain = query.period.filter(|_| self.day.is_some());
        groups::gather(answer, &members, grain, self.keys.len())
    }
}

impl Members {
    fn of(
        snapshot: &Snapshot,
        dimension: Dimension,
        values: &CellColumn,
        query: &MetricQuery,
        table_name: &'static str,
    ) -> Self {
        let is_set =
            table(table_name).kind(column_of(dimension, table_name)) == Some(FieldKind::Set);
        let wanted = query.filter.get(&dimension).filter(|_| is_set);
        // Each distinct value once, with its names.
        let mut seen: HashMap<i64, u32> = HashMap::new();
        let mut named: Vec<Vec<String>> = Vec::new();
        let mut of = Vec::with_capacity(values.len());
        let codes = values.integer();
        for code in codes {
            let code = code.unwrap_or(-1);
            let position = *seen.entry(code).or_insert_with(|| {
                let text = match dimension {
                    Dimension::Hazard | Dimension::HazardCategory => {
                        snapshot.of_hazard(code as i32, dimension)
                    }
                    // Records without an organization have a negative code of their own.
                    Dimension::Organization if code < 0 => UNMAPPED.to_owned(),
                    Dimension::Organization => code.to_string(),
                    _ => values.name(code).unwrap_or(UNMAPPED).to_owned(),
                };
                let mut names: Vec<String> =
                    if is_set { text.split('+').map(str::to_owned).collect() } else { vec![text] };
                names.retain(|name| wanted.is_none_or(|wanted| wanted.contains(name)));
                named.push(names);
                (named.len() - 1) as u32
            });
            of.push(position);
        }
        let ranks: BTreeMap<&String, u32> = named.iter().flatten().map(|name| (name, 0)).collect();
        let ranks: BTreeMap<&String, u32> = ranks.into_keys().zip(0..).collect();
        let lists =
            named.iter().map(|names| names.iter().map(|name| ranks[name]).collect()).collect();
        Self { names: ranks.into_keys().cloned().collect(), of, lists }
    }
}
