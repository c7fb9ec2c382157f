//! Characters that nobody sees: controls of terminals, marks of direction, and spaces without width.
//! None reaches a reader, and none hides a contact detail from redaction.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, hotwash, run};

const HIDDEN: [char; 8] =
    ['\u{1b}', '\u{9b}', '\u{7}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{2060}', '\u{feff}'];

fn assert_visible(what: &str, text: &str) {
    for hidden in HIDDEN {
        assert!(!text.contains(hidden), "{what}: {hidden:?} in {text:?}");
    }
}

#[tokio::test]
async fn no_invisible_character_of_a_file_reaches_a_reader() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let hidden: String = HIDDEN.iter().collect();
    let path = folder.path().join(format!("ev{hidden}ents.csv"));
    let text = format!(
        "event_id,kind,name,start_at,regions,sensitivity,narrative,no{hidden}te\n\
         E{hidden}1,INCIDENT,Dr{hidden}ill [31m,2025-03-01,3,PUBLIC,\
         call 617-\u{200b}555-\u{2060}0143 or duty\u{200b}officer@exam\u{200d}ple.org,x\n\
         E2,INCIDENT,b{hidden}ad,2025-13-01,3,PUBLIC,617\u{200c}-555-0144,y{hidden}\n"
    );
    std::fs::write(&path, text).unwrap();
    let loaded = hotwash(database.url(), &["load", path.to_str().unwrap()]).output().unwrap();
    assert_visible("load", &String::from_utf8_lossy(&loaded.stdout));
    assert_visible("notes of load", &String::from_utf8_lossy(&loaded.stderr));
    for arguments in [&["rejects"][..], &["rejects", "--json"], &["status"]] {
        let shown = run(database.url(), arguments);
        assert_visible(&arguments.join(" "), &shown);
        assert!(!shown.contains("555-01"), "{shown}");
    }
    let inspected = hotwash(database.url(), &["inspect", path.to_str().unwrap()]).output().unwrap();
    assert_visible("inspect", &String::from_utf8_lossy(&inspected.stdout));

    let server = Server::start(database.url(), &[]);
    let query = "{ events { nodes { name narrative source { file } } } rejects { nodes { value file \
        } } loadedColumns { nodes { heading } } }";
    let answer = server.data(query);
    let event = &answer["events"]["nodes"][0];
    assert_eq!(event["name"], "Drill [31m");
    assert_eq!(event["narrative"], "call [redacted] or [redacted]");
    assert_eq!(event["source"]["file"], "events.csv");
    assert_visible("GraphQL", &answer.to_string());
    for path in ["/export/events.csv", "/data", "/records/events", "/search?q=drill"] {
        assert_visible(path, &server.page(path).2);
    }
}

#[tokio::test]
async fn a_key_has_a_name_that_can_be_read() {
    let database = TestDatabase::new().await;
    for name in ["evil\u{1b}[31m", "report\u{202e}", "a\u{200b}b", "two\nlines"] {
        let made = hotwash(database.url(), &["key", "create", name]).output().unwrap();
        let message = String::from_utf8_lossy(&made.stderr);
        assert!(!made.status.success() && message.contains("visible characters"), "{message}");
        assert_visible("key create", &message);
    }
    for (arguments, expected) in [
        (&["--role", "viewer", "--region", "3"][..], "role viewer is not limited to regions"),
        (&["--region", "3"], "role analyst is not limited to regions"),
        (&["--days", "0"], "0 is not in 1.."),
    ] {
        let all = [&["key", "create", "reader"], arguments].concat();
        let made = hotwash(database.url(), &all).output().unwrap();
        let message = String::from_utf8_lossy(&made.stderr);
        assert!(!made.status.success() && message.contains(expected), "{arguments:?}: {message}");
    }
    let granted =
        hotwash(database.url(), &["bi", "grant", "all_bi", "--role", "analyst", "--region", "3"]);
    let message = String::from_utf8_lossy(&{ granted }.output().unwrap().stderr).into_owned();
    assert!(message.contains("role analyst is not limited to regions"), "{message}");
}
