//! Corrupt reference files: each error names file and position, and nothing is stored.

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{both, coalition, hotwash, repository};

use super::{fresh_metrics, load_all, mended};

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_reference_file_is_named_and_changes_nothing() {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let expected = fresh_metrics(&files).await;
    let database = TestDatabase::new().await;
    load_all(database.url(), &files);
    let client = connect(database.url()).await.unwrap();
    let version = async || -> i64 {
        client.query_one("select meta.warehouse_version()", &[]).await.unwrap().get(0)
    };
    let before = version().await;
    let mut corrupt: Vec<(String, &str, Vec<u8>)> = vec![
        ("hazards.csv".into(), "no text", vec![0xFF, 0xFE, 0x00, 0xD8, 0x00]),
        ("hazards.csv".into(), "no headings", b"1,2,3\n".to_vec()),
        ("hazards.csv".into(), "empty", Vec::new()),
        (
            "hazards.csv".into(),
            "a number that is none",
            b"code,category,name,sort_order\nmeteor,natural,Meteor,many\n".to_vec(),
        ),
    ];
    let folders = ["schema/reference", "schema/profiles/massachusetts"];
    let entries =
        folders.iter().flat_map(|folder| std::fs::read_dir(repository().join(folder)).unwrap());
    for entry in entries.flatten().filter(|entry| entry.path().extension() == Some("csv".as_ref()))
    {
        let shipped = std::fs::read_to_string(entry.path()).unwrap();
        let lines: Vec<&str> = shipped.lines().collect();
        let cut = lines[..lines.len() * 2 / 3].join("\n") + "\n\"half a ce";
        corrupt.push((
            entry.file_name().into_string().unwrap(),
            "cut in the middle of a cell",
            cut.into_bytes(),
        ));
    }
    assert!(corrupt.len() > 20, "every list that is shipped");
    for (name, what, bytes) in corrupt {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(&name), bytes).unwrap();
        std::fs::write(folder.path().join("profile.toml"), "extends = \"massachusetts\"").unwrap();
        let output =
            hotwash(database.url(), &["migrate", "--profile", folder.path().to_str().unwrap()])
                .output()
                .unwrap();
        let message = both(&output);
        assert_eq!(output.status.code(), Some(1), "{name}, {what}: {message}");
        assert!(
            message.contains(&name) && !message.contains("panicked"),
            "{name}, {what}: {message}"
        );
        assert_eq!(version().await, before, "{name}, {what}: nothing is stored");
    }
    mended(database.url(), &files, &expected).await;
}
