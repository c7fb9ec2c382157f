//! Decides which numbers of a release are published. The most useful come first. A number is
//! published only if no reader can derive a protected number from it and all published ones.
//!
//! This is complementary cell suppression as a greedy choice, with an exact audit after each step.
//! See Fischetti and Salazar-González, "Solving the Cell Suppression Problem on Tabular Data with
//! Linear Constraints", Management Science 47 (2001), and Hundepool and others, "Statistical
//! Disclosure Control" (2012), chapter 4. No suppression is superfluous: publishing any one more
//! number would reveal a protected one.

use std::collections::{BTreeMap, BTreeSet};

use super::elimination::{EchelonForm, LinearTerm, MINUS_ONE, sum};
use super::system::{Rules, System, Variable};

/// Numbers that are published together or not at all.
#[derive(Clone, Debug)]
pub(crate) struct CellCandidate {
    /// The variables that the numbers reveal.
    pub variables: Vec<usize>,
    /// How useful the numbers are to readers; higher is decided earlier.
    pub priority: u8,
    /// Number of facts behind the numbers.
    pub n: u64,
    /// Whether the numbers are published.
    pub decision: Decision,
}

/// The decision on a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Not decided yet.
    Undecided,
    /// The numbers are published.
    Published,
    /// The numbers are suppressed.
    Suppressed,
}

/// Decides all candidates with [`decide`], and also protects suppressed numbers and changes that are
/// large. Those of a region are protected from every reader. Those of the state are protected from
/// readers without a region.
///
/// A member of a region can add the region's own cells to published ones, and so derive a state
/// total. The part of it from other regions is protected if it is small.
pub(crate) fn decide_protecting_suppressed(
    system: &mut System,
    candidates: &mut [CellCandidate],
    rules: Rules,
) {
    loop {
        let mut decided = candidates.to_vec();
        decide(system, &mut decided, rules);
        let derivable =
            if rules.complementary { derivable_cells(system, &decided) } else { BTreeSet::new() };
        if derivable.is_empty() {
            candidates.clone_from_slice(&decided);
            return;
        }
        derivable.into_iter().for_each(|at| system.variables[at].protected = true);
    }
}

/// Returns the suppressed, unprotected variables that a reader can derive from published ones.
fn derivable_cells(system: &System, candidates: &[CellCandidate]) -> BTreeSet<usize> {
    let stated: Vec<bool> = system.variables.iter().map(|variable| variable.published).collect();
    let mut published = stated.clone();
    let decided = candidates.iter().filter(|candidate| candidate.decision == Decision::Published);
    decided.flat_map(|candidate| &candidate.variables).for_each(|at| published[*at] = true);
    let is_open = |at: &usize| {
        let Variable { n, protected, change, .. } = system.variables[*at];
        let is_stated = change.is_some_and(|(then, now)| published[then] && published[now]);
        n > 0 && !published[*at] && !protected && !is_stated
    };
    let single: Vec<Vec<usize>> =
        (0..system.variables.len()).filter(is_open).map(|at| vec![at]).collect();
    let all = Component {
        variables: (0..published.len()).collect(),
        equations: (0..system.equations.len()).collect(),
        candidates: Vec::new(),
    };
    let mut derivable = BTreeSet::new();
    for reader in [None].into_iter().chain(system.readers()) {
        let is_audited = |at: &&usize| reader.is_none() || system.variables[**at].region.is_some();
        let after = ReaderAudit::new(system, reader, &all, &single, &published).underivable();
        let derived = single.iter().flatten().filter(|at| !after.contains(at)).filter(is_audited);
        let derived: Vec<Vec<usize>> = derived.map(|at| vec![*at]).collect();
        if !derived.is_empty() {
            // Variables that the reader's own region and earlier releases reveal do not count.
            derivable
                .extend(ReaderAudit::new(system, reader, &all, &derived, &stated).underivable());
        }
    }
    derivable
}

