//! Small lists of the warehouse by id (regions, capabilities, ratings), so that Postgres need not
//! join them row by row.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Integer, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{OpenTransaction, RunStatement};
use polars::prelude::{Column, Int8Type};

use super::RegionEntry;
use super::labels::Labels;
use super::series::series;
use super::tables::MARKS;

/// The meaning of a rating, as 0 or 1 in the order of [`MARKS`]; `None` if the rating does not
/// count.
type Meaning = Option<[i8; MARKS.len()]>;

/// Exercise type of events that are not exercises.
const NO_EXERCISE: &str = "none";

/// The lists that all tables share.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedNames {
    /// Code of each region, by id.
    regions: BTreeMap<i32, String>,
    /// Positions of a capability and of its framework in the lists of names, by id.
    capabilities: HashMap<i32, (i32, i32)>,
    /// Capabilities as `PHEP:6`.
    pub capability: Arc<Vec<String>>,
    /// Frameworks.
    pub framework: Arc<Vec<String>>,
    ratings: HashMap<(i32, String), Meaning>,
    /// Position of an exercise type in the list of names, and true if it is operations-based, by
    /// id.
    exercises: HashMap<i32, (i32, bool)>,
    /// Exercise types; `none` is the first.
    pub exercise_type: Arc<Vec<String>>,
}

impl SharedNames {
    /// Reads the lists.
    pub async fn read(
        transaction: &OpenTransaction<'_>,
        regions: &BTreeMap<i32, RegionEntry>,
    ) -> Result<Self, SchemaError> {
        let (mut capability, mut framework) = (Labels::default(), Labels::default());
        let sql = "select c.capability_id, f.code || ':' || c.code, f.code from \
            warehouse.capability c \
                   join warehouse.capability_framework f using (capability_framework_id) order by \
                   c.capability_id";
        let rows: Vec<(i32, String, String)> =
            transaction.rows::<(Integer, Text, Text), _>(sql_query(sql)).await?;
        let capabilities = rows
            .iter()
            .map(|(id, code, of)| (*id, (capability.position(code), framework.position(of))));
        let capabilities = capabilities.collect();
        // Ratings on other scales are never P, S, M or U: scales are never converted.
        let sql = "select v.rating_scale_id, v.code, v.excluded, array[v.counts_as_good::int, \
            v.met_objective::int, \
                   (s.code = 'PSMU' and v.code = 'P')::int, (s.code = 'PSMU' and v.code = \
                   'S')::int, \
                   (s.code = 'PSMU' and v.code = 'M')::int, (s.code = 'PSMU' and v.code = 'U')::int] \
                   from warehouse.rating_value v join warehouse.rating_scale s using \
                   (rating_scale_id)";
        let rows: Vec<(i32, String, bool, Vec<i32>)> =
            transaction.rows::<(Integer, Text, Bool, Array<Integer>), _>(sql_query(sql)).await?;
        let ratings = rows.into_iter().map(|(scale, code, is_excluded, meaning)| {
            let meaning = std::array::from_fn(|position| {
                meaning.get(position).copied().unwrap_or_default() as i8
            });
            ((scale, code), (!is_excluded).then_some(meaning))
        });
        let mut exercise_type = Labels::default();
        exercise_type.position(NO_EXERCISE);
        let sql = "select exercise_type_id, code, class = 'OPERATIONS' from \
            warehouse.exercise_type order by exercise_type_id";
        let rows: Vec<(i32, String, bool)> =
            transaction.rows::<(Integer, Text, Bool), _>(sql_query(sql)).await?;
        let exercises = rows
            .iter()
            .map(|(id, code, operations)| (*id, (exercise_type.position(code), *operations)))
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

    /// Returns the code of a region, or `unmapped`.
    pub fn region(&self, id: i32) -> &str {
        self.regions.get(&id).map_or("unmapped", String::as_str)
    }

    /// Returns the position for events that are not exercises, and false.
    pub fn no_exercise(&self) -> (i32, bool) {
        (0, false)
    }

    /// Returns the position of an exercise's type, and true if it is operations-based.
    pub fn of_exercise(&self, id: Option<i32>) -> (i32, bool) {
        id.and_then(|id| self.exercises.get(&id)).copied().unwrap_or(self.no_exercise())
    }

    /// Returns the positions of capabilities and of their frameworks.
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

    /// Returns the columns with the meaning of ratings, and a mask of ratings that count.
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
