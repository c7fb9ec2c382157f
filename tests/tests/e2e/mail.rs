//! Alerts by mail, against a mail server of the test, in the clear and over TLS; and runs at the
//! same moment.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use hotwash_tests::coalition::generated;
use hotwash_tests::{both, hotwash};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A message that the mail server took.
struct Mail {
    is_encrypted: bool,
    sign_in: String,
    to: Vec<String>,
    text: String,
}

/// Protection that the mail server offers.
#[derive(Clone)]
enum Protection {
    None,
    StartTls(Arc<ServerConfig>),
    Tls(Arc<ServerConfig>),
}

/// Connection of one client.
enum Connection {
    Clear(TcpStream),
    Encrypted(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Connection {
    fn encrypted(stream: TcpStream, config: &Arc<ServerConfig>) -> Self {
        let session = ServerConnection::new(config.clone()).unwrap();
        Self::Encrypted(Box::new(StreamOwned::new(session, stream)))
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Clear(stream) => stream.read(buffer),
            Self::Encrypted(stream) => stream.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Clear(stream) => stream.write(buffer),
            Self::Encrypted(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Clear(stream) => stream.flush(),
            Self::Encrypted(stream) => stream.flush(),
        }
    }
}

/// Speaks SMTP with one client; rejects recipients while told to. Returns the message, if one came.
fn converse(stream: TcpStream, protection: &Protection, rejects: bool) -> Option<Mail> {
    let connection = match protection {
        Protection::Tls(config) => Connection::encrypted(stream, config),
        _ => Connection::Clear(stream),
    };
    let mut client = BufReader::new(connection);
    let mut mail = Mail {
        is_encrypted: matches!(protection, Protection::Tls(_)),
        sign_in: String::new(),
        to: Vec::new(),
        text: String::new(),
    };
    let mut is_taken = false;
    write!(client.get_mut(), "220 mail.example.org\r\n").ok()?;
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).unwrap_or(0) == 0 {
            break;
        }
        let line = line.trim_end();
        let answer = match (line.split(' ').next().unwrap_or_default(), protection) {
            ("EHLO", Protection::StartTls(_)) if !mail.is_encrypted => {
                "250-mail.example.org\r\n250 STARTTLS"
            }
            ("EHLO", _) => "250-mail.example.org\r\n250 AUTH PLAIN",
            ("STARTTLS", Protection::StartTls(config)) => {
                write!(client.get_mut(), "220 go on\r\n").ok()?;
                let Connection::Clear(stream) = client.into_inner() else { return None };
                client = BufReader::new(Connection::encrypted(stream, config));
                mail.is_encrypted = true;
                continue;
            }
            ("AUTH", _) => {
                mail.sign_in = line.to_owned();
                "235 welcome"
            }
            ("MAIL", _) => "250 ok",
            ("RCPT", _) if rejects => "550 no such mailbox: planning@example.org",
            ("RCPT", _) => {
                mail.to.push(line.to_owned());
                "250 ok"
            }
            ("DATA", _) => {
                write!(client.get_mut(), "354 go on\r\n").ok()?;
                loop {
                    let mut part = String::new();
                    client.read_line(&mut part).unwrap();
                    if part == ".\r\n" {
                        break;
                    }
                    mail.text.push_str(&part);
                }
                is_taken = true;
                "250 taken"
            }
            ("QUIT", _) => {
                let _ = write!(client.get_mut(), "221 bye\r\n");
                break;
            }
            _ => "250 ok",
        };
        if write!(client.get_mut(), "{answer}\r\n").is_err() {
            break;
        }
    }
    is_taken.then_some(mail)
}

