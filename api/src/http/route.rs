//! Methods that a route answers.

use actix_web::{Route, guard, web};

/// Route for GET and HEAD.
pub fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
