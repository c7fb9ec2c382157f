//! Small lists of the warehouse by id (regions, capabilities, what a rating means), so that
//! Postgres joins none of them row by row.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hotwash_schema::SchemaError;
use polars::prelude::{Column, Int8Type};
use tokio_postgres::Transaction;

use super::RegionEntry;
use super::read::{Labels, series};
use super::tables::MARKS;

/// What a rating on a scale means, as 0 or 1 in the order of [`MARKS`]; none where it is not
/// counted.
type Meaning = Option<[i8; MARKS.len()]>;

/// What stands as the exercise type of other events.
const NO_EXERCISE: &str = "none";

/// The lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedNames {
    /// Code of each region, by id.
    regions: BTreeMap<i32, String>,
    /// Places of a capability and of its framework among the names, by its id.
    capabilities: HashMap<i32, (i32, i32)>,
    /// Capabilities as `PHEP:6`.
    pub capability: Arc<Vec<String>>,
    /// Frameworks.
    pub framework: Arc<Vec<String>>,
    ratings: HashMap<(i32, String), Meaning>,
    /// Place of an exercise type among the names and whether it is of operations, by its id.
    exercises: HashMap<i32, (i32, bool)>,
    /// Exercise types; `none` is the first.
    pub exercise_type: Arc<Vec<String>>,
}

impl SharedNames {
    /// Reads them.
    pub async fn read(
        transaction: &Transaction<'_>,
        regions: &BTreeMap<i32, RegionEntry>,
    ) -> Result<Self, SchemaError> {
        let (mut capability, mut framework) = (Labels::default(), Labels::default());
        let sql = "select c.capability_id, f.code || ':' || c.code, f.code from \
            warehouse.capability c \
                   join warehouse.capability_framework f using (capability_framework_id) order by \
                   c.capability_id";
        let rows = transaction.query(sql, &[]).await?;
        let capabilities = rows.iter().map(|row| {
            let id = row.get(0);
            (id, (capability.position(row.get(1)), framework.position(row.get(2))))
        });
        let capabilities = capabilities.collect();
        // Values of other scales are none of P, S, M and U: scales are never converted.
        let sql = "select v.rating_scale_id, v.code, v.excluded, v.counts_as_good::int, \
            v.met_objective::int, \
                   (s.code = 'PSMU' and v.code = 'P')::int, (s.code = 'PSMU' and v.code = \
                   'S')::int, \
                   (s.code = 'PSMU' and v.code = 'M')::int, (s.code = 'PSMU' and v.code = 'U')::int \
                   from warehouse.rating_value v join warehouse.rating_scale s using \
                   (rating_scale_id)";
        let rows = transaction.query(sql, &[]).await?;
        let ratings = rows.iter().map(|row| {
            let meaning = std::array::from_fn(|position| row.get::<_, i32>(position + 3) as i8);
            ((row.get(0), row.get(1)), (!row.get::<_, bool>(2)).then_some(meaning))
        });
        let mut exercise_type = Labels::default();
        exercise_type.position(NO_EXERCISE);
        let sql = "select exercise_type_id, code, class = 'operations' from \
            warehouse.exercise_type order by exercise_type_id";
        let rows = transaction.query(sql, &[]).await?;
        let exercises = rows
            .iter()
            .map(|row| (row.get(0), (exercise_type.position(row.get(1)), row.get(2))))
            .collect();
        Ok(Self {
            exercises,
            exercise_type: Arc::new(exercise_type.names()),
            regions: regions.iter().map(|(id, region)| (*id, region.code.clone())).collect(),
            capabilities,
            capability: Arc::new(capability.names()),
            framework: Arc::new(framework.names()),
            ratings: ratings.collect(),
        })
    }

    /// Code of a region; `unmapped` for none.
    pub fn region(&self, id: i32) -> &str {
        self.regions.get(&id).map_or("unmapped", String::as_str)
    }

    /// What is no exercise: the place of its name, and no operations.
    pub fn no_exercise(&self) -> (i32, bool) {
        (0, false)
    }

    /// Place of an exercise's type, and whether it is of operations.
    pub fn of_exercise(&self, id: Option<i32>) -> (i32, bool) {
        id.and_then(|id| self.exercises.get(&id)).copied().unwrap_or(self.no_exercise())
    }

    /// Places of capabilities and of their frameworks.
    pub fn of_capabilities(&self, ids: &[Option<i32>]) -> (Vec<Option<i32>>, Vec<Option<i32>>) {
        let mut last = (None, (None, None));
        ids.iter()
            .map(|id| {
                if *id != last.0 {
                    let found = id.and_then(|id| self.capabilities.get(&id));
                    last = (*id, (found.map(|found| found.0), found.map(|found| found.1)));
                }
                last.1
            })
            .unzip()
    }

    /// Columns of what ratings mean, and which of them count.
    pub fn marks(
        &self,
        scales: &[Option<i32>],
        codes: &[Option<i32>],
        names: &[String],
    ) -> (Vec<Column>, Vec<bool>) {
        let mut known: HashMap<(Option<i32>, Option<i32>), Meaning> = HashMap::new();
        let mut meaning = |scale: Option<i32>, code: Option<i32>| {
            *known.entry((scale, code)).or_insert_with(|| {
                let name = code.and_then(|code| names.get(code as usize))?;
                self.ratings.get(&(scale?, name.clone())).copied().flatten()
            })
        };
        let meanings: Vec<Meaning> =
            scales.iter().zip(codes).map(|(scale, code)| meaning(*scale, *code)).collect();
        let columns = MARKS.iter().enumerate().map(|(position, name)| {
            series::<Int8Type>(
                name,
                meanings.iter().map(|meaning| meaning.map(|marks| marks[position])),
            )
        });
        (columns.collect(), meanings.iter().map(Option::is_some).collect())
    }
}
