//! What a release tells, as linear equations: which sums its numbers stand in, and which of them
//! are secrets.
//!
//! A variable is a set of records, whichever metrics count it by their definitions. An equation
//! says that some of them add up to another. Everybody who reads a release knows its published
//! cells; who belongs to a region knows all cells of that region too.

use std::collections::{BTreeSet, HashSet};

use super::MIN_N;
use super::contributors::{Contributors, FactCell, Sketches};

/// A variable: a set of records.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// Facts.
    pub n: u64,
    /// Their contributors.
    pub contributors: Contributors,
    /// What each contributor brought.
    pub sketches: Sketches,
    /// The region whose members know it; none for one of the state.
    pub region: Option<String>,
    /// Too few facts or contributors: never told.
    pub protected: bool,
}

/// Two lists of variables that add up to the same: often parts and their total.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Equation {
    pub left: Vec<usize>,
    pub right: Vec<usize>,
}

impl Equation {
    pub fn terms(&self) -> impl Iterator<Item = usize> {
        self.left.iter().chain(&self.right).copied()
    }
}

/// All variables and equations of a release.
#[derive(Default)]
pub(crate) struct System {
    pub variables: Vec<Variable>,
    pub equations: Vec<Equation>,
    known_equations: HashSet<Equation>,
}

/// Which rules protect a release. Tests switch some of them off, to show that they are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A cell needs [`MIN_N`] facts.
    pub minimum_n: bool,
    /// A cell needs three contributors.
    pub contributors: bool,
    /// Further cells are suppressed so that sums give nothing back.
    pub complementary: bool,
    /// What remains of a figure without the cells that are published must not be small.
    pub remainder: bool,
    /// A cell changes between two releases by three contributors or not at all.
    pub successive: bool,
    /// Facts that different metrics count are one variable.
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
    fn is_too_small(self, n: u64, contributors: &Contributors) -> bool {
        n > 0
            && ((self.minimum_n && n < MIN_N)
                || (self.contributors && !contributors.reach_minimum()))
    }

    fn is_protected_cell(self, cell: &FactCell) -> bool {
        // Anybody may list public facts: where all are public there is nothing to protect.
        let is_too_small = self.is_too_small(cell.n, &cell.contributors)
            || self.is_too_small(cell.restricted, &cell.restricted_contributors);
        cell.restricted > 0 && is_too_small
    }
}

impl System {
    /// A new variable for a cell, which the members of its region know.
    pub fn variable(&mut self, cell: &FactCell, region: Option<&str>, rules: Rules) -> usize {
        self.variables.push(Variable {
            n: cell.n,
            contributors: cell.contributors.clone(),
            sketches: cell.sketches.clone(),
            region: region.map(str::to_owned),
            protected: rules.is_protected_cell(cell),
        });
        self.variables.len() - 1
    }

    /// The parts add up to the total.
    ///
    /// A record in two regions is in both parts and in the total once: parts that are the same
    /// records count once, and a total that is one of its parts says nothing of the others.
    pub fn add_sum(&mut self, parts: impl IntoIterator<Item = usize>, total: usize) {
        let parts: BTreeSet<usize> = parts.into_iter().collect();
        if !parts.contains(&total) {
            let equation = Equation { left: parts.into_iter().collect(), right: vec![total] };
            if self.known_equations.insert(equation.clone()) {
                self.equations.push(equation);
            }
        }
    }

    /// The readers to guard against: the members of each region, who know more than a reader of
    /// none.
    pub fn readers(&self) -> Vec<Option<&str>> {
        let regions: BTreeSet<&str> =
            self.variables.iter().filter_map(|variable| variable.region.as_deref()).collect();
        match regions.len() {
            0 | 1 => [None].into_iter().chain(regions.into_iter().map(Some)).collect(),
            _ => regions.into_iter().map(Some).collect(),
        }
    }

    /// Whether a variable is of the reader's own region.
    pub fn is_own(&self, reader: Option<&str>, variable: usize) -> bool {
        reader.is_some() && self.variables[variable].region.as_deref() == reader
    }

    /// What a reader must not work out, each as variables whose sum is the secret: every small
    /// cell, and the small cells that one sum leaves together when they are small even so.
    pub fn protected_sums(&self, reader: Option<&str>, rules: Rules) -> Vec<Vec<usize>> {
        let is_protected = |at: usize| self.variables[at].protected && !self.is_own(reader, at);
        let mut protected_sums: Vec<Vec<usize>> =
            (0..self.variables.len()).filter(|at| is_protected(*at)).map(|at| vec![at]).collect();
        let mut unions = HashSet::new();
        for equation in self.equations.iter().filter(|_| rules.remainder) {
            let parts: Vec<usize> =
                equation.left.iter().copied().filter(|at| is_protected(*at)).collect();
            let n = parts.iter().map(|part| self.variables[*part].n).sum();
            let mut contributors = Contributors::default();
            parts.iter().for_each(|part| contributors.extend(&self.variables[*part].contributors));
            if parts.len() > 1
                && rules.is_too_small(n, &contributors)
                && unions.insert(parts.clone())
            {
                protected_sums.push(parts);
            }
        }
        protected_sums
    }

    /// What changed since the release before, as a system of its own: the same equations hold of
    /// the differences. A difference that fewer than three contributors made is small.
    pub fn changes(&self, changed: &[Contributors]) -> Self {
        let variables = self.variables.iter().zip(changed).map(|(variable, changed)| Variable {
            n: changed.len() as u64,
            protected: !changed.is_empty() && !changed.reach_minimum(),
            contributors: changed.clone(),
            sketches: Sketches::default(),
            region: variable.region.clone(),
        });
        Self {
            variables: variables.collect(),
            equations: self.equations.clone(),
            known_equations: HashSet::new(),
        }
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
