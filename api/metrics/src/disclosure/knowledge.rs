//! What readers know from a series of releases, and what they must not learn.
//!
//! Each reader has unknown numbers of the release that is being decided, and of the release before.
//! Equations connect them: the sums of this release, what the reader knew of the release before, and
//! the cells that did not change. Readers may guess right which rows changed, even suppressed ones.
//!
//! Later releases say something about the numbers of this release only, never about those before it.
//! So once a release is decided, what a reader knows is expressed by the numbers of this release. A
//! protected number of an earlier release that cannot be so expressed can never be derived again, and
//! is dropped. The rest is retained. What is stored is therefore exact, and does not grow with the
//! number of releases.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::changes::Changes;
use super::contributors::Contributors;
use super::elimination::{LinearKnowledge, LinearTerm, MINUS_ONE, centered, factor, normalized};
use super::system::{Rules, System};

/// A number of the latest release.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SeriesNumber {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    state: NumberState,
}

/// Who may know a number of the latest release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum NumberState {
    /// Every reader: a release of the series states it, or it is zero.
    Stated,
    /// Members of its region, and members of any region if it is of the state.
    Suppressed,
    /// Members of its region alone.
    Protected,
}

impl SeriesNumber {
    fn is_protected_from(&self, reader: Option<&str>) -> bool {
        match self.state {
            NumberState::Stated => false,
            NumberState::Suppressed => is_hidden_from(self.region.as_deref(), reader),
            NumberState::Protected => self.region.is_none() || self.region.as_deref() != reader,
        }
    }
}

/// Returns whether a suppressed number of a region, or of the state, that is large must be protected
/// from a reader. Members of any region may know what other regions contribute to the state.
fn is_hidden_from(region: Option<&str>, reader: Option<&str>) -> bool {
    if region.is_some() { region != reader } else { reader.is_none() }
}

/// A sum of numbers of the latest release: position and factor of each.
type StoredTerms = Vec<(u32, i64)>;

/// What one kind of reader knows of the numbers of the latest release.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ReaderKnowledge {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// Numbers that the reader can express by others.
    relations: Vec<(u32, StoredTerms)>,
    /// Functions of the numbers from which the reader could derive a protected number of an earlier
    /// release.
    protected: Vec<StoredTerms>,
}

/// What all readers know from a series of releases.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SeriesKnowledge {
    numbers: Vec<SeriesNumber>,
    readers: Vec<ReaderKnowledge>,
}

impl SeriesKnowledge {
    /// Returns what members of a region know. Those of a new region know what everybody knows.
    fn of_reader(&self, reader: Option<&str>) -> Option<&ReaderKnowledge> {
        let of = |region| self.readers.iter().find(|one| one.region.as_deref() == region);
        of(reader).or_else(|| of(None))
    }

    /// Returns which of this many numbers of the next release the series states.
    pub fn stated(&self, changes: &Changes, count: usize) -> Vec<bool> {
        let mut stated = vec![false; count];
        let is_stated = |then: &usize| self.numbers[*then].state == NumberState::Stated;
        let unchanged = changes.equal.iter().filter(|(then, _)| is_stated(then));
        let unchanged = unchanged.map(|(_, now)| now);
        unchanged.chain(&changes.known).for_each(|now| stated[*now] = true);
        stated
    }

    /// Returns what readers know once a release is decided, in terms of the numbers at these
    /// positions; with the positions where they are stored.
    pub fn of(
        audits: Vec<ReaderAudit>,
        system: &System,
        stated: &[bool],
        numbers: &BTreeMap<usize, usize>,
    ) -> Self {
        let number = |at: &usize| {
            let variable = &system.variables[*at];
            let state = match (stated[*at] || variable.n == 0, variable.protected) {
                (true, _) => NumberState::Stated,
                (false, false) => NumberState::Suppressed,
                (false, true) => NumberState::Protected,
            };
            SeriesNumber { region: variable.region.clone(), state }
        };
        let of_series: Vec<SeriesNumber> = numbers.keys().map(number).collect();
        let readers =
            audits.into_iter().map(|audit| audit.into_knowledge(&of_series, numbers)).collect();
        Self { numbers: of_series, readers }
    }
}

