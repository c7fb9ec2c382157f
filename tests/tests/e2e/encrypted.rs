//! Connections to Postgres over TLS, by the meaning that libpq gives to `sslmode` and
//! `sslrootcert`.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use hotwash_schema::connect::connect;
use hotwash_tests::{Server, hotwash, run};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::faults::private::Private;

/// A server that speaks TLS alone, as `localhost`, and the authority that signed for it.
async fn encrypted() -> (Private, PathBuf, PathBuf) {
    let private = Private::new().await;
    let (authority, signer) = self::authority(private.folder(), "authority.pem");
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &signer)
        .unwrap();
    for (name, text) in [("server.crt", certificate.pem()), ("server.key", key.serialize_pem())] {
        write(private.data(), name, &text);
    }
    private.run("alter system set ssl = on").await;
    write(private.data(), "pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n");
    private.run("select pg_reload_conf()").await;
    let (stranger, _) = self::authority(private.folder(), "stranger.pem");
    // The reload takes a moment.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while connect(&with(private.url(), "sslmode=disable")).await.is_ok() {
        assert!(
            std::time::Instant::now() < deadline,
            "the server still takes connections in the clear"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    (private, authority, stranger)
}

fn authority(folder: &Path, name: &str) -> (PathBuf, Issuer<'static, KeyPair>) {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    // An authority named as its certificates would pass for one of them.
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, certificate.pem()).unwrap();
    (path, Issuer::new(parameters, key))
}

/// A file of the server's own, as it insists.
fn write(data: &Path, name: &str, text: &str) {
    let path = data.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let owner = std::fs::metadata(data).unwrap();
    chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

fn with(url: &str, options: &str) -> String {
    format!("{url}?{options}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_trusted_as_the_database_url_requires() {
    let (private, authority, stranger) = encrypted().await;
    let named = private.url().replace("127.0.0.1", "localhost");
    let roots =
        |mode: &str, roots: &Path| format!("sslmode={mode}&sslrootcert={}", roots.display());
    for (url, options, trusted) in [
        (private.url(), String::new(), true),
        (private.url(), "sslmode=prefer".into(), true),
        (private.url(), "sslmode=require".into(), true),
        (private.url(), roots("require", &stranger), false),
        (private.url(), roots("verify-ca", &authority), true),
        (private.url(), roots("verify-ca", &stranger), false),
        (&named, roots("verify-full", &authority), true),
        (&named, roots("verify-full", &stranger), false),
        // The certificate names another host.
        (private.url(), roots("verify-full", &authority), false),
        (private.url(), "sslmode=disable".into(), false),
    ] {
        let connected = connect(&with(url, &options)).await;
        assert_eq!(connected.is_ok(), trusted, "{options}: {:?}", connected.err());
        if let Ok(client) = connected {
            let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
            assert!(client.query_one(sql, &[]).await.unwrap().get::<_, bool>(0), "{options}");
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_rejected_where_tls_is_required() {
    let database = hotwash_schema::testing::TestDatabase::new().await;
    assert!(connect(&with(database.url(), "sslmode=prefer")).await.is_ok());
    let message =
        connect(&with(database.url(), "sslmode=require")).await.err().unwrap().to_string();
    assert!(message.contains("TLS"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_queries_cancellations_and_backups_all_use_tls() {
    let (private, authority, _) = encrypted().await;
    let url = with(
        &private.url().replace("127.0.0.1", "localhost"),
        &format!("sslmode=verify-full&sslrootcert={}", authority.display()),
    );
    run(&url, &["migrate"]);
    let file = private.folder().join("organizations.csv");
    std::fs::write(&file, run("", &["template", "organizations"]).replace("EXAMPLE-", "E-"))
        .unwrap();
    run(&url, &["load", file.to_str().unwrap()]);
    let server = Server::start(&url, &["--timeout-ms", "1000"]);
    assert_eq!(
        server.data("{ organizationAggregate { count } }")["organizationAggregate"][0]["count"],
        1
    );
    run(&url, &["rejects"]);
    let backup = private.folder().join("backup");
    let made = hotwash(&url, &["backup", backup.to_str().unwrap()]).output().unwrap();
    assert!(made.status.success(), "{}", hotwash_tests::both(&made));
}