/// Decides all undecided candidates. Earlier decisions do not change.
pub(crate) fn decide(system: &System, candidates: &mut [CellCandidate], rules: Rules) {
    let mut published: Vec<bool> =
        system.variables.iter().map(|variable| variable.published).collect();
    for candidate in candidates.iter_mut() {
        if candidate.decision == Decision::Undecided
            && candidate.variables.iter().any(|at| system.variables[*at].protected)
        {
            candidate.decision = Decision::Suppressed;
        }
        if candidate.decision == Decision::Undecided
            && (candidate.variables.is_empty() || !rules.complementary)
        {
            candidate.decision = Decision::Published;
        }
        if candidate.decision == Decision::Published {
            candidate.variables.iter().for_each(|at| published[*at] = true);
        }
    }
    let mut order: Vec<usize> = (0..candidates.len())
        .filter(|at| candidates[*at].decision == Decision::Undecided)
        .collect();
    order.sort_by_key(|at| (std::cmp::Reverse((candidates[*at].priority, candidates[*at].n)), *at));
    let readers = system.readers();
    let protected_sums: Vec<Vec<Vec<usize>>> =
        readers.iter().map(|reader| system.protected_sums(*reader, rules)).collect();
    while let Some(priority) = order.first().map(|at| candidates[*at].priority) {
        let rest =
            order.split_off(order.partition_point(|at| candidates[*at].priority == priority));
        let level = std::mem::replace(&mut order, rest);
        for component in components(system, &published, candidates, &level) {
            let mut audits: Vec<ReaderAudit> = readers
                .iter()
                .zip(&protected_sums)
                .map(|(reader, protected_sums)| {
                    ReaderAudit::new(system, *reader, &component, protected_sums, &published)
                })
                .filter(|audit| !audit.protected_sums.is_empty())
                .collect();
            publish_safe(&mut audits, &component.candidates, candidates);
            for candidate in component
                .candidates
                .iter()
                .map(|at| &candidates[*at])
                .filter(|candidate| candidate.decision == Decision::Published)
            {
                candidate.variables.iter().for_each(|at| published[*at] = true);
            }
        }
    }
}

/// Publishes as many candidates as pass every audit. If a batch fails, each half is tried
/// separately.
fn publish_safe(audits: &mut [ReaderAudit], batch: &[usize], candidates: &mut [CellCandidate]) {
    let Some(against) =
        audits.iter_mut().position(|audit| !audit.publish_if_safe(batch, candidates))
    else {
        batch.iter().for_each(|at| candidates[*at].decision = Decision::Published);
        return;
    };
    audits[..against].iter_mut().for_each(ReaderAudit::undo_latest);
    if let [alone] = batch {
        candidates[*alone].decision = Decision::Suppressed;
        return;
    }
    let (first, second) = batch.split_at(batch.len() / 2);
    publish_safe(audits, first, candidates);
    publish_safe(audits, second, candidates);
}

/// Unpublished variables that equations and candidates connect, with those equations and
/// candidates.
struct Component {
    variables: Vec<usize>,
    equations: Vec<usize>,
    candidates: Vec<usize>,
}

/// Union-find over variables: each set is represented by its smallest variable.
struct DisjointSets(Vec<usize>);

