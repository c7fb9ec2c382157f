//! Who asks: API keys and sign-in sessions. Knows nothing of what is asked.

mod keys;
mod session;

pub use keys::{Key, KeyError, NewKey, any_active, create, list, revoke, verify};
pub use session::{LIFETIME_SECONDS, Sessions};
