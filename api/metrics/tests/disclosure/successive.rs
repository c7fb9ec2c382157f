//! Attacks releases of successive months together: a later release must not reveal an earlier
//! secret.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use chrono::{Months, NaiveDate};
use hotwash_metrics::{Release, Rules, last_closed_month};
use hotwash_schema::access::Viewer;
use hotwash_schema::testing::TestDatabase;

use crate::attack::{Knowledge, learned, rests_on_few};
use crate::attacker::{
    Edition, Number, TableNumbers, member, read_as_of, relations, viewer, with_unknowns,
};
use crate::chosen_worlds;
use crate::scenarios::one_organization_with_a_new_completion;
use crate::solver::{Relation, described, solve};
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
    /// Bases of the numbers that moved since the month before.
    moved: BTreeSet<Number>,
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
        let moved = bases(&|number, _| {
            previous.is_none_or(|previous| previous.truth.get(number) != truth.get(number))
        });
        if let Some(previous) = previous {
            let updated = bases(&|number, known| previous.answers.get(number) != Some(&known));
            up_to_date.retain(|base| {
                let is_unmoved = previous.up_to_date.contains(base) && !moved.contains(base);
                updated.contains(base) || is_unmoved
            });
        }
        up_to_date.retain(|base| !wrong.contains(base));
        Self { truth, answers, moved, up_to_date }
    }

    /// Returns the values that the release states of a number, in any metric over the same records.
    fn stated(&self, number: &Number, known: &Knowledge) -> Vec<i64> {
        let now = number.of_edition(Edition::Now);
        let of_row = known.1.iter().filter(|(_, in_periods)| **in_periods || now.period.is_none());
        let twins = of_row.filter_map(|(((one, first), (other, second)), _)| {
            let is = |metric: &str, field: &str| metric == now.metric && field == now.field;
            let twin = match (is(one, first), is(other, second)) {
                (true, _) => (*other, second),
                (_, true) => (*one, first),
                _ => return None,
            };
            Some(Number { metric: twin.0, field: twin.1.clone(), ..now.clone() })
        });
        let of = |number: &Number| self.answers.get(number).copied().flatten();
        twins.chain([now.clone()]).filter_map(|number| of(&number)).collect()
    }

    /// Returns whether this release and the one before state a number and its change.
    fn states_change(
        &self,
        before: &Self,
        (number, change): (&Number, i64),
        known: &Knowledge,
    ) -> bool {
        let then = before.stated(number, known);
        self.stated(number, known).iter().any(|now| then.iter().any(|then| now - then == change))
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
    let value = |month: &Month, number: &Number| month.truth.get(number).copied().flatten();
    let numbers: BTreeSet<&Number> = known_before.keys().chain(known_now.keys()).collect();
    for number in numbers {
        let (then, now) = (value(previous, number), value(current, number));
        if then.is_none() && now.is_none() {
            continue;
        }
        // A number without a row is zero, and a reader knows it. Else sums of changes would lack it.
        let known_then =
            if then.is_some() { known_before.get(number).copied().flatten() } else { Some(0) };
        let known_now = known_now.get(number).copied().flatten();
        let known_now = known_now.filter(|_| new.contains(&number.of_row()));
        let known_now = if now.is_some() { known_now } else { Some(0) };
        let (then, now) = (then.unwrap_or(0), now.unwrap_or(0));
        let change = known_now.zip(known_then).map(|(now, then)| now - then);
        for (edition, actual, known) in [
            (Edition::Before, then, known_then),
            (Edition::Now, now, known_now),
            (Edition::Change, now - then, change),
        ] {
            answers.insert(number.of_edition(edition), known);
            truth.insert(number.of_edition(edition), actual);
        }
    }
    (answers, truth)
}

/// Returns the numbers that two releases together reveal.
fn recovered(previous: &Month, current: &Month, reader: &Viewer, known: &Knowledge) -> Vec<String> {
    let (answers, truth) = joint_system(previous, current);
    let relations = relations(&answers, &known.0, &known.1);
    let found = solve(&answers, &relations);
    let is_own = |number: &Number, value: i64| {
        reader.regions.iter().any(|own| truth.get(&number.of_region(own)) == Some(&value))
    };
    let secrets = found
        .into_iter()
        .filter(|(number, value)| truth[number] == *value && *value != 0 && !is_own(number, *value))
        .filter(|(number, _)| match number.release {
            Edition::Before => rests_on_few(number, &previous.truth, reader),
            Edition::Now => rests_on_few(number, &current.truth, reader),
            _ => true,
        })
        // A correct published number is not secret, even if the reader cannot know that it is
        // correct.
        .filter(|(number, value)| match number.release {
            Edition::Before => !previous.stated(number, known).contains(value),
            Edition::Now => !current.stated(number, known).contains(value),
            _ => !current.states_change(previous, (number, *value), known),
        });
    described(secrets.collect(), &answers, &relations, &truth)
}

