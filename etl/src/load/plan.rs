//! The order in which files load: reference rows, then independent feeds in parallel, then records
//! that refer to others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use hotwash_documents::input::Input;

use super::failure::Failure;
use super::session::Session;
use super::{FileReport, Options, Progress, file};
use crate::error::ChoiceError;
use crate::layout::{self, Layout, LayoutSource, Layouts};
use crate::lookup::Lookup;
use crate::source::{self, Rank, Sample, Source};
use hotwash_schema::copy::Connection;

/// A file with its source.
struct Job {
    index: usize,
    input: Input,
    source: &'static dyn Source,
    /// The file marks its own content as fictional.
    fictional: bool,
}

impl Job {
    /// Reports that the file was not loaded because of the database.
    fn failed(&self, batch: Option<i32>, failure: Failure, progress: &dyn Progress) -> FileReport {
        let mut report = FileReport::failed(self.input.name(), batch, failure);
        report.source = Some(self.source.definition().id.into());
        finish_report(report, 0.0, progress)
    }
}

/// The files of a load in their order.
pub struct Plan {
    names: Vec<String>,
    rejected: Vec<(usize, Option<Input>, String)>,
    jobs: BTreeMap<Rank, Vec<Job>>,
}

impl Plan {
    /// Chooses the source of each file.
    pub async fn build(inputs: Vec<(String, Result<Input, String>)>, choice: SourceChoice) -> Self {
        let mut plan = Self { names: Vec::new(), rejected: Vec::new(), jobs: BTreeMap::new() };
        for (index, (name, input)) in inputs.into_iter().enumerate() {
            plan.names.push(name);
            match input {
                Ok(input) => match choose_source(&input, &choice).await {
                    Ok((source, rank, fictional)) => {
                        plan.jobs.entry(rank).or_default().push(Job {
                            index,
                            input,
                            source,
                            fictional,
                        });
                    }
                    Err(error) => plan.rejected.push((index, Some(input), error.to_string())),
                },
                Err(error) => plan.rejected.push((index, None, error)),
            }
        }
        plan
    }

    /// Loads the files. Returns one report per file, in the given order. Files that remain when the
    /// database is lost for good are reported as not loaded.
    pub async fn run(
        self,
        url: &str,
        batch: Option<i32>,
        options: &Options,
        progress: &dyn Progress,
    ) -> Vec<FileReport> {
        let mut reports: Vec<Option<FileReport>> = self.names.iter().map(|_| None).collect();
        // A connection that has loaded before has its temporary tables. If the connection fails,
        // the files report it.
        let mut idle: Vec<Session> =
            Connection::open(url).await.map(Session::new).into_iter().collect();
        if let (Some(session), Some(batch)) = (idle.first(), batch) {
            let rejected = self
                .rejected
                .iter()
                .filter_map(|(_, input, error)| Some((input.as_ref()?, error.as_str())));
            let rejected: Vec<(&Input, &str)> = rejected.collect();
            file::record_rejected(&session.connection, batch, &rejected).await;
        }
        for (index, input, error) in self.rejected {
            let name = input.as_ref().map_or(self.names[index].as_str(), Input::name);
            reports[index] =
                Some(finish_report(FileReport::rejected_file(name, batch, error), 0.0, progress));
        }
        for (rank, jobs) in self.jobs {
            // The previous rank can change the reference lists, so each rank reads them again.
            let lookup = match Lookup::read(url).await {
                Ok(lookup) => Arc::new(lookup.with_metrics(&options.metrics)),
                Err(error) => {
                    let failure = Failure::from(error);
                    for job in jobs {
                        reports[job.index] = Some(job.failed(batch, failure.clone(), progress));
                    }
                    continue;
                }
            };
            let mut chains: BTreeMap<&str, Vec<Job>> = BTreeMap::new();
            for job in jobs {
                let chain = if rank == Rank::Independent { job.source.definition().id } else { "" };
                chains.entry(chain).or_default().push(job);
            }
            let mut running: FuturesUnordered<_> = chains
                .into_values()
                .map(|chain| {
                    load_chain(
                        url,
                        idle.pop(),
                        chain,
                        Arc::clone(&lookup),
                        batch,
                        options,
                        progress,
                    )
                })
                .collect();
            while let Some((session, loaded)) = running.next().await {
                idle.extend(session);
                for (index, report) in loaded {
                    reports[index] = Some(report);
                }
            }
        }
        reports.into_iter().flatten().collect()
    }
}

