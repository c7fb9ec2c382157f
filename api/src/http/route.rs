//! Methods that an address answers.

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Route, guard, web};
use hotwash_graphql::error::Code;

use super::error;

/// Route for GET and HEAD.
pub fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Value of `Allow` of an address for readers.
pub const READ: &str = "GET, HEAD";

/// Registers the routes of an address. Others are answered with 405
/// and `allow`.
pub fn address(
    config: &mut web::ServiceConfig,
    path: &str,
    allow: &'static str,
    routes: impl IntoIterator<Item = Route>,
) {
    for route in routes {
        config.route(path, route);
    }
    config.service(web::resource(path).to(move |request: HttpRequest| rejected(request, allow)));
}

async fn rejected(request: HttpRequest, allow: &'static str) -> HttpResponse {
    let (method, path) = (request.method(), request.path());
    let message = format!("{path} does not answer {method}; it answers {allow}");
    let mut response = match path {
        "/graphql" => error::graphql("application/json", Code::MethodNotAllowed, &message),
        _ => error::json(Code::MethodNotAllowed, message),
    };
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    response
}
