//! Checks every document, over HTTP and WebSocket. The document must be trusted and within the
//! limits, and its cost is charged to the viewer.

mod limit;

use std::time::Duration;

use async_graphql::dynamic::Schema;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Name, Request, ServerError, Value, Variables};
use futures::{Stream, StreamExt};
use hotwash_cache::CacheBudget;
use hotwash_schema::access::Viewer;
pub use limit::{exceeded, refusal, wrong};
use serde_json::json;

use super::coerce::coerce;
use super::cost::{MOST_NESTING, QueryCost, measure};
use super::documents::Documents;
use super::error::Code;
use super::execution;
use super::rate_limit::RateLimiter;
use super::result::ExecutionResult;
use super::schema::Limits;
use super::trusted::{TrustedDocuments, named};
use super::validation::{merge_root, validate};
use super::{nesting, persisted};

/// Maximum length of the parser's messages, which quote the faulty line.
const LONGEST: usize = 500;
/// Maximum length of our own messages, which may repeat a value and list what is allowed.
const LONGEST_OWN: usize = 2_000;

/// Maximum number of operations in one document. All are validated, and one runs.
const MOST_OPERATIONS: u64 = 100;

/// Schema with its limits.
pub struct Guard {
    schema: Schema,
    limits: Limits,
    trusted: Option<TrustedDocuments>,
    budgets: RateLimiter,
    documents: Documents,
}

/// Cost charged for a request.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// Cost of the query.
    pub cost: u64,
    /// Remaining budget; `None` without a limit.
    left: Option<u64>,
}

impl Guard {
    /// Creates a guard. `budget` is the cost that one viewer may spend per minute; 0 means no
    /// limit.
    pub fn new(
        schema: Schema,
        limits: Limits,
        trusted: Option<TrustedDocuments>,
        budget: u64,
        caches: &CacheBudget,
    ) -> Self {
        let budgets = RateLimiter::new(budget, Duration::from_secs(60), budget);
        let documents = Documents::new(caches);
        Self { schema, limits, trusted, budgets, documents }
    }

    /// Cache of parsed documents.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Returns the schema, for the server's own queries.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Finds the document that a request names by an id or a hash.
    ///
    /// # Errors
    /// Fails when the id or the hash is unknown, or is not that of the document.
    pub fn name_document(&self, request: &mut Request) -> Result<(), ServerError> {
        let hash = persisted::named(request)?;
        if !request.query.is_empty() {
            return hash.map_or(Ok(()), |hash| persisted::verify(hash, &request.query));
        }
        let listed = |id: &str| self.trusted.as_ref()?.document(id).map(str::to_owned);
        let document = match (named(request), hash) {
            (Some(id), _) => listed(id).ok_or_else(|| self.unknown_id(id))?,
            (None, Some(hash)) => match listed(hash) {
                Some(document) => document,
                None => persisted::document(&self.documents, hash)?,
            },
            (None, None) => {
                let message = "the member query must be a string with the document";
                return Err(refusal(Code::BadUserInput, message));
            }
        };
        // From here on the request is one that has its document and no name.
        request.extensions.remove("persistedQuery");
        request.query = document;
        Ok(())
    }

    fn unknown_id(&self, id: &str) -> ServerError {
        if self.trusted.is_none() {
            let message = "this server has no list of documents: send the document itself as query";
            return refusal(Code::BadUserInput, message);
        }
        let message =
            format!("no trusted document is named {id}; ask the operator to add it to the list");
        refusal(Code::Forbidden, &message)
    }

    /// Stores the document of an admitted request under the hash sent with it.
    pub fn persist(&self, request: &Request) {
        if let Ok(Some(hash)) = persisted::named(request) {
            self.documents.persist(hash, &request.query);
        }
    }

    /// Returns whether a request would run a subscription. False for an unreadable one, which
    /// admission rejects.
    pub fn subscribes(&self, request: &mut Request) -> bool {
        let name = request.operation_name.clone();
        self.documents.of(request).is_ok_and(|document| {
            let mut named = document
                .operations
                .iter()
                .filter(|(known, _)| name.is_none() || known.map(Name::as_str) == name.as_deref());
            named.any(|(_, operation)| operation.node.ty == OperationType::Subscription)
        })
    }

    /// Admits a request: measures it, charges the viewer, validates the document, and coerces
    /// arguments and variables.
    ///
    /// # Errors
    /// Fails when the document is not trusted, cannot be parsed, exceeds a limit or the remaining
    /// budget, or is not valid.
    pub fn admit(
        &self,
        request: &mut Request,
        viewer: &Viewer,
    ) -> Result<Charge, Vec<ServerError>> {
        let (mut document, charge) = self.measured(request, viewer).map_err(|error| vec![error])?;
        self.documents.validated(&request.query, || self.validate(&document, &request.query))?;
        let operation = request.operation_name.as_deref();
        merge_root(&mut document, operation, self.schema.registry());
        coerce(&mut document, operation, &mut request.variables, self.schema.registry())
            .map_err(|error| vec![error])?;
        request.set_parsed_query(document);
        self.persist(request);
        Ok(charge)
    }

