//! Attacks releases of successive months together: a later release must not reveal an earlier
//! secret.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months, NaiveDate};
use hotwash_metrics::{Release, Rules, last_closed_month};
use hotwash_schema::access::Viewer;
use hotwash_schema::testing::TestDatabase;

use crate::attack::{Knowledge, learned, rests_on_few};
use crate::attacker::{
    Edition, Number, TableNumbers, member, read_as_of, relations, solve, viewer, with_unknowns,
};
use crate::chosen_worlds;
use crate::scenarios::one_organization_with_a_new_completion;
use crate::world::{AS_OF, World};

/// Returns the ends of the last months before the day of the other tests, the earliest first.
fn month_ends(count: u32) -> Vec<NaiveDate> {
    let last: NaiveDate = AS_OF.parse().unwrap();
    let first_of_next = last.succ_opt().unwrap();
    (0..count).rev().map(|back| last_closed_month(first_of_next - Months::new(back))).collect()
}

/// True numbers at the end of a month, and the numbers shown to a reader.
struct Month {
    truth: TableNumbers,
    answers: TableNumbers,
    /// Bases of the numbers that are up to date. Numbers of a row with the same base are updated
    /// together.
    up_to_date: BTreeSet<Number>,
}

impl Month {
    /// Compares the release of a month with the one before.
    ///
    /// A row is up to date if it was updated, or if it was up to date before and nothing happened
    /// since. An outdated row whose values are right again by chance is none: nobody can know.
    fn of(answers: TableNumbers, truth: TableNumbers, previous: Option<&Self>) -> Self {
        let bases = |is_chosen: &dyn Fn(&Number, Option<i64>) -> bool| -> BTreeSet<Number> {
            let chosen = answers.iter().filter(|(number, known)| is_chosen(number, **known));
            chosen.map(|(number, _)| number.of_base()).collect()
        };
        let wrong = bases(&|number, known| known.is_some() && truth.get(number) != Some(&known));
        let mut up_to_date = bases(&|_, known| known.is_some());
        if let Some(previous) = previous {
            let updated = bases(&|number, known| previous.answers.get(number) != Some(&known));
            let moved = bases(&|number, _| previous.truth.get(number) != truth.get(number));
            up_to_date.retain(|base| {
                let is_unmoved = previous.up_to_date.contains(base) && !moved.contains(base);
                updated.contains(base) || is_unmoved
            });
        }
        up_to_date.retain(|base| !wrong.contains(base));
        Self { truth, answers, up_to_date }
    }

    /// Returns the numbers that are up to date.
    fn known(&self) -> TableNumbers {
        let is_known = |number: &Number| self.up_to_date.contains(&number.of_base());
        self.answers
            .iter()
            .map(|(number, known)| (number.clone(), known.filter(|_| is_known(number))))
            .collect()
    }
}

/// Builds the system of two releases: the numbers of each, and their changes.
///
/// The attacker may guess right which rows of the earlier release were up to date. A row with the
/// same values in the later release may be out of date there, because a reader cannot know whether
/// an update was withheld. Out-of-date values are unknowns too.
fn joint_system(previous: &Month, current: &Month) -> (TableNumbers, BTreeMap<Number, i64>) {
    let (mut answers, mut truth) = (TableNumbers::new(), BTreeMap::new());
    let (known_before, known_now) = (previous.known(), current.known());
    let differs = |number: &&Number| previous.answers.get(number) != current.answers.get(number);
    let new: BTreeSet<Number> =
        current.answers.keys().filter(differs).map(Number::of_row).collect();
    for (number, known) in &known_before {
        let Some(actual) = previous.truth.get(number).copied().flatten() else { continue };
        let number = number.of_edition(Edition::Before);
        answers.insert(number.clone(), *known);
        truth.insert(number, actual);
    }
    for (number, known) in &known_now {
        let Some(actual) = current.truth.get(number).copied().flatten() else { continue };
        let known = known.filter(|_| new.contains(&number.of_row()));
        let of_edition = number.of_edition(Edition::Now);
        answers.insert(of_edition.clone(), known);
        truth.insert(of_edition, actual);
        let Some(Some(then)) = previous.truth.get(number).copied() else { continue };
        let Some(known_then) = known_before.get(number) else { continue };
        let change = known.zip(*known_then).map(|(current, then)| current - then);
        let of_edition = number.of_edition(Edition::Change);
        answers.insert(of_edition.clone(), change);
        truth.insert(of_edition, actual - then);
    }
    (answers, truth)
}

