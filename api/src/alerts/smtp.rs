//! The mail server of the alerts file, and delivery through it. Errors contain no address, user or
//! password.

use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use hotwash_report::printed_day;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Message as Mail, SmtpTransport, Transport};
use rustls::CertificateError;

use super::error::DeliveryError;
use super::message::Message;
use crate::section::{LineError, Section};

/// Environment variable with the password, if the file names no file with it.
const PASSWORD: &str = "HOTWASH_SMTP_PASSWORD";

/// Protection of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    /// TLS begins after the greeting; it is required.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None, for a mail server on this machine.
    None,
}

/// A mail server, and how to sign in there.
#[derive(Clone)]
pub struct MailServer {
    host: String,
    port: u16,
    protection: Protection,
    from: Mailbox,
    credentials: Option<Credentials>,
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("mail server")
    }
}

impl MailServer {
    /// Reads the section `[smtp]`.
    ///
    /// # Errors
    /// Fails with the line that is wrong, and what to write.
    pub fn read(section: &Section<'_>) -> Result<Self, LineError> {
        section.check(&["host", "port", "tls", "from", "user", "password_file"])?;
        let host = section.required("host", "mail.example.org")?;
        let protection = match section.text("tls")?.as_deref() {
            None | Some("starttls") => Protection::StartTls,
            Some("tls") => Protection::Tls,
            Some("none") if is_this_machine(&host) => Protection::None,
            Some("none") => {
                let message = "tls = \"none\" is for a mail server on this machine; use starttls \
                               or tls";
                return Err(section.wrong_value("tls", message.to_owned()));
            }
            Some(_) => {
                let message = "write tls = \"starttls\", \"tls\" or \"none\"";
                return Err(section.wrong_value("tls", message.to_owned()));
            }
        };
        let port = section.number("port")?.unwrap_or(match protection {
            Protection::StartTls => 587.0,
            Protection::Tls => 465.0,
            Protection::None => 25.0,
        });
        if port.fract() != 0.0 || !(1.0..=65_535.0).contains(&port) {
            let message = "port must be a whole number from 1 to 65535".to_owned();
            return Err(section.wrong_value("port", message));
        }
        let from = section.required("from", "Hotwash <hotwash@example.org>")?;
        let from = from.parse().map_err(|_| {
            let message = "from must be an address, such as Hotwash <hotwash@example.org>";
            section.wrong_value("from", message.to_owned())
        })?;
        let credentials = match section.text("user")? {
            Some(user) => Some(Credentials::new(user, password(section)?)),
            None => None,
        };
        Ok(Self { host, port: port as u16, protection, from, credentials })
    }

    /// Sends a message to the addresses.
    ///
    /// # Errors
    /// Fails with the reason, without an address.
    pub fn send(
        &self,
        to: &[Mailbox],
        message: &Message,
        timeout: Duration,
    ) -> Result<(), DeliveryError> {
        let mail = self.mail(to, message)?;
        let unusable = |_| DeliveryError::MailServer("its name cannot be used for TLS".to_owned());
        let parameters = || TlsParameters::new(self.host.clone()).map_err(unusable);
        let tls = match self.protection {
            Protection::StartTls => Tls::Required(parameters()?),
            Protection::Tls => Tls::Wrapper(parameters()?),
            Protection::None => Tls::None,
        };
        let mut transport = SmtpTransport::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .hello_name(ClientId::Domain(self.from.email.domain().to_owned()))
            .timeout(Some(timeout));
        if let Some(credentials) = &self.credentials {
            transport = transport.credentials(credentials.clone());
        }
        transport.build().send(&mail).map(drop).map_err(|error| reason(&error))
    }

    fn mail(&self, to: &[Mailbox], message: &Message) -> Result<Mail, DeliveryError> {
        let subject = match message.state {
            "DIGEST" => format!("Hotwash: monthly digest of {}", printed_day(message.day)),
            "ON" => format!("Hotwash: {} began", message.rule),
            _ => format!("Hotwash: {} ended", message.rule),
        };
        let mail = to.iter().fold(Mail::builder().from(self.from.clone()), |mail, address| {
            mail.to(address.clone())
        });
        let mail = mail.subject(subject);
        let text = SinglePart::plain(format!("{}\n", message.text.trim_end()));
        let written = match &message.pdf {
            None => mail.singlepart(text),
            Some(pdf) => {
                let name = format!("hotwash-{}.pdf", message.day);
                let kind = ContentType::parse("application/pdf").unwrap_or(ContentType::TEXT_PLAIN);
                let attachment = Attachment::new(name).body(pdf.clone(), kind);
                mail.multipart(MultiPart::mixed().singlepart(text).singlepart(attachment))
            }
        };
        written.map_err(|_| DeliveryError::MailServer("the message cannot be written".to_owned()))
    }
}

/// Reports whether a mail server is on this machine.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Returns the password: the first line of a file, or an environment variable.
fn password(section: &Section<'_>) -> Result<String, LineError> {
    let Some(name) = section.text("password_file")? else {
        let missing = format!("user needs password_file = \"smtp-password\", or {PASSWORD}");
        return std::env::var(PASSWORD).map_err(|_| section.wrong_value("user", missing));
    };
    let path = section.file.parent().unwrap_or(section.file).join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let message = format!("the password cannot be read from this file ({error})");
        section.wrong_value("password_file", message)
    })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Returns the reason of a failure. Texts of the server may repeat an address, so only its code is
/// stated.
fn reason(error: &lettre::transport::smtp::Error) -> DeliveryError {
    let timed_out = || {
        let cause = error.source().and_then(|cause| cause.downcast_ref::<std::io::Error>());
        cause.is_some_and(|cause| {
            matches!(cause.kind(), std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock)
        })
    };
    DeliveryError::MailServer(match error.status() {
        Some(code) => format!("it answers {code}"),
        None if let Some(reason) = certificate(error) => reason.to_owned(),
        None if error.is_timeout() || timed_out() => "it does not answer in time".to_owned(),
        None if error.is_tls() => "its TLS certificate or version is not accepted".to_owned(),
        None if error.is_client() => "it offers no TLS or no sign-in that fits".to_owned(),
        None => "it cannot be reached".to_owned(),
    })
}

/// Returns why the certificate of the server is not accepted, if that is the cause.
fn certificate(error: &lettre::transport::smtp::Error) -> Option<&'static str> {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let of_tls = causes.filter_map(|cause| {
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        match inner {
            Some(inner) => inner.downcast_ref::<rustls::Error>(),
            None => cause.downcast_ref::<rustls::Error>(),
        }
    });
    of_tls.into_iter().find_map(|cause| match cause {
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Some("its TLS certificate is for another name"),
        rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => Some("its TLS certificate has expired"),
        rustls::Error::InvalidCertificate(_) => Some(
            "its TLS certificate is not trusted; SSL_CERT_FILE names a file with the certificates \
             of trusted authorities",
        ),
        _ => None,
    })
}
