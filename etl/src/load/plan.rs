//! In what order files load: reference rows first, then feeds that refer to nothing, side by side, then what refers to others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use hotwash_schema::SchemaError;
use hotwash_schema::connect::connect;

use super::session::Session;
use super::{FileReport, Options, Progress, file};
use crate::input::Input;
use crate::lookup::Lookup;
use crate::source::{self, Rank, Sample, Source};

/// A file whose source is known.
struct Job {
    place: usize,
    input: Input,
    source: &'static dyn Source,
    /// The file says that what it holds is invented.
    fictional: bool,
}

/// What to load, in its order.
pub struct Plan {
    names: Vec<String>,
    refused: Vec<(usize, Option<Input>, String)>,
    jobs: BTreeMap<Rank, Vec<Job>>,
}

impl Plan {
    /// Recognises every file.
    pub async fn make(inputs: Vec<(String, Result<Input, String>)>, options: &Options) -> Self {
        let mut plan = Self { names: Vec::new(), refused: Vec::new(), jobs: BTreeMap::new() };
        for (place, (name, input)) in inputs.into_iter().enumerate() {
            plan.names.push(name);
            match input {
                Ok(input) => match choose(&input, options).await {
                    Ok((source, rank, fictional)) => {
                        plan.jobs.entry(rank).or_default().push(Job { place, input, source, fictional });
                    }
                    Err(error) => plan.refused.push((place, Some(input), error)),
                },
                Err(error) => plan.refused.push((place, None, error)),
            }
        }
        plan
    }

    /// Loads; one report a file, in the order in which the files were given.
    pub async fn carry_out(
        self,
        url: &str,
        batch: Option<i32>,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<Vec<FileReport>, SchemaError> {
        let mut reports: Vec<Option<FileReport>> = self.names.iter().map(|_| None).collect();
        let session = Session::new(connect(url).await?);
        for (place, input, error) in self.refused {
            let report = match input {
                Some(input) => file::refuse(&session.client, &input, batch, error).await,
                None => FileReport::refused(&self.names[place], batch, error),
            };
            reports[place] = Some(told(report, 0.0, progress));
        }
        // A connection that has loaded knows the tables already.
        let mut idle = vec![session];
        for (rank, jobs) in self.jobs {
            // A rank may have changed the lists that the next one reads.
            let lookup = Arc::new(Lookup::read(url).await?);
            let mut chains: BTreeMap<&str, Vec<Job>> = BTreeMap::new();
            for job in jobs {
                let chain = if rank == Rank::StandsAlone { job.source.definition().id } else { "" };
                chains.entry(chain).or_default().push(job);
            }
            let mut running: FuturesUnordered<_> = chains
                .into_values()
                .map(|chain| load_chain(url, idle.pop(), chain, Arc::clone(&lookup), batch, options, progress))
                .collect();
            while let Some(done) = running.next().await {
                let (session, loaded) = done?;
                idle.push(session);
                for (place, report) in loaded {
                    reports[place] = Some(report);
                }
            }
        }
        Ok(reports.into_iter().flatten().collect())
    }
}

/// Loads files that must load one after the other, on a connection of their own: the idle one if there is one.
async fn load_chain(
    url: &str,
    idle: Option<Session>,
    jobs: Vec<Job>,
    lookup: Arc<Lookup>,
    batch: Option<i32>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(Session, Vec<(usize, FileReport)>), SchemaError> {
    let mut session = match idle.filter(|session| !session.client.is_closed()) {
        Some(session) => session,
        None => Session::new(connect(url).await?),
    };
    let mut reports = Vec::new();
    for job in jobs {
        let began = Instant::now();
        let options = Options { fictional: options.fictional || job.fictional, ..options.clone() };
        let report = file::load(&mut session, &lookup, &job.input, job.source, batch, &options, progress).await;
        reports.push((job.place, told(report, began.elapsed().as_secs_f64(), progress)));
        if session.client.is_closed()
            && let Ok(again) = connect(url).await
        {
            session = Session::new(again);
        }
    }
    Ok((session, reports))
}

fn told(mut report: FileReport, seconds: f64, progress: &dyn Progress) -> FileReport {
    report.seconds = seconds;
    tracing::info!(file = %report.file, read = report.read, inserted = report.inserted, rejected = report.rejected, error = report.error, "loaded");
    progress.end_file(&report.file, &report.summary());
    report
}

async fn choose(input: &Input, options: &Options) -> Result<(&'static dyn Source, Rank, bool), String> {
    let (input, wanted) = (input.clone(), options.source.clone());
    let chosen = tokio::task::spawn_blocking(move || {
        let sample = Sample::take(&input);
        let source = match wanted {
            Some(id) => source::find(&id)?,
            None => source::recognise(sample.as_ref().map_err(Clone::clone)?)?,
        };
        let sample = sample.unwrap_or_default();
        Ok((source, source.rank(&sample), sample.fictional))
    });
    chosen.await.map_err(|_| "the file broke its reader, which is our fault; please report its layout".to_owned())?
}
