//! The fixed tables of a release: the state, by region, by region and one further dimension, and by
//! region and period.

use chrono::NaiveDate;
use hotwash_schema::profile;
use serde::{Deserialize, Serialize};

use crate::definition::MetricDefinition;
use crate::query::{Dimension, Grain, MetricQuery};

/// Identifies a table of a metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct TableKey {
    /// Metric id.
    pub metric: String,
    /// Group keys, in the metric's default order if they are its default, else in the order of
    /// dimensions.
    pub by: Vec<Dimension>,
    /// Grain of the table's periods.
    pub period: Option<Grain>,
}

/// Grains of a release, the longest last.
pub(crate) const GRAINS: [Grain; 3] = [Grain::Month, Grain::Quarter, Grain::FiscalYear];

/// Dimensions by which a release may split regions. A list has several only if one determines the
/// other.
const FURTHER: [&[Dimension]; 9] = [
    &[Dimension::Capability],
    &[Dimension::Framework],
    &[Dimension::Capability, Dimension::Framework],
    &[Dimension::Hazard],
    &[Dimension::HazardCategory],
    &[Dimension::Hazard, Dimension::HazardCategory],
    &[Dimension::EventKind],
    &[Dimension::ExerciseType],
    &[Dimension::Element],
];

impl TableKey {
    fn new(definition: &MetricDefinition, mut by: Vec<Dimension>, period: Option<Grain>) -> Self {
        by.sort_unstable();
        by.dedup();
        let mut default = definition.default_group_by.to_vec();
        default.sort_unstable();
        if by == default {
            by = definition.default_group_by.to_vec();
        }
        Self { metric: definition.id.to_owned(), by, period }
    }

    /// Returns the key of the table that answers a query.
    pub fn of(definition: &MetricDefinition, query: &MetricQuery, group_by: &[Dimension]) -> Self {
        Self::new(
            definition,
            group_by.iter().chain(query.filter.keys()).copied().collect(),
            query.period,
        )
    }

    /// Returns the query behind the table, as of the day of a release.
    pub fn query(&self, as_of: NaiveDate) -> MetricQuery {
        MetricQuery { as_of, period: self.period, ..MetricQuery::default() }
    }

    /// Returns all tables of a metric, the coarser first.
    pub fn all(definition: &MetricDefinition) -> Vec<Self> {
        let mut tables = Vec::new();
        let further =
            FURTHER.iter().copied().chain([&[Dimension::Discipline][..], &[Dimension::Source][..]]);
        let further: Vec<&[Dimension]> = further
            .filter(|list| list.iter().all(|one| definition.dimensions.contains(one)))
            .collect();
        for regions in [&[][..], &[Dimension::Region][..]] {
            tables.push(Self::new(definition, regions.to_vec(), None));
            tables.extend(
                GRAINS
                    .iter()
                    .rev()
                    .map(|grain| Self::new(definition, regions.to_vec(), Some(*grain))),
            );
            for list in &further {
                tables.push(Self::new(definition, [regions, list].concat(), None));
            }
        }
        tables
    }

    /// Returns how useful a cell of the table is: coarser tables first, and regions before the
    /// state. If one region is small, then only the state's number is suppressed, not those of two
    /// more regions.
    pub fn priority(&self) -> u8 {
        let further = self.by.iter().any(|dimension| *dimension != Dimension::Region);
        let of_table = match self.period {
            Some(Grain::Month) => 0,
            Some(Grain::Quarter) => 2,
            None if further => 4,
            Some(Grain::Year | Grain::FiscalYear) => 6,
            None => 8,
        };
        of_table + u8::from(self.by.contains(&Dimension::Region))
    }

    /// Returns the tables into which the cells of this one add up, and how each is coarser.
    pub fn coarser(&self, definition: &MetricDefinition) -> Vec<(Self, Coarsening)> {
        let mut coarser = Vec::new();
        for dimension in &self.by {
            let by: Vec<Dimension> =
                self.by.iter().copied().filter(|one| one != dimension).collect();
            coarser.push((Self::new(definition, by, self.period), Coarsening::Dropped(*dimension)));
        }
        for (fine, coarse) in [
            (Dimension::Capability, Dimension::Framework),
            (Dimension::Hazard, Dimension::HazardCategory),
        ] {
            if self.by.contains(&fine)
                && !self.by.contains(&coarse)
                && definition.dimensions.contains(&coarse)
            {
                let by =
                    self.by.iter().map(|one| if *one == fine { coarse } else { *one }).collect();
                coarser.push((
                    Self::new(definition, by, self.period),
                    Coarsening::Replaced(fine, coarse),
                ));
            }
        }
        // Calendar quarters add up to fiscal years only where these begin with a quarter.
        let has_quarters = profile::active().fiscal_year.first_month() % 3 == 1;
        let longer: &[Option<Grain>] = match self.period {
            None => &[],
            Some(Grain::Month) => &[Some(Grain::Quarter), Some(Grain::FiscalYear), None],
            Some(Grain::Quarter) if has_quarters => &[Some(Grain::FiscalYear), None],
            Some(Grain::Quarter) => &[None],
            Some(Grain::Year | Grain::FiscalYear) => &[None],
        };
        for grain in longer {
            coarser.push((Self { period: *grain, ..self.clone() }, Coarsening::Longer(*grain)));
        }
        coarser
    }
}

/// How one table is coarser than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coarsening {
    /// A dimension is dropped.
    Dropped(Dimension),
    /// The first dimension is replaced by the second, which it determines.
    Replaced(Dimension, Dimension),
    /// The periods are longer; `None` for all time.
    Longer(Option<Grain>),
}