/// The audit for one reader: what the reader knows, and what must stay protected.
#[derive(Clone, Debug)]
pub(super) struct ReaderAudit {
    /// The region of the reader.
    pub reader: Option<String>,
    /// The numbers of this release, then those of the previous one, then functions of both.
    knowledge: LinearKnowledge,
    /// Number of numbers of this release.
    current: usize,
    /// The rows that the reader must not learn.
    is_protected: Vec<bool>,
    /// The numbers of this release that the reader knows before anything of it is published.
    is_known_before: Vec<bool>,
    /// What the latest candidate changed.
    latest: Vec<Vec<(usize, Vec<LinearTerm>)>>,
}

impl ReaderAudit {
    /// Creates the audit of each reader before anything of a release is published.
    pub fn of_all(
        system: &System,
        earlier: Option<&SeriesKnowledge>,
        changes: &Changes,
        rules: Rules,
    ) -> Vec<Self> {
        let mut readers = system.readers();
        if let Some(earlier) = earlier {
            readers.extend(earlier.readers.iter().map(|reader| reader.region.clone()));
        }
        readers
            .into_iter()
            .map(|reader| Self::of(reader, system, earlier, changes, rules))
            .collect()
    }

    fn of(
        reader: Option<String>,
        system: &System,
        earlier: Option<&SeriesKnowledge>,
        changes: &Changes,
        rules: Rules,
    ) -> Self {
        let current = system.variables.len();
        let previous = earlier.map_or(0, |earlier| earlier.numbers.len());
        let is_dependent = (0..current + previous).map(|at| at >= current).collect();
        let mut audit = Self {
            reader,
            knowledge: LinearKnowledge::new(is_dependent),
            current,
            is_protected: vec![false; current + previous],
            is_known_before: Vec::new(),
            latest: Vec::new(),
        };
        let own = audit.reader.clone();
        let is_own = |region: &Option<String>| region.is_some() && *region == own;
        for (at, variable) in system.variables.iter().enumerate() {
            if is_own(&variable.region) || changes.known.contains(&at) {
                audit.knowledge.define(at, Vec::new());
            }
        }
        let protected_before =
            earlier.map_or_else(Vec::new, |earlier| audit.continue_from(earlier, changes));
        audit.learn_sums(system);
        for (at, variable) in system.variables.iter().enumerate() {
            audit.is_protected[at] = variable.protected;
        }
        for terms in protected_before {
            audit.protect(terms);
        }
        if rules.remainder {
            audit.protect_remainders(system, changes, rules);
        }
        // What the reader knows already, such as numbers of the reader's own region, is not secret.
        audit.is_known_before = (0..current).map(|at| audit.knowledge.is_known(at)).collect();
        for (at, is_protected) in audit.is_protected.iter_mut().enumerate() {
            *is_protected &= !audit.knowledge.is_known(at);
        }
        audit
    }

