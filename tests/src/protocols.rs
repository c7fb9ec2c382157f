//! Servers over each version of HTTP that a browser speaks: 1.1, 1.1 over TLS, and 2 over TLS.

use std::net::SocketAddr;
use std::path::PathBuf;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Version};
use tempfile::TempDir;

use crate::Server;

/// A name that leads to this machine, as a page of another site may have one.
pub const OTHER_NAME: &str = "evil.example.org";

/// Certificate of a test authority for this machine, with its files.
pub struct Certificate {
    folder: TempDir,
    /// The certificate in PEM.
    pub pem: String,
}

impl Certificate {
    /// Creates a certificate for this machine, for [`OTHER_NAME`] and for the name of a proxy.
    pub fn new() -> Self {
        let names =
            ["127.0.0.1", "localhost", OTHER_NAME, "hotwash.example.org"].map(str::to_owned);
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).expect("a certificate is made");
        let folder = tempfile::tempdir().expect("a folder is made");
        std::fs::write(folder.path().join("chain.pem"), cert.pem())
            .expect("the certificate is written");
        std::fs::write(folder.path().join("key.pem"), signing_key.serialize_pem())
            .expect("the key is written");
        Self { pem: cert.pem(), folder }
    }

    /// File of the certificate chain.
    pub fn chain(&self) -> PathBuf {
        self.folder.path().join("chain.pem")
    }

    /// File of the private key.
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 in the clear.
    Http1,
    /// HTTP/1.1 over TLS.
    Http1Tls,
    /// HTTP/2 over TLS, which browsers choose.
    Http2Tls,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Http1, Self::Http1Tls, Self::Http2Tls];

    /// Whether it is encrypted.
    pub fn is_encrypted(self) -> bool {
        self != Self::Http1
    }

    /// Starts a server, and a client that speaks this version to it.
    pub fn start(self, database_url: &str, more: &[&str]) -> Site {
        let certificate = Certificate::new();
        let (chain, key) = (certificate.chain(), certificate.key());
        let mut arguments = more.to_vec();
        if self.is_encrypted() {
            let tls = [
                "--tls-certificate",
                chain.to_str().unwrap_or_default(),
                "--tls-key",
                key.to_str().unwrap_or_default(),
            ];
            arguments.extend(tls);
        }
        let server = Server::start(database_url, &arguments);
        let base = server.base.clone();
        let client = self
            .client(&certificate, base.rsplit('/').next().and_then(|address| address.parse().ok()));
        Site { protocol: self, base, client, server }
    }

    /// A client of this version that trusts the certificate, follows no redirect, and finds
    /// [`OTHER_NAME`] at this address.
    pub fn client(self, certificate: &Certificate, address: Option<SocketAddr>) -> Client {
        let trusted = reqwest::Certificate::from_pem(certificate.pem.as_bytes())
            .expect("the certificate is read");
        let mut builder = Client::builder().redirect(Policy::none()).add_root_certificate(trusted);
        if let Some(address) = address {
            builder = builder.resolve(OTHER_NAME, address).resolve("hotwash.example.org", address);
        }
        if self != Self::Http2Tls {
            builder = builder.http1_only();
        }
        builder.build().expect("a client is made")
    }
}

/// A server, and a client that speaks one version of HTTP to it.
pub struct Site {
    /// The version.
    pub protocol: Protocol,
    /// Address of the server: scheme, name and port.
    pub base: String,
    /// The client.
    pub client: Client,
    /// The server.
    pub server: Server,
}

impl Site {
    /// A GET of a path.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    /// A form that a page of this origin sends to a path.
    pub fn form(&self, path: &str, origin: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base)).header("origin", origin).form(fields)
    }

    /// A GraphQL query.
    pub fn query(&self, query: &str) -> RequestBuilder {
        let body = serde_json::json!({ "query": query }).to_string();
        self.client
            .post(format!("{}/graphql", self.base))
            .header("content-type", "application/json")
            .body(body)
    }

    /// Sends a request and gives the answer, which came over this version.
    pub async fn send(&self, request: RequestBuilder) -> Response {
        let answer =
            request.send().await.unwrap_or_else(|error| panic!("{:?}: {error:?}", self.protocol));
        let version =
            if self.protocol == Protocol::Http2Tls { Version::HTTP_2 } else { Version::HTTP_11 };
        assert_eq!(answer.version(), version);
        answer
    }
}

/// The value of a header, or an empty text.
pub fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
