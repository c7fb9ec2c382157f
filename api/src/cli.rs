//! Command line: one file per command under `cli/`, each a thin layer over the libraries. Exit
//! codes: 0 success, 1 failure, 2 wrong usage or feeds that cannot be checked, 3 success with rejects
//! under `load --strict`, or with rules that hold under `alerts --check`.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use hotwash_metrics::MetricError;

use crate::logging;

mod alerts;
mod backup;
mod bi;
mod changes;
mod completions;
mod context;
mod day;
#[cfg(feature = "demo-data")]
mod demo;
mod doctor;
mod errors;
mod export;
mod feeds;
#[cfg(feature = "demo-data")]
mod generate;
mod inspect;
mod key;
#[cfg(not(feature = "demo-data"))]
mod left_out;
mod load;
mod metric;
mod migrate;
mod outcome;
mod postgres;
mod progress;
mod publish;
mod rejects;
mod release;
mod report;
mod role;
mod schema;
mod serve;
mod settings;
mod sources;
mod status;
mod table;
mod template;
mod tracker;
mod warnings;

pub use context::Context;
pub use outcome::Outcome;
use publish::publish;
use role::role;

/// After-action analytics for health and medical coalitions. Loads files into Postgres and serves a
/// leadership report, GraphQL, BI tools and notebooks.
///
/// Without DATABASE_URL, Hotwash runs a private Postgres under its home folder. Start with `hotwash
/// demo`.
///
/// Options left out are taken from the environment, then from the settings file
/// (/etc/hotwash/hotwash.toml, or --settings): `listen = "127.0.0.1:8080"` sets --listen. It may set
/// the options of `hotwash serve`, for every command.
#[derive(Parser)]
#[command(
    name = "hotwash",
    version,
    arg_required_else_help = true,
    max_term_width = 110,
    propagate_version = true
)]
struct CommandLine {
    #[command(flatten)]
    context: Context,
    #[command(subcommand)]
    command: Command,
}

impl CommandLine {
    /// Parses the arguments. Help, version and wrong usage end the process.
    fn read() -> Result<Self, settings::SettingsError> {
        // Help is written before the settings are read: it shows none of them.
        let matches = Self::command().get_matches();
        let file = matches.get_one::<OsString>("settings");
        let command = settings::apply(Self::command(), file.map(OsString::as_os_str))?;
        let parsed = Self::from_arg_matches(&command.get_matches());
        Ok(parsed.unwrap_or_else(|error| error.exit()))
    }
}

#[derive(Subcommand)]
enum Command {
    /// Load the bundled public records and a fictional coalition, and serve them
    #[cfg(feature = "demo-data")]
    Demo(demo::DemoArguments),
    /// Not in this build: load the bundled public records and a fictional coalition
    #[cfg(not(feature = "demo-data"))]
    Demo(left_out::AnyArguments),
    /// Show what a load would make of files, without storing anything
    Inspect(inspect::InspectArguments),
    /// Load files, folders or patterns into the warehouse
    Load(load::LoadArguments),
    /// Serve the report, GraphQL, metrics and exports
    Serve(serve::ServeArguments),
    /// Show what the warehouse contains and how current it is
    Status(status::StatusArguments),
    /// List the file formats that can be loaded
    Sources(sources::SourcesArguments),
    /// Print an empty input file with comments and an example row
    Template(template::TemplateArguments),
    /// Write workbooks in which owners report on their open corrective actions
    Tracker(tracker::TrackerArguments),
    /// Write a fictional data set for trying Hotwash out
    #[cfg(feature = "demo-data")]
    Generate(generate::GenerateArguments),
    /// Not in this build: write a fictional data set
    #[cfg(not(feature = "demo-data"))]
    Generate(left_out::AnyArguments),
    /// Print rejected rows as CSV, to fix and load again
    Rejects(rejects::RejectsArguments),
    /// List doubtful values that were loaded anyway
    Warnings(warnings::WarningsArguments),
    /// List the metrics
    Metrics(metric::list::MetricsArguments),
    /// Compute one metric
    Metric(metric::MetricArguments),
    /// Show what changed between two days, and what was only learned
    Changes(changes::ChangesArguments),
    /// Show which expected feeds are overdue or outside their usual volume
    Feeds(feeds::FeedsArguments),
    /// Write the leadership report as a PDF or as a folder of static pages
    Report(report::ReportArguments),
    /// Check the rules of the alerts file, and deliver alerts and digests
    Alerts(alerts::AlertsArguments),
    /// Publish the numbers that all viewers may see about every region, as of the end of a month
    Release(release::ReleaseArguments),
    /// Print the GraphQL schema
    Schema(schema::SchemaArguments),
    /// List the codes of errors, rejected rows, warnings and alerts, with their remedies
    Errors(errors::ErrorsArguments),
    /// Update the database to this version's schema, with the reference data of its jurisdiction
    Migrate,
    /// Create, list or revoke API keys
    Key(key::KeyArguments),
    /// Check every invariant of the warehouse
    Doctor(doctor::DoctorArguments),
    /// Export every record type as Parquet, CSV, JSON Lines or Arrow
    Export(export::ExportArguments),
    /// Write the whole warehouse into one checksummed file
    Backup(backup::BackupArguments),
    /// Restore a backup into an empty warehouse
    Restore(backup::RestoreArguments),
    /// Manage logins for BI tools, and describe the tables they read
    Bi(bi::BiArguments),
    /// Start, stop or describe the private Postgres
    Postgres(postgres::PostgresArguments),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArguments),
}

