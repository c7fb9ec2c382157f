//! Solves linear relations between numbers, and explains a solution by the relations that it takes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::attacker::{Number, TableNumbers};

const PRIME: u64 = (1 << 61) - 1;

fn multiply(one: u64, other: u64) -> u64 {
    (u128::from(one) * u128::from(other) % u128::from(PRIME)) as u64
}

fn add(one: u64, other: u64) -> u64 {
    (one + other) % PRIME
}

fn negate(one: u64) -> u64 {
    (PRIME - one) % PRIME
}

fn modulo(value: i64) -> u64 {
    value.rem_euclid(PRIME as i64) as u64
}

fn inverse(mut value: u64) -> u64 {
    let (mut exponent, mut power) = (PRIME - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = multiply(power, value);
        }
        value = multiply(value, value);
        exponent >>= 1;
    }
    power
}

/// Numbers with factors whose sum is 0.
pub type Relation = Vec<(Number, i64)>;

/// An equation: the factors of its unknown numbers, and their sum.
#[derive(Clone)]
struct Equation {
    factors: BTreeMap<usize, u64>,
    sum: u64,
    /// Position of the relation that it expresses.
    relation: usize,
}

/// The other unknown numbers of an equation with their factors, and its sum.
type Reduced = (Vec<(usize, u64)>, u64);

/// The unknown numbers of relations, and an equation for each relation that has some.
fn equations<'a>(
    answers: &'a TableNumbers,
    relations: &[Relation],
) -> (Vec<&'a Number>, Vec<Equation>) {
    let mut hidden: Vec<&Number> =
        answers.iter().filter(|(_, value)| value.is_none()).map(|(number, _)| number).collect();
    // Fine numbers come first, so that each equation expresses a fine number by coarse ones.
    hidden.sort_by_key(|number| (Reverse(number.by.len()), number.period.is_none(), number.period));
    let at: HashMap<&Number, usize> =
        hidden.iter().enumerate().map(|(at, number)| (*number, at)).collect();
    let mut equations = Vec::new();
    for (position, relation) in relations.iter().enumerate() {
        let (mut factors, mut known) = (BTreeMap::new(), 0);
        for (number, factor) in relation {
            let factor = modulo(*factor);
            match answers.get(number).copied().flatten() {
                Some(value) => known = add(known, multiply(negate(factor), modulo(value))),
                None => {
                    let sum = factors.entry(at[number]).or_insert(0);
                    *sum = add(*sum, factor);
                }
            }
        }
        factors.retain(|_, factor| *factor != 0);
        if !factors.is_empty() {
            equations.push(Equation { factors, sum: known, relation: position });
        }
    }
    (hidden, equations)
}

