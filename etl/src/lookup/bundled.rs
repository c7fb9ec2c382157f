//! The lists of the profile as this version ships them, to inspect a file without a warehouse.

use std::collections::HashMap;

use hotwash_schema::label::normalize_label;
use hotwash_schema::{profile, reference};

use super::Lookup;
use super::lists::ReferenceLists;

type Row = HashMap<String, String>;

/// Rows of a reference file, each with its number as an id. Profiles are checked when read.
fn rows(name: &str) -> Vec<(i32, Row)> {
    let own = profile::active().file(name);
    let Some(text) = own.or_else(|| reference::shared(name)) else { return Vec::new() };
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    (1..).zip(reader.deserialize::<Row>().flatten()).collect()
}

/// Regions of the scheme by which coalitions report.
fn regions() -> impl Iterator<Item = (i32, Row)> {
    let scheme = &profile::active().regions.scheme;
    rows("regions.csv").into_iter().filter(move |(_, row)| text(row, "scheme") == scheme)
}

fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map(String::as_str).unwrap_or_default()
}

impl Lookup {
    /// Returns the bundled lookup.
    pub fn bundled() -> Self {
        let mut lookup = Self { lists: ReferenceLists::bundled(), ..Self::default() };
        let mut hazards = HashMap::new();
        for (id, row) in rows("hazards.csv") {
            hazards.insert(text(&row, "code").to_owned(), id);
        }
        for (_, row) in rows("hazard_aliases.csv") {
            let (scheme, label) = (text(&row, "scheme"), text(&row, "normalized_label"));
            let Some(id) = hazards.get(text(&row, "hazard")) else { continue };
            if matches!(scheme, "hva" | "any") {
                lookup.hazard_labels.add(label, *id);
            }
            let is_primary = text(&row, "is_primary") != "false";
            lookup
                .hazards
                .entry((scheme.to_owned(), label.to_owned()))
                .or_default()
                .push((*id, is_primary));
        }
        lookup
            .hazards
            .values_mut()
            .for_each(|found| found.sort_by_key(|(id, is_primary)| (!is_primary, *id)));
        lookup.hazard_codes = hazards;
        for (_, row) in rows("counties.csv") {
            let (fips, state) = (text(&row, "fips"), text(&row, "state_code"));
            let Ok(id) = fips.parse::<i32>() else { continue };
            lookup.state_codes.insert(fips.chars().take(2).collect(), state.to_owned());
            lookup
                .county_names
                .insert((state.to_owned(), super::county_key(text(&row, "name"))), id);
            lookup.counties.insert(fips.to_owned(), id);
        }
        for (id, row) in regions() {
            lookup.regions.insert(text(&row, "code").to_owned(), id);
            if !text(&row, "sponsor").is_empty() {
                lookup.sponsors.insert(normalize_label(text(&row, "sponsor")), id);
            }
            for code in text(&row, "predecessor_codes")
                .split(',')
                .map(str::trim)
                .filter(|code| !code.is_empty())
            {
                lookup.regions.entry(code.to_owned()).or_insert(id);
            }
        }
        lookup.place_residents();
        lookup
    }

    /// Sets the regions of municipalities, counties and the state, by share of residents.
    fn place_residents(&mut self) {
        let mut counties: HashMap<i32, HashMap<i32, f64>> = HashMap::new();
        let mut state: HashMap<i32, f64> = HashMap::new();
        for (id, row) in rows("municipalities.csv") {
            let Some(region) = self.regions.get(text(&row, "region")).copied() else {
                continue;
            };
            let residents: f64 = text(&row, "population_2020").parse().unwrap_or_default();
            self.municipality_regions.insert(id, region);
            *state.entry(region).or_default() += residents;
            if let Ok(county) = text(&row, "county_fips").parse() {
                *counties.entry(county).or_default().entry(region).or_default() += residents;
            }
        }
        self.state_regions = shares(state);
        self.county_regions =
            counties.into_iter().map(|(county, regions)| (county, shares(regions))).collect();
    }
}

