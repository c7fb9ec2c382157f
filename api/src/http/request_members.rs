//! Checks the members of a GraphQL request.

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum RequestFault {
    /// A batch without queries.
    #[error("a batch must hold at least one query")]
    EmptyBatch,
    /// A wrong member of a query.
    #[error("{0}")]
    Member(&'static str),
    /// A wrong member of a query in a batch, with its position from 1.
    #[error("query {0} of the batch: {1}")]
    InBatch(usize, &'static str),
}

/// Checks the members of a request against the GraphQL over HTTP specification. Moves a document
/// id, under any of its usual names, into `extensions`.
///
/// # Errors
/// Fails with what is wrong; in a batch, with the position of the query.
pub fn well_formed(value: &mut serde_json::Value) -> Result<(), RequestFault> {
    use serde_json::Value;
    let one = |value: &mut Value| {
        let Value::Object(fields) = value else {
            return Err("a request must be an object with the member query");
        };
        if !matches!(fields.get("operationName"), None | Some(Value::Null | Value::String(_))) {
            return Err("the member operationName must be a string");
        }
        if !matches!(fields.get("variables"), None | Some(Value::Null | Value::Object(_))) {
            return Err("the member variables must be an object");
        }
        if !matches!(fields.get("extensions"), None | Some(Value::Null | Value::Object(_))) {
            return Err("the member extensions must be an object");
        }
        if matches!(fields.get("query"), Some(Value::String(_))) {
            return Ok(());
        }
        let id = ["documentId", "doc_id", "id"].iter().find_map(|name| match fields.get(*name) {
            Some(Value::String(id)) => Some(id.clone()),
            _ => None,
        });
        let persisted =
            fields.get("extensions").is_some_and(|given| given["persistedQuery"].is_object());
        if !matches!(fields.get("query"), None | Some(Value::Null)) || (id.is_none() && !persisted)
        {
            return Err("the member query must be a string with the document");
        }
        fields.insert("query".into(), "".into());
        if let Some(id) = id {
            if !fields.get("extensions").is_some_and(Value::is_object) {
                fields.insert("extensions".into(), Value::Object(serde_json::Map::new()));
            }
            fields["extensions"]["documentId"] = id.into();
        }
        Ok(())
    };
    match value {
        Value::Array(list) if list.is_empty() => Err(RequestFault::EmptyBatch),
        Value::Array(list) => list.iter_mut().enumerate().try_for_each(|(position, value)| {
            one(value).map_err(|wrong| RequestFault::InBatch(position + 1, wrong))
        }),
        other => one(other).map_err(RequestFault::Member),
    }
}
