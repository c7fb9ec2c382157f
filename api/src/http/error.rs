//! Error answers over HTTP. Status and code are those of the list of errors.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use hotwash_graphql::error::Code;
use serde_json::json;

/// Returns the HTTP status of a code.
pub fn status(code: Code) -> StatusCode {
    // A test holds every status of the list to be valid.
    StatusCode::from_u16(code.definition().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Builds an error answer as JSON: the message, the code, and where the code is explained.
pub fn json(code: Code, message: impl Into<String>) -> HttpResponse {
    let body = json!({ "error": message.into(), "code": code.as_str(), "help": code.help() });
    HttpResponse::build(status(code)).json(body)
}

/// Builds an error answer as plain text, for readers of the report.
pub fn text(code: Code, message: impl Into<String>) -> HttpResponse {
    HttpResponse::build(status(code)).body(message.into())
}

/// Builds an error answer in the form of a GraphQL response.
pub fn graphql(media_type: &str, code: Code, message: &str) -> HttpResponse {
    let extensions = json!({ "code": code.graphql(), "help": code.help() });
    let body = json!({ "errors": [{ "message": message, "extensions": extensions }] });
    HttpResponse::build(status(code))
        .content_type(format!("{media_type}; charset=utf-8"))
        .body(body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_status_of_an_error() {
        for code in Code::ALL {
            let status = status(*code);
            assert_eq!(status.as_u16(), code.definition().status, "{code:?}");
            assert!(status.is_client_error() || status.is_server_error(), "{code:?}");
        }
    }

    #[test]
    fn a_graphql_code_is_a_code_of_the_list() {
        for code in Code::ALL {
            assert!(Code::ALL.iter().any(|other| other.as_str() == code.graphql()), "{code:?}");
        }
    }
}
