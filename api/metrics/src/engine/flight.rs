//! Cubes run by a distributed engine: the plan as SQL by Arrow Flight SQL, over the exported tables that the engine reads.
//!
//! The version of the tables is asked before and after each answer: while they are being exchanged, or when they are others than the
//! snapshot's, there is an error and no number.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_cast::cast;
use arrow_flight::sql::client::FlightSqlServiceClient;
use arrow_schema::DataType;
use futures::TryStreamExt;
use tonic::transport::{Channel, Endpoint};

use super::{Answer, Engine, Values, sql};
use crate::ask::MetricError;
use crate::cube::{Plan, Term};
use crate::snapshot::{Kind, Snapshot, table};

/// How often a question is asked again when the engine fails or its tables are being exchanged.
const ATTEMPTS: u32 = 4;
/// Longest time for one statement.
const PATIENCE: Duration = Duration::from_secs(60);

/// An engine at an address.
pub struct Flight {
    address: String,
    /// Folder of the exported tables, as the engine sees it.
    tables: String,
}

/// Why an attempt failed.
enum Failure {
    /// It may go better another time.
    Passing(String),
    /// It will not.
    Lasting(String),
}

impl Flight {
    /// The engine of `flightsql://host:port`, or `flightsqls://` over TLS, over tables in this folder or object store.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(address: &str, tables: &str) -> Result<Self, MetricError> {
        let plain = address.strip_prefix("flightsql://").map(|rest| format!("http://{rest}"));
        let secured = || address.strip_prefix("flightsqls://").map(|rest| format!("https://{rest}"));
        let Some(address) = plain.or_else(secured) else {
            return Err(MetricError::Engine(format!("{address} must begin with flightsql:// or flightsqls://")));
        };
        Ok(Self { address: address.trim_end_matches('/').to_owned(), tables: tables.trim_end_matches('/').to_owned() })
    }

    fn source(&self, name: &str) -> String {
        format!("parquet.`{}/{name}`", self.tables)
    }

    async fn client(&self) -> Result<FlightSqlServiceClient<Channel>, Failure> {
        let endpoint =
            Endpoint::from_shared(self.address.clone()).map_err(|error| Failure::Lasting(error.to_string()))?;
        let channel = endpoint.connect_timeout(Duration::from_secs(5)).timeout(PATIENCE).connect().await;
        channel.map(FlightSqlServiceClient::new).map_err(|error| Failure::Passing(format!("{}: {error}", self.address)))
    }

    /// Tries, and tries again after what may pass.
    fn persist<T: Send, F: Future<Output = Result<T, Failure>> + Send>(
        &self,
        attempt: impl Fn() -> F + Sync,
    ) -> Result<T, MetricError> {
        let runtime = runtime()?;
        // Questions are answered on threads of many kinds; the exchange has its own.
        std::thread::scope(|scope| {
            let tried = scope.spawn(|| {
                let mut said = String::new();
                for number in 0..ATTEMPTS {
                    match runtime.block_on(attempt()) {
                        Ok(found) => return Ok(found),
                        Err(Failure::Lasting(reason)) => return Err(MetricError::Engine(reason)),
                        Err(Failure::Passing(reason)) => said = reason,
                    }
                    std::thread::sleep(Duration::from_millis(250 << number));
                }
                Err(MetricError::Engine(format!("{said}; asked {ATTEMPTS} times")))
            });
            tried.join().unwrap_or_else(|_| Err(MetricError::Engine("the exchange with the engine broke off".into())))
        })
    }

    /// Runs a statement over the tables of this version.
    fn ask(&self, wanted: i64, statement: &str) -> Result<Vec<RecordBatch>, MetricError> {
        self.persist(|| async {
            let mut client = self.client().await?;
            same(wanted, version(&mut client, self).await?)?;
            let batches = query(&mut client, statement).await?;
            same(wanted, version(&mut client, self).await?)?;
            Ok(batches)
        })
    }
}

fn runtime() -> Result<&'static tokio::runtime::Runtime, MetricError> {
    static RUNTIME: OnceLock<Option<tokio::runtime::Runtime>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().thread_name("flight").build().ok()
    });
    made.as_ref().ok_or_else(|| MetricError::Engine("no thread could be made to talk with the engine".into()))
}

fn same(wanted: i64, found: i64) -> Result<(), Failure> {
    if wanted == found {
        return Ok(());
    }
    Err(Failure::Lasting(format!("the tables are of version {found}, the question of {wanted}; ask again")))
}

