//! HTTP server: the report, GraphQL over HTTP, WebSocket and event streams, exports, health and
//! Prometheus metrics.

mod accept;
mod alerts;
mod answer_cache;
mod authenticate;
mod authenticator;
mod body;
mod coding;
mod connections;
mod credential;
mod error;
mod event_stream;
mod export;
mod feeds;
mod figure;
mod graphiql;
mod graphql;
mod journal;
mod measurements;
mod metric;
mod options;
mod origin;
mod outcome;
mod pages;
mod pinned;
mod prerender;
mod prometheus;
mod rejection;
mod release;
mod request_id;
mod request_members;
mod route;
mod session;
mod shutdown;
mod sign_in;
mod state;
mod websocket;

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::middleware::Compress;
use actix_web::{App, HttpResponse, HttpServer, guard, web};
use anyhow::Context as _;
use hotwash_metrics::SnapshotStore;
use hotwash_schema::pool::Pool;

use crate::alerts::Alerts;
use crate::oidc::Oidc;
use hotwash_graphql::error::Code;
use hotwash_graphql::pool::Planning;
use hotwash_graphql::sql::Select;
use hotwash_graphql::{ColumnCache, Guard, QueryPool, TrustedDocuments};
pub use options::{ServerConfig, ServerOptions};
use route::{READ, address, read};
use state::AppState;

/// Serves until SIGINT or SIGTERM, then finishes the running requests.
pub async fn serve(config: ServerConfig) -> anyhow::Result<()> {
    let options = config.options.clone();
    let address = options.address()?;
    let primary = Pool::new(&config.url);
    let keys = hotwash_schema::keys::any_made(&primary).await?;
    let secret = hotwash_schema::keys::session_secret(&primary).await?;
    let oidc = Oidc::new(&options.oidc, &secret)?;
    let closed = keys || oidc.is_some();
    options.check_open(address, closed)?;
    let tls = options.tls()?;
    let listener = std::net::TcpListener::bind(address).map_err(|error| {
        let what = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "is used by another program; choose another with --listen 127.0.0.1:PORT (0 for \
                 any free one)"
            }
            std::io::ErrorKind::PermissionDenied => "needs more rights; choose a port above 1024",
            _ => "cannot be listened on",
        };
        anyhow::Error::new(error).context(format!("{address} {what}"))
    })?;
    let read_url = options.read_url.as_deref().unwrap_or(&config.url);
    if options.read_url.is_some() {
        hotwash_schema::migrate::check(&Pool::new(read_url))
            .await
            .context("the replica of --read-url cannot be used")?;
    }
    let budget = options.cache_budget();
    let source = options.engine.source(read_url)?;
    let store = SnapshotStore::open(read_url, source, &budget)
        .await
        .context("the warehouse could not be read")?;
    let follower = tokio::spawn(Arc::clone(&store).follow());
    let rules = options.alerts.alerts.as_deref().map(Alerts::read).transpose()?;
    let trusted = options.trusted_documents.as_deref().map(TrustedDocuments::read).transpose()?;
    let build =
        if options.federation { hotwash_graphql::build_subgraph } else { hotwash_graphql::build };
    let schema = build().context("the GraphQL schema is faulty")?;
    let (journal, writer) = journal::Journal::start(primary.clone());
    let pool = QueryPool::new(
        read_url,
        options.connections,
        options.share(),
        Duration::from_millis(options.timeout_ms),
    );
    let columns_after = Duration::from_millis(options.column_cache_after_ms);
    let state = web::Data::new(AppState {
        guard: Guard::new(schema, options.limits(), trusted, options.budget, &budget),
        column_cache: ColumnCache::new(read_url, pool.clone(), &budget, columns_after),
        pool,
        store,
        options: options.clone(),
        primary,
        read_url: read_url.to_owned(),
        sessions: session::Sessions::new(secret),
        oidc,
        authenticator: authenticator::Authenticator::new(options.rate, keys, &budget),
        answers: answer_cache::AnswerCache::new(&budget),
        prerendered: AtomicI64::default(),
        stopping: AtomicBool::default(),
        sockets: Arc::default(),
        journal,
        measurements: measurements::PrometheusMetrics::new()?,
    });
    let prerenderer = tokio::spawn(prerender::follow(state.clone()));
    let socket_check = tokio::spawn(websocket::close_ended(state.clone()));
    let releases = tokio::spawn(release::follow(state.clone()));
    let alerts = tokio::spawn({
        let state = state.clone();
        async move {
            if let Some(rules) = rules {
                alerts::follow(state, rules).await;
            }
        }
    });
    let feeds = tokio::spawn(feeds::follow(state.clone()));
    let shown = listener.local_addr()?;
    let encrypted = tls.is_some();
    let server = HttpServer::new({
        let state = state.clone();
        move || {
            App::new()
                .app_data(state.clone())
                .app_data(web::PayloadConfig::new(state.options.max_body_bytes))
                .wrap(security_headers(encrypted))
                .wrap(state.options.cors())
                .wrap(Compress::default())
                .wrap(actix_web::middleware::from_fn(coding::negotiate))
                .wrap(actix_web::middleware::from_fn(body::in_time))
                .wrap(actix_web::middleware::from_fn(prometheus::observe))
                .configure(routes)
        }
    })
    .workers(options.workers)
    .max_connections(connections::allow()? / options.workers.max(1))
    .disable_signals()
    .shutdown_timeout(10)
    // When a client disconnects, its request is dropped and its SQL canceled.
    .h1_allow_half_closed(false)
    .client_request_timeout(Duration::from_secs(10));
    let scheme = if tls.is_some() { "https" } else { "http" };
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    }
    .run();
    let issuer = options.oidc.oidc_issuer.as_deref();
    let needed = match (issuer, keys) {
        (Some(issuer), _) => {
            format!(
                "A key (`hotwash key list`) or an account of {issuer} is needed; Ctrl-C stops it."
            )
        }
        (None, true) => "A key is needed (`hotwash key list`); Ctrl-C stops it.".to_owned(),
        (None, false) => {
            "Open to every local user, because no API key exists; Ctrl-C stops it.".to_owned()
        }
    };
    // The server keeps running if its standard output is closed.
    let _ = write!(
        std::io::stdout(),
        "Report        {scheme}://{shown}/\n\
         GraphQL       {scheme}://{shown}/graphql  {scheme}://{shown}/graphiql\n\
         Health        {scheme}://{shown}/healthz  {scheme}://{shown}/readyz\n\
         Measurements  {scheme}://{shown}/metrics\n\
         {needed}\n",
    );
    let stopper = tokio::spawn(shutdown::on_signal(server.handle(), state.clone()));
    let outcome = server.await;
    follower.abort();
    // These tasks share the state and would keep the access log open.
    for task in [stopper, prerenderer, socket_check, releases, alerts, feeds] {
        task.abort();
        let _ = task.await;
    }
    // Dropping the state flushes the access log.
    drop(state);
    let _ = tokio::time::timeout(Duration::from_secs(3), writer).await;
    outcome.context("the server ended with an error")
}

