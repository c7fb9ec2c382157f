//! Generated coalitions: a complete one in a warehouse, and a small one for fault tests, with the
//! first events of each region and everything that references them.

use std::path::{Path, PathBuf};

use hotwash_schema::testing::TestDatabase;

/// Creates a warehouse with all regions and record types, from `hotwash generate --seed`.
pub async fn generated(seed: u64) -> TestDatabase {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().to_str().expect("a path in UTF-8");
    crate::run(database.url(), &["generate", path, "--seed", &seed.to_string()]);
    crate::run(database.url(), &["load", path]);
    database
}

/// Publishes the release of the last completed month.
pub fn released(url: &str) {
    crate::run(url, &["release"]);
}

/// Highest event number retained, of about seventy per region.
const EVENTS: u32 = 6;
/// Number of risk score rows retained.
const SCORES: usize = 240;

/// Writes its files into a new folder under this one: every kind of record, some two thousand rows.
pub fn small(folder: &Path) -> PathBuf {
    let (whole, small) = (folder.join("whole-coalition"), folder.join("coalition"));
    crate::run("", &["generate", whole.to_str().expect("a path in UTF-8")]);
    std::fs::create_dir_all(&small).expect("a folder can be made");
    for file in std::fs::read_dir(&whole).expect("the files are there").flatten() {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_path(file.path())
            .expect("a CSV file");
        let headings = reader.headers().expect("headings").clone();
        // Requests of trackers name an action, whose id begins with that of its event.
        let is_request = headings.iter().any(|heading| heading == "action_source");
        let named = if is_request { "action_id" } else { "event_id" };
        let event = headings.iter().position(|heading| heading == named);
        let scores = headings.iter().any(|heading| heading == "assessment_id");
        let mut writer =
            csv::Writer::from_path(small.join(file.file_name())).expect("the file can be written");
        writer.write_record(&headings).expect("written");
        for (number, row) in reader.records().map(|row| row.expect("a row")).enumerate() {
            let early = |id: &str| {
                let event = if is_request { id.rsplitn(4, '-').last() } else { Some(id) };
                event
                    .and_then(|event| event.rsplit('-').next())
                    .and_then(|last| last.parse().ok())
                    .is_some_and(|last: u32| last <= EVENTS)
            };
            if event.is_none_or(|place| early(&row[place])) && (!scores || number < SCORES) {
                writer.write_record(&row).expect("written");
            }
        }
        writer.flush().expect("written");
    }
    std::fs::remove_dir_all(whole).expect("removed");
    small
}
