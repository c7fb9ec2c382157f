//! Attacks random warehouses as each kind of reader, with all rules, and with each rule switched
//! off.

use hotwash_metrics::{Rules, Snapshot};
use hotwash_schema::access::Viewer;
use hotwash_schema::testing::TestDatabase;

use crate::attacker::{
    AdditiveFields, Edition, EqualFields, Number, TableNumbers, additive, equal_fields, member,
    relations, viewer, with_unknowns,
};
use crate::scenarios::{one_organization, three_small_regions, two_organizations_beside_a_region};
use crate::solver::{Relation, described, solve};
use crate::world::{REGIONS, World};
use crate::{chosen_worlds, read, released};

/// Knowledge of the attacker about the metrics: which numbers add up, and which are equal.
pub type Knowledge = (AdditiveFields, EqualFields);

/// Learns from these warehouses which numbers add up and which are equal.
pub fn learned(truths: &[TableNumbers]) -> Knowledge {
    let known = (additive(truths), equal_fields(truths));
    assert!(known.0.len() > 50, "the attacker knows {} kinds of sums", known.0.len());
    assert!(!known.1.is_empty(), "the attacker knows which metrics count the same");
    known
}

/// Returns whether a number that a reader recovered is a secret.
///
/// From a figure of the state, a member of a region may know the contribution of that region. The
/// remainder must not rest on few records.
pub fn rests_on_few(number: &Number, truth: &TableNumbers, reader: &Viewer) -> bool {
    let base = number.of_edition(Edition::Now).of_base();
    let count = |number: &Number| truth.get(number).copied().flatten().unwrap_or(0);
    let remainder = |region: &String| count(&base) - count(&base.of_region(region));
    number.region().is_some()
        || reader.regions.iter().all(|region| (1..5).contains(&remainder(region)))
}

/// Returns the suppressed numbers other than zero that one reader can recover from these answers.
fn recovered(
    answers: &TableNumbers,
    reader: &Viewer,
    truth: &TableNumbers,
    relations: &[Relation],
) -> Vec<(Number, i64)> {
    solve(answers, relations)
        .into_iter()
        .filter(|(number, value)| truth[number] == Some(*value) && *value != 0)
        .filter(|(number, _)| rests_on_few(number, truth, reader))
        .collect()
}

/// Fails if one of the readers recovers a suppressed number.
pub fn attack(
    snapshot: &Snapshot,
    truth: &TableNumbers,
    readers: &[Viewer],
    known: &Knowledge,
    world: &str,
) {
    for reader in readers {
        let answers = with_unknowns(&read(snapshot, reader), truth);
        let relations = relations(&answers, &known.0, &known.1);
        let found = recovered(&answers, reader, truth, &relations);
        let value = |(number, value): (&Number, &Option<i64>)| Some((number.clone(), (*value)?));
        let values = truth.iter().filter_map(value).collect();
        let found = described(found, &answers, &relations, &values);
        let some = found.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
        assert!(
            found.is_empty(),
            "{world}, {:?}: {} recovered, such as {some}",
            reader.regions,
            found.len()
        );
    }
}

/// Returns the published numbers of records: n of rows about a region other than the reader's own.
fn published(snapshot: &Snapshot, reader: &Viewer) -> Vec<(String, u64)> {
    let answers = read(snapshot, reader);
    let is_other = |region: &str| !reader.regions.iter().any(|own| own == region);
    let rows = answers
        .iter()
        .filter(|(number, _)| number.field == "n" && number.region().is_some_and(is_other));
    rows.filter_map(|(number, value)| Some((format!("{number:?}"), u64::try_from((*value)?).ok()?)))
        .filter(|(_, n)| *n > 0)
        .collect()
}

