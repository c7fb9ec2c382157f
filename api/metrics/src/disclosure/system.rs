//! A release as a system of linear equations: the sums of its numbers, and the numbers to protect.
//!
//! A variable is a set of records, shared by all metrics that count it. An equation states that
//! some variables add up to another. Every reader of a release knows its published cells. A member
//! of a region also knows all cells of that region.

use std::collections::{BTreeSet, HashSet};

use super::MIN_N;
use super::contributors::{Contributors, FactCell};

/// A variable: a set of records, or all numbers that rows state of such a set.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// Number of facts.
    pub n: u64,
    /// Contributors of the facts.
    pub contributors: Contributors,
    /// The region whose members know the variable; `None` for a state total.
    pub region: Option<String>,
    /// True if too few facts or contributors are behind the variable.
    pub is_small: bool,
    /// True if no reader may derive the variable: it is small, or differs from a published version
    /// by too few contributors.
    pub protected: bool,
}

/// The equation that some variables, without repetitions, add up to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Equation {
    pub parts: Vec<usize>,
    pub total: usize,
}

/// All variables and equations of a release.
#[derive(Clone, Debug, Default)]
pub(crate) struct System {
    pub variables: Vec<Variable>,
    pub equations: Vec<Equation>,
    known_equations: HashSet<Equation>,
}

/// The rules that protect a release. Tests switch off single rules, to show that each is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Primary suppression of cells with fewer than [`MIN_N`] facts.
    pub minimum_n: bool,
    /// Primary suppression of cells with fewer than [`super::MIN_CONTRIBUTORS`] contributors.
    pub contributors: bool,
    /// Complementary suppression, so that sums do not reveal suppressed cells.
    pub complementary: bool,
    /// A total minus its published parts must not leave a small remainder.
    pub remainder: bool,
    /// Between two releases a cell changes by at least three contributors, or not at all.
    pub successive: bool,
    /// Records that several metrics count are one variable.
    pub across_metrics: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            minimum_n: true,
            contributors: true,
            complementary: true,
            remainder: true,
            successive: true,
            across_metrics: true,
        }
    }
}

impl Rules {
    pub(super) fn is_too_small(self, n: u64, contributors: &Contributors) -> bool {
        n > 0
            && ((self.minimum_n && n < MIN_N)
                || (self.contributors && !contributors.reach_minimum()))
    }

    /// Returns true if no reader may learn a number that rests on these facts.
    pub(super) fn is_protected_cell(self, cell: &FactCell) -> bool {
        // Anybody may list public facts. A cell of public facts only needs no protection.
        let is_too_small = self.is_too_small(cell.n, &cell.contributors)
            || self.is_too_small(cell.restricted, &cell.restricted_contributors);
        cell.restricted > 0 && is_too_small
    }
}

impl System {
    /// Adds a variable for a cell and returns its position. Members of the region know the cell.
    pub fn variable(&mut self, cell: &FactCell, region: Option<&str>, rules: Rules) -> usize {
        let is_small = rules.is_protected_cell(cell);
        self.variables.push(Variable {
            n: cell.n,
            contributors: cell.contributors.clone(),
            region: region.map(str::to_owned),
            is_small,
            protected: is_small,
        });
        self.variables.len() - 1
    }

    /// Adds the equation that the parts add up to the total.
    ///
    /// A record of two regions is in two parts, but only once in the total. Parts with the same
    /// records therefore count once. A total that equals one of its parts reveals nothing about the
    /// others. A cell without facts, such as one that no longer exists, is in no sum.
    pub fn add_sum(&mut self, parts: impl IntoIterator<Item = usize>, total: usize) {
        let exists = |at: &usize| self.variables[*at].n > 0;
        let parts: BTreeSet<usize> = parts.into_iter().filter(exists).collect();
        if parts.is_empty() || !exists(&total) || parts.contains(&total) {
            return;
        }
        let equation = Equation { parts: parts.into_iter().collect(), total };
        if self.known_equations.insert(equation.clone()) {
            self.equations.push(equation);
        }
    }

    /// Returns the readers whose knowledge differs: members of each region, and a reader without a
    /// region.
    pub fn readers(&self) -> BTreeSet<Option<String>> {
        let regions = self.variables.iter().map(|variable| variable.region.clone());
        regions.chain([None]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_rules_are_those_of_the_contract() {
        let mut contributors = Contributors::default();
        let rules = Rules::default();
        assert!(!rules.is_too_small(0, &contributors), "nothing is a true zero");
        assert!(rules.is_too_small(MIN_N, &contributors));
        for cell in [1, 2, 3] {
            contributors.extend(&Contributors::of([cell]));
        }
        assert!(
            !rules.is_too_small(MIN_N, &contributors)
                && rules.is_too_small(MIN_N - 1, &contributors)
        );
    }
}