/// Starts a mail server on a free port, which rejects the recipients of its first clients.
fn mail_server(protection: Protection, rejected_clients: usize) -> (u16, Receiver<Mail>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            if let Some(mail) = converse(stream.unwrap(), &protection, number < rejected_clients) {
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
    let (port, mails) = mail_server(Protection::None, 1);
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
    assert!(mail.text.contains("Hotwash templates of Northeast (3): overdue"), "{}", mail.text);
    // Nothing changed: nothing is sent.
    assert_eq!(check().0, Some(3));
    assert!(mails.try_recv().is_err());
    for secret in ["planning", "duty@", "robot", "sesame", "127.0.0.1"] {
        assert!(!printed.contains(secret) && !next.contains(secret), "{secret}: {printed}{next}");
    }
}

/// Returns TLS with a certificate for a name, and the file of the certificate, which is its own
/// authority.
fn certified(folder: &Path, name: &str) -> (Arc<ServerConfig>, PathBuf) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let file = folder.join(format!("{name}.pem"));
    std::fs::write(&file, cert.pem()).unwrap();
    (Arc::new(config), file)
}

#[tokio::test]
async fn mail_goes_over_tls_to_a_server_whose_authority_is_known() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let (config, authority) = certified(folder.path(), "localhost");
    let (other_config, other_authority) = certified(folder.path(), "other.example.org");
    let alerts = folder.path().join("alerts.toml");
    let check = |name: &str, tls: &str, port: u16, authority: Option<&Path>| {
        let rules = format!(
            "[smtp]\nhost = \"localhost\"\nport = {port}\ntls = \"{tls}\"\n\
             from = \"Hotwash <hotwash@example.org>\"\nuser = \"robot\"\n\n\
             [recipient.state]\nrole = \"analyst\"\nemail = [\"planning@example.org\"]\n\n\
             [[rule]]\nname = \"{name}\"\ndays_without_data = 1\nregion = \"3\"\n\
             recipients = [\"state\"]\n"
        );
        std::fs::write(&alerts, rules).unwrap();
        let arguments = ["alerts", "--check", "--alerts", alerts.to_str().unwrap()];
        let mut command = hotwash(database.url(), &arguments);
        command.env("HOTWASH_SMTP_PASSWORD", "open sesame").env_remove("SSL_CERT_DIR");
        match authority {
            Some(file) => command.env("SSL_CERT_FILE", file),
            None => command.env_remove("SSL_CERT_FILE"),
        };
        both(&command.output().unwrap())
    };
    for (tls, protect) in [
        ("starttls", Protection::StartTls as fn(Arc<ServerConfig>) -> Protection),
        ("tls", Protection::Tls),
    ] {
        let (port, mails) = mail_server(protect(config.clone()), 0);
        let unknown = check(tls, tls, port, None);
        let reason = "the mail server does not take it: its TLS certificate is not trusted; \
                      SSL_CERT_FILE names a file with the certificates of trusted authorities";
        assert!(unknown.contains(reason), "{tls}: {unknown}");
        assert!(mails.try_recv().is_err(), "{tls}");
        let printed = check(tls, tls, port, Some(&authority));
        let mail = mails.try_recv().unwrap_or_else(|_| panic!("{tls}: {printed}"));
        assert!(mail.is_encrypted && mail.text.contains(&format!("Subject: Hotwash: {tls} began")));
        assert_eq!(mail.sign_in, "AUTH PLAIN AHJvYm90AG9wZW4gc2VzYW1l");
        // The authority is known, but the certificate is for another name.
        let (port, mails) = mail_server(protect(other_config.clone()), 0);
        let other = check(&format!("{tls}-name"), tls, port, Some(&other_authority));
        assert!(other.contains("its TLS certificate is for another name"), "{tls}: {other}");
        assert!(mails.try_recv().is_err(), "{tls}");
    }
    // A server without TLS gets neither the message nor the password.
    let (port, mails) = mail_server(Protection::None, 0);
    let printed = check("clear", "starttls", port, Some(&authority));
    assert!(printed.contains("it offers no TLS or no sign-in that fits"), "{printed}");
    assert!(mails.try_recv().is_err());
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
    let sent = |text: &str| text.matches(", 1 message sent").count();
    assert_eq!(outputs.iter().map(|text| sent(text)).sum::<usize>(), 1, "{outputs:?}");
}