/// Returns what remains of the state's published numbers of actions without the reader's region, if
/// anything remains.
fn remainders(snapshot: &Snapshot, reader: &Viewer) -> Vec<i64> {
    let answers = read(snapshot, reader);
    let rows = answers
        .iter()
        .filter(|(number, _)| number.metric == "action_closure" && number.is_n_by(&[]));
    let of_others = rows.filter_map(|(number, all)| {
        let own = answers.get(&number.of_region(&reader.regions[0])).copied().flatten();
        Some((*all)? - own.unwrap_or(0))
    });
    of_others.filter(|remainder| *remainder > 0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reader_recovers_a_suppressed_number_and_without_any_rule_some_do() {
    let database = TestDatabase::new().await;
    let mut learned_from = Vec::new();
    for seed in 0..3 {
        let live = World::random(seed).load(database.url()).await;
        learned_from.push((read(&live, &Viewer::local()), live));
    }
    let truths: Vec<TableNumbers> = learned_from.iter().map(|(truth, _)| truth.clone()).collect();
    let known = learned(&truths);
    // Each run attacks as a viewer and as members of two regions; the long run as members of all
    // regions.
    let worlds = chosen_worlds().unwrap_or(0..1);
    let members = if chosen_worlds().is_some() { &REGIONS[..] } else { &REGIONS[1..3] };
    let readers: Vec<Viewer> =
        members.iter().map(|region| member(region)).chain([viewer()]).collect();
    let (mut rows, mut suppressed) = (0, 0);
    for seed in worlds.clone() {
        let live = World::random(seed).load(database.url()).await;
        let truth = read(&live, &Viewer::local());
        let snapshot = released(&live, Rules::default());
        let counts = snapshot.release().unwrap().counts();
        (rows, suppressed) = (rows + counts.0, suppressed + counts.1);
        attack(&snapshot, &truth, &readers, &known, &format!("world {seed}"));
    }
    assert!(suppressed > 100, "{suppressed} suppressed rows: nothing to recover proves nothing");
    println!("worlds  readers     rows  suppressed  recovered");
    println!("{:>6}  {:>7}  {rows:>7}  {suppressed:>10}       none", worlds.count(), readers.len());
    println!("\n{:<28}found by a reader", "rule switched off");
    for (name, rules) in [
        ("complementary suppression", Rules { complementary: false, ..Rules::default() }),
        ("facts shared across metrics", Rules { across_metrics: false, ..Rules::default() }),
    ] {
        let found: usize = learned_from
            .iter()
            .map(|(truth, live)| {
                let answers = with_unknowns(&read(&released(live, rules), &member("2")), truth);
                let relations = relations(&answers, &known.0, &known.1);
                recovered(&answers, &member("2"), truth, &relations).len()
            })
            .sum();
        println!("{name:<28}{found} suppressed numbers");
        assert!(found > 0, "{name} protects nothing here: the attacker does not test it");
    }
    check_small_cells(database.url()).await;
    // Each rule is switched off here, or by
    // `successive_releases_of_random_warehouses_give_nothing_back`.
    let Rules {
        minimum_n: _,
        contributors: _,
        complementary: _,
        remainder: _,
        successive: _,
        across_metrics: _,
    } = Rules::default();
}

/// Without the rules about small cells, small cells are published.
async fn check_small_cells(url: &str) {
    let all = Rules::default();
    let random = World::random(0).load(url).await;
    let small_cells = |rules| {
        published(&released(&random, rules), &viewer()).into_iter().filter(|(_, n)| *n < 5).count()
    };
    let (with, without) = (small_cells(all), small_cells(Rules { minimum_n: false, ..all }));
    println!("{:<28}{without} cells of fewer than 5 records", "five records");
    assert!(
        with == 0 && without > 0,
        "{with} small cells under all rules, {without} without the minimum"
    );
    let one_organization_only = one_organization().load(url).await;
    let of_one = |rules| {
        let cells = published(&released(&one_organization_only, rules), &viewer());
        cells.into_iter().filter(|(cell, _)| cell.contains("\"region\": \"1\"")).count()
    };
    let (with, without) = (of_one(all), of_one(Rules { contributors: false, ..all }));
    println!("{:<28}{without} cells of one organization", "three contributors");
    assert!(
        with == 0 && without > 0,
        "{with} cells of one organization under all rules, {without} without"
    );
    let three = three_small_regions().load(url).await;
    let two = two_organizations_beside_a_region().load(url).await;
    for (world, what) in [(&three, "fewer than 5 records"), (&two, "fewer than 3 organizations")] {
        let left = |rules| remainders(&released(world, rules), &member("2")).len();
        let (with, without) = (left(all), left(Rules { remainder: false, ..all }));
        println!("{:<28}{without} figures of the state that leave {what}", "remainder");
        assert!(with == 0 && without > 0, "{what}: {with} under all rules, {without} without");
    }
}