/// Loads files one after the other on one connection: the idle one, or a new one. Returns the
/// connection if it can be used again.
async fn load_chain(
    url: &str,
    idle: Option<Session>,
    jobs: Vec<Job>,
    lookup: Arc<Lookup>,
    batch: Option<i32>,
    options: &Options,
    progress: &dyn Progress,
) -> (Option<Session>, Vec<(usize, FileReport)>) {
    let mut idle = idle;
    let mut reports = Vec::new();
    for job in jobs {
        let session = match idle.take().filter(|session| !session.connection.is_closed()) {
            Some(session) => Ok(session),
            None => Connection::open(url).await.map(Session::new),
        };
        let mut session = match session {
            Ok(session) => session,
            Err(error) => {
                reports.push((job.index, job.failed(batch, error.into(), progress)));
                continue;
            }
        };
        let began = Instant::now();
        let options = Options { fictional: options.fictional || job.fictional, ..options.clone() };
        let report =
            file::load(&mut session, &lookup, &job.input, job.source, batch, &options, progress)
                .await;
        reports.push((job.index, finish_report(report, began.elapsed().as_secs_f64(), progress)));
        idle = Some(session);
    }
    (idle, reports)
}

fn finish_report(mut report: FileReport, seconds: f64, progress: &dyn Progress) -> FileReport {
    report.seconds = seconds;
    tracing::info!(file = %report.file, read = report.read, inserted = report.inserted, rejected = report.rejected, error = report.error, "loaded");
    progress.end_file(&report.file, &report.summary());
    report
}

/// Rule by which the source of a file is chosen.
#[derive(Clone)]
pub enum SourceChoice {
    /// Every file has this source.
    Source(&'static dyn Source),
    /// Every file is read by this layout.
    Layout(&'static LayoutSource),
    /// Each file is recognized by its content.
    Content(Layouts),
}

impl SourceChoice {
    /// Returns the rule that the options describe.
    ///
    /// # Errors
    /// Returns a message if no such source or layout exists, or if the layout is invalid.
    pub fn of(options: &Options) -> Result<Self, ChoiceError> {
        let folder = options.layouts.as_deref();
        match (&options.layout, &options.source) {
            (Some(_), Some(_)) => Err(ChoiceError::SourceAndLayout),
            (Some(given), None) => Ok(Self::Layout(layout::find(given, folder)?)),
            (None, Some(id)) => Ok(Self::Source(source::find(id)?)),
            (None, None) => Ok(Self::Content(folder.map(layout::in_folder).unwrap_or_default())),
        }
    }

    /// Returns the layout of a source, or none for a built-in source.
    pub fn layout(&self, source: &'static dyn Source) -> Option<&'static Layout> {
        let id = source.definition().id;
        match self {
            Self::Layout(source) => Some(&source.layout),
            Self::Source(_) => None,
            Self::Content(layouts) => layouts
                .sources
                .iter()
                .find(|known| known.definition().id == id)
                .map(|known| &known.layout),
        }
    }

    /// Returns the source of a file.
    ///
    /// # Errors
    /// Returns a message if no source, or more than one, recognizes the file.
    pub fn source(
        &self,
        sample: &Result<Sample, ChoiceError>,
    ) -> Result<&'static dyn Source, ChoiceError> {
        match self {
            Self::Source(source) => Ok(*source),
            Self::Layout(source) => Ok(*source),
            Self::Content(layouts) => {
                source::recognize(sample.as_ref().map_err(Clone::clone)?, layouts)
            }
        }
    }
}

async fn choose_source(
    input: &Input,
    choice: &SourceChoice,
) -> Result<(&'static dyn Source, Rank, bool), ChoiceError> {
    let (input, choice) = (input.clone(), choice.clone());
    let chosen = tokio::task::spawn_blocking(move || {
        let sample = Sample::take(&input);
        let source = choice.source(&sample)?;
        let sample = sample.unwrap_or_default();
        Ok((source, source.rank(&sample), sample.fictional))
    });
    chosen.await.map_err(|_| ChoiceError::Broken)?
}
