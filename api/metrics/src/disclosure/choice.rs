//! Which numbers of a release are published: the most useful first, each only if no reader can work
//! out a secret from it and all that is published already.
//!
//! This is complementary cell suppression as a greedy choice of what to tell, with an exact audit
//! after each step; see Fischetti and Salazar-González, "Solving the Cell Suppression Problem on
//! Tabular Data with Linear Constraints", Management Science 47 (2001), and Hundepool and others,
//! "Statistical Disclosure Control" (2012), chapter 4. What is left out at the end is needed:
//! publishing any one more of it would tell a secret.

use std::collections::{BTreeMap, BTreeSet};

use super::elimination::{Echelon, MINUS, Term, sum};
use super::system::{Rules, System};

/// Numbers that are published together or not at all.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    /// The variables that they tell.
    pub variables: Vec<usize>,
    /// How much readers would miss them.
    pub worth: u8,
    /// Facts behind them.
    pub n: u64,
    /// What is decided already.
    pub fate: Fate,
}

/// What is decided of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing yet.
    Open,
    /// It is published.
    Published,
    /// It is not.
    Suppressed,
}

/// Decides every open offer, as [`decide`] does. Suppressed numbers that are no secrets themselves
/// are guarded too: those of regions against everybody, those of the state against a reader of no
/// region.
///
/// A member of a region may add up the own cells and the published ones to a figure of the state;
/// what of it is not their own is guarded as a secret where it is small.
pub(crate) fn decide_strictly(system: &mut System, offers: &mut [Offer], rules: Rules) {
    loop {
        let mut decided = offers.to_vec();
        decide(system, &mut decided, rules);
        let found =
            if rules.complementary { worked_out(system, &decided) } else { BTreeSet::new() };
        if found.is_empty() {
            offers.clone_from_slice(&decided);
            return;
        }
        found.into_iter().for_each(|at| system.variables[at].small = true);
    }
}

/// The suppressed variables that are no secrets, and that a reader can work out from what is
/// published.
fn worked_out(system: &System, offers: &[Offer]) -> BTreeSet<usize> {
    let mut told = vec![false; system.variables.len()];
    let published = offers.iter().filter(|offer| offer.fate == Fate::Published);
    published.flat_map(|offer| &offer.variables).for_each(|at| told[*at] = true);
    let suppressed: BTreeSet<usize> =
        offers.iter().flat_map(|offer| &offer.variables).copied().collect();
    let is_open =
        |at: &usize| !told[*at] && !system.variables[*at].small && system.variables[*at].n > 0;
    let suppressed = suppressed.into_iter().filter(is_open);
    let single: Vec<Vec<usize>> = suppressed.map(|at| vec![at]).collect();
    let all = Group {
        variables: (0..told.len()).collect(),
        equations: (0..system.equations.len()).collect(),
        offers: Vec::new(),
    };
    let nothing = vec![false; told.len()];
    let mut found = BTreeSet::new();
    for reader in [None].into_iter().chain(system.readers()) {
        // Of what the reader does not know by the own region alone.
        let open = Guard::new(system, reader, &all, &single, &nothing).open();
        let still = Guard::new(system, reader, &all, &single, &told).open();
        let is_guarded = |at: &&usize| reader.is_none() || system.variables[**at].region.is_some();
        found.extend(open.difference(&still).filter(is_guarded));
    }
    found
}

/// Decides every open offer. Nothing that is decided already changes.
pub(crate) fn decide(system: &System, offers: &mut [Offer], rules: Rules) {
    let mut told = vec![false; system.variables.len()];
    for offer in offers.iter_mut() {
        if offer.fate == Fate::Open && offer.variables.iter().any(|at| system.variables[*at].small)
        {
            offer.fate = Fate::Suppressed;
        }
        if offer.fate == Fate::Open && (offer.variables.is_empty() || !rules.complementary) {
            offer.fate = Fate::Published;
        }
        if offer.fate == Fate::Published {
            offer.variables.iter().for_each(|at| told[*at] = true);
        }
    }
    let mut order: Vec<usize> =
        (0..offers.len()).filter(|at| offers[*at].fate == Fate::Open).collect();
    order.sort_by_key(|at| (std::cmp::Reverse((offers[*at].worth, offers[*at].n)), *at));
    let readers = system.readers();
    let secrets: Vec<Vec<Vec<usize>>> =
        readers.iter().map(|reader| system.secrets(*reader, rules)).collect();
    while let Some(worth) = order.first().map(|at| offers[*at].worth) {
        let rest = order.split_off(order.partition_point(|at| offers[*at].worth == worth));
        let level = std::mem::replace(&mut order, rest);
        for group in groups(system, &told, offers, &level) {
            let mut guards: Vec<Guard> = readers
                .iter()
                .zip(&secrets)
                .map(|(reader, secrets)| Guard::new(system, *reader, &group, secrets, &told))
                .filter(|guard| !guard.secrets.is_empty())
                .collect();
            admit(&mut guards, &group.offers, offers);
            for offer in group
                .offers
                .iter()
                .map(|at| &offers[*at])
                .filter(|offer| offer.fate == Fate::Published)
            {
                offer.variables.iter().for_each(|at| told[*at] = true);
            }
        }
    }
}