    /// Takes over what the reader knew of the previous release. Returns the protected functions.
    fn continue_from(
        &mut self,
        earlier: &SeriesKnowledge,
        changes: &Changes,
    ) -> Vec<Vec<LinearTerm>> {
        let reader = self.reader.clone();
        let current = self.current;
        let previous = |at: usize| (current + at) as u32;
        let of_series = |terms: &StoredTerms| -> Vec<LinearTerm> {
            terms.iter().map(|(at, value)| (previous(*at as usize), factor(*value))).collect()
        };
        let known = earlier.of_reader(reader.as_deref());
        let (mut relations, mut protected) = (Vec::new(), Vec::new());
        if let Some(known) = known {
            relations
                .extend(known.relations.iter().map(|(at, terms)| (*at as usize, of_series(terms))));
            protected.extend(known.protected.iter().map(of_series));
        }
        let unchanged: BTreeSet<usize> = changes.equal.iter().map(|(then, _)| *then).collect();
        for (at, number) in earlier.numbers.iter().enumerate() {
            if !unchanged.contains(&at) && number.is_protected_from(reader.as_deref()) {
                protected.push(vec![(previous(at), 1)]);
            }
        }
        for ((then, now), contributors) in &changes.changed {
            let number = &earlier.numbers[*then];
            // A change since a stated number is as secret as the number now.
            let is_protected = number.state != NumberState::Stated
                && (!contributors.reach_minimum()
                    || is_hidden_from(number.region.as_deref(), reader.as_deref()));
            if is_protected {
                protected.push(vec![(*now as u32, 1), (previous(*then), MINUS_ONE)]);
            }
        }
        for (at, terms) in relations {
            self.knowledge.define(self.current + at, terms);
        }
        for (at, number) in earlier.numbers.iter().enumerate() {
            let is_own = number.region.is_some() && number.region == reader;
            if is_own || number.state == NumberState::Stated {
                self.knowledge.learn([(previous(at), 1)]);
            }
        }
        // Free numbers first, so that those expressed by them are short sums of numbers of today.
        let is_free = |(then, _): &(usize, usize)| {
            let at = current + then;
            *self.knowledge.row(at) == [(at as u32, 1)]
        };
        let (free, others): (Vec<_>, Vec<_>) = changes.equal.iter().copied().partition(is_free);
        for (then, now) in free.into_iter().chain(others) {
            self.knowledge.learn([(now as u32, 1), (previous(then), MINUS_ONE)]);
        }
        protected
    }

    /// The reader knows how the numbers of this release add up.
    pub fn learn_sums(&mut self, system: &System) {
        let mut equations: Vec<_> = system.equations.iter().collect();
        // Short equations come first, so that rows stay short.
        equations.sort_by_key(|equation| equation.parts.len());
        for equation in equations {
            let parts = equation.parts.iter().map(|part| (*part as u32, 1));
            self.knowledge.learn(parts.chain([(equation.total as u32, MINUS_ONE)]));
        }
    }

    /// Protects a function of numbers.
    fn protect(&mut self, terms: Vec<LinearTerm>) {
        let reduced = self.knowledge.reduced(terms);
        if !reduced.is_empty() {
            self.knowledge.add_row(reduced);
            self.is_protected.push(true);
        }
    }

    /// Protects what remains of a published total without its large parts: the protected parts of a
    /// sum together, if they are too few together, too. The same for their changes.
    fn protect_remainders(&mut self, system: &System, changes: &Changes, rules: Rules) {
        let is_own =
            |at: usize| self.reader.is_some() && system.variables[at].region == self.reader;
        let mut changed: BTreeMap<usize, (usize, &Contributors)> = BTreeMap::new();
        for ((then, now), contributors) in &changes.changed {
            if !contributors.reach_minimum() {
                changed.insert(*now, (*then, contributors));
            }
        }
        let mut remainders: BTreeSet<Vec<LinearTerm>> = BTreeSet::new();
        for equation in &system.equations {
            let parts = || equation.parts.iter().copied().filter(|part| !is_own(*part));
            let together = |contributors: &mut dyn Iterator<Item = &Contributors>| {
                let mut all = Contributors::default();
                contributors.for_each(|one| all.extend(one));
                all
            };
            let of_now = |at: usize| (at as u32, 1);
            let small: Vec<usize> = parts().filter(|at| system.variables[*at].is_small).collect();
            let n = small.iter().map(|at| system.variables[*at].n).sum();
            let contributors = small.iter().map(|at| &system.variables[*at].contributors);
            if small.len() > 1 && rules.is_too_small(n, &together(&mut contributors.into_iter())) {
                remainders.insert(small.iter().map(|at| of_now(*at)).collect());
            }
            let since_published: Vec<_> =
                parts().filter_map(|at| Some((at, changes.small.get(&at)?))).collect();
            let contributors = together(&mut since_published.iter().map(|(_, of)| *of));
            if since_published.len() > 1 && !contributors.reach_minimum() {
                remainders.insert(since_published.iter().map(|(at, _)| of_now(*at)).collect());
            }
            let since_previous: Vec<_> =
                parts().filter_map(|at| Some((at, changed.get(&at)?))).collect();
            let contributors = together(&mut since_previous.iter().map(|(_, (_, of))| *of));
            if since_previous.len() > 1 && !contributors.reach_minimum() {
                let terms = since_previous.iter().flat_map(|(now, (then, _))| {
                    [of_now(*now), ((self.current + then) as u32, MINUS_ONE)]
                });
                remainders.insert(terms.collect());
            }
        }
        for terms in remainders {
            self.protect(terms);
        }
    }

