//! Which cells of a release are suppressed: the small ones, and besides them as many as keep every sum from giving one back.
//!
//! A variable is a set of records, whichever metrics count it by their definitions. An equation says that some of them add up to another.
//! Everybody who reads a release knows its published cells; who belongs to a region knows all cells of that region too.

use std::collections::{BTreeSet, HashSet};

use super::MIN_N;
use super::contributors::{Cell, Contributors, Sketch};
use super::elimination::{Signed, determined};

/// A variable: a set of records.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// Facts.
    pub n: u64,
    /// Their contributors.
    pub contributors: Contributors,
    /// What each contributor brought.
    pub sketch: Sketch,
    /// How much readers would miss it: cells of coarse tables are worth most.
    pub worth: u8,
    /// The region whose members know it; none for one of the state.
    pub region: Option<String>,
    /// Not published.
    pub hidden: bool,
    /// Stays as it was published in the release before, hidden or not.
    pub fixed: bool,
}

/// Two lists of variables that add up to the same: often parts and their total.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Equation {
    left: Vec<usize>,
    right: Vec<usize>,
}

impl Equation {
    fn terms(&self) -> impl Iterator<Item = usize> {
        self.left.iter().chain(&self.right).copied()
    }
}

/// All variables and equations of a release.
#[derive(Default)]
pub(crate) struct System {
    pub variables: Vec<Variable>,
    equations: Vec<Equation>,
    known: HashSet<Equation>,
    /// Equations in which each variable stands.
    of: Vec<Vec<usize>>,
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
    /// What remains of a state's figure without any one region must not be small.
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
    fn small(self, n: u64, contributors: &Contributors) -> bool {
        n > 0 && ((self.minimum_n && n < MIN_N) || (self.contributors && !contributors.are_enough()))
    }

    fn is_small_cell(self, cell: &Cell) -> bool {
        // Anybody may list public facts: where all are public there is nothing to protect.
        let small =
            self.small(cell.n, &cell.contributors) || self.small(cell.restricted, &cell.restricted_contributors);
        cell.restricted > 0 && small
    }
}

impl System {
    /// A new variable for a cell, which the members of its region know.
    pub fn variable(&mut self, cell: &Cell, worth: u8, region: Option<&str>, rules: Rules) -> usize {
        self.variables.push(Variable {
            n: cell.n,
            contributors: cell.contributors.clone(),
            sketch: cell.sketch.clone(),
            worth,
            region: region.map(str::to_owned),
            hidden: rules.is_small_cell(cell),
            fixed: false,
        });
        self.of.push(Vec::new());
        self.variables.len() - 1
    }

    /// The parts add up to the total.
    ///
    /// A record in two regions is in both parts and in the total once: parts that are the same records count once, and a total
    /// that is one of its parts says nothing of the others.
    pub fn add_sum(&mut self, parts: impl IntoIterator<Item = usize>, total: usize) {
        let parts: BTreeSet<usize> = parts.into_iter().collect();
        if !parts.contains(&total) {
            self.add_equation(parts.into_iter().collect(), vec![total]);
        }
    }

    /// Both lists add up to the same.
    pub fn add_equation(&mut self, mut left: Vec<usize>, mut right: Vec<usize>) {
        // What stands on both sides says nothing.
        left.sort_unstable();
        right.sort_unstable();
        for at in (0..left.len()).rev() {
            if let Ok(same) = right.binary_search(&left[at]) {
                right.remove(same);
                left.remove(at);
            }
        }
        let equation = Equation { left, right };
        if equation.terms().next().is_none() || !self.known.insert(equation.clone()) {
            return;
        }
        let at = self.equations.len();
        for variable in equation.terms() {
            self.of[variable].push(at);
        }
        self.equations.push(equation);
    }

    /// Hides the state's variables of which too little remains without one region.
    pub fn hide_small_remainders(&mut self, rules: Rules) {
        if !rules.remainder {
            return;
        }
        for at in 0..self.equations.len() {
            let Equation { left: parts, right } = self.equations[at].clone();
            let [total] = right[..] else { continue };
            let regional = parts.iter().all(|part| self.variables[*part].region.is_some());
            if self.variables[total].region.is_some() || !regional {
                continue;
            }
            for without in &parts {
                let n = self.variables[total].n.saturating_sub(self.variables[*without].n);
                let mut contributors = Contributors::default();
                for part in parts.iter().filter(|part| *part != without) {
                    contributors.extend(&self.variables[*part].contributors);
                }
                if rules.small(n, &contributors) {
                    self.hide(total);
                }
            }
        }
    }

    /// Hides further variables until no reader can work out a hidden one.
    pub fn complete(&mut self, rules: Rules) {
        if !rules.complementary {
            return;
        }
        let regions: BTreeSet<Option<String>> =
            self.variables.iter().map(|variable| variable.region.clone()).chain([None]).collect();
        loop {
            let before = self.hidden_count();
            for reader in &regions {
                self.protect_against(reader.as_deref(), rules);
            }
            if self.hidden_count() == before {
                return;
            }
        }
    }

