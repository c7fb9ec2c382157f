//! The list of errors, and errors for clients: code, problem and remedy, never SQL.

use async_graphql::{Error, ErrorExtensionValues, ErrorExtensions, Value};
use hotwash_metrics::MetricError;
use hotwash_schema::SchemaError;
use hotwash_schema::loss::Loss;

/// Entry of the list of errors.
#[derive(Debug)]
pub struct ErrorDefinition {
    /// The code, as in `code` of an HTTP answer.
    pub code: &'static str,
    /// Status of an HTTP answer.
    pub status: u16,
    /// Value of `extensions.code` of a GraphQL answer.
    pub graphql: &'static str,
    /// The problem.
    pub meaning: &'static str,
    /// Advice for the client.
    pub remedy: &'static str,
}

hotwash_schema::codes! {
    /// Errors of the API, over HTTP and in GraphQL.
    pub enum Code of ErrorDefinition {
        BadUserInput {
            code: "BAD_USER_INPUT",
            meaning: "The request, an argument or a value is wrong.",
            remedy: "Correct what the message names. It states what is allowed.",
            status: 400,
            graphql: "BAD_USER_INPUT",
        }
        NotFound {
            code: "NOT_FOUND",
            meaning: "The address, or the metric or list that it names, does not exist.",
            remedy: "Choose one of the names in the message. `hotwash metrics` lists the metrics.",
            status: 404,
            graphql: "BAD_USER_INPUT",
        }
        MethodNotAllowed {
            code: "METHOD_NOT_ALLOWED",
            meaning: "The address does not answer this HTTP method.",
            remedy: "Use a method of the header `Allow`.",
            status: 405,
            graphql: "BAD_USER_INPUT",
        }
        NotAcceptable {
            code: "NOT_ACCEPTABLE",
            meaning: "The `Accept` header allows no media type in which the server answers.",
            remedy: "Accept `application/json`, `application/graphql-response+json` or \
                `text/event-stream`.",
            status: 406,
            graphql: "BAD_USER_INPUT",
        }
        UnsupportedMediaType {
            code: "UNSUPPORTED_MEDIA_TYPE",
            meaning: "The body of a GraphQL request is not declared as JSON.",
            remedy: "Send the header `Content-Type: application/json` with a JSON body.",
            status: 415,
            graphql: "BAD_USER_INPUT",
        }
        BodyTooLarge {
            code: "BODY_TOO_LARGE",
            meaning: "The request body is larger than the server accepts.",
            remedy: "Send less. The operator sets the limit with `--max-body-bytes`.",
            status: 413,
            graphql: "QUERY_TOO_COMPLEX",
        }
        BodyTooLate {
            code: "BODY_TOO_LATE",
            meaning: "The request body did not arrive in time.",
            remedy: "Send the request again over a faster connection.",
            status: 408,
            graphql: "TIMEOUT",
        }
        Unauthenticated {
            code: "UNAUTHENTICATED",
            meaning: "The request has no key or token, or one that is unknown or has expired.",
            remedy: "Send `Authorization: Bearer KEY`. The operator creates keys with `hotwash key \
                create`.",
            status: 401,
            graphql: "UNAUTHENTICATED",
        }
        Forbidden {
            code: "FORBIDDEN",
            meaning: "The viewer may not see this, or the server does not run this document.",
            remedy: "Query what the message allows, or ask the operator for another role.",
            status: 403,
            graphql: "FORBIDDEN",
        }
        SnapshotGone {
            code: "SNAPSHOT_GONE",
            meaning: "The server does not have the snapshot that the request names. It has the \
                current one, and those that were current in the last ten minutes.",
            remedy: "Ask again without `snapshot`, and name the number of the new answer.",
            status: 410,
            graphql: "SNAPSHOT_GONE",
        }
        SnapshotMoved {
            code: "SNAPSHOT_MOVED",
            meaning: "The request names a snapshot and reads records, which have changed since. \
                The message has the new number.",
            remedy: "Ask everything again without `snapshot`, and name the number of the new \
                answer. Metrics alone are still answered from the named snapshot.",
            status: 409,
            graphql: "SNAPSHOT_MOVED",
        }
        QueryTooComplex {
            code: "QUERY_TOO_COMPLEX",
            meaning: "The query exceeds a limit of depth, fields, aliases, cost or batch size.",
            remedy: "Request less at once. The message names the limit and its value.",
            status: 400,
            graphql: "QUERY_TOO_COMPLEX",
        }
        RateLimited {
            code: "RATE_LIMITED",
            meaning: "The rate limit, or the budget of this minute, is used up.",
            remedy: "Wait as many seconds as `Retry-After` states, then send the request again.",
            status: 429,
            graphql: "RATE_LIMITED",
        }
        PersistedQueryNotFound {
            code: "PERSISTED_QUERY_NOT_FOUND",
            meaning: "The server does not know a document with this SHA-256.",
            remedy: "Send the document with its hash once. Clients for automatic persisted \
                queries do.",
            status: 400,
            graphql: "PERSISTED_QUERY_NOT_FOUND",
        }
        PersistedQueryNotSupported {
            code: "PERSISTED_QUERY_NOT_SUPPORTED",
            meaning: "The server stores no documents (`--no-cache documents`).",
            remedy: "Send the document itself as `query`.",
            status: 400,
            graphql: "PERSISTED_QUERY_NOT_SUPPORTED",
        }
        Timeout {
            code: "TIMEOUT",
            meaning: "The answer took longer than the server allows.",
            remedy: "Request less, e.g. with a filter or a smaller page.",
            status: 504,
            graphql: "TIMEOUT",
        }
        Unavailable {
            code: "UNAVAILABLE",
            meaning: "The database, the engine or the sign-in service does not answer.",
            remedy: "Try again in a moment. The operator finds the reason in the server's log.",
            status: 503,
            graphql: "UNAVAILABLE",
        }
        Internal {
            code: "INTERNAL",
            meaning: "The server made an error.",
            remedy: "Report it to the operator, with the reference of the message if there is one.",
            status: 500,
            graphql: "INTERNAL",
        }
    }
}