fn shares(residents: HashMap<i32, f64>) -> Vec<(i32, f64)> {
    let total: f64 = residents.values().sum();
    let mut shares: Vec<(i32, f64)> =
        residents.into_iter().filter(|(_, count)| *count > 0.0).collect();
    shares.sort_by_key(|(region, _)| *region);
    shares.into_iter().map(|(region, count)| (region, count / total)).collect()
}

impl ReferenceLists {
    /// Returns the bundled lists.
    fn bundled() -> Self {
        let mut lists = Self::default();
        let mut ids = HashMap::new();
        for (id, row) in rows("capabilities.csv") {
            let (framework, code) = (text(&row, "framework"), text(&row, "code"));
            lists.capabilities.add(id, framework, code, text(&row, "name"));
            ids.insert(
                (framework.to_owned(), text(&row, "edition").to_owned(), code.to_owned()),
                id,
            );
        }
        for (_, row) in rows("capability_aliases.csv") {
            let key =
                ["framework", "edition", "capability"].map(|column| text(&row, column).to_owned());
            if let Some(id) = ids.get(&(key[0].clone(), key[1].clone(), key[2].clone())) {
                let label = text(&row, "normalized_label").to_owned();
                lists.capabilities.add_alias(label, text(&row, "label_framework").to_owned(), *id);
            }
        }
        for (table, names) in lists.by_name() {
            for (id, row) in reference::file_of(table).map(rows).into_iter().flatten() {
                for column in ["name", table, "code", "geoid"] {
                    names.add(text(&row, column), id);
                }
            }
        }
        for (id, row) in regions() {
            for column in ["code", "name", "short_name"] {
                lists.add_region(text(&row, column), id);
            }
            lists.add_region(&format!("Region {}", text(&row, "code")), id);
        }
        let scales: HashMap<String, i32> = rows("rating_scales.csv")
            .into_iter()
            .map(|(id, row)| (text(&row, "code").to_owned(), id))
            .collect();
        for (_, row) in rows("rating_values.csv") {
            let (scale, code) = (text(&row, "scale"), text(&row, "code"));
            let Some(id) = scales.get(scale) else { continue };
            for label in [code, text(&row, "name")] {
                lists
                    .ratings
                    .insert((scale.to_owned(), normalize_label(label)), (*id, code.to_owned()));
            }
        }
        lists
    }
}

#[cfg(test)]
mod tests {
    use hotwash_schema::record::{ColumnDef, ColumnType, RECORD_TYPES};

    use super::super::NamedList;
    use super::Lookup;

    /// Whether the reader of templates finds the referenced rows by name (`source/hotwash`).
    fn is_read_by_name(column: &ColumnDef) -> bool {
        let is_id = column.staged.is_some_and(|staged| {
            matches!(staged.data_type, ColumnType::Integer | ColumnType::Integers)
        });
        let has_own_reader = ["capability", "rating_scale"];
        is_id
            && !column.template.is_empty()
            && column.references.is_some_and(|table| !has_own_reader.contains(&table))
    }

    #[test]
    fn the_shipped_lists_know_what_a_fresh_warehouse_knows() {
        let lookup = Lookup::bundled();
        assert!(
            lookup.region("3").is_some()
                && lookup.lists().of(NamedList::Region).find("Region 4AB").is_some()
        );
        assert_eq!(lookup.hazards_named("Ice storm"), Some(vec![lookup.hazard("ice_storm")]));
        assert!(lookup.lists().capability("10 Medical Surge", Some("PHEP")).is_ok());
        assert!(lookup.lists().rating("PSMU", "Performed with some challenges").is_some());
        assert!(
            (lookup.all_regions().iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-9
        );
        assert_eq!(lookup.regions_of_municipality("Greenfield").len(), 1);
        for record in RECORD_TYPES {
            for column in record.columns.iter().filter(|column| is_read_by_name(column)) {
                let (name, table) = (record.name, column.references.unwrap());
                assert!(
                    lookup.lists().of_table(table).unwrap().names().count() > 0,
                    "{name} references {table}"
                );
            }
        }
        assert!(lookup.county("25017").is_some() && lookup.state_code("25") == Some("MA"));
        assert!(!lookup.regions_of(&[25017]).is_empty());
    }
}