    /// Validates all operations of a document, each of which must be within the limits of size.
    fn validate(&self, document: &ExecutableDocument, text: &str) -> Result<(), Vec<ServerError>> {
        let within = || {
            let operations = document.operations.iter().map(|(name, _)| name.map(Name::as_str));
            let (count, most) = (operations.clone().count() as u64, MOST_OPERATIONS);
            if count > most {
                let instead = "send them in several documents";
                return Err(exceeded(count, most, "operations", "operations", instead));
            }
            operations
                .map(|name| measure(document, name, &Variables::default()))
                .try_for_each(|measured| self.within(&QueryCost { cost: 0, ..measured }))
        };
        within().map_err(|error| vec![error])?;
        validate(&self.schema, document, text)
            .map_err(|errors| errors.into_iter().map(with_code).collect())
    }

    /// Reads a request's document, measures it and charges the viewer.
    fn measured(
        &self,
        request: &mut Request,
        viewer: &Viewer,
    ) -> Result<(ExecutableDocument, Charge), ServerError> {
        self.name_document(request)?;
        if self.trusted.as_ref().is_some_and(|trusted| !trusted.contains(&request.query)) {
            return Err(refusal(
                Code::Forbidden,
                "this server runs only trusted documents, and this is not one; ask the operator to \
                 add it to the list",
            ));
        }
        nesting::within(
            nesting::of_values(request.variables.values()),
            "levels of lists and objects in its variables",
        )?;
        let document = self.documents.of(request).map_err(with_code)?.clone();
        let operation = request.operation_name.as_deref();
        let measured = measure(&document, operation, &request.variables);
        self.within(&measured)?;
        let charge = self.charge(viewer, measured.cost)?;
        Ok((document, charge))
    }

    /// Charges a viewer; the local user has no budget.
    ///
    /// # Errors
    /// Fails when too little is left.
    pub fn charge(&self, viewer: &Viewer, cost: u64) -> Result<Charge, ServerError> {
        if viewer.is_local() {
            return Ok(Charge { cost, left: None });
        }
        let left = self.budgets.take(&viewer.name, cost).map_err(|seconds| {
            let mut error = refusal(
                Code::RateLimited,
                &format!(
                    "the cost of this query is {cost}, more than is left of your budget for this \
                     minute; try again in {seconds} s, or request less"
                ),
            );
            error.extensions.get_or_insert_default().set("retryAfter", seconds);
            error
        })?;
        Ok(Charge { cost, left })
    }

    fn within(&self, measured: &QueryCost) -> Result<(), ServerError> {
        let limits = &self.limits;
        for (actual, most, limit, what, instead) in [
            (measured.depth, limits.depth as u64, "depth", "levels of fields", "nest less"),
            (
                measured.fields,
                limits.fields as u64,
                "fields",
                "fields",
                "request fewer, or split the query",
            ),
            (
                measured.nesting,
                MOST_NESTING,
                "nesting",
                "levels of selections",
                "nest fewer fragments in each other",
            ),
            (
                measured.aliases,
                limits.aliases as u64,
                "aliases",
                "aliases",
                "ask in several queries",
            ),
            (
                measured.directives,
                limits.directives as u64,
                "directives",
                "directives",
                "leave out some",
            ),
            (
                measured.cost,
                limits.cost,
                "cost",
                "fields times records",
                "request fewer fields or smaller pages",
            ),
        ] {
            if actual > most {
                return Err(exceeded(actual, most, limit, what, instead));
            }
        }
        Ok(())
    }

    /// Admits and runs a request; the answer states its cost and the remaining budget.
    pub async fn execute(&self, mut request: Request, viewer: &Viewer) -> ExecutionResult {
        match self.admit(&mut request, viewer) {
            Ok(charge) => self.run(request).await.extension("cost", self.cost_extension(charge)),
            Err(errors) => ExecutionResult::from_errors(errors),
        }
    }

    /// Runs an admitted request.
    pub async fn run(&self, request: Request) -> ExecutionResult {
        with_codes(execution::execute(&self.schema, request).await)
    }

    /// Runs an admitted subscription.
    pub fn follow(&self, request: Request) -> impl Stream<Item = ExecutionResult> + use<> {
        self.schema.execute_stream(request).map(|response| with_codes(response.into()))
    }

    /// Returns the cost and the remaining budget for an answer's extensions.
    pub fn cost_extension(&self, charge: Charge) -> Value {
        let cost = json!({
            "query": charge.cost, "most": self.limits.cost,
            "budget": charge.left.and(self.budgets.capacity()), "left": charge.left,
        });
        Value::from_json(cost).unwrap_or_default()
    }
}

fn with_codes(mut result: ExecutionResult) -> ExecutionResult {
    result.errors = result.errors.into_iter().map(with_code).collect();
    result
}

/// Adds a code to an error; those of the parser and the validator have none.
fn with_code(mut error: ServerError) -> ServerError {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        let deep = error.message.contains("recursion") || error.message.contains("stack limit");
        let code = if deep { Code::QueryTooComplex } else { Code::BadUserInput };
        code.describe(extensions);
        if error.message.len() > LONGEST {
            error.message = if deep {
                "this query is nested too deep to be read; nest less".into()
            } else {
                shortened(&error.message, LONGEST)
            };
        }
    } else if error.message.len() > LONGEST_OWN {
        error.message = shortened(&error.message, LONGEST_OWN);
    }
    error
}

fn shortened(message: &str, longest: usize) -> String {
    message.chars().take(longest).chain(['…']).collect()
}
