//! Finds the unknown numbers that a system of linear equations determines, by any combination of
//! its equations.
//!
//! Method: Gaussian elimination over a prime field, and one random solution of the homogeneous
//! system. The result is exact except with a probability of 1 in 10^18. For the problem and the
//! audit by exact recovery see Fischetti and Salazar-González, "Solving the Cell Suppression
//! Problem on Tabular Data with Linear Constraints", Management Science 47 (2001).

use std::collections::BTreeMap;

/// The modulus of all arithmetic here, a prime: 2^61 - 1.
const PRIME: u64 = (1 << 61) - 1;

/// Returns the product. Because 2^61 is 1 modulo the prime, the upper bits are added to the lower.
fn multiply(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    add(product as u64 & PRIME, (product >> 61) as u64)
}

fn add(one: u64, other: u64) -> u64 {
    let sum = one + other;
    if sum >= PRIME { sum - PRIME } else { sum }
}

fn negate(one: u64) -> u64 {
    if one == 0 { 0 } else { PRIME - one }
}

/// Returns the multiplicative inverse, by Fermat's little theorem.
fn inverse(mut one: u64) -> u64 {
    let (mut exponent, mut power) = (PRIME - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = multiply(power, one);
        }
        one = multiply(one, one);
        exponent >>= 1;
    }
    power
}

/// Returns a pseudorandom number from 1 to `PRIME` - 1 (splitmix64; Steele, Lea and Flood 2014).
fn pseudorandom(index: usize) -> u64 {
    let mut mixed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % (PRIME - 1) + 1
}

/// A term of an equation: the position of an unknown number and its factor.
pub type LinearTerm = (usize, u64);

/// The factor of a subtracted term.
pub const MINUS_ONE: u64 = PRIME - 1;

/// A system of linear equations in echelon form. The terms of each equation add up to a known
/// number.
///
/// A number, or a sum of numbers, is determined if it is the same in every solution. To test this,
/// a random solution of the homogeneous system is drawn. Every determined number is 0 in it.
pub struct EchelonForm {
    /// Each equation is stored under its first position, where its factor is 1.
    reduced: Vec<Option<Vec<LinearTerm>>>,
}

impl EchelonForm {
    /// Creates a system of `unknown` numbers without equations.
    pub fn new(unknown: usize) -> Self {
        Self { reduced: vec![None; unknown] }
    }

    /// Adds an equation. Returns its position, or `None` if it follows from the others.
    pub fn insert(&mut self, terms: impl IntoIterator<Item = LinearTerm>) -> Option<usize> {
        let mut row: BTreeMap<usize, u64> = BTreeMap::new();
        for (position, factor) in terms {
            let sum = row.entry(position).or_default();
            *sum = add(*sum, factor);
        }
        row.retain(|_, factor| *factor != 0);
        while let Some((first, factor)) = row.pop_first() {
            let Some(stored) = &self.reduced[first] else {
                let scale = inverse(factor);
                self.reduced[first] =
                    Some(row.into_iter().map(|(at, value)| (at, multiply(value, scale))).collect());
                return Some(first);
            };
            let factor = negate(factor);
            for (at, value) in stored {
                let sum = row.entry(*at).or_default();
                *sum = add(*sum, multiply(factor, *value));
                if *sum == 0 {
                    row.remove(at);
                }
            }
        }
        None
    }

    /// Removes the equation that was inserted last, by its position.
    pub fn remove(&mut self, stored: usize) {
        self.reduced[stored] = None;
    }

    /// Returns a random solution of the homogeneous system.
    pub fn random_solution(&self) -> Vec<u64> {
        let mut solution = vec![0; self.reduced.len()];
        for at in (0..solution.len()).rev() {
            solution[at] = match &self.reduced[at] {
                None => pseudorandom(at),
                Some(others) => {
                    let sum = others.iter().fold(0, |sum, (other, value)| {
                        add(sum, multiply(solution[*other], *value))
                    });
                    negate(sum)
                }
            };
        }
        solution
    }
}

/// Returns the sum of the numbers at these positions of a solution.
pub fn sum(solution: &[u64], positions: &[usize]) -> u64 {
    positions.iter().fold(0, |sum, at| add(sum, solution[*at]))
}

#[cfg(test)]
mod tests {
    use super::{EchelonForm, LinearTerm, MINUS_ONE, PRIME, multiply, pseudorandom, sum};

    fn determined(unknown: usize, equations: &[Vec<LinearTerm>]) -> Vec<bool> {
        let mut echelon = EchelonForm::new(unknown);
        for terms in equations {
            echelon.insert(terms.iter().copied());
        }
        echelon.random_solution().into_iter().map(|value| value == 0).collect()
    }

    fn determined_by_sums(unknown: usize, sums: &[Vec<usize>]) -> Vec<bool> {
        let terms =
            |parts: &Vec<usize>| parts.iter().map(|part| (*part, 1)).collect::<Vec<LinearTerm>>();
        determined(unknown, &sums.iter().map(terms).collect::<Vec<_>>())
    }

