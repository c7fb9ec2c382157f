//! Delivers messages to a folder, a webhook or by mail. Errors never contain the address.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::json;

use super::error::DeliveryError;
use super::file::Channel;
use super::message::Message;
use crate::outgoing::agent;

/// Header of a webhook's signature: `sha256=` and the HMAC-SHA256 of the body in hexadecimal.
pub const SIGNATURE: &str = "x-hotwash-signature";

/// Time limit of a delivery.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Delivers a message.
///
/// # Errors
/// Fails with the reason, without the address.
pub fn deliver(channel: &Channel, message: &Message) -> Result<(), DeliveryError> {
    match channel {
        Channel::Folder(folder) => to_folder(folder, message),
        Channel::Webhook { url, secret } => to_webhook(url, secret, message),
        Channel::Mail { server, to } => server.send(to, message, TIMEOUT),
    }
}

/// Writes a text file, and the PDF of a digest next to it. A file is complete once it has its name.
fn to_folder(folder: &Path, message: &Message) -> Result<(), DeliveryError> {
    std::fs::create_dir_all(folder).map_err(DeliveryError::Folder)?;
    let name = format!("{}-{}-{}", message.day, message.rule, message.state.to_lowercase());
    let write = |ending: &str, bytes: &[u8]| {
        let part = folder.join(format!("{name}.{ending}.part"));
        std::fs::write(&part, bytes)
            .and_then(|()| std::fs::rename(&part, folder.join(format!("{name}.{ending}"))))
            .map_err(DeliveryError::Folder)
    };
    if let Some(pdf) = &message.pdf {
        write("pdf", pdf)?;
    }
    write("txt", format!("{}\n", message.text.trim_end()).as_bytes())
}

fn to_webhook(url: &str, secret: &str, message: &Message) -> Result<(), DeliveryError> {
    let body = json!({
        "rule": message.rule,
        "state": message.state,
        "day": message.day,
        "text": message.text,
        "pdf": message.pdf.as_ref().map(|pdf| STANDARD.encode(pdf)),
    })
    .to_string();
    let sent = agent(TIMEOUT)
        .post(url)
        .header("content-type", "application/json")
        .header(SIGNATURE, signature(secret, &body))
        .send(body.as_str());
    match sent {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(DeliveryError::Status(answer.status().as_u16())),
        Err(ureq::Error::Timeout(_)) => Err(DeliveryError::Timeout),
        // The texts of other errors may name the host.
        Err(_) => Err(DeliveryError::Unreachable),
    }
}

/// Returns the signature of a body.
fn signature(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    let hexadecimal: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hexadecimal}")
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn a_body_is_signed_as_rfc_4231_demands() {
        // Test case 2 of RFC 4231.
        assert_eq!(
            signature("Jefe", "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
