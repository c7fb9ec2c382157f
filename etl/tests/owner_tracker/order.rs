//! Several copies of a tracker, loaded in any order.

use std::fmt::Write;

use hotwash_etl::tracker::{Division, write};
use hotwash_schema::testing::TestDatabase;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::copy::Copy;
use crate::warehouse::{
    BOARD, CLOCK, REPEATER, actions, answers, codes, lines, load, load_files, options, sent,
    warehouse,
};

#[tokio::test]
async fn of_two_copies_the_later_day_wins_cell_by_cell_in_any_order() {
    let mut results = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let database = warehouse().await;
        let (_folder, copy) = sent(&database).await;
        let early = copy
            .clone()
            .on("2025-06-04")
            .set(BOARD, "Status", "Deferred")
            .set(BOARD, "Due Date", "2025-10-31")
            .set(REPEATER, "Due Date", "2025-11-30");
        let late = copy
            .on("2025-06-08")
            .set(BOARD, "Status", "Completed")
            .set(BOARD, "Completed On", "2025-06-07")
            .set(CLOCK, "Status", "In progress");
        let copies = [early.save(), late.save()];
        let mut reported = Vec::new();
        for index in order {
            reported.extend(codes(&load(&database, copies[index].clone()).await));
        }
        // Each order reports the contradiction once, from the copy that was loaded last.
        let expected = if order == [0, 1] {
            "UNSEEN_REPORT Status COMPLETED"
        } else {
            "OLDER_ANSWER Status DEFERRED"
        };
        assert_eq!(reported, [expected]);
        results.push((actions(&database).await, answers(&database).await));
    }
    assert_eq!(results[0], results[1]);
    let (actions, answers) = &results[0];
    assert!(
        actions.iter().any(|line| line.starts_with(
            "Revise the bed board | COMPLETED | 2025-10-31 | 2025-06-07 | Fairbrook Hospital"
        )),
        "{actions:?}"
    );
    assert_eq!(answers[0], "A1 2025-06-01 2025-06-15 2025-06-04");
}
/// A cell of one copy: which action, which column, which value.
type Edit = (usize, usize, usize);

/// Copies of one owner's tracker: day of saving and edited cells, and the first to be loaded when
/// they are loaded in another order.
#[derive(Clone, Debug)]
struct Copies {
    edits: Vec<(u32, Vec<Edit>)>,
    seed: prop::sample::Index,
}

impl Copies {
    fn strategy() -> impl Strategy<Value = Self> {
        let edit = (0_usize..3, 0_usize..3, 0_usize..5);
        let edits = prop::collection::btree_map(2_u32..20, prop::collection::vec(edit, 0..5), 2..4);
        (edits, any::<prop::sample::Index>())
            .prop_map(|(edits, seed)| Self { edits: edits.into_iter().collect(), seed })
    }

    /// Returns the files in the order of their days, or in another one.
    fn files(&self, copy: &Copy, is_rotated: bool) -> Vec<Vec<u8>> {
        let mut files: Vec<Vec<u8>> =
            self.edits.iter().map(|(day, edits)| edited(copy, *day, edits)).collect();
        if is_rotated {
            let count = files.len();
            files.rotate_left(1 + self.seed.index(count - 1));
            files.reverse();
        }
        files
    }
}

fn edited(copy: &Copy, saved_on: u32, edits: &[Edit]) -> Vec<u8> {
    let mut copy = copy.clone().on(&format!("2025-06-{saved_on:02}"));
    for (action, column, value) in edits {
        let action = [BOARD, REPEATER, CLOCK][*action];
        let value = match column {
            0 => ["Open", "In progress", "Completed", "Deferred", "Canceled"][*value],
            1 => ["2025-07-01", "2025-08-01", "2025-09-01", "2025-10-01", "2025-11-01"][*value],
            _ => "Yes",
        };
        copy = copy.set(action, ["Status", "Due Date", "No Change"][*column], value);
    }
    copy.save()
}

