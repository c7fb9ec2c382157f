//! Layout as a source: recognizes files by their headings and reads them as records of its type.

use hotwash_documents::input::Input;

use super::definition::{Layout, same_heading};
use super::table::LayoutFile;
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::headings::texts;
use crate::source::hotwash::{rank_of, read_rows};
use crate::source::{Rank, Sample, Source, SourceDefinition, SourceError};

/// Prefix of the ids of layouts.
pub const PREFIX: &str = "layout:";

/// Layout as a source.
#[derive(Debug)]
pub struct LayoutSource {
    /// The layout.
    pub layout: Layout,
    definition: SourceDefinition,
}

impl LayoutSource {
    /// Returns the source of a layout. It lives as long as the process, like every source.
    pub fn of(layout: Layout) -> &'static Self {
        let lasting = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let headings: Vec<&'static str> = layout.required.iter().cloned().map(lasting).collect();
        let what =
            if layout.about.is_empty() { layout.template.about } else { layout.about.as_str() };
        let definition = SourceDefinition {
            id: lasting(format!("{PREFIX}{}", layout.source)),
            name: lasting(layout.name.clone()),
            title: lasting(format!("layout {}: {}", layout.file, what.trim_end_matches('.'))),
            extensions: &[".csv", ".xlsx", ".jsonl", ".parquet"],
            headings: Box::leak(headings.into_boxed_slice()),
        };
        Box::leak(Box::new(Self { layout, definition }))
    }

    /// Returns whether the sample has all headings that the layout requires.
    pub fn fits(&self, sample: &Sample) -> bool {
        let is_sheet = |name: &str| {
            self.layout.sheets.is_empty()
                || self.layout.sheets.iter().any(|own| same_heading(own, name))
        };
        let grids = sample.grids.iter().filter(|grid| grid.name.is_empty() || is_sheet(&grid.name));
        let mut rows = grids
            .flat_map(|grid| &grid.rows)
            .filter(|row| row.number > self.layout.skip_leading_rows);
        // Keys of nested records are matched by their last part.
        let last = |heading: &str| heading.rsplit('.').next().unwrap_or_default().to_owned();
        let has = |wanted: &String| {
            sample
                .headings
                .iter()
                .any(|own| same_heading(own, wanted) || same_heading(own, &last(wanted)))
        };
        rows.any(|row| self.layout.fits(&texts(row)))
            || sample.grids.is_empty()
                && !self.layout.required.is_empty()
                && self.layout.required.iter().all(has)
    }
}

impl Source for LayoutSource {
    fn definition(&self) -> SourceDefinition {
        self.definition
    }

    fn recognize(&self, sample: &Sample) -> f64 {
        if self.fits(sample) { 1.0 } else { 0.0 }
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        rank_of(self.layout.template)
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        read_rows(self.layout.template, &LayoutFile { input, layout: &self.layout }, lookup, sink)
    }
}
