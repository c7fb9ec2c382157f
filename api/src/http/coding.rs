//! Content codings of requests and responses, beyond what actix-web decides.

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use hotwash_graphql::error::Code;

use super::error;

/// Codings of request bodies that the server decodes.
const DECODED: [&str; 4] = ["identity", "gzip", "deflate", "zstd"];

/// Rejects a body in a coding that the server does not decode with 415. Prefers gzip to zstd where
/// a client accepts both alike: some clients announce zstd and cannot read it.
pub async fn negotiate<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if let Some(coding) = undecoded(request.headers()) {
        let message = format!(
            "a request body in the coding {coding} cannot be read; send it plain, or as gzip, \
             deflate or zstd"
        );
        let mut response = error::graphql("application/json", Code::UnsupportedMediaType, &message);
        let accepted = HeaderValue::from_static("gzip, deflate, zstd");
        response.headers_mut().insert(ACCEPT_ENCODING, accepted);
        return Ok(request.into_response(response).map_into_right_body());
    }
    if let Some(without_zstd) = preferring_gzip(request.headers()) {
        request.headers_mut().insert(ACCEPT_ENCODING, without_zstd);
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Returns the coding of the body, if the server does not decode it.
fn undecoded(headers: &HeaderMap) -> Option<String> {
    let coding = headers.get(CONTENT_ENCODING)?;
    let coding = String::from_utf8_lossy(coding.as_bytes()).trim().to_ascii_lowercase();
    (!DECODED.contains(&coding.as_str())).then_some(coding)
}

/// Returns the accepted codings without zstd, if the client likes gzip as much.
fn preferring_gzip(headers: &HeaderMap) -> Option<HeaderValue> {
    let accepted = headers.get(ACCEPT_ENCODING)?.to_str().ok()?;
    let weight = |wanted: &str| {
        accepted.split(',').find_map(|coding| {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            if !name.trim().eq_ignore_ascii_case(wanted) {
                return None;
            }
            let quality = parameters.trim().strip_prefix("q=");
            Some(quality.map_or(1.0, |quality| quality.trim().parse().unwrap_or(0.0)))
        })
    };
    let (gzip, zstd): (f32, f32) = (weight("gzip")?, weight("zstd")?);
    if gzip < zstd || gzip == 0.0 {
        return None;
    }
    let others = accepted.split(',').filter(|coding| {
        let name = coding.split(';').next().unwrap_or_default();
        !name.trim().eq_ignore_ascii_case("zstd")
    });
    HeaderValue::from_str(&others.collect::<Vec<_>>().join(",")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zstd_is_left_out_where_gzip_is_liked_as_much() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", Some("gzip, deflate, br")),
            ("zstd, gzip", Some(" gzip")),
            ("zstd;q=0.8, gzip;q=0.9", Some(" gzip;q=0.9")),
            ("zstd;q=0.9, gzip;q=0.8", None),
            ("zstd", None),
            ("zstd, gzip;q=0", None),
            ("*", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            let found = preferring_gzip(&headers);
            let found = found.as_ref().map(|value| value.to_str().unwrap());
            assert_eq!(found, expected, "{accepted}");
        }
        assert_eq!(preferring_gzip(&HeaderMap::new()), None);
    }
}