    #[test]
    fn products_are_those_of_a_division() {
        let numbers = [0, 1, 2, 3, PRIME / 2, PRIME - 2, PRIME - 1];
        let random = (0..100).map(pseudorandom);
        for one in numbers.into_iter().chain(random) {
            for other in numbers.into_iter().chain((100..200).map(pseudorandom)) {
                let product = u128::from(one) * u128::from(other) % u128::from(PRIME);
                assert_eq!(u128::from(multiply(one, other)), product, "{one} * {other}");
            }
        }
    }

    #[test]
    fn removing_an_equation_restores_the_system() {
        let mut echelon = EchelonForm::new(3);
        echelon.insert([(0, 1), (1, 1), (2, MINUS_ONE)]);
        let published = echelon.insert([(2, 1)]).unwrap();
        assert_eq!(echelon.random_solution()[2], 0);
        assert_eq!(sum(&echelon.random_solution(), &[0, 1]), 0, "the two add up to what was told");
        assert_eq!(echelon.insert([(0, 1), (1, 1)]), None, "it follows from the others");
        echelon.remove(published);
        assert!(echelon.random_solution().iter().all(|value| *value != 0));
    }

    #[test]
    fn an_unknown_total_is_a_term_with_a_minus() {
        // total = a + b, where a and b also occur in other sums: total is 0, a is 1, b is 2.
        let total = vec![(1, 1), (2, 1), (0, MINUS_ONE)];
        assert_eq!(determined(3, std::slice::from_ref(&total)), [false, false, false]);
        assert_eq!(determined(3, &[total, vec![(1, 1)], vec![(2, 1)]]), [true, true, true]);
    }

    #[test]
    fn a_number_is_determined_when_the_sums_leave_it_no_choice() {
        let indices = |list: &[bool]| {
            list.iter().enumerate().filter(|(_, is)| **is).map(|(at, _)| at).collect::<Vec<_>>()
        };
        // One part; a rectangle of four cells by its rows and columns; the same with one corner
        // published.
        assert_eq!(indices(&determined_by_sums(1, &[vec![0]])), [0]);
        let rectangle = [vec![0, 1], vec![2, 3], vec![0, 2], vec![1, 3]];
        assert_eq!(indices(&determined_by_sums(4, &rectangle)), [] as [usize; 0]);
        assert_eq!(
            indices(&determined_by_sums(4, &[rectangle.as_slice(), &[vec![3]]].concat())),
            [0, 1, 2, 3]
        );
        // A sum minus the sums of its parts: a + b + c, a + b, and c + d.
        assert_eq!(
            indices(&determined_by_sums(4, &[vec![0, 1, 2], vec![0, 1], vec![2, 3]])),
            [2, 3]
        );
        // A triangle of pairs has one solution: (ab + ac - bc) / 2.
        assert_eq!(
            indices(&determined_by_sums(3, &[vec![0, 1], vec![0, 2], vec![1, 2]])),
            [0, 1, 2]
        );
        // In no sum at all.
        assert_eq!(indices(&determined_by_sums(2, &[vec![0]])), [0]);
    }

    /// Compares with exact elimination of fractions, on random sums.
    #[test]
    fn random_sums_agree_with_ranks() {
        let mut seed = 1_u64;
        let mut next = |below: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..300 {
            let unknown = 2 + next(9) as usize;
            let sums: Vec<Vec<usize>> = (0..1 + next(9))
                .map(|_| (0..unknown).filter(|_| next(3) == 0).collect::<Vec<_>>())
                .filter(|parts| !parts.is_empty())
                .collect();
            let found = determined_by_sums(unknown, &sums);
            for (index, follows) in found.iter().enumerate() {
                // A number is determined if publishing it too leaves the rank unchanged.
                let with = [sums.as_slice(), &[vec![index]]].concat();
                assert_eq!(
                    *follows,
                    rank(unknown, &sums) == rank(unknown, &with),
                    "{index} of {sums:?}"
                );
            }
        }
    }

    /// Rank by fraction-free elimination in whole numbers (Bareiss 1968).
    fn rank(unknown: usize, sums: &[Vec<usize>]) -> usize {
        let mut rows: Vec<Vec<i128>> = sums
            .iter()
            .map(|parts| (0..unknown).map(|at| i128::from(parts.contains(&at))).collect())
            .collect();
        let (mut done, mut before) = (0, 1);
        for column in 0..unknown {
            let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column] != 0) else {
                continue;
            };
            rows.swap(done, pivot);
            let (top, rest) = rows.split_at_mut(done + 1);
            let top = &top[done];
            for row in rest {
                let factor = row[column];
                for (value, above) in row.iter_mut().zip(top) {
                    *value = (*value * top[column] - factor * above) / before;
                }
            }
            before = rows[done][column];
            done += 1;
        }
        done
    }
}