/// Solves for this many unknown numbers. Returns the value of each for which the equations leave
/// one.
///
/// Method: row echelon form modulo a prime, one solution, and a random difference of two solutions.
/// A number is solved if it is 0 in that difference. The product decides by another method.
fn solutions(unknown: usize, mut equations: Vec<Equation>) -> Vec<Option<i64>> {
    equations.sort_by_key(|equation| equation.factors.len());
    // Each equation is stored under its first unknown number, whose factor is 1.
    let mut reduced: Vec<Option<Reduced>> = vec![None; unknown];
    for Equation { factors: mut row, mut sum, .. } in equations {
        while let Some((first, factor)) = row.pop_first() {
            let Some((others, known)) = &reduced[first] else {
                let scale = inverse(factor);
                let others = row.into_iter().map(|(at, value)| (at, multiply(value, scale)));
                reduced[first] = Some((others.collect(), multiply(sum, scale)));
                break;
            };
            let factor = negate(factor);
            for (at, value) in others {
                let entry = row.entry(*at).or_insert(0);
                *entry = add(*entry, multiply(factor, *value));
                if *entry == 0 {
                    row.remove(at);
                }
            }
            sum = add(sum, multiply(factor, *known));
        }
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut solutions = vec![(0, 0); unknown];
    for index in (0..unknown).rev() {
        solutions[index] = match &reduced[index] {
            None => (0, random.random_range(1..PRIME)),
            Some((others, sum)) => {
                others.iter().fold((*sum, 0), |(solution, difference), (other, value)| {
                    let value = negate(*value);
                    let of_other = solutions[*other];
                    (
                        add(solution, multiply(value, of_other.0)),
                        add(difference, multiply(value, of_other.1)),
                    )
                })
            }
        };
    }
    let signed =
        |value: u64| if value > PRIME / 2 { -((PRIME - value) as i64) } else { value as i64 };
    let one = |(value, difference)| (difference == 0).then(|| signed(value));
    solutions.into_iter().map(one).collect()
}

/// Solves for the suppressed numbers. Returns those for which the relations leave a single value,
/// with that value.
pub fn solve(answers: &TableNumbers, relations: &[Relation]) -> Vec<(Number, i64)> {
    let (hidden, equations) = equations(answers, relations);
    let solved = hidden.iter().zip(solutions(hidden.len(), equations));
    solved.filter_map(|(number, value)| Some(((*number).clone(), value?))).collect()
}

/// Returns the positions of relations from which a solved number follows. Without any one of them it
/// does not.
fn explanation(answers: &TableNumbers, relations: &[Relation], number: &Number) -> Vec<usize> {
    let (hidden, mut left) = equations(answers, relations);
    let target = hidden.iter().position(|one| *one == number).unwrap();
    let follows = |equations: &[Equation]| {
        let numbers = equations.iter().flat_map(|equation| equation.factors.keys().copied());
        let numbers: BTreeSet<usize> = numbers.chain([target]).collect();
        let at: HashMap<usize, usize> = numbers.into_iter().zip(0..).collect();
        let renumbered = equations.iter().map(|equation| {
            let factors = equation.factors.iter().map(|(number, factor)| (at[number], *factor));
            Equation { factors: factors.collect(), ..equation.clone() }
        });
        solutions(at.len(), renumbered.collect())[at[&target]].is_some()
    };
    // The nearest equations, as far as they are needed.
    let mut reached = BTreeSet::from([target]);
    let mut near: Vec<Equation> = Vec::new();
    while !follows(&near) {
        let is_near = |equation: &Equation| equation.factors.keys().any(|at| reached.contains(at));
        let (next, others): (Vec<Equation>, Vec<Equation>) = left.into_iter().partition(is_near);
        assert!(!next.is_empty(), "{number:?} is not solved");
        reached.extend(next.iter().flat_map(|equation| equation.factors.keys().copied()));
        near.extend(next);
        left = others;
    }
    // Leaves out as many as possible, the farthest first.
    let mut size = near.len();
    while size > 0 {
        let mut end = near.len();
        while end > 0 {
            let start = end.saturating_sub(size);
            let without = [&near[..start], &near[end..]].concat();
            if follows(&without) {
                near = without;
            }
            end = start;
        }
        size /= 2;
    }
    near.iter().map(|equation| equation.relation).collect()
}

/// Number of found numbers that are explained, since an explanation takes many solutions.
const EXPLAINED: usize = 3;

/// Describes found numbers. The first ones come with the relations that they take, each with its
/// numbers and their true values. Those that the attacker reads are marked.
pub fn described(
    found: Vec<(Number, i64)>,
    answers: &TableNumbers,
    relations: &[Relation],
    truth: &BTreeMap<Number, i64>,
) -> Vec<String> {
    let term = |(number, factor): &(Number, i64)| {
        let read = if answers[number].is_some() { " (read)" } else { "" };
        let at: Vec<&str> = number.location.values().map(String::as_str).collect();
        let Number { metric, field, period, release, .. } = number;
        let value = truth.get(number).copied().unwrap_or_default();
        format!("\n    {factor:+} x {metric} {field} {at:?} {period:?} {release:?} = {value}{read}")
    };
    let explained = |number: &Number| -> String {
        let positions = explanation(answers, relations, number).into_iter();
        let terms = positions.map(|at| relations[at].iter().map(term).collect::<String>());
        terms.map(|terms| format!("\n  0 ={terms}")).collect()
    };
    let describe = |(at, (number, value)): (usize, (Number, i64))| {
        let how = if at < EXPLAINED { explained(&number) } else { String::new() };
        format!("{number:?} = {value}{how}")
    };
    found.into_iter().enumerate().map(describe).collect()
}
