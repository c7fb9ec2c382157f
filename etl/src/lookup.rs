//! Reference lists for sources: labels to hazards, FIPS codes to counties, counties to regions.
//! Read once per load.

mod bundled;
mod capabilities;
mod lists;
mod named_list;
mod names;

use std::collections::HashMap;

use chrono_tz::Tz;
use diesel::sql_types::{Bool, Double, Integer, Nullable, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::label::normalize_label;
use hotwash_schema::nearest::question;
use hotwash_schema::profile;

use crate::sql::sql;
use hotwash_schema::copy::{Connection, RunStatement};
pub use lists::{ReferenceLists, UnknownList};
pub use named_list::NamedList;
pub use names::{Miss, NameIndex};

/// Id of the unmapped member of every dimension.
pub const UNMAPPED: i32 = -1;

/// The reference lists.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    hazards: HashMap<(String, String), Vec<(i32, bool)>>,
    hazard_codes: HashMap<String, i32>,
    /// Labels of coalitions' own assessments, for suggestions.
    hazard_labels: NameIndex,
    counties: HashMap<String, i32>,
    county_names: HashMap<(String, String), i32>,
    state_codes: HashMap<String, String>,
    county_regions: HashMap<i32, Vec<(i32, f64)>>,
    regions: HashMap<String, i32>,
    state_regions: Vec<(i32, f64)>,
    municipality_regions: HashMap<i32, i32>,
    sponsors: HashMap<String, i32>,
    lists: ReferenceLists,
    metrics: NameIndex,
}

impl Lookup {
    /// Reads the lists from the warehouse.
    pub async fn read(url: &str) -> Result<Self, SchemaError> {
        let connection = Connection::open(url).await?;
        let mut lookup =
            Self { lists: ReferenceLists::read(&connection).await?, ..Self::default() };
        let aliases: Vec<(String, String, i32, bool)> = connection
            .rows::<(Text, Text, Integer, Bool), _>(sql!("lookup/hazard_aliases.sql").query())
            .await?;
        for (scheme, label, hazard, is_primary) in aliases {
            if matches!(scheme.as_str(), "hva" | "any") {
                lookup.hazard_labels.add(&label, hazard);
            }
            lookup.hazards.entry((scheme, label)).or_default().push((hazard, is_primary));
        }
        let hazards = sql!("lookup/hazards.sql").query();
        let hazards: Vec<(String, i32)> = connection.rows::<(Text, Integer), _>(hazards).await?;
        lookup.hazard_codes.extend(hazards);
        let counties: Vec<(String, i32, String, String)> = connection
            .rows::<(Text, Integer, Text, Text), _>(sql!("lookup/counties.sql").query())
            .await?;
        for (fips, id, state, name) in counties {
            lookup.state_codes.insert(fips[..2].to_owned(), state.clone());
            lookup.county_names.insert((state, county_key(&name)), id);
            lookup.counties.insert(fips, id);
        }
        // An event in a county belongs to every coalition region with municipalities there, by
        // share of residents.
        let shares: Vec<(i32, i32, f64)> = connection
            .rows::<(Integer, Integer, Double), _>(sql!("lookup/county_regions.sql").query())
            .await?;
        for (county, region, share) in shares {
            lookup.county_regions.entry(county).or_default().push((region, share));
        }
        let towns = sql!("lookup/municipality_regions.sql").query();
        let towns: Vec<(i32, i32)> = connection.rows::<(Integer, Integer), _>(towns).await?;
        lookup.municipality_regions.extend(towns);
        type RegionColumns = (Text, Integer, Nullable<Text>, Nullable<Text>);
        let regions: Vec<(String, i32, Option<String>, Option<String>)> =
            connection.rows::<RegionColumns, _>(sql!("lookup/regions.sql").query()).await?;
        for (code, region, sponsor, predecessors) in regions {
            lookup.regions.insert(code, region);
            if let Some(sponsor) = sponsor {
                lookup.sponsors.insert(normalize_label(&sponsor), region);
            }
            // Documents written before a merger use a region code that is now part of this region.
            for code in predecessors.unwrap_or_default().split(',').map(str::trim) {
                if !code.is_empty() {
                    lookup.regions.entry(code.to_owned()).or_insert(region);
                }
            }
        }
        let shares = sql!("lookup/state_regions.sql").query();
        lookup.state_regions = connection.rows::<(Integer, Double), _>(shares).await?;
        Ok(lookup)
    }

    /// Adds the ids of the metrics that a note may name.
    #[must_use]
    pub fn with_metrics(mut self, ids: &[&str]) -> Self {
        for (number, id) in (0..).zip(ids) {
            self.metrics.add(id, number);
        }
        self
    }

    /// Returns the metrics that a note may name; none if it may name anything.
    pub fn metrics(&self) -> Option<&NameIndex> {
        Some(&self.metrics).filter(|metrics| !metrics.is_empty())
    }

    /// Returns the lists for coalitions' own records.
    pub fn lists(&self) -> &ReferenceLists {
        &self.lists
    }

