//! Time limit for receiving a request body, so that slow senders do not occupy connections.

use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{ConnectionType, Method};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use futures::StreamExt;
use hotwash_graphql::error::Code;

use super::error;
use super::state::AppState;

/// Time limit for a complete body.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the body of a POST before anything else is done with it; one that is too late is answered
/// with 408.
pub async fn in_time<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if request.method() == Method::POST {
        // Reading one byte more than allowed is enough to reject the body.
        let most = request
            .app_data::<web::Data<AppState>>()
            .map_or(0, |state| state.options.max_body_bytes);
        let mut payload = request.take_payload();
        let complete = async {
            let mut body = web::BytesMut::new();
            while body.len() <= most
                && let Some(chunk) = payload.next().await
            {
                body.extend_from_slice(&chunk?);
            }
            Ok::<_, Error>(body.freeze())
        };
        match tokio::time::timeout(READ_TIMEOUT, complete).await {
            Ok(body) => request.set_payload(Payload::from(body?)),
            Err(_) => {
                let message = format!(
                    "the request's body did not arrive within {} seconds",
                    READ_TIMEOUT.as_secs()
                );
                let mut late = error::graphql("application/json", Code::BodyTooLate, &message);
                late.head_mut().set_connection_type(ConnectionType::Close);
                return Ok(request.into_response(late).map_into_right_body());
            }
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}