    /// Publishes these numbers to the reader, unless a protected number becomes known. Returns true
    /// if they were published.
    pub fn publish_if_safe(&mut self, numbers: &[usize]) -> bool {
        self.latest.clear();
        for number in numbers {
            let journal = self.knowledge.learn([(*number as u32, 1)]);
            let mut changed = journal.iter().map(|(row, _)| *row);
            let is_revealed =
                changed.any(|row| self.is_protected[row] && self.knowledge.is_known(row));
            self.latest.push(journal);
            if is_revealed {
                self.undo_latest();
                return false;
            }
        }
        true
    }

    /// Takes back what was published last.
    pub fn undo_latest(&mut self) {
        while let Some(journal) = self.latest.pop() {
            self.knowledge.restore(journal);
        }
    }

    /// Returns whether a number of this release became known by what was published of it.
    pub fn derives(&self, number: usize) -> bool {
        self.knowledge.is_known(number) && !self.is_known_before[number]
    }

    /// Protects a number of this release that is large, but suppressed.
    pub fn protect_suppressed(&mut self, number: usize, region: Option<&str>) {
        self.is_protected[number] |=
            is_hidden_from(region, self.reader.as_deref()) && !self.is_known_before[number];
    }

    /// Expresses what the reader knows by the numbers that are stored.
    fn into_knowledge(
        mut self,
        stored: &[SeriesNumber],
        numbers: &BTreeMap<usize, usize>,
    ) -> ReaderKnowledge {
        let remains: Vec<bool> =
            (0..self.knowledge.numbers()).map(|at| numbers.contains_key(&at)).collect();
        self.knowledge.express_by(&remains);
        let of_series = |terms: &[LinearTerm]| -> Option<StoredTerms> {
            let term = |(at, value): &LinearTerm| {
                Some((*numbers.get(&(*at as usize))? as u32, centered(*value)))
            };
            terms.iter().map(term).collect()
        };
        let is_expressed = |at: usize, position: usize| {
            let number = &stored[position];
            let is_own = number.region.is_some() && number.region == self.reader;
            let is_free = *self.knowledge.row(at) == [(at as u32, 1)];
            !is_own && !is_free && number.state != NumberState::Stated
        };
        let relations = numbers
            .iter()
            .filter(|(at, position)| is_expressed(**at, **position))
            .filter_map(|(at, position)| {
                Some((*position as u32, of_series(self.knowledge.row(*at))?))
            })
            .collect();
        let mut known: HashSet<Vec<LinearTerm>> = HashSet::new();
        let is_protected = |row: &usize| self.is_protected[*row] && !numbers.contains_key(row);
        let protected = (0..self.is_protected.len()).filter(is_protected).filter_map(|row| {
            let terms = normalized(self.knowledge.row(row));
            let stored = of_series(&terms).filter(|terms| !terms.is_empty())?;
            known.insert(terms).then_some(stored)
        });
        let protected = protected.collect();
        ReaderKnowledge { region: self.reader, relations, protected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::suppression::{CellCandidate, Decision, decide, published_numbers};
    use crate::disclosure::system::Variable;

    fn variable(n: u64, protected: bool) -> Variable {
        let (contributors, region) = (Contributors::of([1, 2, 3]), Some("1".to_owned()));
        Variable { n, contributors, region, is_small: protected, protected }
    }

    /// A small cell, a large one, and their sum.
    fn month() -> System {
        let mut system = System::default();
        system.variables = vec![variable(2, true), variable(9, false), variable(11, false)];
        system.add_sum([0, 1], 2);
        system
    }

    /// Decides the sum, and then the large cell if it is a candidate. Returns which are published,
    /// and what readers know then.
    fn release(
        series: Option<&SeriesKnowledge>,
        changes: &Changes,
        candidates: &[usize],
    ) -> (Vec<bool>, SeriesKnowledge) {
        let mut system = month();
        changes.protect_small(&mut system);
        let candidate = |at: &usize| CellCandidate {
            variables: vec![*at],
            priority: 0,
            n: *at as u64,
            decision: Decision::Undecided,
        };
        let mut candidates: Vec<CellCandidate> = candidates.iter().map(candidate).collect();
        let mut stated = series.map_or_else(|| vec![false; 3], |series| series.stated(changes, 3));
        let before = ReaderAudit::of_all(&system, series, changes, Rules::default());
        let audits = decide(&system, before, &mut candidates, &stated, Rules::default());
        published_numbers(&candidates).for_each(|at| stated[at] = true);
        let numbers = (0..3).map(|at| (at, at)).collect();
        let published =
            candidates.iter().map(|candidate| candidate.decision == Decision::Published);
        (published.collect(), SeriesKnowledge::of(audits, &system, &stated, &numbers))
    }

    fn changes(changed: [&[i64]; 3]) -> Changes {
        let mut changes = Changes::default();
        for (at, contributors) in changed.iter().enumerate() {
            if contributors.is_empty() {
                changes.equal.insert((at, at));
            } else {
                let contributors = Contributors::of(contributors.iter().copied());
                changes.changed.insert((at, at), contributors);
            }
        }
        changes
    }

    /// Returns whether the sum is published again after these contributors changed each cell.
    fn is_updated(changed: [&[i64]; 3]) -> bool {
        let (_, series) = release(None, &Changes::default(), &[2]);
        let mut changes = changes(changed);
        // The sum is published, so its version is compared with the published one, too.
        let of_sum = Contributors::of(changed[2].iter().copied());
        if !of_sum.is_empty() && !of_sum.reach_minimum() {
            changes.small.insert(2, of_sum);
        }
        release(Some(&series), &changes, &[2]).0[0]
    }

    #[test]
    fn a_sum_is_updated_unless_it_reveals_the_change_of_a_suppressed_cell() {
        let many = &[4, 5, 6];
        assert!(is_updated([many, many, many]), "the change of the sum is that of both cells");
        assert!(!is_updated([&[], many, many]), "the change is that of the large cell");
        assert!(!is_updated([many, &[], many]), "the change is that of the small cell");
        assert!(!is_updated([many, many, &[4, 5]]), "two contributors changed the sum");
        assert!(!is_updated([&[4], &[5], many]), "two contributors changed both cells");
        assert!(is_updated([&[], &[], &[]]), "nothing changed");
    }

    #[test]
    fn what_readers_know_does_not_grow_with_the_number_of_releases() {
        let many = &[4, 5, 6];
        let (_, mut series) = release(None, &Changes::default(), &[2]);
        let size = |series: &SeriesKnowledge| serde_json::to_string(series).unwrap().len();
        let first = size(&series);
        for _ in 0..20 {
            series = release(Some(&series), &changes([many, many, many]), &[2]).1;
            assert!(size(&series) <= first);
        }
        // The small cell of the first release stays protected for as long as a release could give
        // it back: the large cell did not change.
        let (published, series) = release(Some(&series), &changes([many, &[], many]), &[2, 1]);
        assert_eq!(published, [false, false]);
        let (published, _) = release(Some(&series), &changes([many, many, many]), &[2, 1]);
        assert_eq!(published, [true, false]);
    }
}