    /// Hides a variable, unless the release before decided for it.
    pub fn hide(&mut self, variable: usize) {
        let variable = &mut self.variables[variable];
        variable.hidden |= !variable.fixed;
    }

    /// What changed since the release before, as a system of its own: the same equations hold of the differences. A difference
    /// that fewer than three contributors made is hidden.
    pub fn changes(&self, before: impl Fn(usize) -> Option<Sketch>) -> Self {
        let variables = self.variables.iter().enumerate().map(|(at, variable)| {
            let changed = variable.sketch.changed(&before(at).unwrap_or_default());
            Variable {
                n: changed.len() as u64,
                hidden: !changed.is_empty() && !changed.are_enough(),
                contributors: changed,
                sketch: Sketch::default(),
                worth: variable.worth,
                region: variable.region.clone(),
                fixed: false,
            }
        });
        Self {
            variables: variables.collect(),
            equations: self.equations.clone(),
            known: HashSet::new(),
            of: self.of.clone(),
        }
    }

    fn hidden_count(&self) -> usize {
        self.variables.iter().filter(|variable| variable.hidden).count()
    }

    /// Whether a reader of this region knows a variable.
    fn knows(&self, reader: Option<&str>, variable: usize) -> bool {
        let variable = &self.variables[variable];
        !variable.hidden || (reader.is_some() && variable.region.as_deref() == reader)
    }

    fn protect_against(&mut self, reader: Option<&str>, rules: Rules) {
        let mut open: Vec<usize> = (0..self.equations.len()).collect();
        loop {
            // Single equations first: they decide most.
            while let Some(at) = open.pop() {
                if self.gives_back(at, reader, rules)
                    && let Some(next) = self.next_to_hide(&[at], reader)
                {
                    self.hide(next);
                    open.extend(&self.of[next]);
                }
            }
            let found = self.worked_out(reader);
            for variable in found {
                if let Some(next) = self.next_to_hide(&self.of[variable], reader) {
                    self.hide(next);
                    open.extend(&self.of[next]);
                }
            }
            if open.is_empty() {
                return;
            }
        }
    }

    /// Whether an equation alone gives a hidden variable back, or the sum of so few that it is small itself.
    fn gives_back(&self, at: usize, reader: Option<&str>, rules: Rules) -> bool {
        let equation = &self.equations[at];
        let unknown: Vec<usize> = equation.terms().filter(|term| !self.knows(reader, *term)).collect();
        if unknown.len() < 2 {
            return unknown.len() == 1;
        }
        if !equation.right.iter().all(|term| self.knows(reader, *term)) {
            return false;
        }
        let n = unknown.iter().map(|part| self.variables[*part].n).sum();
        let mut contributors = Contributors::default();
        unknown.iter().for_each(|part| contributors.extend(&self.variables[*part].contributors));
        rules.small(n, &contributors)
    }

    /// The variable of these equations that readers miss least: of the finest table, and there the smallest.
    fn next_to_hide(&self, equations: &[usize], reader: Option<&str>) -> Option<usize> {
        let terms = equations.iter().flat_map(|at| self.equations[*at].terms());
        terms
            .filter(|at| !self.variables[*at].hidden && !self.variables[*at].fixed)
            .filter(|at| reader.is_none() || self.variables[*at].region.as_deref() != reader)
            .min_by_key(|at| (self.variables[*at].worth, self.variables[*at].n, *at))
    }

    /// The hidden variables that a reader can work out from all equations together.
    pub fn worked_out(&self, reader: Option<&str>) -> Vec<usize> {
        let unknown: Vec<usize> = (0..self.variables.len()).filter(|at| !self.knows(reader, *at)).collect();
        let mut position = vec![usize::MAX; self.variables.len()];
        unknown.iter().enumerate().for_each(|(at, variable)| position[*variable] = at);
        let mut equations: Vec<Vec<Signed>> = Vec::new();
        let mut constrained = vec![false; unknown.len()];
        for Equation { left, right } in &self.equations {
            let mut terms: Vec<Signed> = Vec::new();
            let signed = left.iter().map(|term| (*term, false)).chain(right.iter().map(|term| (*term, true)));
            for (variable, subtracted) in signed {
                if position[variable] != usize::MAX {
                    constrained[position[variable]] = true;
                    terms.push((position[variable], subtracted));
                }
            }
            if !terms.is_empty() {
                equations.push(terms);
            }
        }
        let found = determined(unknown.len(), &equations);
        unknown
            .into_iter()
            .enumerate()
            .filter(|(at, _)| constrained[*at] && found[*at])
            .map(|(_, variable)| variable)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_rules_are_those_of_the_contract() {
        let mut few = Contributors::default();
        let rules = Rules::default();
        assert!(!rules.small(0, &few), "nothing is a true zero");
        assert!(rules.small(MIN_N, &few));
        for cell in [1, 2, 3] {
            few.extend(&Contributors::of([cell]));
        }
        assert!(!rules.small(MIN_N, &few) && rules.small(MIN_N - 1, &few));
    }
}
