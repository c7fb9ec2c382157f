//! The settings of `docs/reverse-proxy.md`, run by the real nginx.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::Running;
use hotwash_tests::coalition::generated;
use hotwash_tests::protocols::{Certificate, Protocol, Site, header};
use hotwash_tests::{Server, repository, run};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use tungstenite::Message;
use tungstenite::client::IntoClientRequest;

const NAME: &str = "hotwash.example.org";

/// The first code block of this language on the page.
fn block(language: &str) -> String {
    let page = std::fs::read_to_string(repository().join("docs/reverse-proxy.md")).unwrap();
    let begins = format!("```{language}\n");
    let start = page.find(&begins).expect("the page has the block") + begins.len();
    page[start..].split("```").next().unwrap().to_owned()
}

/// A running nginx, stopped when dropped.
struct Nginx {
    _child: Running,
    address: SocketAddr,
    certificate: Certificate,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Runs the settings, with the addresses and files of this test in place of the page's.
    fn start(settings: &str, upstream: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::new();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut settings = settings.to_owned();
        for (of_page, of_test) in [
            ("listen 443", format!("listen {address}")),
            ("/etc/ssl/hotwash/chain.pem", certificate.chain().display().to_string()),
            ("/etc/ssl/hotwash/key.pem", certificate.key().display().to_string()),
            ("http://127.0.0.1:8080", upstream.to_owned()),
        ] {
            assert_eq!(settings.matches(of_page).count(), 1, "{of_page} in {settings}");
            settings = settings.replace(of_page, &of_test);
        }
        let at = folder.path().display();
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {at}/{kind};"));
        let whole = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;\n\
             events {{}}\nhttp {{ access_log off; {}\n{settings}\n}}\n",
            paths.join(" ")
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, whole).unwrap();
        let child = Running::spawn(
            Command::new("nginx")
                .args([
                    "-e".as_ref(),
                    folder.path().join("error.log").as_os_str(),
                    "-c".as_ref(),
                    file.as_os_str(),
                ])
                .stdin(Stdio::null()),
        );
        let nginx = Self { _child: child, address, certificate, _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(address).is_err() {
            let log =
                std::fs::read_to_string(nginx._folder.path().join("error.log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "nginx does not listen: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        nginx
    }

    fn site(&self, protocol: Protocol, server: Server) -> Site {
        let base = format!("https://{NAME}:{}", self.address.port());
        Site {
            protocol,
            base,
            client: protocol.client(&self.certificate, Some(self.address)),
            server,
        }
    }

    /// Opens a WebSocket as a browser does: over TLS, with the page's origin and cookie,
    /// subscribes, and gives the first result.
    fn subscribe(&self, base: &str, cookie: &str) -> Value {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.certificate.pem.as_bytes()).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let tls =
            rustls::ClientConnection::new(Arc::new(config), NAME.try_into().unwrap()).unwrap();
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut request =
            format!("{}/graphql", base.replace("https:", "wss:")).into_client_request().unwrap();
        for (name, value) in [
            ("origin", base),
            ("cookie", cookie),
            ("sec-websocket-protocol", "graphql-transport-ws"),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let stream = rustls::StreamOwned::new(tls, stream);
        let (mut socket, _) =
            tungstenite::client(request, stream).expect("the WebSocket is let through");
        let query = "subscription { warehouseUpdated { version } }";
        for message in [
            json!({ "type": "connection_init" }),
            json!({ "type": "subscribe", "id": "1", "payload": { "query": query } }),
        ] {
            socket.send(Message::text(message.to_string())).unwrap();
        }
        loop {
            let message = socket.read().unwrap();
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["type"] != "connection_ack" {
                return message;
            }
        }
    }
}

/// Address of a server in the clear.
fn upstream(server: &Server) -> String {
    assert!(Path::new(&server.base).starts_with("http:"), "{}", server.base);
    server.base.clone()
}

#[tokio::test]
#[ignore = "needs nginx, which tests/run installs"]
async fn readers_sign_in_subscribe_and_export_through_the_nginx_of_the_page() {
    let database = generated(1).await;
    let key =
        run(database.url(), &["key", "create", "reader", "--role", "analyst"]).trim().to_owned();
    for protocol in [Protocol::Http1Tls, Protocol::Http2Tls] {
        let server = Server::start(database.url(), &[]);
        let nginx = Nginx::start(&block("nginx"), &upstream(&server));
        let site = nginx.site(protocol, server);
        let page = site.send(site.get("/")).await;
        assert_eq!(
            (page.status().as_u16(), header(&page, "location")),
            (303, "/sign-in".into()),
            "{protocol:?}"
        );
        let other =
            site.send(site.form("/sign-in", "https://evil.example.org", &[("key", &key)])).await;
        assert_eq!(other.status(), 403, "{protocol:?}");
        let signed = site.send(site.form("/sign-in", &site.base, &[("key", &key)])).await;
        assert_eq!(signed.status(), 303, "{protocol:?}");
        let cookie = header(&signed, "set-cookie");
        assert!(cookie.contains("Secure") && cookie.contains("HttpOnly"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap();
        let page = site.send(site.get("/").header("cookie", cookie)).await;
        assert_eq!(page.status(), 200, "{protocol:?}");
        assert!(header(&page, "strict-transport-security").contains("max-age"), "{protocol:?}");
        let update = nginx.subscribe(&site.base, cookie);
        assert!(update["payload"]["data"]["warehouseUpdated"]["version"].is_number(), "{update}");
        let export = site.send(site.get("/export/findings.csv").header("cookie", cookie)).await;
        let (status, length) = (export.status(), header(&export, "content-length"));
        let rows = csv::Reader::from_reader(export.text().await.unwrap().as_bytes())
            .into_records()
            .count();
        assert!(
            status == 200 && length.is_empty() && rows > 100,
            "{status}, {rows} rows, length {length:?}"
        );
        let out = site.send(site.form("/sign-out", &site.base, &[]).header("cookie", cookie)).await;
        assert_eq!(
            (out.status().as_u16(), header(&out, "location")),
            (303, "/sign-in".into()),
            "{protocol:?}"
        );
    }
}

#[tokio::test]
#[ignore = "needs nginx, which tests/run installs"]
async fn nobody_is_the_local_user_behind_nginx_neither_with_the_page_s_settings_nor_with_its_own() {
    let database = TestDatabase::new().await;
    let settings = block("nginx");
    // As nginx is without settings of ours: it names itself in `Host` and adds no header.
    let bare: Vec<&str> = settings
        .lines()
        .filter(|line| !line.contains("proxy_") || line.contains("proxy_pass"))
        .collect();
    for settings in [settings.clone(), bare.join("\n")] {
        let server = Server::start(database.url(), &[]);
        assert_eq!(server.page("/").0, 200, "the local user is served without the proxy");
        let nginx = Nginx::start(&settings, &upstream(&server));
        let site = nginx.site(Protocol::Http2Tls, server);
        assert_eq!(site.send(site.query("{ regions { code } }")).await.status(), 401, "{settings}");
        assert_eq!(site.send(site.get("/")).await.status(), 303, "{settings}");
    }
}
