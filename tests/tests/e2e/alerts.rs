//! Alerts and digests: once at a change, with the rights of each recipient, without addresses.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use hotwash_schema::connect::connect;
use hotwash_tests::coalition::{generated, released};
use hotwash_tests::{both, hotwash, run};

/// Returns the files of a folder in order, without their days.
fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.map(|name| name[11..].to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_rule_fires_once_at_its_beginning_and_once_at_its_end() {
    let database = generated(1).await;
    released(database.url());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alerts.toml");
    let write = |limit: u32| {
        let text = format!(
            "[recipient.state]\nrole = \"analyst\"\nfolder = \"state\"\n\n\
             [recipient.third]\nrole = \"region\"\nregions = [\"3\"]\nfolder = \"third\"\n\
             digest = true\n\n\
             [[rule]]\nname = \"overdue\"\nmetric = \"action_overdue\"\nregion = \"2\"\n\
             above = {limit}\nrecipients = [\"state\"]\n\n\
             [[rule]]\nname = \"stale\"\ndays_without_data = 30\nregion = \"3\"\n\
             recipients = [\"third\"]\n"
        );
        std::fs::write(&file, text).unwrap();
    };
    let check = || {
        let arguments = ["alerts", "--check", "--alerts", file.to_str().unwrap()];
        let output = hotwash(database.url(), &arguments).output().unwrap();
        (output.status.code(), both(&output))
    };
    let (state, third) = (folder.path().join("state"), folder.path().join("third"));
    write(10);
    let (code, printed) = check();
    assert_eq!(code, Some(3), "{printed}");
    assert!(printed.contains("on: overdue/state") && printed.contains("on: stale/third"));
    assert!(!printed.contains(folder.path().to_str().unwrap()), "no address: {printed}");
    assert_eq!(files(&state), ["overdue-on.txt"]);
    assert_eq!(files(&third), ["digest-digest.pdf", "digest-digest.txt", "stale-on.txt"]);
    // The digest has the reader's rights.
    let digest = std::fs::read_dir(&third).unwrap().map(|entry| entry.unwrap().path());
    let digest = digest.filter(|path| path.to_string_lossy().ends_with("digest.txt")).last();
    let digest = std::fs::read_to_string(digest.unwrap()).unwrap();
    assert!(digest.contains("Includes details for Northeast (3)."), "{digest}");
    assert!(digest.contains("Three asks") && digest.contains("Top risks exercised"), "{digest}");
    // Nothing changed: no further message.
    for path in [&state, &third] {
        std::fs::remove_dir_all(path).unwrap();
    }
    let (code, printed) = check();
    assert!(code == Some(3) && printed.contains(", 0 messages sent"), "{printed}");
    assert!(files(&state).is_empty() && files(&third).is_empty());
    // The rule ends.
    write(100_000);
    assert_eq!(check().0, Some(3), "stale still holds");
    assert_eq!(files(&state), ["overdue-off.txt"]);
    // The warehouse stores no address.
    let client = connect(database.url()).await.unwrap();
    let stored = "select value::text from meta.setting where name = 'alerts'";
    let stored: String = client.query_one(stored, &[]).await.unwrap().get(0);
    assert!(stored.contains("overdue/state") && !stored.contains("folder"), "{stored}");
    assert!(!stored.contains(folder.path().to_str().unwrap()), "{stored}");
}

#[tokio::test]
async fn a_webhook_is_signed_and_tried_again_until_it_takes_the_message() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alerts.toml");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let text = format!(
        "[recipient.hook]\nrole = \"analyst\"\nwebhook = \"http://{address}/in\"\n\
         secret = \"0123456789abcdef\"\n\n\
         [[rule]]\nname = \"stale\"\ndays_without_data = 30\nrecipients = [\"hook\"]\n"
    );
    std::fs::write(&file, text).unwrap();
    let arguments = ["alerts", "--alerts", file.to_str().unwrap()];
    let served = std::thread::spawn(move || {
        ["500 Internal Server Error", "204 No Content"].map(|status| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut part = [0; 4096];
            loop {
                let read = stream.read(&mut part).unwrap();
                request.extend_from_slice(&part[..read]);
                let text = String::from_utf8_lossy(&request).to_lowercase();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.split("content-length: ").nth(1).unwrap();
                let length: usize = length.lines().next().unwrap().trim().parse().unwrap();
                if body.len() >= length {
                    break;
                }
            }
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .unwrap();
            String::from_utf8(request).unwrap()
        })
    });
    let output = hotwash(database.url(), &arguments).output().unwrap();
    let printed = both(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    let reported = "not delivered to hook: the webhook answers 500 [ALERT_WEBHOOK_REJECTED]";
    assert!(printed.contains(reported), "{printed}");
    assert!(!printed.contains(&address.to_string()), "no address: {printed}");
    run(database.url(), &arguments);
    let [first, second] = served.join().unwrap();
    let body = |request: &str| request.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(body(&first), body(&second));
    let message: serde_json::Value = serde_json::from_str(&body(&second)).unwrap();
    assert_eq!((&message["rule"], &message["state"]), (&"stale".into(), &"ON".into()));
    assert!(second.to_lowercase().contains("x-hotwash-signature: sha256="), "{second}");
    // The message was taken: no third request, which nobody would answer.
    assert!(run(database.url(), &arguments).contains("0 messages sent"));
}

#[tokio::test]
async fn every_failure_of_an_alert_has_a_code_of_the_list_of_errors() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alerts.toml");
    std::fs::write(folder.path().join("taken"), "").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let arguments = ["alerts", "--check", "--alerts", file.to_str().unwrap()];
        let output = hotwash(database.url(), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", both(&output));
        both(&output)
    };
    let listed = run(database.url(), &["errors", "--markdown"]);
    let state = "[recipient.state]\nrole = \"analyst\"\nfolder = \"state\"\n";
    let hook = format!(
        "[recipient.state]\nrole = \"analyst\"\nwebhook = \"http://{free}/\"\n\
         secret = \"0123456789abcdef\"\n"
    );
    let rule = |condition: &str| {
        format!("\n[[rule]]\nname = \"one\"\n{condition}\nrecipients = [\"state\"]\n")
    };
    let old = rule("days_without_data = 1");
    for (text, code) in [
        (format!("{state}{}", rule("above = 3")), "INVALID_ALERTS"),
        (
            format!("{state}{}", rule("days_without_data = 1\nregion = \"9\"")),
            "ALERT_REGION_UNKNOWN",
        ),
        (format!("{state}{}", rule("feed_overdue = \"ics209\"")), "ALERT_FEED_NOT_EXPECTED"),
        (
            format!("{state}{}", rule("metric = \"data_quality\"\nabove = 0\nregion = \"3\"")),
            "ALERT_NOT_COMPUTED",
        ),
        (state.replace("\"state\"", "\"taken\"") + &old, "ALERT_FOLDER_NOT_WRITTEN"),
        (hook + &old, "ALERT_WEBHOOK_UNREACHABLE"),
    ] {
        let printed = check(&text);
        assert!(printed.contains(&format!("[{code}]")), "{code}: {printed}");
        assert!(!printed.contains(&free.to_string()), "no address: {printed}");
        assert!(listed.contains(&format!("### `{code}`")), "{code} is not in the list");
    }
    std::fs::remove_file(&file).unwrap();
    let arguments = ["alerts", "--alerts", file.to_str().unwrap()];
    let printed = both(&hotwash(database.url(), &arguments).output().unwrap());
    assert!(printed.contains("[UNREADABLE_ALERTS]"), "{printed}");
}
