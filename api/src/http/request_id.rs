//! Ids of requests.

use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage, HttpRequest};

/// Id of a request: the one it came with, or one of ours.
#[derive(Clone)]
pub struct RequestId(String);

impl RequestId {
    /// Assigns an id to a request: its own if it is a short word, else a new one. Returns the id.
    pub fn assign(request: &ServiceRequest) -> String {
        let given = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
        let id = given
            .filter(|id| {
                id.len() <= 64
                    && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            })
            .map_or_else(|| format!("{:032x}", rand::random::<u128>()), str::to_owned);
        request.extensions_mut().insert(Self(id.clone()));
        id
    }

    /// Returns the id that was assigned.
    pub fn of(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }
}