fn routes(config: &mut web::ServiceConfig) {
    let graphql = [
        web::post().to(graphql::post),
        web::get().guard(guard::fn_guard(websocket::is_asked)).to(websocket::websocket),
        read().to(graphql::get),
    ];
    let sign_in = [read().to(sign_in::page), web::post().to(sign_in::with_key)];
    address(config, "/graphql", "GET, HEAD, POST", graphql);
    for (path, route) in [
        ("/graphiql", read().to(graphiql::page)),
        ("/graphiql/{version}/{file}", read().to(graphiql::file)),
        ("/healthz", read().to(healthy)),
        ("/readyz", read().to(ready)),
        ("/metrics", read().to(prometheus::exposition)),
        ("/metrics/{id}.{ending}", read().to(metric::file)),
        ("/export/event/{id}.zip", read().to(export::event)),
        ("/export/{file}", read().to(export::export)),
        ("/assets/report.css", read().to(pages::style)),
        ("/assets/report.js", read().to(pages::script)),
        ("/figures/{id}.{ending}", read().to(figure::file)),
    ] {
        address(config, path, READ, [route]);
    }
    address(config, "/sign-in", "GET, HEAD, POST", sign_in);
    // A HEAD would begin a sign-in, or use up the provider's code.
    let (begin, back) = (sign_in::with_account, sign_in::back_from_account);
    address(config, "/sign-in/oidc", "GET", [web::get().to(begin)]);
    address(config, "/sign-in/oidc/callback", "GET", [web::get().to(back)]);
    address(config, "/sign-out", "POST", [web::post().to(sign_in::end)]);
    let numbers = read().guard(guard::fn_guard(metric::wants_numbers));
    config
        .route("/metrics/{id}", numbers.to(metric::negotiate))
        .configure(pages::routes)
        .default_service(web::to(unknown));
}

/// Response headers that forbid browsers to load other hosts' content, frame our pages or guess
/// types.
fn security_headers(encrypted: bool) -> actix_web::middleware::DefaultHeaders {
    let headers = actix_web::middleware::DefaultHeaders::new()
        .add((
            "content-security-policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; \
            img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        ))
        .add(("x-content-type-options", "nosniff"))
        .add(("x-frame-options", "DENY"))
        .add(("referrer-policy", "same-origin"))
        .add(("cross-origin-resource-policy", "same-origin"))
        .add(("cross-origin-opener-policy", "same-origin"))
        .add(("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"));
    if encrypted { headers.add(("strict-transport-security", "max-age=31536000")) } else { headers }
}

async fn healthy() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "alive" }))
}

async fn ready(state: web::Data<AppState>) -> HttpResponse {
    let snapshot = state.store.status();
    let database = state.pool.query(&Select::default(), Planning::Cached).await.is_ok();
    let stopping = state.stopping.load(Ordering::Relaxed);
    let body = serde_json::json!({
        "server": if stopping { "stopping" } else { "serving" },
        "database": if database { "reachable" } else { "unreachable" },
        "snapshotVersion": snapshot.version,
        "snapshotReadAt": snapshot.read_at,
        "unreachableSince": snapshot.unreachable_since,
    });
    if database && !stopping {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().json(body)
    }
}

/// Answers an unknown path: a browser with a page, everything else with JSON.
async fn unknown(request: actix_web::HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let form = accept::best(request.headers(), &["application/json", "text/html"]);
    if reads && form == Some("text/html") {
        return pages::page(request, state).await;
    }
    let path = request.path();
    let message =
        format!("there is nothing at {path}; try /, /graphql, /healthz, /readyz or /metrics");
    error::json(Code::NotFound, message)
}