/// Number of owners, each with copies of its own: a sixth of `PROPTEST_CASES`, since loads take
/// longer than calls.
fn owners() -> usize {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    cases.map_or(10, |cases: usize| cases.div_ceil(6))
}

/// Loads the owners and their actions, and returns the tracker of each.
async fn trackers(database: &TestDatabase, owners: usize) -> Vec<Copy> {
    let mut organizations = "organization_id,name,region,discipline\n".to_owned();
    let mut actions =
        "action_id,text,status,opened_on,due_on,owner_organization_id,region\n".to_owned();
    for owner in 0..owners {
        writeln!(organizations, "O{owner},Station {owner} Hospital,1,acute_care_hospital").unwrap();
        for (action, status, due) in [
            (BOARD, "OPEN", "2025-06-30"),
            (REPEATER, "IN_PROGRESS", "2025-07-31"),
            (CLOCK, "OPEN", ""),
        ] {
            let id = format!("{owner}-{}", &action[..3]);
            writeln!(actions, "{id},\"{action}\",{status},2025-01-10,{due},O{owner},1").unwrap();
        }
    }
    let files = [("organizations.csv", organizations), ("actions.csv", actions)]
        .map(|(name, text)| (name, text.into_bytes()));
    let reports = load_files(database, &files).await;
    assert!(reports.iter().all(|report| report.rejected == 0), "{reports:?}");
    let folder = tempfile::tempdir().unwrap();
    let written = write(database.url(), &options(folder.path(), Division::Owner)).await.unwrap();
    let open = |owner: usize| {
        let title = format!("Station {owner} Hospital");
        let tracker = written.trackers.iter().find(|tracker| tracker.title == title).unwrap();
        Copy::open(&folder.path().join(&tracker.file))
    };
    (0..owners).map(open).collect()
}

/// Loads all copies, one of each owner at a time. Returns actions, answers and changes.
async fn outcome(copies: &[Copies], is_rotated: bool) -> [Vec<String>; 3] {
    let database = TestDatabase::new().await;
    let trackers = trackers(&database, copies.len()).await;
    let files: Vec<Vec<Vec<u8>>> = copies
        .iter()
        .zip(&trackers)
        .map(|(copies, tracker)| copies.files(tracker, is_rotated))
        .collect();
    for round in 0..files.iter().map(Vec::len).max().unwrap_or_default() {
        let round: Vec<(String, Vec<u8>)> = (0..)
            .zip(&files)
            .filter_map(|(owner, files)| Some((format!("{owner}.xlsx"), files.get(round)?.clone())))
            .collect();
        let round: Vec<(&str, Vec<u8>)> =
            round.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        for report in load_files(&database, &round).await {
            assert_eq!((report.source.as_deref(), &report.error), (Some("owner_tracker"), &None));
        }
    }
    let changes = lines(
        &database,
        "select concat_ws(' ', a.source_id, h.changed_on, h.sequence, h.change, h.status, \
         h.due_on) from warehouse.action_status_history h join warehouse.corrective_action a using \
         (corrective_action_id) order by 1",
    )
    .await;
    [actions(&database).await, answers(&database).await, changes]
}

#[tokio::test]
async fn the_order_in_which_copies_of_different_days_are_loaded_decides_nothing() {
    // One run tries the copies of all owners. The macro of proptest would repeat it for each case.
    let strategy = prop::collection::vec(Copies::strategy(), owners());
    let copies = strategy.new_tree(&mut TestRunner::default()).unwrap().current();
    let (one, other) = (outcome(&copies, false).await, outcome(&copies, true).await);
    // Three changes an owner open its actions. Of many owners, some change something.
    assert!(copies.len() < 8 || one[2].len() > 3 * copies.len(), "{:?}", one[2]);
    assert_eq!(one, other, "{copies:?}");
}