/// Returns the first month of each number's run: the months in which its row did not move.
fn runs(months: &[Month]) -> Vec<BTreeMap<&Number, usize>> {
    let mut runs: Vec<BTreeMap<&Number, usize>> = Vec::new();
    for (at, month) in months.iter().enumerate() {
        let first = |number: &Number| {
            let before = runs.last().and_then(|runs| runs.get(number)).copied();
            before.filter(|_| !month.moved.contains(&number.of_base())).unwrap_or(at)
        };
        let existing =
            month.answers.keys().filter(|number| matches!(month.truth.get(*number), Some(Some(_))));
        let of_month = existing.map(|number| (number, first(number))).collect();
        runs.push(of_month);
    }
    runs
}

/// Returns the numbers that all releases together reveal.
///
/// A number is one unknown for as long as its row does not move, if a release states it in that
/// time: the attacker may guess right when that is. With `guesses_unmoved`, the attacker also
/// guesses right which suppressed rows did not move. Else such a row is another unknown in each
/// month.
fn recovered_jointly(
    months: &[Month],
    reader: &Viewer,
    known: &Knowledge,
    guesses_unmoved: bool,
) -> Vec<String> {
    let runs = runs(months);
    let known_numbers: Vec<TableNumbers> = months.iter().map(Month::known).collect();
    let mut stated: BTreeMap<(&Number, usize), i64> = BTreeMap::new();
    for (runs, known) in runs.iter().zip(&known_numbers) {
        let values = runs
            .iter()
            .filter_map(|(number, first)| Some(((*number, *first), (*known.get(*number)?)?)));
        stated.extend(values);
    }
    let unknown_of = |number: &Number, at: usize| {
        let first = runs[at].get(number).copied().unwrap_or(at);
        let is_one = guesses_unmoved || stated.contains_key(&(number, first));
        number.of_edition(Edition::Since(if is_one { first } else { at }))
    };
    let (mut answers, mut truth) = (TableNumbers::new(), BTreeMap::new());
    let mut all_relations: BTreeSet<Relation> = BTreeSet::new();
    for (at, (runs_now, month)) in runs.iter().zip(months).enumerate() {
        let of_month: TableNumbers = runs_now
            .iter()
            .map(|(number, first)| ((*number).clone(), stated.get(&(*number, *first)).copied()))
            .collect();
        for (number, value) in &of_month {
            let one = unknown_of(number, at);
            let actual = month.truth[number].unwrap_or_default();
            truth.insert(one.clone(), actual);
            answers.insert(one.clone(), *value);
            if at > 0 && runs[at - 1].contains_key(number) {
                let before = unknown_of(number, at - 1);
                if before != one {
                    let change = number.of_edition(Edition::ChangeIn(at));
                    truth.insert(change.clone(), actual - truth[&before]);
                    answers.insert(change.clone(), None);
                    all_relations.insert(vec![(one, 1), (before, -1), (change, -1)]);
                }
            }
        }
        let relations = relations(&of_month, &known.0, &known.1).into_iter();
        all_relations.extend(relations.map(|relation| {
            relation.into_iter().map(|(number, factor)| (unknown_of(&number, at), factor)).collect()
        }));
    }
    let relations: Vec<Relation> = all_relations.into_iter().collect();
    let is_stated = |number: &Number, value: i64| {
        months.iter().any(|month| month.stated(number, known).contains(&value))
    };
    let found = solve(&answers, &relations).into_iter();
    let secrets = found.filter(|(number, value)| {
        let now = number.of_edition(Edition::Now);
        let is_right = truth[number] == *value && *value != 0;
        is_right
            && match number.release {
                Edition::Since(at) => {
                    let is_own = reader.regions.iter().any(|own| {
                        months[at].truth.get(&now.of_region(own)) == Some(&Some(*value))
                    });
                    !is_own
                        && rests_on_few(number, &months[at].truth, reader)
                        && !is_stated(number, *value)
                }
                Edition::ChangeIn(at) => {
                    let of_own = reader.regions.iter().any(|own| {
                        let own = now.of_region(own);
                        // A region without a row has no records.
                        let of = |month: &Month| {
                            month.truth.get(&own).copied().flatten().unwrap_or_default()
                        };
                        of(&months[at]) - of(&months[at - 1]) == *value
                    });
                    let change = (number, *value);
                    !of_own && !months[at].states_change(&months[at - 1], change, known)
                }
                _ => true,
            }
    });
    described(secrets.collect(), &answers, &relations, &truth)
}