/// Returns the numbers that two releases together reveal.
fn recovered(previous: &Month, current: &Month, reader: &Viewer, known: &Knowledge) -> Vec<String> {
    let (answers, truth) = joint_system(previous, current);
    let found = solve(&answers, &relations(&answers, &known.0, &known.1));
    let is_own = |number: &Number, value: i64| {
        reader.regions.iter().any(|own| truth.get(&number.of_region(own)) == Some(&value))
    };
    found
        .into_iter()
        .filter(|(number, value)| truth[number] == *value && *value != 0 && !is_own(number, *value))
        .filter(|(number, _)| match number.release {
            Edition::Before => rests_on_few(number, &previous.truth, reader),
            Edition::Now => rests_on_few(number, &current.truth, reader),
            Edition::Change => true,
        })
        // A correct published number is not secret, even if the reader cannot know that it is
        // correct.
        .filter(|(number, value)| {
            let stated = |month: &Month| {
                month.answers.get(&number.of_edition(Edition::Now)).copied().flatten()
            };
            match number.release {
                Edition::Change => stated(current)
                    .zip(stated(previous))
                    .is_none_or(|(current, then)| current - then != *value),
                Edition::Before => stated(previous) != Some(*value),
                Edition::Now => stated(current) != Some(*value),
            }
        })
        .map(|(number, value)| format!("{number:?} = {value}"))
        .collect()
}

/// Returns the published numbers of actions that changed by one or two. Each action has one owner,
/// so fewer than three owners changed them.
fn small_changes(previous: &TableNumbers, current: &TableNumbers) -> usize {
    let of_actions = current.iter().filter(|(number, _)| {
        number.metric == "action_closure" && ["n", "numerator"].contains(&number.field.as_str())
    });
    let changes = of_actions.filter_map(|(number, n)| Some((*n)? - (*previous.get(number)?)?));
    changes.filter(|change| (1..3).contains(change)).count()
}

/// Findings of an attack on the releases of one warehouse.
#[derive(Default)]
struct Found {
    recovered: Vec<String>,
    small_changes: usize,
    suppressed: usize,
}

/// Attacks the releases of these months of one warehouse.
async fn attack(url: &str, world: &World, months: u32, rules: Rules, known: &Knowledge) -> Found {
    let live = world.load(url).await;
    let mut found = Found::default();
    let mut release: Option<Release> = None;
    let mut last: Vec<Month> = Vec::new();
    for as_of in month_ends(months) {
        let computed = Release::compute_with_rules(&live, as_of, release.as_ref(), rules).unwrap();
        found.suppressed += computed.counts().1;
        let snapshot = live.with_release(Release::from_json(computed.to_json().unwrap()).unwrap());
        release = Some(computed);
        let truth = read_as_of(&live, &Viewer::local(), as_of);
        let mut current = Vec::new();
        for (at, reader) in [viewer(), member("2")].iter().enumerate() {
            let answers = read_as_of(&snapshot, reader, as_of);
            let answers = with_unknowns(&answers, &truth);
            let month = Month::of(answers, truth.clone(), last.get(at));
            if let Some(previous) = last.get(at) {
                let of_reader = recovered(previous, &month, reader, known);
                found.recovered.extend(
                    of_reader.into_iter().map(|one| format!("{as_of} {:?}: {one}", reader.regions)),
                );
                if reader.regions.is_empty() {
                    found.small_changes += small_changes(&previous.answers, &month.answers);
                }
            }
            current.push(month);
        }
        last = current;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn successive_releases_of_random_warehouses_give_nothing_back() {
    let database = TestDatabase::new().await;
    // Twelve months are slow, so the long run attacks every tenth warehouse.
    let months = if chosen_worlds().is_some() { 12 } else { 2 };
    let seeds: Vec<u64> = chosen_worlds().unwrap_or(0..1).step_by(10).collect();
    let mut truths = Vec::new();
    for seed in 0..2 {
        let snapshot = World::random(seed).load(database.url()).await;
        truths.push(read_as_of(&snapshot, &Viewer::local(), AS_OF.parse().unwrap()));
    }
    let known = learned(&truths);
    let mut all = Found::default();
    for seed in &seeds {
        let found =
            attack(database.url(), &World::random(*seed), months, Rules::default(), &known).await;
        all.suppressed += found.suppressed;
        all.small_changes += found.small_changes;
        all.recovered.extend(found.recovered.into_iter().map(|one| format!("world {seed}, {one}")));
    }
    let some = all.recovered.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(all.recovered.is_empty(), "{} recovered, such as {some}", all.recovered.len());
    assert_eq!(all.small_changes, 0, "published numbers changed by fewer than three organizations");
    let small_changes = async |successive| {
        let rules = Rules { successive, ..Rules::default() };
        attack(database.url(), &one_organization_with_a_new_completion(), 2, rules, &known)
            .await
            .small_changes
    };
    let (with, without) = (small_changes(true).await, small_changes(false).await);
    println!("\nworlds  months  readers  suppressed  recovered");
    println!("{:>6}  {months:>6}        2  {:>10}       none", seeds.len(), all.suppressed);
    println!("\n{:<28}found by a reader", "rule switched off");
    println!("{:<28}{without} changes by fewer than three organizations", "successive releases");
    assert!(
        with == 0 && without > 0,
        "{with} small changes under all rules, {without} without the one for releases"
    );
}