async fn version(client: &mut FlightSqlServiceClient<Channel>, engine: &Flight) -> Result<i64, Failure> {
    let batches = query(client, &format!("select version, writing from {}", engine.source("manifest"))).await?;
    let row = batches.iter().find(|batch| batch.num_rows() == 1);
    let value = |at: usize| -> Option<i64> {
        let column = cast(row?.column(at), &DataType::Int64).ok()?;
        Some(column.as_primitive::<Int64Type>().value(0))
    };
    match (value(0), value(1)) {
        (Some(version), Some(0)) => Ok(version),
        (Some(_), _) => Err(Failure::Passing("the tables are being exchanged".into())),
        _ => Err(Failure::Lasting(format!("{} holds no manifest; export the tables there", engine.tables))),
    }
}

async fn query(client: &mut FlightSqlServiceClient<Channel>, statement: &str) -> Result<Vec<RecordBatch>, Failure> {
    let passing = |error: &dyn std::fmt::Display| Failure::Passing(error.to_string());
    let plan = client.execute(statement.to_owned(), None).await.map_err(|error| passing(&error))?;
    let mut batches = Vec::new();
    for endpoint in plan.endpoint {
        let Some(ticket) = endpoint.ticket else { continue };
        let stream = client.do_get(ticket).await.map_err(|error| passing(&error))?;
        let mut found: Vec<RecordBatch> = stream.try_collect().await.map_err(|error| passing(&error))?;
        batches.append(&mut found);
    }
    Ok(batches)
}

impl Engine for Flight {
    fn exported(&self) -> Result<Option<i64>, MetricError> {
        self.persist(|| async { version(&mut self.client().await?, self).await.map(Some) })
    }

    fn run(&self, snapshot: &Snapshot, plan: &Plan) -> Result<Answer, MetricError> {
        let batches = self.ask(snapshot.version, &sql::statement(plan, &self.source(plan.table)))?;
        let counts: Vec<u64> = whole(&batches, 0)?.into_iter().map(|count| count.unwrap_or_default() as u64).collect();
        if plan.keys.is_empty() && counts.first().is_none_or(|count| *count == 0) {
            return Ok(Answer::nothing(plan));
        }
        let mut columns = Vec::new();
        for (at, (name, term)) in plan.keys.iter().enumerate() {
            let is_label = matches!(term, Term::Column(source)
                if matches!(table(plan.table).kind(source), Some(Kind::Label | Kind::Set | Kind::Region)));
            columns.push((
                *name,
                if is_label { labels(&batches, at + 1)? } else { Values::Whole(whole(&batches, at + 1)?) },
            ));
        }
        for (at, (name, _)) in plan.measures.iter().enumerate() {
            let place = at + 1 + plan.keys.len();
            let is_real = batches.first().is_some_and(|batch| batch.column(place).data_type().is_floating());
            columns
                .push((*name, if is_real { real(&batches, place)? } else { Values::Whole(whole(&batches, place)?) }));
        }
        Ok(Answer { counts, keys: plan.keys.len(), columns })
    }

    fn first(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        column: &'static str,
        first: usize,
    ) -> Result<Vec<i64>, MetricError> {
        let statement = sql::smallest(plan, &self.source(plan.table), column, first);
        Ok(whole(&self.ask(snapshot.version, &statement)?, 0)?.into_iter().flatten().collect())
    }
}

fn as_type(batch: &RecordBatch, at: usize, wanted: &DataType) -> Result<Arc<dyn Array>, MetricError> {
    cast(batch.column(at), wanted).map_err(|error| MetricError::Engine(format!("column {at} of the answer: {error}")))
}

fn whole(batches: &[RecordBatch], at: usize) -> Result<Vec<Option<i64>>, MetricError> {
    let mut list = Vec::new();
    for batch in batches {
        list.extend(as_type(batch, at, &DataType::Int64)?.as_primitive::<Int64Type>().iter());
    }
    Ok(list)
}

fn real(batches: &[RecordBatch], at: usize) -> Result<Values, MetricError> {
    let mut list = Vec::new();
    for batch in batches {
        list.extend(as_type(batch, at, &DataType::Float64)?.as_primitive::<Float64Type>().iter());
    }
    Ok(Values::Real(list))
}

fn labels(batches: &[RecordBatch], at: usize) -> Result<Values, MetricError> {
    let (mut list, mut names, mut places) = (Vec::new(), Vec::new(), HashMap::new());
    for batch in batches {
        for text in as_type(batch, at, &DataType::Utf8)?.as_string::<i32>() {
            list.push(text.map(|text| {
                *places.entry(text.to_owned()).or_insert_with(|| {
                    names.push(text.to_owned());
                    names.len() as i64 - 1
                })
            }));
        }
    }
    Ok(Values::Label(list, Arc::new(names)))
}
