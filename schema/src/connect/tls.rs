//! TLS to Postgres with rustls. `sslmode` and `sslrootcert` mean the same as in libpq, so `psql`
//! and `pg_dump` accept the same address.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::DriverError;
use crate::error::SchemaError;

/// Invalid part of an address.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// The address has another form.
    #[error("{0}")]
    Form(DriverError),
    /// The value of `sslmode` is unknown.
    #[error(
        "sslmode={0} is not known; there are disable, prefer, require, verify-ca and verify-full"
    )]
    Mode(String),
    /// The file of trusted authorities cannot be used.
    #[error("sslrootcert={}: {reason}; give a file of certificates in PEM", .file.display())]
    Roots {
        /// Value of `sslrootcert`.
        file: PathBuf,
        /// Problem.
        reason: String,
    },
    /// The system has no list of trusted authorities.
    #[error("the system trusts no authority; name a file of certificates by sslrootcert=FILE")]
    NoRoots,
    /// The TLS library rejects the settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl From<AddressError> for SchemaError {
    fn from(error: AddressError) -> Self {
        Self::Address(error.to_string())
    }
}

/// Level of trust in the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// Encrypts, but accepts any certificate.
    Anybody,
    /// Requires a certificate signed by a trusted authority.
    Authority,
    /// Also requires the host's name in the certificate.
    Host,
}

/// Parsed address: the settings for `tokio_postgres`, and those for encryption.
pub struct Address {
    /// Server, database and login.
    pub config: Config,
    /// Value of `sslmode`.
    pub mode: Option<String>,
    /// Value of `sslrootcert`.
    pub roots: Option<String>,
    trust: Option<Trust>,
}

impl Address {
    /// Parses an address.
    ///
    /// # Errors
    /// Fails if a part is invalid.
    pub fn read(url: &str) -> Result<Self, AddressError> {
        let (rest, [mode, roots]) = taken(url, ["sslmode", "sslrootcert"]);
        let mut config: Config =
            rest.parse().map_err(|error| AddressError::Form(DriverError::from(error)))?;
        let (ssl_mode, trust) = match mode.as_deref() {
            Some("disable") => (SslMode::Disable, None),
            None | Some("prefer" | "allow") => (SslMode::Prefer, Some(Trust::Anybody)),
            Some("require") if roots.is_none() => (SslMode::Require, Some(Trust::Anybody)),
            Some("require" | "verify-ca") => (SslMode::Require, Some(Trust::Authority)),
            Some("verify-full") => (SslMode::Require, Some(Trust::Host)),
            Some(other) => return Err(AddressError::Mode(other.to_owned())),
        };
        config.ssl_mode(ssl_mode);
        Ok(Self { config, mode, roots, trust })
    }

    /// Returns the hosts as libpq names them: by name, or by the folder of a socket.
    pub fn hosts(&self) -> Vec<String> {
        let name = |host: &Host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        };
        self.config.get_hosts().iter().map(name).collect()
    }

    /// Returns the TLS settings, or none for an unencrypted connection.
    ///
    /// # Errors
    /// Fails if the trusted authorities cannot be read.
    pub(super) fn tls(&self) -> Result<Option<MakeRustlsConnect>, AddressError> {
        let client = self
            .trust
            .map(|trust| client(trust, self.roots.as_deref().map(Path::new)))
            .transpose()?;
        Ok(client.map(MakeRustlsConnect::new))
    }
}

/// Returns the address without these options, and the values of the options.
fn taken<const N: usize>(url: &str, names: [&str; N]) -> (String, [Option<String>; N]) {
    let mut values = [const { None }; N];
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let (base, options, between) = match url.split_once('?') {
        Some((base, options)) if is_url => (format!("{base}?"), options, '&'),
        _ if is_url => return (url.to_owned(), values),
        _ => (String::new(), url, ' '),
    };
    let mut others: Vec<&str> = Vec::new();
    for option in options.split(between) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        match names.iter().position(|known| *known == name) {
            Some(place) => {
                let value = if is_url {
                    percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()
                } else {
                    value.trim_matches('\'').to_owned()
                };
                values[place] = Some(value);
            }
            None => others.push(option),
        }
    }
    let others = others.join(&between.to_string());
    (format!("{base}{others}").trim_end_matches('?').to_owned(), values)
}

fn client(trust: Trust, roots: Option<&Path>) -> Result<ClientConfig, AddressError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let wrong = |error: &dyn std::fmt::Display| AddressError::Tls(error.to_string());
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Anybody => Arc::new(AnyName { authority: None, provider: Arc::clone(&provider) }),
        Trust::Authority | Trust::Host => {
            let roots = match roots.filter(|roots| *roots != Path::new("system")) {
                Some(file) => Arc::new(of_file(file)?),
                None => of_system()?,
            };
            let verifier =
                WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
            let verifier = verifier.build().map_err(|error| wrong(&error))?;
            if trust == Trust::Host {
                verifier
            } else {
                Arc::new(AnyName { authority: Some(verifier), provider: Arc::clone(&provider) })
            }
        }
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(config)
}

/// Reads the authorities from a PEM file.
fn of_file(file: &Path) -> Result<RootCertStore, AddressError> {
    let wrong = |said: &dyn std::fmt::Display| AddressError::Roots {
        file: file.to_owned(),
        reason: said.to_string(),
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error))? {
        roots.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() { Err(wrong(&"no certificate is in it")) } else { Ok(roots) }
}

/// Returns the authorities that the system trusts, read once.
fn of_system() -> Result<Arc<RootCertStore>, AddressError> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    if roots.is_empty() {
        return Err(AddressError::NoRoots);
    }
    Ok(Arc::clone(roots))
}

/// Verifier that ignores the host name. Without a required authority, it accepts any certificate:
/// data is encrypted, but the server's identity is unproven.
#[derive(Debug)]
struct AnyName {
    authority: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        // The name is checked last, after everything else.
        match authority.verify_server_cert(certificate, between, name, stapled, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_tls_are_taken_out_of_both_kinds_of_address() {
        for (address, rest, mode, roots) in [
            ("postgres://u:p@h/d", "postgres://u:p@h/d", None, None),
            ("postgres://h/d?sslmode=require", "postgres://h/d", Some("require"), None),
            (
                "postgresql://h/d?sslmode=verify-full&application_name=a&sslrootcert=%2Fa%20b%2Fc.pem",
                "postgresql://h/d?application_name=a",
                Some("verify-full"),
                Some("/a b/c.pem"),
            ),
            ("host=h sslmode=disable dbname=d", "host=h dbname=d", Some("disable"), None),
        ] {
            let (left, [found_mode, found_roots]) = taken(address, ["sslmode", "sslrootcert"]);
            assert_eq!(
                (left.as_str(), found_mode.as_deref(), found_roots.as_deref()),
                (rest, mode, roots),
                "{address}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let read = |url: &str| {
            let encrypts = Address::read(url).and_then(|address| Ok(address.tls()?.is_some()));
            encrypts.map_err(|error| error.to_string())
        };
        let said = |url: &str| read(url).err().unwrap();
        assert!(said("postgres://h/d?sslmode=verify").contains("sslmode=verify is not known"));
        assert!(
            said("postgres://h/d?sslmode=verify-ca&sslrootcert=/no/such.pem")
                .contains("/no/such.pem")
        );
        assert_eq!(read("postgres://h/d?sslmode=disable"), Ok(false));
        assert_eq!(read("postgres://h/d"), Ok(true));
    }
}
