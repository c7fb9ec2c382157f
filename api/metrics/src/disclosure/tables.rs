//! The fixed tables of a release: the state, by region, by region and one further dimension, by
//! region and period.

use serde::{Deserialize, Serialize};

use crate::definition::Definition;
use crate::query::{Dimension, Grain, MetricQuery};

/// Which table of which metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct TableKey {
    /// Metric id.
    pub metric: String,
    /// Group keys: as the metric groups by default, else in the order of the dimensions.
    pub by: Vec<Dimension>,
    /// Length of its periods.
    pub period: Option<Grain>,
}

/// Periods of a release, the longest last.
pub(crate) const GRAINS: [Grain; 3] = [Grain::Month, Grain::Quarter, Grain::FiscalYear];

/// Dimensions that a release may split regions by: several in one list only where one follows from
/// the other.
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
    fn new(definition: &Definition, mut by: Vec<Dimension>, period: Option<Grain>) -> Self {
        by.sort_unstable();
        by.dedup();
        let mut default = definition.default_group_by.to_vec();
        default.sort_unstable();
        if by == default {
            by = definition.default_group_by.to_vec();
        }
        Self { metric: definition.id.to_owned(), by, period }
    }

    /// The table that holds the answer to a query.
    pub fn of(definition: &Definition, query: &MetricQuery, group_by: &[Dimension]) -> Self {
        Self::new(
            definition,
            group_by.iter().chain(query.filter.keys()).copied().collect(),
            query.period,
        )
    }

    /// All tables of a metric, the coarser first.
    pub fn all(definition: &Definition) -> Vec<Self> {
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

    /// How much readers would miss a cell of the table: the coarser, the more, and regions more
    /// than the state. Where one region is small, the state's figure alone is left out then, rather
    /// than those of two more regions.
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

    /// The tables into which the cells of this one add up, each with the dimension it lacks.
    pub fn coarser(&self, definition: &Definition) -> Vec<(Self, Coarsening)> {
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
        let longer: &[Option<Grain>] = match self.period {
            None => &[],
            Some(Grain::Month) => &[Some(Grain::Quarter), Some(Grain::FiscalYear), None],
            Some(Grain::Quarter) => &[Some(Grain::FiscalYear), None],
            Some(Grain::Year | Grain::FiscalYear) => &[None],
        };
        for grain in longer {
            coarser.push((Self { period: *grain, ..self.clone() }, Coarsening::Longer(*grain)));
        }
        coarser
    }
}

/// How a coarser table is coarser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coarsening {
    /// It lacks a dimension.
    Dropped(Dimension),
    /// A dimension gives way to one that follows from it.
    Replaced(Dimension, Dimension),
    /// Its periods are longer; none for all time.
    Longer(Option<Grain>),
}
