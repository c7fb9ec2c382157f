//! Sign-in sessions of the report: a cookie that names the key that signed in and when it ends, authenticated with the
//! warehouse's secret. The key itself is asked for at each use, so that a session ends with its key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;

/// How long a session lasts, in seconds.
pub const LIFETIME_SECONDS: i64 = 8 * 3600;

/// Begins and reads sessions.
pub struct Sessions {
    secret: [u8; 32],
}

impl Sessions {
    /// With the secret of a warehouse: all its servers read each other's sessions.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// A session of the key with this beginning, from now on.
    pub fn begin(&self, prefix: &str) -> String {
        let body = format!("{prefix}.{}", Utc::now().timestamp() + LIFETIME_SECONDS);
        let tag = blake3::keyed_hash(&self.secret, body.as_bytes());
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(tag.as_bytes()))
    }

    /// The beginning of the key behind a session; none when it is forged or over.
    pub fn read(&self, session: &str) -> Option<String> {
        let (body, tag) = session.rsplit_once('.')?;
        let tag: [u8; 32] = URL_SAFE_NO_PAD.decode(tag).ok()?.try_into().ok()?;
        // Compared in constant time, as blake3 compares hashes.
        if blake3::keyed_hash(&self.secret, body.as_bytes()) != blake3::Hash::from_bytes(tag) {
            return None;
        }
        let (prefix, ends) = body.rsplit_once('.')?;
        (ends.parse::<i64>().ok()? > Utc::now().timestamp()).then(|| prefix.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_as_it_was_begun_and_a_changed_one_is_not() {
        let sessions = Sessions::new([7; 32]);
        let session = sessions.begin("hw_abcdefghi");
        assert_eq!(sessions.read(&session).as_deref(), Some("hw_abcdefghi"));
        assert_eq!(sessions.read(&session.replace("hw_a", "hw_b")), None);
        assert_eq!(Sessions::new([8; 32]).read(&session), None);
        assert_eq!(sessions.read("nonsense"), None);
        let over = "hw_abcdefghi.1";
        let tag = URL_SAFE_NO_PAD.encode(blake3::keyed_hash(&[7; 32], over.as_bytes()).as_bytes());
        assert_eq!(sessions.read(&format!("{over}.{tag}")), None, "it is over");
    }
}
