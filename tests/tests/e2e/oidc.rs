//! Tokens and sign-in of a real OpenID Connect provider. `tests/run` installs it and names its
//! folder in `HOTWASH_TEST_OIDC`.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::Server;
use serde_json::Value;

const REGIONS: &str = "{ regions { code } }";

fn tools() -> PathBuf {
    PathBuf::from(
        std::env::var_os("HOTWASH_TEST_OIDC").expect("tests/run names the provider's folder"),
    )
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A provider process; ended when dropped.
struct Provider {
    child: Child,
    issuer: String,
}

impl Provider {
    fn start(keys: &std::path::Path, port: u16, published: &str, redirect: &str) -> Self {
        let mut child = Command::new("node")
            .arg(tools().join("provider.mjs"))
            .arg(keys)
            .args([&port.to_string(), published, redirect])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(
            lines.any(|line| line.is_ok_and(|line| line == "ready")),
            "the provider did not start"
        );
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, issuer: format!("http://127.0.0.1:{port}") }
    }

    fn forge(&self, kind: &str) -> String {
        let url = format!("{}/forge/{kind}", self.issuer);
        ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(url: &str, issuer: &str, more: &[&str]) -> Server {
    let mut arguments = vec![
        "--oidc-issuer",
        issuer,
        "--oidc-audience",
        "https://hotwash.example.org/api",
        "--oidc-client-id",
        "report",
        "--oidc-grant",
        "hcc-staff=analyst",
        "--oidc-grant",
        "hcc-region-3=region:3",
    ];
    arguments.extend(more);
    Server::start(url, &arguments)
}

fn outcome(server: &Server, token: &str) -> (u16, String, String) {
    let (status, _, answer) = server.query_as(Some(token), REGIONS);
    let error = &answer["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (status, text(&error["extensions"]["code"]), text(&error["message"]))
}

#[tokio::test]
#[ignore = "needs the provider that tests/run installs"]
async fn tokens_of_the_issuer_are_accepted_and_forged_ones_are_not() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start(folder.path(), free_port(), "a,e", "http://127.0.0.1:1/none");
    let server = serve(database.url(), &provider.issuer, &[]);
    assert_eq!(server.query_as(None, REGIONS).0, 401, "with an issuer there is no local user");
    // A token as a program gets it.
    let mut response = ureq::post(format!("{}/token", provider.issuer))
        .send_form([
            ("grant_type", "client_credentials"),
            ("client_id", "program"),
            ("client_secret", "a-secret-of-the-test"),
            ("resource", "https://hotwash.example.org/api"),
        ])
        .unwrap();
    let given: Value = response.body_mut().read_json().unwrap();
    let real = given["access_token"].as_str().unwrap().to_owned();
    assert_eq!(outcome(&server, &real).0, 200, "{given}");
    for good in ["good", "curve", "late-but-within-skew"] {
        assert_eq!(outcome(&server, &provider.forge(good)).0, 200, "{good}");
    }
    for (kind, expected) in [
        ("none", "signed in a way"),
        ("hmac-with-public-key", "signed in a way"),
        ("other-hash", "does not publish"),
        ("wrong-type", "another type"),
        ("critical", "extension"),
        ("expired", "expired"),
        ("early", "not valid yet"),
        ("early-as-text", "cannot be read"),
        ("issued-later", "not valid yet"),
        ("without-end", "lacks"),
        ("without-subject", "lacks"),
        ("audience", "another audience"),
        ("without-audience", "lacks"),
        ("issuer", "another issuer"),
        ("id-token", "another type"),
        ("stranger", "signature"),
        ("changed", "signature"),
        ("other-key", "does not publish"),
    ] {
        let (status, code, message) = outcome(&server, &provider.forge(kind));
        assert_eq!((status, code.as_str()), (401, "UNAUTHENTICATED"), "{kind}: {message}");
        assert!(message.contains(expected), "{kind}: {message}");
    }
    let (status, code, message) = outcome(&server, &provider.forge("no-role"));
    assert_eq!((status, code.as_str()), (403, "FORBIDDEN"), "{message}");
    for nonsense in ["x", "a.b.c", "a".repeat(20_000).as_str()] {
        assert_eq!(outcome(&server, nonsense).0, 401);
    }
    std::thread::sleep(Duration::from_millis(1_500));
    let client = connect(database.url()).await.unwrap();
    let logged: String = client
        .query_one("select coalesce(string_agg(l::text, ' '), '') from access.access_log l", &[])
        .await
        .unwrap()
        .get(0);
    assert!(logged.contains("oidc-") && logged.contains("UNAUTHENTICATED"), "{logged}");
    assert!(!logged.contains("somebody"), "no subject stands in the access log: {logged}");
}

#[tokio::test]
#[ignore = "needs the provider that tests/run installs"]
async fn keys_rotate_and_while_the_issuer_is_away_those_that_are_known_go_on() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let provider = Provider::start(folder.path(), port, "a", "http://127.0.0.1:1/none");
    let server = serve(database.url(), &provider.issuer, &[]);
    let (known, unknown) = (provider.forge("good"), provider.forge("other-key"));
    assert_eq!(outcome(&server, &known).0, 200);
    drop(provider);
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(outcome(&server, &known).0, 200, "the key is known");
    let (status, code, message) = outcome(&server, &unknown);
    assert_eq!((status, code.as_str()), (503, "UNAVAILABLE"), "{message}");
    // It comes back with a new key in front, and the old one withdrawn.
    let provider = Provider::start(folder.path(), port, "b", "http://127.0.0.1:1/none");
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(outcome(&server, &unknown).0, 200, "the new key was read when a token named it");
    std::thread::sleep(Duration::from_millis(2_500));
    let (status, _, message) = outcome(&server, &known);
    assert_eq!(status, 401, "the old key is withdrawn: {message}");
    drop(provider);
}

/// The ends of a browser's visits.
fn browse(urls: &[&str]) -> Value {
    let output = Command::new("node").arg(tools().join("browser.mjs")).args(urls).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
#[ignore = "needs the provider that tests/run installs"]
async fn a_reader_signs_in_with_an_account_and_no_name_is_stored() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (port, own) = (free_port(), free_port());
    let here = format!("http://127.0.0.1:{own}");
    let provider =
        Provider::start(folder.path(), port, "a", &format!("{here}/sign-in/oidc/callback"));
    let server =
        serve(database.url(), &provider.issuer, &["--listen", &format!("127.0.0.1:{own}")]);
    let page = server.page("/sign-in").2;
    assert!(page.contains("/sign-in/oidc"), "{page}");
    let ends = browse(&[&format!("{here}/sign-in/oidc"), &format!("{here}/"), "CALLBACK"]);
    let (signed, report, again) = (&ends[0], &ends[1], &ends[2]);
    assert_eq!(signed["status"], 200, "{signed:#}");
    let requested = signed["steps"][1]["url"].as_str().unwrap();
    for part in ["code_challenge_method=S256", "state=", "nonce=", "scope=openid"] {
        assert!(requested.contains(part), "{requested}");
    }
    let cookies: Vec<&str> = signed["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["url"].as_str().unwrap().starts_with(&here))
        .flat_map(|step| step["set"].as_array().unwrap())
        .map(|set| set.as_str().unwrap())
        .collect();
    let session = cookies.iter().find(|set| set.starts_with("hotwash_session=")).unwrap();
    assert!(
        session.contains("HttpOnly")
            && session.contains("SameSite=Strict")
            && session.contains("Max-Age"),
        "{session}"
    );
    let flow = cookies.iter().find(|set| set.starts_with("hotwash_sign_in=")).unwrap();
    assert!(flow.contains("HttpOnly") && flow.contains("SameSite=Lax"), "{flow}");
    assert_eq!(report["status"], 200, "{report:#}");
    assert_eq!(again["status"], 403, "an answer is taken once: {again:#}");
    // A callback that no browser requested, or with another state.
    let (status, _, _) = server.page("/sign-in/oidc/callback?code=x&state=y");
    assert_eq!(status, 403);
    // A forged session is none.
    let value = session.split(['=', ';']).nth(1).unwrap();
    for (cookie, status) in
        [(value.to_owned(), 200), (format!("{}x", &value[..value.len() - 1]), 303)]
    {
        let response = ureq::get(format!("{here}/"))
            .config()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .header("cookie", format!("hotwash_session={cookie}"))
            .call()
            .unwrap();
        assert_eq!(response.status().as_u16(), status, "{cookie}");
    }
    std::thread::sleep(Duration::from_millis(1_500));
    let client = connect(database.url()).await.unwrap();
    let logged: String = client
        .query_one("select coalesce(string_agg(l::text, ' '), '') from access.access_log l", &[])
        .await
        .unwrap()
        .get(0);
    assert!(logged.contains("oidc-") && logged.contains("REGION"), "{logged}");
    for name in ["somebody", "Somebody", "@"] {
        assert!(
            !logged.contains(name) && !report["body"].as_str().unwrap().contains(name),
            "{name}: {logged}"
        );
    }
}

#[tokio::test]
async fn wrong_settings_of_an_issuer_are_reported_and_an_unavailable_one_does_not_stop_the_server()
{
    let database = TestDatabase::new().await;
    for (arguments, expected) in [
        (vec!["--oidc-issuer", "http://login.example.org"], "https://"),
        (vec!["--oidc-issuer", "https://login.example.org"], "--oidc-audience"),
        (
            vec!["--oidc-issuer", "https://login.example.org", "--oidc-audience", "a"],
            "--oidc-grant",
        ),
        (vec!["--oidc-audience", "a"], "--oidc-issuer"),
        (
            vec![
                "--oidc-issuer",
                "https://login.example.org",
                "--oidc-audience",
                "a",
                "--oidc-client-id",
                "a",
            ],
            "must differ",
        ),
    ] {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let output = hotwash_tests::hotwash(database.url(), &all).output().unwrap();
        assert!(
            !output.status.success() && hotwash_tests::both(&output).contains(expected),
            "{}",
            hotwash_tests::both(&output)
        );
    }
    let issuer = format!("http://127.0.0.1:{}", free_port());
    let server = serve(database.url(), &issuer, &["--listen", "0.0.0.0:0"]);
    let header = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEiLCJ0eXAiOiJhdCtqd3QifQ";
    let (status, code, _) = outcome(&server, &format!("{header}.e30.AAAA"));
    assert_eq!((status, code.as_str()), (503, "UNAVAILABLE"));
}