/// Returns the published numbers of actions that changed by one or two since an earlier release
/// that published them. Each action has one owner, so fewer than three owners changed them.
///
/// A row that was empty does not count. Its numerator was zero because n was, and everybody knows
/// that. So the change is the numerator itself, as in a first publication, and rests on all records
/// of the row: it says of them how many are done, not which.
fn small_changes(earlier: &[Month], current: &Month) -> Vec<String> {
    let of_actions = current.answers.iter().filter(|(number, _)| {
        number.metric == "action_closure" && ["n", "numerator"].contains(&number.field.as_str())
    });
    let stated = |month: &Month, number: &Number| month.answers.get(number).copied().flatten();
    let changes = of_actions.flat_map(|(number, now)| {
        let n = Number { field: "n".into(), ..number.clone() };
        let before = earlier
            .iter()
            .enumerate()
            .filter_map(move |(at, month)| Some((at, stated(month, number)?, stated(month, &n)?)));
        before.filter_map(move |(at, then, n)| Some((number, at, then, n, (*now)?)))
    });
    changes
        .filter(|(_, _, then, n, now)| *n > 0 && (1..3).contains(&(now - then)))
        .map(|(number, at, then, n, now)| {
            format!("{number:?}: {then} (n = {n}) in release {at}, now {now}")
        })
        .collect()
}

/// Findings of an attack on the releases of one warehouse.
#[derive(Default)]
struct Found {
    recovered: Vec<String>,
    small_changes: Vec<String>,
    suppressed: usize,
    /// Rows that a viewer reads in each month: those that state a number, and those of them that
    /// are up to date.
    published: Vec<(usize, usize)>,
}

/// Attacks the releases of these months of one warehouse.
async fn attack(url: &str, world: &World, months: u32, rules: Rules, known: &Knowledge) -> Found {
    let live = world.load(url).await;
    let mut found = Found::default();
    let mut release: Option<Release> = None;
    let readers = [viewer(), member("2")];
    let mut history: Vec<Vec<Month>> = readers.iter().map(|_| Vec::new()).collect();
    for as_of in month_ends(months) {
        let began = Instant::now();
        let computed = Release::compute_with_rules(&live, as_of, release.as_ref(), rules).unwrap();
        println!(
            "release of {as_of}: {:.1} s, {} kB",
            began.elapsed().as_secs_f64(),
            computed.to_json().unwrap().to_string().len() / 1_000
        );
        found.suppressed += computed.counts().1;
        let snapshot = live.with_release(Release::from_json(computed.to_json().unwrap()).unwrap());
        release = Some(computed);
        let truth = read_as_of(&live, &Viewer::local(), as_of);
        for (reader, months) in readers.iter().zip(&mut history) {
            let answers = read_as_of(&snapshot, reader, as_of);
            let answers = with_unknowns(&answers, &truth);
            let month = Month::of(answers, truth.clone(), months.last());
            if let Some(previous) = months.last() {
                let of_reader = recovered(previous, &month, reader, known);
                found.recovered.extend(
                    of_reader.into_iter().map(|one| format!("{as_of} {:?}: {one}", reader.regions)),
                );
                if reader.regions.is_empty() {
                    found.small_changes.extend(small_changes(months, &month));
                }
            }
            if reader.regions.is_empty() {
                let is_row = |number: &&Number| number.field == "n";
                let stated = month.answers.iter().filter(|(_, known)| known.is_some());
                let rows: Vec<&Number> = stated.map(|(number, _)| number).filter(is_row).collect();
                let is_new = |number: &&&Number| month.up_to_date.contains(&number.of_base());
                found.published.push((rows.len(), rows.iter().filter(is_new).count()));
            }
            months.push(month);
        }
    }
    for (reader, months) in readers.iter().zip(&history) {
        for guesses_unmoved in [false, true] {
            let jointly = recovered_jointly(months, reader, known, guesses_unmoved).into_iter();
            found.recovered.extend(jointly.map(|one| {
                format!("all releases, {:?}, guess {guesses_unmoved}: {one}", reader.regions)
            }));
        }
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
        println!("world {seed}: rows published (up to date) per month {:?}", found.published);
        all.suppressed += found.suppressed;
        all.small_changes.extend(found.small_changes);
        all.recovered.extend(found.recovered.into_iter().map(|one| format!("world {seed}, {one}")));
    }
    let some = all.recovered.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(all.recovered.is_empty(), "{} recovered, such as {some}", all.recovered.len());
    let some = all.small_changes.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        all.small_changes.is_empty(),
        "{} published numbers changed by fewer than three organizations, such as {some}",
        all.small_changes.len()
    );
    let small_changes = async |successive| {
        let rules = Rules { successive, ..Rules::default() };
        attack(database.url(), &one_organization_with_a_new_completion(), 2, rules, &known)
            .await
            .small_changes
            .len()
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
