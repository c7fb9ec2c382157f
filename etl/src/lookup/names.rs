//! Names with their ids, and the nearest name for an unknown one.

use std::collections::HashMap;

use hotwash_schema::label::normalize_label;
use hotwash_schema::nearest::question;

/// Minimum similarity (Jaro–Winkler, 0 to 1) at which a name is suggested for another.
const NEAR: f64 = 0.8;

/// Minimum similarity at which a name of an open list counts as a misspelling.
const VERY_NEAR: f64 = 0.94;
/// Maximum number of names that each unknown name of an open list is compared with.
const MOST_COMPARED: usize = 20_000;

/// A label without an entry in the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not in any reference list{}", question(.nearest.as_deref()))]
pub struct Miss {
    /// Nearest known name.
    pub nearest: Option<String>,
}

/// Names and codes of one dimension.
#[derive(Clone, Debug, Default)]
pub struct NameIndex {
    ids: HashMap<String, i32>,
    names: Vec<(String, String)>,
}

impl NameIndex {
    /// Maps a name to an id; the first mapping of a name is used.
    pub fn add(&mut self, name: &str, id: i32) {
        let key = normalize_label(name);
        if key.is_empty() {
            return;
        }
        if !self.ids.contains_key(&key) {
            self.names.push((key.clone(), name.to_owned()));
            self.ids.insert(key, id);
        }
    }

    /// Returns the id of a name or code, in any spelling with the same normalized form.
    pub fn find(&self, label: &str) -> Option<i32> {
        self.ids.get(&normalize_label(label)).copied()
    }

    /// Returns true without any name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns all names and codes.
    #[cfg(test)]
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(_, name)| name.as_str())
    }

    /// Returns the first name of an id.
    pub fn name(&self, id: i32) -> Option<&str> {
        self.names
            .iter()
            .find(|(key, _)| self.ids.get(key) == Some(&id))
            .map(|(_, name)| name.as_str())
    }

    /// Returns the id, or the nearest name as an error.
    pub fn require(&self, label: &str) -> Result<i32, Miss> {
        self.find(label).ok_or_else(|| Miss { nearest: self.nearest(label) })
    }

    /// Returns the known name that this one most likely misspells. Requires high similarity, and a
    /// list short enough to compare with every name.
    pub fn misspelled(&self, label: &str) -> Option<String> {
        if self.names.len() > MOST_COMPARED || self.find(label).is_some() {
            return None;
        }
        let near = self.nearest(label)?;
        (strsim::jaro_winkler(&normalize_label(&near), &normalize_label(label)) >= VERY_NEAR)
            .then_some(near)
    }

    /// Returns the most similar known name.
    pub fn nearest(&self, label: &str) -> Option<String> {
        let key = normalize_label(label);
        let alike = |known: &str| strsim::jaro_winkler(known, &key);
        self.names
            .iter()
            .map(|(known, name)| (alike(known), name))
            .filter(|(likeness, _)| *likeness >= NEAR)
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .map(|(_, name)| name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::NameIndex;

    #[test]
    fn a_missed_name_suggests_the_nearest() {
        let mut names = NameIndex::default();
        names.add("Medical Surge", 10);
        names.add("Mass Care", 7);
        assert_eq!(names.find("medical-surge"), Some(10));
        let miss = names.require("Medical Surg").unwrap_err();
        assert_eq!(miss.to_string(), "not in any reference list; did you mean Medical Surge?");
        assert_eq!(names.require("zzz").unwrap_err().nearest, None);
    }
}
