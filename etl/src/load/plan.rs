//! In what order files load: reference rows first, then feeds that refer to nothing, side by side,
//! then what refers to others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use hotwash_schema::connect::connect;

use super::failure::Failure;
use super::session::Session;
use super::{FileReport, Options, Progress, file};
use crate::input::Input;
use crate::layout::{self, Layout, LayoutSource, Layouts};
use crate::lookup::Lookup;
use crate::source::{self, Rank, Sample, Source};

/// A file whose source is known.
struct Job {
    index: usize,
    input: Input,
    source: &'static dyn Source,
    /// The file says that what it holds is invented.
    fictional: bool,
}

impl Job {
    /// Reports that it was not loaded because of the database.
    fn failed(&self, batch: Option<i32>, failure: Failure, progress: &dyn Progress) -> FileReport {
        let mut report = FileReport::failed(self.input.name(), batch, failure);
        report.source = Some(self.source.definition().id.into());
        finish_report(report, 0.0, progress)
    }
}

/// What to load, in its order.
pub struct Plan {
    names: Vec<String>,
    rejected: Vec<(usize, Option<Input>, String)>,
    jobs: BTreeMap<Rank, Vec<Job>>,
}

impl Plan {
    /// Recognizes every file.
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
                    Err(error) => plan.rejected.push((index, Some(input), error)),
                },
                Err(error) => plan.rejected.push((index, None, error)),
            }
        }
        plan
    }

    /// Loads; one report a file, in the order in which the files were given. Files that are left
    /// when the database goes away for good are reported as not loaded.
    pub async fn run(
        self,
        url: &str,
        batch: Option<i32>,
        options: &Options,
        progress: &dyn Progress,
    ) -> Vec<FileReport> {
        let mut reports: Vec<Option<FileReport>> = self.names.iter().map(|_| None).collect();
        // A connection that has loaded knows the tables already. Where there is none, the files
        // report it.
        let mut idle: Vec<Session> = connect(url).await.map(Session::new).into_iter().collect();
        if let (Some(session), Some(batch)) = (idle.first(), batch) {
            let rejected = self
                .rejected
                .iter()
                .filter_map(|(_, input, error)| Some((input.as_ref()?, error.as_str())));
            let rejected: Vec<(&Input, &str)> = rejected.collect();
            file::record_rejected(&session.client, batch, &rejected).await;
        }
        for (index, input, error) in self.rejected {
            let name = input.as_ref().map_or(self.names[index].as_str(), Input::name);
            reports[index] =
                Some(finish_report(FileReport::rejected_file(name, batch, error), 0.0, progress));
        }
        for (rank, jobs) in self.jobs {
            // A rank may have changed the lists that the next one reads.
            let lookup = match Lookup::read(url).await {
                Ok(lookup) => Arc::new(lookup),
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

/// Loads files that must load one after the other, on a connection of their own: the idle one if
/// there is one. Gives the connection back when it is still good.
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
        let session = match idle.take().filter(|session| !session.client.is_closed()) {
            Some(session) => Ok(session),
            None => connect(url).await.map(Session::new),
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

/// By what the source of a file is chosen.
#[derive(Clone)]
pub enum SourceChoice {
    /// All files are of this source.
    Source(&'static dyn Source),
    /// All files are read by this layout.
    Layout(&'static LayoutSource),
    /// Each is recognized by its content.
    Content(Layouts),
}

impl SourceChoice {
    /// The choice of these options.
    ///
    /// # Errors
    /// When there is no such source or layout, or the layout has a fault.
    pub fn of(options: &Options) -> Result<Self, String> {
        let folder = options.layouts.as_deref();
        match (&options.layout, &options.source) {
            (Some(_), Some(_)) => Err("--source and --layout exclude each other; give one".into()),
            (Some(given), None) => Ok(Self::Layout(layout::find(given, folder)?)),
            (None, Some(id)) => Ok(Self::Source(source::find(id)?)),
            (None, None) => Ok(Self::Content(folder.map(layout::in_folder).unwrap_or_default())),
        }
    }

    /// The layout by which a source reads; none for a built-in one.
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

    /// The source of a file.
    ///
    /// # Errors
    /// When none knows it, or two do.
    pub fn source(&self, sample: &Result<Sample, String>) -> Result<&'static dyn Source, String> {
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
) -> Result<(&'static dyn Source, Rank, bool), String> {
    let (input, choice) = (input.clone(), choice.clone());
    let chosen = tokio::task::spawn_blocking(move || {
        let sample = Sample::take(&input);
        let source = choice.source(&sample)?;
        let sample = sample.unwrap_or_default();
        Ok((source, source.rank(&sample), sample.fictional))
    });
    chosen.await.map_err(|_| {
        "the file broke its reader, which is our fault; please report its layout".to_owned()
    })?
}
