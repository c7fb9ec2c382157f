//! Finds the unknown numbers that linear equations determine, by any combination of them.
//!
//! Method: Gauss-Jordan elimination of sparse rows over a prime field. Its result is that of
//! fractions, unless the prime 2^61 - 1 divides a determinant of the equations' small factors. For the problem and the audit by exact recovery see Fischetti and
//! Salazar-González, "Solving the Cell Suppression Problem on Tabular Data with Linear Constraints",
//! Management Science 47 (2001).

use std::cmp::Ordering;
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

/// A term of a linear function: the position of a number and its factor modulo the prime.
pub type LinearTerm = (u32, u64);

/// The factor of a subtracted term.
pub const MINUS_ONE: u64 = PRIME - 1;

/// Returns the factor of a whole number.
pub fn factor(number: i64) -> u64 {
    let size = number.unsigned_abs() % PRIME;
    if number < 0 { negate(size) } else { size }
}

/// Returns the whole number nearest to zero that has this factor.
pub fn centered(factor: u64) -> i64 {
    if factor > PRIME / 2 { -(negate(factor) as i64) } else { factor as i64 }
}

/// Returns the terms multiplied by a factor.
fn scaled(terms: &[LinearTerm], factor: u64) -> Vec<LinearTerm> {
    terms.iter().map(|(at, value)| (*at, multiply(*value, factor))).collect()
}

