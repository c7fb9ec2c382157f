//! Builds lists of distinct labels.

use std::collections::HashMap;

/// Builds a list of distinct labels.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    names: Vec<String>,
    positions: HashMap<String, i32>,
    last: i32,
}

impl Labels {
    /// Returns the position of a name, which is added if it is new.
    pub fn position(&mut self, name: &str) -> i32 {
        if self.names.get(self.last as usize).is_some_and(|last| last == name) {
            return self.last;
        }
        self.last = match self.positions.get(name) {
            Some(position) => *position,
            None => {
                let position = self.names.len() as i32;
                self.names.push(name.to_owned());
                self.positions.insert(name.to_owned(), position);
                position
            }
        };
        self.last
    }

    /// Continues from an earlier list of names.
    pub fn after(names: &[String]) -> Self {
        let positions = names.iter().cloned().zip(0..).collect();
        Self { names: names.to_vec(), positions, last: 0 }
    }

    /// The names so far.
    pub fn known(&self) -> &[String] {
        &self.names
    }

    /// The names.
    pub fn names(self) -> Vec<String> {
        self.names
    }
}