    /// Returns the hazards of a label, the primary hazard first. Tries the source's scheme, then
    /// all schemes. `None` if the label is unknown.
    pub fn hazards(&self, scheme: &str, label: &str) -> Option<Vec<i32>> {
        let key = normalize_label(label);
        let find = |scheme: &str| self.hazards.get(&(scheme.to_owned(), key.clone()));
        let found = find(scheme).or_else(|| find("any"))?;
        Some(found.iter().map(|(id, _)| *id).collect())
    }

    /// Returns the hazards of a label in a coalition's document, the primary hazard first. Tries
    /// labels of assessments, all schemes, and our codes and names.
    pub fn hazards_named(&self, label: &str) -> Option<Vec<i32>> {
        self.hazards("hva", label)
            .or_else(|| self.lists.of(NamedList::Hazard).find(label).map(|hazard| vec![hazard]))
    }

    /// Returns the hazards of the longest known phrase within a text, such as `Category 3 hurricane
    /// landfall` or `Anthrax release`.
    pub fn hazards_within(&self, text: &str) -> Option<Vec<i32>> {
        let words: Vec<&str> = text.split_whitespace().take(12).collect();
        let spans = (1..words.len()).rev().flat_map(|count| words.windows(count));
        spans
            .filter(|span| span.concat().len() >= 5)
            .find_map(|span| self.hazards_named(&span.join(" ")))
    }

    /// Returns the message for an unknown hazard label, with the nearest known one.
    pub fn hazard_missed(&self, label: &str) -> String {
        let own = self
            .lists
            .of(NamedList::Hazard)
            .nearest(label)
            .or_else(|| self.hazard_labels.nearest(label));
        format!("no hazard has this label{}; loaded as unmapped", question(own.as_deref()))
    }

    /// Returns the names of hazards, the primary hazard first, or the word for unmapped.
    pub fn hazard_names(&self, hazards: &[i32]) -> String {
        let names: Vec<&str> = hazards
            .iter()
            .filter_map(|hazard| self.lists.of(NamedList::Hazard).name(*hazard))
            .collect();
        if names.is_empty() { "unmapped".to_owned() } else { names.join("; ") }
    }

    /// Returns a hazard by its code.
    pub fn hazard(&self, code: &str) -> i32 {
        self.hazard_codes.get(code).copied().unwrap_or(UNMAPPED)
    }

    /// Returns a county by its five-digit FIPS code.
    pub fn county(&self, fips: &str) -> Option<i32> {
        self.counties.get(fips).copied()
    }

    /// Returns a county by postal code of its state and its name.
    pub fn county_named(&self, state: &str, name: &str) -> Option<i32> {
        self.county_names.get(&(state.to_owned(), county_key(name))).copied()
    }

    /// Returns the postal code of a state by its two-digit FIPS code.
    pub fn state_code(&self, fips: &str) -> Option<&str> {
        self.state_codes.get(fips).map(String::as_str)
    }

    /// Returns a coalition region by code.
    pub fn region(&self, code: &str) -> Option<i32> {
        self.regions.get(code).copied()
    }

    /// Returns the regions of an event in these counties, with their shares; the shares sum to 1.
    pub fn regions_of(&self, counties: &[i32]) -> Vec<(i32, f64)> {
        let mut shares: Vec<(i32, f64)> = Vec::new();
        for (region, share) in
            counties.iter().filter_map(|county| self.county_regions.get(county)).flatten()
        {
            match shares.iter_mut().find(|(known, _)| known == region) {
                Some((_, sum)) => *sum += share,
                None => shares.push((*region, *share)),
            }
        }
        let total: f64 = shares.iter().map(|(_, share)| share).sum();
        for (_, share) in &mut shares {
            *share /= total;
        }
        shares.sort_by_key(|(region, _)| *region);
        shares
    }

    /// Time zone of the first of these counties; `None` without a county of this jurisdiction.
    pub fn time_zone_of(&self, counties: &[i32]) -> Option<Tz> {
        let county = counties.iter().find(|county| self.county_regions.contains_key(county))?;
        Some(profile::active().county_time_zone(&format!("{county:05}")))
    }

    /// The region that an organization sponsors, by its name.
    pub fn sponsored_region(&self, name: &str) -> Option<i32> {
        self.sponsors.get(&normalize_label(name)).copied()
    }

    /// Returns the regions of a municipality by its name.
    pub fn regions_of_municipality(&self, name: &str) -> Vec<(i32, f64)> {
        let region = self
            .lists
            .of(NamedList::Municipality)
            .find(name)
            .and_then(|id| self.municipality_regions.get(&id));
        region.map(|region| vec![(*region, 1.0)]).unwrap_or_default()
    }

    /// Returns all coalition regions by share of residents, for statewide events.
    pub fn all_regions(&self) -> Vec<(i32, f64)> {
        self.state_regions.clone()
    }
}

/// Returns a county's name without the word county and without punctuation: `St. Louis Co.` and `St
/// Louis (County)` are equal.
fn county_key(name: &str) -> String {
    let label = normalize_label(name);
    let mut words: Vec<&str> = label.split(' ').collect();
    while words.len() > 1
        && matches!(words.last(), Some(&"county" | &"co" | &"parish" | &"borough" | &"municipio"))
    {
        words.pop();
    }
    words.join(" ")
}