impl Code {
    /// Returns the value of `extensions.code` of a GraphQL answer.
    pub const fn graphql(self) -> &'static str {
        self.definition().graphql
    }

    /// Returns the code with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// Returns the code of an error that [`coded`] created.
    pub fn of(error: &Error) -> Self {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        let code = code.and_then(|code| match code {
            Value::String(code) => Self::named(code),
            _ => None,
        });
        code.unwrap_or(Self::Internal)
    }

    /// Returns the code of a metric's error.
    pub fn of_metric(error: &MetricError) -> Self {
        match error {
            MetricError::Internal(_) => Self::Internal,
            MetricError::Engine(_) => Self::Unavailable,
            MetricError::UnknownMetric { .. } => Self::NotFound,
            forbidden if forbidden.is_forbidden() => Self::Forbidden,
            _ => Self::BadUserInput,
        }
    }

    /// Adds the code, and where it is explained, to the extensions of an error.
    pub fn describe(self, extensions: &mut ErrorExtensionValues) {
        extensions.set("code", self.graphql());
        extensions.set("help", self.help());
    }
}

/// Creates an error with a code.
pub fn coded(code: Code, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| code.describe(extensions))
}

/// Creates an error for an invalid argument.
pub fn bad_input(message: impl Into<String>) -> Error {
    coded(Code::BadUserInput, message)
}

/// Creates an error for an internal fault: the client gets a reference, the log the details.
pub fn internal(cause: &dyn std::fmt::Display) -> Error {
    let reference = format!("{:012x}", rand::random::<u64>() >> 16);
    tracing::error!(reference, %cause, "internal error");
    let message = format!("internal error; see reference {reference} in the server's log");
    coded(Code::Internal, message)
        .extend_with(|_, extensions| extensions.set("reference", reference.as_str()))
}

/// Returns the error of a statement that took too long.
fn timeout() -> Error {
    coded(
        Code::Timeout,
        "the query took longer than the server allows; request less, e.g. with a filter or a \
         smaller page",
    )
}

/// Turns a database error into one with a message that clients may see.
pub fn from_database(error: &diesel::result::Error) -> Error {
    if Loss::of(error).is_some() { unavailable() } else { internal(error) }
}

/// Message for requests that need the database while it is unavailable.
pub const AWAY: &str = "the database does not answer; try again in a moment (metrics are answered \
    from the last snapshot)";

/// Creates the error for an unavailable database.
pub fn unavailable() -> Error {
    coded(Code::Unavailable, AWAY)
}

/// Converts an error of a metric: an invalid query, or an internal fault.
pub fn from_metric(error: &MetricError) -> Error {
    match error {
        MetricError::Internal(cause) => internal(cause),
        MetricError::Engine(message) => coded(Code::Unavailable, message),
        other => coded(Code::of_metric(other), other.to_string()),
    }
}

/// Creates the error for a warehouse that cannot be used, or that takes too long.
pub fn from_schema(error: &SchemaError) -> Error {
    match error {
        SchemaError::TimeLimit(_) => timeout(),
        away if away.is_away() => unavailable(),
        other => internal(other),
    }
}
