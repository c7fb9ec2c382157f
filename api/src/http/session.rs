//! Sign-in sessions: a cookie with id, owner and expiry, authenticated by the warehouse's secret.
//! Each request checks the key again, so a session ends with its key. The warehouse stores the ids
//! of sessions that ended by sign-out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use hotwash_schema::access::Viewer;
use rand::RngCore;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Lifetime of a session, in seconds.
pub const LIFETIME_SECONDS: i64 = 8 * 3600;

/// Owner of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionOwner {
    /// Key with these first characters.
    Key(String),
    /// Account from the organization's identity provider.
    Oidc(Viewer),
}

/// Session as its cookie states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Random id.
    pub id: String,
    /// Owner.
    pub owner: SessionOwner,
}

/// Seals and opens the sessions and other cookies that browsers store for us.
pub struct Sessions {
    secret: [u8; 32],
}

impl Sessions {
    /// Uses the warehouse's secret, so that all its servers accept each other's sessions.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// Creates a session that starts now.
    pub fn begin(&self, owner: SessionOwner) -> String {
        let mut random = [0; 16];
        rand::rng().fill_bytes(&mut random);
        let id = URL_SAFE_NO_PAD.encode(random);
        self.seal("session", &Session { id, owner }, LIFETIME_SECONDS)
    }

    /// Returns a session; none if it is forged or expired.
    pub fn read(&self, session: &str) -> Option<Session> {
        self.open("session", session)
    }

    /// Seals data for one purpose and a number of seconds. Only servers of this warehouse can
    /// create or open it. What does not serialize is sealed as nothing, which none can open.
    pub fn seal(&self, purpose: &str, what: &impl Serialize, seconds: i64) -> String {
        let json = serde_json::to_vec(what).unwrap_or_default();
        let body = format!("{}.{}", URL_SAFE_NO_PAD.encode(json), Utc::now().timestamp() + seconds);
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(self.tag(purpose, &body).as_bytes()))
    }

    /// Returns the sealed value; none if it is forged, expired or for another purpose.
    pub fn open<T: DeserializeOwned>(&self, purpose: &str, sealed: &str) -> Option<T> {
        let (body, tag) = sealed.rsplit_once('.')?;
        let tag: [u8; 32] = URL_SAFE_NO_PAD.decode(tag).ok()?.try_into().ok()?;
        // blake3 compares hashes in constant time.
        if self.tag(purpose, body) != blake3::Hash::from_bytes(tag) {
            return None;
        }
        let (json, ends) = body.rsplit_once('.')?;
        if ends.parse::<i64>().ok()? <= Utc::now().timestamp() {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(json).ok()?).ok()
    }

    fn tag(&self, purpose: &str, body: &str) -> blake3::Hash {
        blake3::keyed_hash(&self.secret, format!("{purpose}\n{body}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_as_it_was_begun_and_a_changed_one_is_not() {
        let sessions = Sessions::new([7; 32]);
        let owner = SessionOwner::Key("hw_abcdefghi".into());
        let session = sessions.begin(owner.clone());
        let read = sessions.read(&session).unwrap();
        assert_eq!(read.owner, owner);
        assert_ne!(read.id, sessions.read(&sessions.begin(owner)).unwrap().id);
        let (body, tag) = session.split_once('.').unwrap();
        let other = Session { owner: SessionOwner::Key("hw_bbcdefghi".into()), ..read.clone() };
        let other = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&other).unwrap());
        assert_ne!(body, other);
        assert_eq!(sessions.read(&format!("{other}.{tag}")), None, "it is forged");
        assert_eq!(Sessions::new([8; 32]).read(&session), None);
        assert_eq!(sessions.read("nonsense"), None);
        assert_eq!(sessions.read(&sessions.seal("session", &read, 0)), None, "it is over");
        assert_eq!(
            sessions.read(&sessions.seal("flow", &read, 60)),
            None,
            "it is for another purpose"
        );
    }
}
