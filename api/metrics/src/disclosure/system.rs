//! A release as a system of linear equations: the sums of its numbers, and the numbers to protect.
//!
//! A variable is a set of records, shared by all metrics that count it. An equation states that
//! some variables add up to another. Every reader of a release knows its published cells. A member
//! of a region also knows all cells of that region.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::MIN_N;
use super::contributors::{Contributors, FactCell};

/// A variable: a set of records, or the difference of two such sets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Variable {
    /// Number of facts. Changes are judged by their contributors alone, so theirs is [`MIN_N`].
    pub n: u64,
    /// Contributors of the facts.
    #[serde(default, skip_serializing_if = "Contributors::is_empty")]
    pub contributors: Contributors,
    /// The region whose members know the variable; `None` for a state total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// True if no reader may derive the variable: it is small, or large but suppressed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// True if a release of the series states the variable.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub published: bool,
    /// The earlier and the later version of a cell whose difference this variable is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<(usize, usize)>,
}

impl Variable {
    /// Returns the change from one version of a cell to another.
    pub fn of_change(
        versions: (usize, usize),
        region: Option<String>,
        changed: Contributors,
    ) -> Self {
        Self {
            n: MIN_N,
            region,
            protected: !changed.reach_minimum(),
            published: false,
            change: Some(versions),
            contributors: changed,
        }
    }

    /// Returns the variable with the new positions of its versions.
    fn renumbered(&self, positions: &BTreeMap<usize, usize>) -> Self {
        let change = self.change.map(|(then, now)| (positions[&then], positions[&now]));
        Self { change, ..self.clone() }
    }
}

/// Two lists of variables with the same sum; usually parts and their total.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Equation {
    pub left: Vec<usize>,
    pub right: Vec<usize>,
}

impl Equation {
    pub fn terms(&self) -> impl Iterator<Item = usize> {
        self.left.iter().chain(&self.right).copied()
    }
}

/// All variables and equations of a release, or of a series of releases.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct System {
    pub variables: Vec<Variable>,
    pub equations: Vec<Equation>,
    /// Changes of the parts of an equation. Those that are protected are protected together, too.
    unions: BTreeSet<Vec<usize>>,
    #[serde(skip)]
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
    fn is_too_small(self, n: u64, contributors: &Contributors) -> bool {
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
        self.variables.push(Variable {
            n: cell.n,
            contributors: cell.contributors.clone(),
            region: region.map(str::to_owned),
            protected: rules.is_protected_cell(cell),
            published: false,
            change: None,
        });
        self.variables.len() - 1
    }

    /// Adds the equation that the parts add up to the total.
    ///
    /// A record of two regions is in two parts, but only once in the total. Parts with the same
    /// records therefore count once. A total that equals one of its parts reveals nothing about the
    /// others.
    pub fn add_sum(&mut self, parts: impl IntoIterator<Item = usize>, total: usize) {
        let parts: BTreeSet<usize> = parts.into_iter().collect();
        self.add(parts.into_iter().collect(), vec![total]);
    }

    /// Adds the equation that two sorted lists of variables have the same sum. One that has a
    /// variable on both sides reveals nothing about the others.
    pub fn add(&mut self, left: Vec<usize>, right: Vec<usize>) {
        if left.is_empty() || right.is_empty() || right.iter().any(|term| left.contains(term)) {
            return;
        }
        let equation = Equation { left, right };
        if self.known_equations.insert(equation.clone()) {
            self.equations.push(equation);
        }
    }

    /// Adds a list of changes whose protected members are protected together, too.
    pub fn add_union(&mut self, mut changes: Vec<usize>) {
        changes.sort_unstable();
        changes.dedup();
        if changes.len() > 1 {
            self.unions.insert(changes);
        }
    }

    /// Marks what the release states: these variables, and the changes between two stated versions.
    pub fn publish(&mut self, variables: impl IntoIterator<Item = usize>) {
        variables.into_iter().for_each(|at| self.variables[at].published = true);
        for at in 0..self.variables.len() {
            if let Some((then, now)) = self.variables[at].change {
                self.variables[at].published =
                    self.variables[then].published && self.variables[now].published;
            }
        }
    }

    /// Removes what no later release needs: published terms of equations, and variables that are
    /// neither in an equation nor used. Returns the new positions.
    pub fn prune(&mut self, mut used: BTreeSet<usize>) -> BTreeMap<usize, usize> {
        let variables = &self.variables;
        let is_unknown = |at: &usize| !variables[*at].published;
        for equation in &mut self.equations {
            equation.left.retain(is_unknown);
            equation.right.retain(is_unknown);
        }
        self.equations.retain(|equation| equation.terms().next().is_some());
        let unions = std::mem::take(&mut self.unions).into_iter().map(|mut union| {
            union.retain(is_unknown);
            union
        });
        self.unions = unions.filter(|union| union.len() > 1).collect();
        used.extend(self.equations.iter().flat_map(Equation::terms));
        let versions: Vec<(usize, usize)> =
            used.iter().filter_map(|at| self.variables[*at].change).collect();
        used.extend(versions.into_iter().flat_map(|(then, now)| [then, now]));
        let positions: BTreeMap<usize, usize> =
            used.into_iter().enumerate().map(|(to, from)| (from, to)).collect();
        self.variables =
            positions.keys().map(|at| self.variables[*at].renumbered(&positions)).collect();
        let renumber = |terms: &mut Vec<usize>| {
            terms.iter_mut().for_each(|at| *at = positions[at]);
        };
        for equation in &mut self.equations {
            renumber(&mut equation.left);
            renumber(&mut equation.right);
        }
        let unions = std::mem::take(&mut self.unions).into_iter().map(|mut union| {
            renumber(&mut union);
            union
        });
        self.unions = unions.collect();
        self.known_equations = self.equations.iter().cloned().collect();
        positions
    }

    /// Returns the readers to audit. Members of a region know more than a reader without a region,
    /// so that reader is only needed if there is at most one region.
    pub fn readers(&self) -> Vec<Option<&str>> {
        let regions: BTreeSet<&str> =
            self.variables.iter().filter_map(|variable| variable.region.as_deref()).collect();
        match regions.len() {
            0 | 1 => [None].into_iter().chain(regions.into_iter().map(Some)).collect(),
            _ => regions.into_iter().map(Some).collect(),
        }
    }

    /// Returns true if the variable belongs to the reader's own region.
    pub fn is_own(&self, reader: Option<&str>, variable: usize) -> bool {
        reader.is_some() && self.variables[variable].region.as_deref() == reader
    }

    /// Returns the sums of variables that a reader must not derive. These are the protected cells,
    /// and the protected cells within one equation if their sum is too small as well.
    pub fn protected_sums(&self, reader: Option<&str>, rules: Rules) -> Vec<Vec<usize>> {
        let is_protected = |at: usize| self.variables[at].protected && !self.is_own(reader, at);
        let mut protected_sums: Vec<Vec<usize>> =
            (0..self.variables.len()).filter(|at| is_protected(*at)).map(|at| vec![at]).collect();
        let mut unions = HashSet::new();
        let lists = self.equations.iter().map(|equation| &equation.left).chain(&self.unions);
        for parts in lists.filter(|_| rules.remainder) {
            let parts: Vec<usize> = parts.iter().copied().filter(|at| is_protected(*at)).collect();
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