impl Command {
    /// Reports whether the command runs a server.
    fn serves(&self) -> bool {
        match self {
            Self::Serve(_) => true,
            #[cfg(feature = "demo-data")]
            Self::Demo(arguments) => !arguments.no_serve,
            _ => false,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::Failed => Self::from(1),
            Outcome::NotChecked => Self::from(2),
            Outcome::DoneWithRemarks => Self::from(3),
        }
    }
}

/// Parses the arguments, runs the command and returns its exit code. Writes an error and its causes
/// to standard error.
pub fn main() -> ExitCode {
    let command_line = match CommandLine::read() {
        Ok(command_line) => command_line,
        Err(error) => return fail(false, &error.into()),
    };
    command_line.context.use_headings();
    // The check of feeds reads the file itself: its exit code says that it could not check.
    if !matches!(command_line.command, Command::Feeds(_))
        && let Err(error) = command_line.context.use_expectations()
    {
        return fail(false, &error);
    }
    let server = command_line.command.serves();
    let log = command_line.context.start_logging(server);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return fail(server, &anyhow::Error::new(error).context("could not start the runtime"));
        }
    };
    let outcome = runtime.block_on(run(command_line));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    drop(log);
    match outcome {
        Ok(outcome) => outcome.into(),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => fail(server, &error),
    }
}

async fn run(command_line: CommandLine) -> anyhow::Result<Outcome> {
    let context = &command_line.context;
    match command_line.command {
        #[cfg(feature = "demo-data")]
        Command::Demo(arguments) => demo::run(context, arguments).await,
        #[cfg(not(feature = "demo-data"))]
        Command::Demo(_) | Command::Generate(_) => left_out::run(),
        Command::Inspect(arguments) => inspect::run(context, arguments).await,
        Command::Load(arguments) => load::run(context, arguments).await,
        Command::Serve(arguments) => serve::run(context, arguments).await,
        Command::Status(arguments) => status::run(context, &arguments).await,
        Command::Sources(arguments) => sources::run(context, &arguments),
        Command::Template(arguments) => template::run(&arguments),
        Command::Tracker(arguments) => tracker::run(context, &arguments).await,
        #[cfg(feature = "demo-data")]
        Command::Generate(arguments) => generate::run(context, &arguments),
        Command::Rejects(arguments) => rejects::run(context, arguments).await,
        Command::Warnings(arguments) => warnings::run(context, &arguments).await,
        Command::Metrics(arguments) => metric::list::run(&arguments),
        Command::Metric(arguments) => metric::run(context, arguments).await,
        Command::Changes(arguments) => changes::run(context, &arguments).await,
        Command::Feeds(arguments) => feeds::run(context, &arguments).await,
        Command::Report(arguments) => report::run(context, arguments).await,
        Command::Alerts(arguments) => alerts::run(context, arguments).await,
        Command::Release(arguments) => release::run(context, arguments).await,
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Errors(arguments) => errors::run(&arguments),
        Command::Migrate => migrate::run(context).await,
        Command::Key(arguments) => key::run(context, arguments).await,
        Command::Doctor(arguments) => doctor::run(context, &arguments).await,
        Command::Export(arguments) => export::run(context, arguments).await,
        Command::Backup(arguments) => backup::backup(context, &arguments).await,
        Command::Restore(arguments) => backup::restore(context, &arguments).await,
        Command::Bi(arguments) => bi::run(context, arguments).await,
        Command::Postgres(arguments) => postgres::run(context, arguments).await,
        Command::Completions(arguments) => completions::run(arguments, &mut CommandLine::command()),
    }
}

/// Reports whether standard output was closed early, as `hotwash metrics | head` does; that is not
/// a failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

fn fail(server: bool, error: &anyhow::Error) -> ExitCode {
    let label =
        if std::io::stderr().is_terminal() { "\u{1b}[1;31merror:\u{1b}[0m" } else { "error:" };
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text.push_str(&format!("\n  because: {cause}"));
        }
    }
    logging::last_note(server, label, text);
    let is_usage = error
        .chain()
        .any(|cause| cause.downcast_ref::<MetricError>().is_some_and(MetricError::is_query_error));
    ExitCode::from(if is_usage { 2 } else { 1 })
}
