//! Results of operations. The value of each root field is JSON already.

use async_graphql::{Name, Response, ServerError, Value};
use serde_json::{Map, Value as Json};

use super::json::key;

/// Result of an operation, as in the GraphQL specification (7.1).
#[derive(Debug, Default)]
pub struct ExecutionResult {
    /// JSON of the root fields by response name, in the requested order. None if the operation did
    /// not run, or if a required root field failed.
    data: Option<Vec<(Name, Vec<u8>)>>,
    /// Errors.
    pub errors: Vec<ServerError>,
    extensions: Vec<(&'static str, Value)>,
}

impl ExecutionResult {
    /// Creates the result of an operation that ran.
    pub fn new(data: Option<Vec<(Name, Vec<u8>)>>, errors: Vec<ServerError>) -> Self {
        Self { data, errors, extensions: Vec::new() }
    }

    /// Creates the result of an operation that did not run.
    pub fn from_errors(errors: Vec<ServerError>) -> Self {
        Self { errors, ..Self::default() }
    }

    /// Adds an extension.
    pub fn extension(mut self, name: &'static str, value: Value) -> Self {
        self.extensions.push((name, value));
        self
    }

    /// Returns whether the operation was rejected before it ran.
    pub fn is_rejected(&self) -> bool {
        self.data.is_none()
            && !self.errors.is_empty()
            && self.errors.iter().all(|error| error.path.is_empty())
    }

    /// Returns the root fields as one object.
    ///
    /// # Errors
    /// Fails when the value of a field is not JSON.
    pub fn into_data(self) -> serde_json::Result<Json> {
        let Some(data) = self.data else { return Ok(Json::Null) };
        let members = data.into_iter().map(|(name, json)| {
            serde_json::from_slice::<Json>(&json).map(|value| (name.to_string(), value))
        });
        members.collect::<serde_json::Result<Map<_, _>>>().map(Json::Object)
    }

    /// Writes the result as JSON.
    ///
    /// # Errors
    /// Fails when an extension's value cannot be written.
    pub fn write(&self) -> serde_json::Result<Vec<u8>> {
        let data = self.data.iter().flatten().map(|(_, json)| json.len()).sum::<usize>();
        let mut out = Vec::with_capacity(data + 512);
        self.write_to(&mut out)?;
        Ok(out)
    }

    /// Returns the result as JSON text.
    pub fn text(&self) -> String {
        // Answers and extensions are JSON, whose text is UTF-8.
        let written = self.write().unwrap_or_default();
        String::from_utf8_lossy(&written).into_owned()
    }

    fn write_to(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        if self.is_rejected() {
            // What did not run has no data, not even null (specification 7.1.2).
            out.extend_from_slice(b"{\"errors\":");
            serde_json::to_writer(&mut *out, &self.errors)?;
            out.push(b'}');
            return Ok(());
        }
        out.extend_from_slice(b"{\"data\":");
        match &self.data {
            None => out.extend_from_slice(b"null"),
            Some(members) => {
                out.push(b'{');
                for (at, (name, json)) in members.iter().enumerate() {
                    key(name, at == 0, out);
                    out.extend_from_slice(json);
                }
                out.push(b'}');
            }
        }
        if !self.errors.is_empty() {
            out.extend_from_slice(b",\"errors\":");
            serde_json::to_writer(&mut *out, &self.errors)?;
        }
        if !self.extensions.is_empty() {
            out.extend_from_slice(b",\"extensions\":{");
            for (at, (name, value)) in self.extensions.iter().enumerate() {
                key(name, at == 0, out);
                serde_json::to_writer(&mut *out, value)?;
            }
            out.push(b'}');
        }
        out.push(b'}');
        Ok(())
    }
}

/// Converts a response of the library.
impl From<Response> for ExecutionResult {
    fn from(response: Response) -> Self {
        let data = match response.data {
            Value::Object(members) => {
                Some(members.into_iter().map(|(name, value)| (name, written(&value))).collect())
            }
            _ => None,
        };
        Self::new(data, response.errors)
    }
}

/// Writes a value of the library as JSON.
pub fn written(value: &Value) -> Vec<u8> {
    // Values of the library are JSON, and writing to memory does not fail.
    serde_json::to_vec(value).unwrap_or_default()
}

/// Writes the results of a batch as JSON.
///
/// # Errors
/// Fails as [`ExecutionResult::write()`] does.
pub fn write_batch(results: &[ExecutionResult]) -> serde_json::Result<Vec<u8>> {
    let mut out = vec![b'['];
    for (at, result) in results.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        result.write_to(&mut out)?;
    }
    out.push(b']');
    Ok(out)
}
