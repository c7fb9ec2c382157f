//! Sends SQL to an engine by Arrow Flight SQL. It uses a thread of its own, because metrics are
//! computed on threads of any kind.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::sql::client::FlightSqlServiceClient;
use futures::TryStreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use crate::query::MetricError;

/// Delay before a retry.
const PAUSE: Duration = Duration::from_millis(1_000);

/// Time limit for connecting.
const CONNECT: Duration = Duration::from_secs(5);

/// Keep-alive interval of an idle connection.
const ALIVE: Duration = Duration::from_secs(10);

/// A SQL query and the channel for its answer.
type Job = (String, SyncSender<Result<Vec<RecordBatch>, Failure>>);

/// Error of a query.
#[derive(Debug)]
enum Failure {
    /// The time limit has passed.
    Late,
    /// Both attempts failed.
    Lost(String),
}

/// A client of an engine. It connects on first use, and reconnects after a loss.
pub struct FlightClient {
    address: String,
    timeout: Duration,
    jobs: UnboundedSender<Job>,
}

impl FlightClient {
    /// Creates a client for `flightsql://HOST:PORT` or `flightsql+tls://HOST:PORT`.
    ///
    /// # Errors
    /// If the address is invalid.
    pub fn new(address: &str, timeout: Duration) -> Result<Self, MetricError> {
        let endpoint = endpoint(address).map_err(|reason| {
            MetricError::Engine(format!(
                "{address} cannot be an engine ({reason}): write flightsql://HOST:PORT, or \
                 flightsql+tls://HOST:PORT"
            ))
        })?;
        let (jobs, taken) = unbounded_channel();
        let broken =
            |error: &dyn std::fmt::Display| MetricError::Internal(format!("engine: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| broken(&error))?;
        let thread = std::thread::Builder::new().name("hotwash-engine".into());
        let work = move || runtime.block_on(work(endpoint, timeout, taken));
        thread.spawn(work).map_err(|error| broken(&error))?;
        Ok(Self { address: address.to_owned(), timeout, jobs })
    }

    /// Address of the engine.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Runs a SQL query, with one retry if the engine or one of its workers was lost.
    ///
    /// # Errors
    /// If the answer is incomplete.
    pub fn query(&self, sql: &str) -> Result<Vec<RecordBatch>, MetricError> {
        tracing::debug!(sql, "to the engine");
        let (sender, answer) = sync_channel(1);
        let gone = || MetricError::Internal("engine: its thread has ended".into());
        self.jobs.send((sql.to_owned(), sender)).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?.map_err(|failure| match failure {
            Failure::Late => MetricError::Engine(format!(
                "the engine at {} did not answer within {} s; ask for less, give it more workers, \
                 or more time with \
                 HOTWASH_ENGINE_TIMEOUT_MS",
                self.address,
                self.timeout.as_secs_f64()
            )),
            Failure::Lost(cause) => {
                tracing::warn!(engine = self.address, cause, "the engine failed twice");
                MetricError::Engine(format!(
                    "the engine at {} did not answer two requests; try again in a moment, and \
                     check that it and its workers run and find the tables in \
                     HOTWASH_ENGINE_TABLES; the log has the reason",
                    self.address
                ))
            }
        })
    }
}

fn endpoint(address: &str) -> Result<Endpoint, String> {
    let (authority, secure) = match address.split_once("://") {
        Some(("flightsql", authority)) => (authority, false),
        Some(("flightsql+tls", authority)) => (authority, true),
        _ => return Err("unknown protocol".into()),
    };
    let port =
        authority.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
    if port.and_then(|port| port.parse::<u16>().ok()).is_none() {
        return Err("no port".into());
    }
    let message = |error: tonic::transport::Error| error.to_string();
    let address = format!("{}://{authority}", if secure { "https" } else { "http" });
    let endpoint = Endpoint::from_shared(address)
        .map_err(message)?
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(ALIVE)
        .keep_alive_timeout(ALIVE);
    if secure {
        endpoint.tls_config(ClientTlsConfig::new().with_native_roots()).map_err(message)
    } else {
        Ok(endpoint)
    }
}

/// Runs queries, several at once, until all clients are dropped.
async fn work(endpoint: Endpoint, timeout: Duration, mut jobs: UnboundedReceiver<Job>) {
    let channel = endpoint.connect_lazy();
    while let Some((sql, answer)) = jobs.recv().await {
        let channel = channel.clone();
        tokio::spawn(async move {
            let _ = answer.send(in_time(channel, &sql, timeout).await);
        });
    }
}

async fn in_time(
    channel: Channel,
    sql: &str,
    timeout: Duration,
) -> Result<Vec<RecordBatch>, Failure> {
    let once = || async {
        tokio::time::timeout(timeout, send(channel.clone(), sql)).await.map_err(|_| Failure::Late)
    };
    match once().await? {
        Ok(batches) => Ok(batches),
        Err(first) => {
            tracing::info!(%first, "the engine is asked again");
            tokio::time::sleep(PAUSE).await;
            once().await?.map_err(|second| Failure::Lost(second.to_string()))
        }
    }
}

/// Sends a query once. An answer is complete if its stream ends without an error.
async fn send(channel: Channel, sql: &str) -> Result<Vec<RecordBatch>, FlightError> {
    let inner = FlightServiceClient::new(channel).max_decoding_message_size(usize::MAX);
    let mut client = FlightSqlServiceClient::new_from_inner(inner);
    let info = client.execute(sql.to_owned(), None).await?;
    let mut batches = Vec::new();
    for endpoint in info.endpoint {
        let ticket =
            endpoint.ticket.ok_or_else(|| FlightError::protocol("an endpoint without a ticket"))?;
        batches.extend(client.do_get(ticket).await?.try_collect::<Vec<_>>().await?);
    }
    Ok(batches)
}