impl DisjointSets {
    fn find(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn union(&mut self, mut variables: impl Iterator<Item = usize>) {
        let Some(one) = variables.next() else { return };
        for other in variables {
            let (one, other) = (self.find(one), self.find(other));
            self.0[one.max(other)] = one.min(other);
        }
    }
}

/// Returns the components that the candidates of this batch belong to.
fn components(
    system: &System,
    published: &[bool],
    candidates: &[CellCandidate],
    batch: &[usize],
) -> Vec<Component> {
    let mut sets = DisjointSets((0..system.variables.len()).collect());
    for equation in &system.equations {
        sets.union(equation.terms().filter(|at| !published[*at]));
    }
    for candidate in batch {
        sets.union(candidates[*candidate].variables.iter().copied());
    }
    let mut components: BTreeMap<usize, Component> = BTreeMap::new();
    for candidate in batch {
        let of = sets.find(candidates[*candidate].variables[0]);
        let component = components.entry(of).or_insert_with(|| Component {
            variables: Vec::new(),
            equations: Vec::new(),
            candidates: Vec::new(),
        });
        component.candidates.push(*candidate);
    }
    for variable in 0..system.variables.len() {
        if let Some(component) = components.get_mut(&sets.find(variable)) {
            component.variables.push(variable);
        }
    }
    for (at, equation) in system.equations.iter().enumerate() {
        if let Some(term) = equation.terms().find(|term| !published[*term])
            && let Some(component) = components.get_mut(&sets.find(term))
        {
            component.equations.push(at);
        }
    }
    components.into_values().collect()
}

/// The audit for one reader: what the reader knows of a component, and what must stay protected.
struct ReaderAudit {
    /// Positions of the variables that the reader does not know.
    position: BTreeMap<usize, usize>,
    relations: EchelonForm,
    protected_sums: Vec<Vec<usize>>,
    /// Positions of the equations that the latest batch added.
    latest: Vec<usize>,
}

impl ReaderAudit {
    fn new(
        system: &System,
        reader: Option<&str>,
        component: &Component,
        protected_sums: &[Vec<usize>],
        published: &[bool],
    ) -> Self {
        let is_unknown = |at: &usize| !published[*at] && !system.is_own(reader, *at);
        // Later variables belong to finer tables. They come first, so that each equation expresses
        // a fine number by coarse ones.
        let unknown = component.variables.iter().rev().copied().filter(is_unknown);
        let position: BTreeMap<usize, usize> =
            unknown.enumerate().map(|(at, variable)| (variable, at)).collect();
        let mut equations: Vec<Vec<LinearTerm>> = component
            .equations
            .iter()
            .map(|at| {
                let equation = &system.equations[*at];
                let left = equation.left.iter().map(|term| (*term, 1));
                let terms = left.chain(equation.right.iter().map(|term| (*term, MINUS_ONE)));
                terms.filter_map(|(term, factor)| Some((*position.get(&term)?, factor))).collect()
            })
            .collect();
        // Short equations are inserted first, so that the reduced ones stay short.
        equations.sort_by_key(Vec::len);
        let mut relations = EchelonForm::new(position.len());
        for terms in equations {
            relations.insert(terms);
        }
        let positions = |terms: &Vec<usize>| {
            terms.iter().map(|at| position.get(at).copied()).collect::<Option<Vec<_>>>()
        };
        let solution = relations.random_solution();
        // Sums that the reader's own region already reveals are not protected.
        let protected_sums = protected_sums
            .iter()
            .filter_map(positions)
            .filter(|terms| sum(&solution, terms) != 0)
            .collect();
        Self { position, relations, protected_sums, latest: Vec::new() }
    }

    /// Returns the variables among the protected sums of one term that the reader cannot derive.
    fn underivable(&self) -> BTreeSet<usize> {
        let variable: BTreeMap<usize, usize> =
            self.position.iter().map(|(variable, at)| (*at, *variable)).collect();
        self.protected_sums.iter().filter_map(|terms| variable.get(&terms[0]).copied()).collect()
    }

    /// Publishes the batch to this reader, unless a protected sum becomes derivable. Returns true
    /// if the batch was published.
    fn publish_if_safe(&mut self, batch: &[usize], candidates: &[CellCandidate]) -> bool {
        self.latest.clear();
        for variable in batch.iter().flat_map(|at| &candidates[*at].variables) {
            if let Some(at) = self.position.get(variable) {
                self.latest.extend(self.relations.insert([(*at, 1)]));
            }
        }
        let is_safe = self.latest.is_empty() || {
            let solution = self.relations.random_solution();
            self.protected_sums.iter().all(|terms| sum(&solution, terms) != 0)
        };
        if !is_safe {
            self.undo_latest();
        }
        is_safe
    }

    /// Removes the equations of the latest batch.
    fn undo_latest(&mut self) {
        for at in std::mem::take(&mut self.latest).into_iter().rev() {
            self.relations.remove(at);
        }
    }
}