/// Publishes as many of these offers as the guards let pass: all at once, or else each half by
/// itself.
fn admit(guards: &mut [Guard], asked: &[usize], offers: &mut [Offer]) {
    let Some(against) = guards.iter_mut().position(|guard| !guard.lets_pass(asked, offers)) else {
        asked.iter().for_each(|at| offers[*at].fate = Fate::Published);
        return;
    };
    guards[..against].iter_mut().for_each(Guard::take_back);
    if let [alone] = asked {
        offers[*alone].fate = Fate::Suppressed;
        return;
    }
    let (first, second) = asked.split_at(asked.len() / 2);
    admit(guards, first, offers);
    admit(guards, second, offers);
}

/// Variables that nobody is told yet and that equations and offers tie together, with their offers.
struct Group {
    variables: Vec<usize>,
    equations: Vec<usize>,
    offers: Vec<usize>,
}

/// Sets of variables that are tied together, each known by its first one.
struct Ties(Vec<usize>);

impl Ties {
    fn first(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn tie(&mut self, mut variables: impl Iterator<Item = usize>) {
        let Some(one) = variables.next() else { return };
        for other in variables {
            let (one, other) = (self.first(one), self.first(other));
            self.0[one.max(other)] = one.min(other);
        }
    }
}

/// The groups that these offers are about.
fn groups(system: &System, told: &[bool], offers: &[Offer], asked: &[usize]) -> Vec<Group> {
    let mut ties = Ties((0..system.variables.len()).collect());
    for equation in &system.equations {
        ties.tie(equation.terms().filter(|at| !told[*at]));
    }
    for offer in asked {
        ties.tie(offers[*offer].variables.iter().copied());
    }
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for offer in asked {
        let of = ties.first(offers[*offer].variables[0]);
        let group = groups.entry(of).or_insert_with(|| Group {
            variables: Vec::new(),
            equations: Vec::new(),
            offers: Vec::new(),
        });
        group.offers.push(*offer);
    }
    for variable in 0..system.variables.len() {
        if let Some(group) = groups.get_mut(&ties.first(variable)) {
            group.variables.push(variable);
        }
    }
    for (at, equation) in system.equations.iter().enumerate() {
        if let Some(term) = equation.terms().find(|term| !told[*term])
            && let Some(group) = groups.get_mut(&ties.first(term))
        {
            group.equations.push(at);
        }
    }
    groups.into_values().collect()
}

/// What one reader knows of a group, and must not learn.
struct Guard {
    /// Positions of the variables that the reader does not know yet.
    position: BTreeMap<usize, usize>,
    known: Echelon,
    secrets: Vec<Vec<usize>>,
    /// Where the equations of the latest offers are stored.
    latest: Vec<usize>,
}

impl Guard {
    fn new(
        system: &System,
        reader: Option<&str>,
        group: &Group,
        secrets: &[Vec<usize>],
        told: &[bool],
    ) -> Self {
        let is_unknown = |at: &usize| !told[*at] && !system.is_own(reader, *at);
        // Later variables are of finer tables. They come first, so that each equation gives a fine
        // number by coarse ones.
        let unknown = group.variables.iter().rev().copied().filter(is_unknown);
        let position: BTreeMap<usize, usize> =
            unknown.enumerate().map(|(at, variable)| (variable, at)).collect();
        let mut equations: Vec<Vec<Term>> = group
            .equations
            .iter()
            .map(|at| {
                let equation = &system.equations[*at];
                let left = equation.left.iter().map(|term| (*term, 1));
                let terms = left.chain(equation.right.iter().map(|term| (*term, MINUS)));
                terms.filter_map(|(term, factor)| Some((*position.get(&term)?, factor))).collect()
            })
            .collect();
        // Short equations first, which keeps the others short.
        equations.sort_by_key(Vec::len);
        let mut known = Echelon::new(position.len());
        for terms in equations {
            known.insert(terms);
        }
        let placed = |secret: &Vec<usize>| {
            secret.iter().map(|at| position.get(at).copied()).collect::<Option<Vec<_>>>()
        };
        let solution = known.solution();
        // What the reader knows by the own region alone is none.
        let secrets = secrets
            .iter()
            .filter_map(placed)
            .filter(|secret| sum(&solution, secret) != 0)
            .collect();
        Self { position, known, secrets, latest: Vec::new() }
    }

    /// The variables among the single secrets that the reader cannot work out.
    fn open(&self) -> BTreeSet<usize> {
        let variable: BTreeMap<usize, usize> =
            self.position.iter().map(|(variable, at)| (*at, *variable)).collect();
        self.secrets.iter().filter_map(|secret| variable.get(&secret[0]).copied()).collect()
    }

    /// Tells the reader these offers; takes them back when they give a secret away.
    fn lets_pass(&mut self, asked: &[usize], offers: &[Offer]) -> bool {
        self.latest.clear();
        for variable in asked.iter().flat_map(|at| &offers[*at].variables) {
            if let Some(at) = self.position.get(variable) {
                self.latest.extend(self.known.insert([(*at, 1)]));
            }
        }
        let passes = self.latest.is_empty() || {
            let solution = self.known.solution();
            self.secrets.iter().all(|secret| sum(&solution, secret) != 0)
        };
        if !passes {
            self.take_back();
        }
        passes
    }

    /// Takes back the latest offers.
    fn take_back(&mut self) {
        for at in std::mem::take(&mut self.latest).into_iter().rev() {
            self.known.remove(at);
        }
    }
}
