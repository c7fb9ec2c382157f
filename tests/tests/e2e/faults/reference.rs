//! Corrupt reference files: each is named with its place, and nothing of any is stored.

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{both, hotwash, repository, soundness};

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_reference_file_is_named_and_changes_nothing() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let version = async || -> i64 { client.query_one("select meta.warehouse_version()", &[]).await.unwrap().get(0) };
    let before = version().await;
    let shipped = std::fs::read(repository().join("schema/reference/hazards.csv")).unwrap();
    let cut = shipped[..shipped.len() * 2 / 3].iter().copied().chain(*b"\"").collect::<Vec<u8>>();
    for (what, bytes) in [
        ("no text", vec![0xFF, 0xFE, 0x00, 0xD8, 0x00]),
        ("no headings", b"1,2,3\n".to_vec()),
        ("cut in the middle of a cell", cut),
        ("empty", Vec::new()),
        ("a number that is none", b"code,category,name,sort_order\nmeteor,natural,Meteor,many\n".to_vec()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("hazards.csv"), bytes).unwrap();
        let output =
            hotwash(database.url(), &["migrate", "--reference", folder.path().to_str().unwrap()]).output().unwrap();
        let said = both(&output);
        assert_eq!(output.status.code(), Some(1), "{what}: {said}");
        assert!(said.contains("hazards.csv") && !said.contains("panicked"), "{what}: {said}");
        assert_eq!(version().await, before, "{what}: nothing is stored");
    }
    soundness::sound(database.url()).await;
}
