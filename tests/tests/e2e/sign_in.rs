//! Sign-in, sign-out and the local user, over every version of HTTP that browsers speak.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::coalition::generated;
use hotwash_tests::protocols::{OTHER_NAME, Protocol, Site, header};
use hotwash_tests::run;

const QUERY: &str = "{ regions { code } }";
const EVIL: &str = "https://evil.example.org";

#[tokio::test]
async fn a_key_signs_in_and_out_over_every_protocol_and_a_viewer_sees_aggregates_only() {
    let database = generated(1).await;
    let key = run(database.url(), &["key", "create", "report-viewer", "--role", "viewer"])
        .trim()
        .to_owned();
    for protocol in Protocol::ALL {
        let site = protocol.start(database.url(), &[]);
        let away = site.send(site.get("/")).await;
        assert_eq!(
            (away.status().as_u16(), header(&away, "location")),
            (303, "/sign-in".into()),
            "{protocol:?}"
        );
        let wrong = site.send(site.form("/sign-in", &site.base, &[("key", "hw_wrong")])).await;
        assert_eq!(wrong.status(), 401, "{protocol:?}");
        let other = site.send(site.form("/sign-in", EVIL, &[("key", &key)])).await;
        assert_eq!(
            (other.status().as_u16(), header(&other, "set-cookie")),
            (403, String::new()),
            "{protocol:?}"
        );
        let signed = site.send(site.form("/sign-in", &site.base, &[("key", &key)])).await;
        assert_eq!(
            (signed.status().as_u16(), header(&signed, "location")),
            (303, "/".into()),
            "{protocol:?}"
        );
        let cookie = header(&signed, "set-cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        assert_eq!(cookie.contains("Secure"), protocol.is_encrypted(), "{cookie}");
        let session = cookie.split(';').next().unwrap();
        let get = async |path: &str, cookie: &str| {
            site.send(site.get(path).header("cookie", cookie)).await.status().as_u16()
        };
        assert_eq!(get("/", session).await, 200, "{protocol:?}");
        assert_eq!(
            get("/events/1", session).await,
            404,
            "single records are not open to role viewer"
        );
        assert_eq!(get("/", &format!("{session}x")).await, 303, "a forged session is none");
        let other = site.send(site.form("/sign-out", EVIL, &[]).header("cookie", session)).await;
        assert_eq!(other.status(), 403, "{protocol:?}");
        let out =
            site.send(site.form("/sign-out", &site.base, &[]).header("cookie", session)).await;
        assert_eq!(
            (out.status().as_u16(), header(&out, "location")),
            (303, "/sign-in".into()),
            "{protocol:?}"
        );
        assert!(header(&out, "set-cookie").contains("Max-Age=0"), "{}", header(&out, "set-cookie"));
        assert_eq!(get("/", session).await, 303, "{protocol:?}: a copied cookie has ended too");
    }
}

#[tokio::test]
async fn a_session_ends_on_every_server_by_sign_out() {
    let database = TestDatabase::new().await;
    let key = run(database.url(), &["key", "create", "staff", "--role", "analyst"]);
    let [one, other] = [(); 2].map(|()| Protocol::Http1.start(database.url(), &[]));
    let sign_in = async || {
        let signed = one.send(one.form("/sign-in", &one.base, &[("key", key.trim())])).await;
        header(&signed, "set-cookie").split(';').next().unwrap_or_default().to_owned()
    };
    let (first, second) = (sign_in().await, sign_in().await);
    let status = async |site: &Site, session: &str| {
        site.send(site.get("/").header("cookie", session)).await.status().as_u16()
    };
    for session in [&first, &second] {
        assert_eq!((status(&one, session).await, status(&other, session).await), (200, 200));
    }
    let out = one.send(one.form("/sign-out", &one.base, &[]).header("cookie", &first)).await;
    assert_eq!(out.status(), 303);
    assert_eq!(status(&one, &first).await, 303);
    // Another server checks the session again after two seconds.
    let limit = std::time::Instant::now() + Duration::from_secs(20);
    while status(&other, &first).await != 303 {
        assert!(std::time::Instant::now() < limit, "the session goes on at another server");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Other sessions of the key go on.
    assert_eq!((status(&one, &second).await, status(&other, &second).await), (200, 200));
}

#[tokio::test]
async fn a_reader_returns_to_the_page_that_asked_to_sign_in() {
    let database = TestDatabase::new().await;
    let key = run(database.url(), &["key", "create", "staff", "--role", "analyst"]);
    let site = Protocol::Http1.start(database.url(), &[]);
    let away = site.send(site.get("/actions?region=3&to=2026-06-30")).await;
    let sign_in = header(&away, "location");
    assert_eq!(sign_in, "/sign-in?next=%2Factions%3Fregion%3D3%26to%3D2026-06-30");
    let form = site.send(site.get(&sign_in)).await.text().await.unwrap();
    let next = "/actions?region=3&to=2026-06-30";
    assert!(form.contains(&format!("value=\"{}\"", next.replace('&', "&#38;"))), "{form}");
    let sent = [("key", key.trim()), ("next", next)];
    let signed = site.send(site.form("/sign-in", &site.base, &sent)).await;
    assert_eq!(header(&signed, "location"), next);
    let wrong = site.send(site.form("/sign-in", &site.base, &[("key", "hw_x"), ("next", next)]));
    let wrong = wrong.await.text().await.unwrap();
    assert!(wrong.contains("region=3"), "a second attempt leads there too: {wrong}");
    // Nobody is led to another site.
    for elsewhere in [
        "//evil.example.org/",
        "/\\evil.example.org",
        "https://evil.example.org/",
        "evil",
        "/a\r\nset-cookie: a=b",
        "/sign-out",
        "javascript:alert(1)",
    ] {
        let sent = [("key", key.trim()), ("next", elsewhere)];
        let signed = site.send(site.form("/sign-in", &site.base, &sent)).await;
        assert_eq!(header(&signed, "location"), "/", "{elsewhere}");
    }
}

#[tokio::test]
async fn the_local_user_is_served_over_every_protocol_but_not_under_another_name_nor_through_a_proxy()
 {
    let database = TestDatabase::new().await;
    for protocol in Protocol::ALL {
        let site = protocol.start(database.url(), &[]);
        assert_eq!(site.send(site.get("/")).await.status(), 200, "{protocol:?}");
        assert_eq!(site.send(site.query(QUERY)).await.status(), 200, "{protocol:?}");
        for (name, value) in [
            ("forwarded", "for=192.0.2.1"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-host", "127.0.0.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-server", "proxy"),
            ("x-real-ip", "127.0.0.1"),
            ("via", "1.1 proxy"),
        ] {
            let refused = site.send(site.query(QUERY).header(name, value)).await;
            let (status, text) = (refused.status(), refused.text().await.unwrap());
            assert_eq!(status, 401, "{protocol:?} {name}: {text}");
            assert!(
                text.contains("through a proxy") && text.contains("hotwash key create"),
                "{text}"
            );
            assert_eq!(
                site.send(site.get("/").header(name, value)).await.status(),
                303,
                "{protocol:?} {name}"
            );
        }
        // A page of another site whose name leads here.
        let other = site.base.replace("127.0.0.1", OTHER_NAME);
        let answer = site.send(site.client.get(format!("{other}/"))).await;
        assert_eq!(answer.status(), 303, "{protocol:?}");
    }
}

#[tokio::test]
async fn a_request_of_http_1_0_is_not_taken_for_the_local_user() {
    let database = TestDatabase::new().await;
    let site = Protocol::Http1.start(database.url(), &[]);
    let address = site.base.trim_start_matches("http://");
    let status = |version: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let head = format!(
            "GET /export/findings.csv HTTP/{version}\r\nhost: {address}\r\nconnection: \
             close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(
        (status("1.1"), status("1.0")),
        ("200".into(), "401".into()),
        "nginx speaks 1.0 unless told otherwise"
    );
}

/// An issuer that answers its discovery and nothing else; its address.
fn issuer() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let discovery = serde_json::json!({
        "issuer": base, "authorization_endpoint": format!("{base}/authorize"), "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/keys"), "response_types_supported": ["code"],
        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
    })
    .to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            let mut head = [0; 4_000];
            let read = stream.read(&mut head).unwrap_or_default();
            let body = if head[..read].starts_with(b"GET /keys") {
                r#"{"keys":[]}"#
            } else {
                discovery.as_str()
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n"
            );
            let _ = stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes());
        }
    });
    base
}

#[tokio::test]
async fn an_account_signs_in_over_every_protocol_and_comes_back_to_where_it_began() {
    let database = TestDatabase::new().await;
    let issuer = issuer();
    let options =
        ["--oidc-issuer", &issuer, "--oidc-client-id", "report", "--oidc-grant", "staff=viewer"];
    for protocol in Protocol::ALL {
        let site = protocol.start(database.url(), &options);
        // A proxy's header cannot send the reader elsewhere.
        let request = site.get("/sign-in/oidc").header("x-forwarded-host", "evil.example.org");
        let answer = site.send(request).await;
        assert_eq!(answer.status(), 303, "{protocol:?}");
        let place = header(&answer, "location");
        let back = format!(
            "redirect_uri={}",
            format!("{}/sign-in/oidc/callback", site.base).replace(':', "%3A").replace('/', "%2F")
        );
        assert!(
            place.starts_with(&format!("{issuer}/authorize?")) && place.contains(&back),
            "{protocol:?}: {place}"
        );
        assert_eq!(
            header(&answer, "set-cookie").contains("Secure"),
            protocol.is_encrypted(),
            "{protocol:?}"
        );
    }
}
