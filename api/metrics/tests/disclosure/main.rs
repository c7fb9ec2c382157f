//! Disclosure control, attacked: a reader with a key must not learn what a release suppresses.
//!
//! `HOTWASH_DISCLOSURE_WORLDS` says how many random warehouses are attacked; `tests/run --disclosure` attacks fifty.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod attacker;
mod facts;
mod scenarios;
mod world;

use hotwash_metrics::{Release, Rules, Snapshot};
use hotwash_schema::access::Viewer;
use hotwash_schema::testing::TestDatabase;

use attacker::{Numbers, additive, member, read, same_fields, solve, unknown, viewer};
use world::{AS_OF, REGIONS, World};

/// Random warehouses attacked.
fn worlds() -> u64 {
    std::env::var("HOTWASH_DISCLOSURE_WORLDS").ok().and_then(|count| count.parse().ok()).unwrap_or(1)
}

fn released(snapshot: &Snapshot, rules: Rules) -> Snapshot {
    let release = Release::make_under(snapshot, AS_OF.parse().unwrap(), None, rules).unwrap();
    // As a server reads it from the warehouse.
    snapshot.with_release(Release::from_json(release.to_json().unwrap()).unwrap())
}

/// What one reader recovers: suppressed numbers that all it was told determines, where they are not nothing.
fn recovered(
    snapshot: &Snapshot,
    reader: &Viewer,
    truth: &Numbers,
    known: &(attacker::Additive, attacker::Same),
) -> Vec<String> {
    let told = unknown(&read(snapshot, reader), truth);
    let found = solve(&told, &known.0, &known.1);
    found
        .into_iter()
        .filter(|(number, value)| truth[number] == Some(*value) && *value != 0)
        // A figure of the state to which only the reader's own region contributed says nothing of another.
        .filter(|(number, value)| {
            !reader.regions.iter().any(|own| truth.get(&number.of_region(own)) == Some(&Some(*value)))
        })
        .map(|(number, value)| format!("{number:?} = {value}"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reader_recovers_a_suppressed_number_and_without_two_of_the_rules_some_do() {
    let database = TestDatabase::new().await;
    let mut truths = Vec::new();
    for seed in 0..worlds().max(3) {
        let snapshot = World::random(seed).load(database.url()).await;
        truths.push(read(&snapshot, &Viewer::local()));
    }
    let known = (additive(&truths[..3]), same_fields(&truths[..3]));
    assert!(known.0.len() > 50, "the attacker knows {} kinds of sums", known.0.len());
    assert!(!known.1.is_empty(), "the attacker knows which metrics count the same");
    let mut suppressed = 0;
    for (seed, truth) in truths.iter().enumerate().take(worlds() as usize) {
        let snapshot = released(&World::random(seed as u64).load(database.url()).await, Rules::default());
        suppressed += snapshot.release().unwrap().counts().1;
        let readers = REGIONS.iter().map(|region| member(region)).chain([viewer()]);
        for reader in readers {
            let found = recovered(&snapshot, &reader, truth, &known);
            assert!(
                found.is_empty(),
                "world {seed}, {:?}: {} recovered, such as {}",
                reader.regions,
                found.len(),
                found.iter().take(12).cloned().collect::<Vec<_>>().join("\n")
            );
        }
    }
    assert!(suppressed > 100, "{suppressed} suppressed rows: nothing to recover proves nothing");
    println!("{} warehouses attacked by 7 readers each; {suppressed} rows suppressed; recovered: none", worlds());
    // Without the rule the attacker must find something.
    let all = Rules::default();
    for (name, rules) in [
        ("complementary suppression", Rules { complementary: false, ..all }),
        ("facts shared across metrics", Rules { across_metrics: false, ..all }),
    ] {
        let mut found = 0;
        for (seed, truth) in truths.iter().enumerate() {
            let snapshot = released(&World::random(seed as u64).load(database.url()).await, rules);
            found += recovered(&snapshot, &member("2"), truth, &known).len();
        }
        println!("without {name}: {found} recovered");
        assert!(found > 0, "{name} protects nothing here: the attacker does not test it");
    }
}
