//! Attacks a release of a state whose fiscal year starts on September 1. Its calendar quarters do not
//! add up to fiscal years.

use std::process::Command;

use hotwash_metrics::{Grain, Rules};
use hotwash_schema::access::Viewer;
use hotwash_schema::profile::{self, FiscalYear};
use hotwash_schema::testing::TestDatabase;

use crate::attack::{attack, learned};
use crate::attacker::{Number, member, viewer};
use crate::world::World;
use crate::{read, released};

/// Set in the process of the attack: a process has one profile.
const ATTACKS: &str = "HOTWASH_TEST_ATTACKS_FISCAL_YEAR";

#[tokio::test(flavor = "multi_thread")]
async fn a_fiscal_year_from_september_gives_nothing_back() {
    if std::env::var_os(ATTACKS).is_none() {
        // Databases of all tests are copies of one with the default profile.
        drop(TestDatabase::new().await);
        let name = "fiscal_year::a_fiscal_year_from_september_gives_nothing_back";
        let mut attack = Command::new(std::env::current_exe().unwrap());
        attack.args(["--exact", name, "--nocapture"]).env(ATTACKS, "1");
        assert!(attack.status().unwrap().success());
        return;
    }
    let mut state = profile::active().clone();
    state.fiscal_year = FiscalYear::from_month(9).unwrap();
    profile::activate(state).unwrap();
    let database = TestDatabase::new().await;
    let mut truths = Vec::new();
    for seed in 0..2 {
        truths.push(read(&World::random(seed).load(database.url()).await, &Viewer::local()));
    }
    let live = World::random(3).load(database.url()).await;
    let snapshot = released(&live, Rules::default());
    let readers = [viewer(), member("2")];
    let is_september = |(number, _): (&Number, &Option<i64>)| {
        number.period == Some(Grain::FiscalYear)
            && number.location["periodStart"].ends_with("-09-01")
    };
    assert!(read(&snapshot, &viewer()).iter().any(is_september), "years start in September");
    let truth = read(&live, &Viewer::local());
    attack(&snapshot, &truth, &readers, &learned(&truths), "a fiscal year from September");
}
