//! Sign-in sessions of the report: a cookie that says which key signed in and until when, signed with the warehouse's secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use hmac::{Hmac, Mac};
use hotwash_schema::SchemaError;
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::connect;
use rand::RngCore;
use sha2::Sha256;

/// How long a session lasts, in seconds.
pub const LIFETIME_SECONDS: i64 = 8 * 3600;

/// Signs and reads sessions.
#[derive(Clone)]
pub struct Sessions {
    secret: Vec<u8>,
}

impl Sessions {
    /// With the secret of this warehouse, made when it is first asked for: all its servers read each other's sessions.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn open(url: &str) -> Result<Self, SchemaError> {
        let mut fresh = [0_u8; 32];
        rand::rng().fill_bytes(&mut fresh);
        let client = connect(url).await?;
        let offered = serde_json::Value::String(URL_SAFE_NO_PAD.encode(fresh));
        client
            .execute(
                "insert into meta.setting (name, value) values ('session_secret', $1) on conflict (name) do nothing",
                &[&offered],
            )
            .await?;
        let kept: serde_json::Value =
            client.query_one("select value from meta.setting where name = 'session_secret'", &[]).await?.get(0);
        let secret = URL_SAFE_NO_PAD.decode(kept.as_str().unwrap_or_default()).unwrap_or_default();
        Ok(Self { secret })
    }

    fn sign(&self, text: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).ok()?;
        mac.update(text.as_bytes());
        Some(mac)
    }

    /// A session of this viewer, from now on.
    pub fn begin(&self, viewer: &Viewer) -> Option<String> {
        let ends = Utc::now().timestamp() + LIFETIME_SECONDS;
        let said = serde_json::json!({ "viewer": viewer, "ends": ends }).to_string();
        let body = URL_SAFE_NO_PAD.encode(said);
        let tag = URL_SAFE_NO_PAD.encode(self.sign(&body)?.finalize().into_bytes());
        Some(format!("{body}.{tag}"))
    }

    /// Who a session stands for; none when it is forged or over.
    pub fn read(&self, session: &str) -> Option<Viewer> {
        let (body, tag) = session.split_once('.')?;
        self.sign(body)?.verify_slice(&URL_SAFE_NO_PAD.decode(tag).ok()?).ok()?;
        let said: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
        if said["ends"].as_i64()? < Utc::now().timestamp() {
            return None;
        }
        serde_json::from_value(said["viewer"].clone()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_as_it_was_begun_and_a_changed_one_is_not() {
        let sessions = Sessions { secret: vec![7; 32] };
        let session = sessions.begin(&Viewer::local()).unwrap();
        assert_eq!(sessions.read(&session), Some(Viewer::local()));
        let (body, tag) = session.split_once('.').unwrap();
        assert_eq!(sessions.read(&format!("{}x.{tag}", &body[..body.len() - 1])), None);
        assert_eq!(Sessions { secret: vec![8; 32] }.read(&session), None);
        assert_eq!(sessions.read("nonsense"), None);
    }
}