/// Returns the sum of a function and a multiple of another. Terms are sorted by position.
fn sum(one: &[LinearTerm], factor: u64, other: &[LinearTerm]) -> Vec<LinearTerm> {
    let mut terms = Vec::with_capacity(one.len() + other.len());
    let (mut one, mut other) = (one.iter().copied().peekable(), other.iter().copied().peekable());
    loop {
        let order = match (one.peek(), other.peek()) {
            (Some((left, _)), Some((right, _))) => left.cmp(right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return terms,
        };
        let left = if order.is_le() { one.next() } else { None };
        let right = if order.is_ge() { other.next() } else { None };
        let at = left.or(right).map_or(0, |(at, _)| at);
        let value = add(
            left.map_or(0, |(_, value)| value),
            right.map_or(0, |(_, value)| multiply(value, factor)),
        );
        if value != 0 {
            terms.push((at, value));
        }
    }
}

/// Returns a multiple of the function that all its multiples share: one whose first factor is 1.
pub fn normalized(terms: &[LinearTerm]) -> Vec<LinearTerm> {
    terms.first().map_or_else(Vec::new, |(_, first)| scaled(terms, inverse(*first)))
}

/// Rows with their terms before they changed.
type Journal = Vec<(usize, Vec<LinearTerm>)>;

/// What somebody knows about unknown numbers: some linear functions of them.
///
/// Each row is a number, or a function of numbers, as a sum of *free* numbers. Every combination of
/// values of the free numbers agrees with all that is known. So a row without terms is known, and
/// any other row could have any value.
#[derive(Clone, Debug)]
pub struct LinearKnowledge {
    /// The rows, each sorted by position. The first rows are the numbers.
    rows: Vec<Vec<LinearTerm>>,
    /// The rows in which a number may be a term, by number.
    columns: Vec<Vec<u32>>,
    /// Numbers that are expressed by others rather than the other way round, where there is a choice.
    is_dependent: Vec<bool>,
}

impl LinearKnowledge {
    /// Nothing is known of these numbers. Those that prefer to be expressed by others are marked.
    pub fn new(is_dependent: Vec<bool>) -> Self {
        let count = is_dependent.len() as u32;
        let rows = (0..count).map(|at| vec![(at, 1)]).collect();
        Self { rows, columns: (0..count).map(|at| vec![at]).collect(), is_dependent }
    }

    /// Returns the number of numbers.
    pub fn numbers(&self) -> usize {
        self.columns.len()
    }

    /// Expresses a free number by other free numbers.
    pub fn define(&mut self, number: usize, terms: Vec<LinearTerm>) {
        for (free, _) in &terms {
            self.columns[*free as usize].push(number as u32);
        }
        self.rows[number] = terms;
    }

    /// Returns whether a row is known.
    pub fn is_known(&self, row: usize) -> bool {
        self.rows[row].is_empty()
    }

    /// Returns a row, as a sum of free numbers.
    pub fn row(&self, row: usize) -> &[LinearTerm] {
        &self.rows[row]
    }

    /// Returns a function as a sum of free numbers.
    pub fn reduced(&self, terms: impl IntoIterator<Item = LinearTerm>) -> Vec<LinearTerm> {
        let mut reduced: BTreeMap<u32, u64> = BTreeMap::new();
        for (at, factor) in terms {
            for (free, value) in &self.rows[at as usize] {
                let sum = reduced.entry(*free).or_default();
                *sum = add(*sum, multiply(*value, factor));
            }
        }
        reduced.into_iter().filter(|(_, factor)| *factor != 0).collect()
    }

    /// Adds a function as a row, given as a sum of free numbers. Returns the row's position.
    pub fn add_row(&mut self, reduced: Vec<LinearTerm>) -> usize {
        for (free, _) in &reduced {
            self.columns[*free as usize].push(self.rows.len() as u32);
        }
        self.rows.push(reduced);
        self.rows.len() - 1
    }

    /// A function of the numbers becomes known. Returns the rows that changed, as they were.
    pub fn learn(&mut self, terms: impl IntoIterator<Item = LinearTerm>) -> Journal {
        let reduced = self.reduced(terms);
        self.eliminate(&reduced)
    }

    /// Expresses one free number of a function by the others, so that the function is known.
    fn eliminate(&mut self, function: &[LinearTerm]) -> Journal {
        // The free number in the fewest rows, so that few rows grow.
        let cost = |at: u32| (!self.is_dependent[at as usize], self.columns[at as usize].len());
        let Some((pivot, factor)) = function.iter().copied().min_by_key(|(at, _)| cost(*at)) else {
            return Vec::new();
        };
        let scale = negate(inverse(factor));
        let mut column = std::mem::take(&mut self.columns[pivot as usize]);
        column.sort_unstable();
        column.dedup();
        let mut journal = Journal::new();
        for row in column.iter().map(|row| *row as usize) {
            let Ok(at) = self.rows[row].binary_search_by_key(&pivot, |(at, _)| *at) else {
                continue;
            };
            let multiple = multiply(self.rows[row][at].1, scale);
            let changed = sum(&self.rows[row], multiple, function);
            for (free, _) in &changed {
                if self.rows[row].binary_search_by_key(free, |(at, _)| *at).is_err() {
                    self.columns[*free as usize].push(row as u32);
                }
            }
            journal.push((row, std::mem::replace(&mut self.rows[row], changed)));
        }
        self.columns[pivot as usize] = column;
        journal
    }

    /// Restores the rows of a journal.
    pub fn restore(&mut self, journal: Journal) {
        for (row, terms) in journal {
            self.rows[row] = terms;
        }
    }

    /// Expresses the numbers that remain by each other, as far as they can be. A row in which another
    /// number is still a term then does not follow from any function of the numbers that remain.
    pub fn express_by(&mut self, remains: &[bool]) {
        self.is_dependent = remains.iter().map(|remains| !remains).collect();
        for number in (0..remains.len()).filter(|number| remains[*number]) {
            if self.rows[number].iter().any(|(free, _)| !remains[*free as usize]) {
                // The number becomes free, and the other is expressed by it.
                let own = vec![(number as u32, 1)];
                let before = std::mem::replace(&mut self.rows[number], own.clone());
                self.columns[number].push(number as u32);
                self.eliminate(&sum(&own, MINUS_ONE, &before));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LinearKnowledge, LinearTerm, MINUS_ONE, PRIME, multiply, normalized};

    fn knowledge(unknown: usize, equations: &[Vec<LinearTerm>]) -> LinearKnowledge {
        let mut knowledge = LinearKnowledge::new(vec![false; unknown]);
        for terms in equations {
            knowledge.learn(terms.iter().copied());
        }
        knowledge
    }

    fn determined(unknown: usize, equations: &[Vec<LinearTerm>]) -> Vec<bool> {
        let knowledge = knowledge(unknown, equations);
        (0..unknown).map(|at| knowledge.is_known(at)).collect()
    }

    fn determined_by_sums(unknown: usize, sums: &[Vec<usize>]) -> Vec<bool> {
        let terms = |parts: &Vec<usize>| {
            parts.iter().map(|part| (*part as u32, 1)).collect::<Vec<LinearTerm>>()
        };
        determined(unknown, &sums.iter().map(terms).collect::<Vec<_>>())
    }

    #[test]
    fn products_are_those_of_a_division() {
        let numbers = [0, 1, 2, 3, PRIME / 2, PRIME - 2, PRIME - 1];
        let random = || (1..100_u64).map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15) % PRIME);
        for one in numbers.into_iter().chain(random()) {
            for other in numbers.into_iter().chain(random()) {
                let product = u128::from(one) * u128::from(other) % u128::from(PRIME);
                assert_eq!(u128::from(multiply(one, other)), product, "{one} * {other}");
            }
        }
    }

    #[test]
    fn what_was_learned_last_can_be_restored() {
        let mut knowledge = knowledge(3, &[vec![(0, 1), (1, 1), (2, MINUS_ONE)]]);
        let reduced = knowledge.reduced([(0, 1), (1, 1)]);
        let parts = knowledge.add_row(reduced);
        let journal = knowledge.learn([(2, 1)]);
        assert!(knowledge.is_known(2));
        assert!(knowledge.is_known(parts), "the two add up to what was learned");
        assert!(knowledge.learn([(0, 1), (1, 1)]).is_empty(), "it follows from the others");
        knowledge.restore(journal);
        assert!((0..=parts).all(|row| !knowledge.is_known(row)));
        knowledge.learn([(0, 1)]);
        assert_eq!(knowledge.row(1), knowledge.row(2), "the rest of the total");
        assert_eq!(normalized(&[(1, 5), (2, 10)]), [(1, 1), (2, 2)]);
    }

    /// A total and its two parts of one month, and of the next, and both changes of the parts.
    #[test]
    fn numbers_that_remain_are_expressed_by_each_other() {
        let sums = |unchanged: &[Vec<LinearTerm>]| {
            let (then, now) = (vec![(0, 1), (1, 1), (2, MINUS_ONE)], vec![(3, 1), (4, 1)]);
            let mut knowledge = knowledge(5, &[&[then, vec![(2, 1)], now], unchanged].concat());
            let first = knowledge.reduced([(0, 1)]);
            let first = knowledge.add_row(first);
            knowledge.express_by(&[false, false, false, true, true]);
            (knowledge.row(3).to_vec(), knowledge.row(4).to_vec(), knowledge.row(first).to_vec())
        };
        let is_of_now = |row: &[LinearTerm]| row.iter().all(|(at, _)| *at > 2);
        let (one, other, first) = sums(&[]);
        assert!(is_of_now(&one) && is_of_now(&other) && one.len() + other.len() == 2);
        assert!(!is_of_now(&first), "nothing that remains says anything about the part then");
        let (one, other, first) = sums(&[vec![(1, 1), (4, MINUS_ONE)]]);
        assert!(is_of_now(&one) && is_of_now(&other));
        assert!(is_of_now(&first), "what is left of the total then is known by the other part now");
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
