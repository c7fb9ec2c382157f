//! Alerts by mail, against a mail server of the test; and runs at the same moment.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use hotwash_tests::coalition::generated;
use hotwash_tests::{both, hotwash};

/// A message that the mail server took.
struct Mail {
    sign_in: String,
    to: Vec<String>,
    text: String,
}

/// Speaks SMTP with one client; rejects recipients while told to. Returns the message, if one came.
fn converse(stream: TcpStream, rejects: bool) -> Option<Mail> {
    let (mut writer, mut reader) = (stream.try_clone().unwrap(), BufReader::new(stream));
    let mut mail = Mail { sign_in: String::new(), to: Vec::new(), text: String::new() };
    let mut is_taken = false;
    write!(writer, "220 mail.example.org\r\n").unwrap();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            break;
        }
        let line = line.trim_end();
        let answer = match line.split(' ').next().unwrap_or_default() {
            "EHLO" => "250-mail.example.org\r\n250 AUTH PLAIN",
            "AUTH" => {
                mail.sign_in = line.to_owned();
                "235 welcome"
            }
            "MAIL" => "250 ok",
            "RCPT" if rejects => "550 no such mailbox: planning@example.org",
            "RCPT" => {
                mail.to.push(line.to_owned());
                "250 ok"
            }
            "DATA" => {
                write!(writer, "354 go on\r\n").unwrap();
                loop {
                    let mut part = String::new();
                    reader.read_line(&mut part).unwrap();
                    if part == ".\r\n" {
                        break;
                    }
                    mail.text.push_str(&part);
                }
                is_taken = true;
                "250 taken"
            }
            "QUIT" => {
                let _ = write!(writer, "221 bye\r\n");
                break;
            }
            _ => "250 ok",
        };
        if write!(writer, "{answer}\r\n").is_err() {
            break;
        }
    }
    is_taken.then_some(mail)
}

/// Starts a mail server on a free port, which rejects the recipients of its first client.
fn mail_server() -> (u16, Receiver<Mail>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            if let Some(mail) = converse(stream.unwrap(), number == 0) {
                let _ = sender.send(mail);
            }
        }
    });
    (port, receiver)
}

#[tokio::test]
async fn an_alert_is_mailed_and_no_address_or_password_is_printed() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (port, mails) = mail_server();
    std::fs::write(path("smtp-password"), "open sesame\n").unwrap();
    let expected = "[feed.hotwash]\ncadence = 1\nregions = [\"3\"]\n";
    std::fs::write(path("expectations.toml"), expected).unwrap();
    let rules = format!(
        "[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
         from = \"Hotwash <hotwash@example.org>\"\nuser = \"robot\"\n\
         password_file = \"smtp-password\"\n\n\
         [recipient.state]\nrole = \"analyst\"\ndigest = true\n\
         email = [\"planning@example.org\", \"Duty <duty@example.org>\"]\n\n\
         [[rule]]\nname = \"silent\"\nfeed_overdue = \"hotwash\"\nregion = \"3\"\n\
         recipients = [\"state\"]\n"
    );
    std::fs::write(path("alerts.toml"), rules).unwrap();
    let (alerts, expectations) = (path("alerts.toml"), path("expectations.toml"));
    let check = || {
        let files = ["--alerts", &alerts, "--expectations", &expectations];
        let arguments = [&["alerts", "--check"][..], &files].concat();
        let output = hotwash(database.url(), &arguments).output().unwrap();
        (output.status.code(), both(&output))
    };
    // The server rejects the first message; the digest goes through.
    let (code, printed) = check();
    assert_eq!(code, Some(1), "{printed}");
    let reason = "silent/state: not delivered to state: the mail server does not take it: it \
                  answers 550";
    assert!(printed.contains(reason), "{printed}");
    let digest = mails.try_recv().unwrap();
    assert!(digest.text.contains("Subject: Hotwash: monthly digest of"), "{}", digest.text);
    assert!(digest.text.contains("application/pdf"), "{}", digest.text);
    let (code, next) = check();
    assert_eq!(code, Some(3), "{next}");
    let mail = mails.try_recv().unwrap();
    // User and password in Base64.
    assert_eq!(mail.sign_in, "AUTH PLAIN AHJvYm90AG9wZW4gc2VzYW1l");
    assert_eq!(mail.to, ["RCPT TO:<planning@example.org>", "RCPT TO:<duty@example.org>"]);
    assert!(mail.text.contains("Subject: Hotwash: silent began"), "{}", mail.text);
    assert!(mail.text.contains("hotwash of region 3 is overdue"), "{}", mail.text);
    // Nothing changed: nothing is sent.
    assert_eq!(check().0, Some(3));
    assert!(mails.try_recv().is_err());
    for secret in ["planning", "duty@", "robot", "sesame", "127.0.0.1"] {
        assert!(!printed.contains(secret) && !next.contains(secret), "{secret}: {printed}{next}");
    }
}

#[tokio::test]
async fn runs_at_the_same_moment_send_each_message_once() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alerts.toml");
    let rules = "[recipient.state]\nrole = \"analyst\"\nfolder = \"state\"\n\n\
                 [[rule]]\nname = \"stale\"\ndays_without_data = 1\nregion = \"3\"\n\
                 recipients = [\"state\"]\n";
    std::fs::write(&file, rules).unwrap();
    let arguments = ["alerts", "--alerts", file.to_str().unwrap()];
    let run = || hotwash(database.url(), &arguments);
    let outputs: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| both(&run().output().unwrap()))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let sent = |text: &str| text.matches(", 1 messages sent").count();
    assert_eq!(outputs.iter().map(|text| sent(text)).sum::<usize>(), 1, "{outputs:?}");
}
