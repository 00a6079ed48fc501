//! `juben test [PATHS]` — run the tests of scripts and the examples in their comments.

mod case;
mod find;
mod head;
mod junit;
mod stage;
mod told;

use super::{Common, asked_to_stop, failed, lines::Lines, write_out};
use crate::{
    Error,
    engine::Sources,
    error::Kind,
    helpers::progress::Progress,
    host::{Line, stopped},
};
use case::{Case, Deed, Ended};
use clap::Args;
use stage::Stage;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{runtime::Runtime, sync::Semaphore, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use told::Told;

/// What is stopped has so long to end by itself.
const PATIENCE: Duration = Duration::from_millis(100);

/// Run the tests of scripts, each in a sandbox of its own, and the examples in their comments
#[derive(Debug, Default, Args)]
#[command(
    after_help = "Examples:\n  juben test\n  juben test scripts/renew_grants_test.rhai --filter copyright\n  juben test stdlib --jobs 4 --junit report.xml"
)]
pub(super) struct Test {
    /// Files, or folders with all below them [default: the current folder]
    paths: Vec<PathBuf>,
    /// Only tests whose name has this in it
    #[arg(long, value_name = "WORD")]
    filter: Option<String>,
    /// Name the tests without running them
    #[arg(long)]
    list: bool,
    /// So many at once [default: the number of processors]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Stop a test after so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = super::run::seconds, default_value = "60")]
    timeout: Duration,
    /// Write a report in JUnit's form
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

impl Test {
    /// All of a folder.
    pub(super) fn of(folder: &Path) -> Test {
        Test { paths: vec![folder.to_owned()], timeout: Duration::from_secs(60), ..Test::default() }
    }

    pub(super) async fn execute(self, common: &Common) -> Result<ExitCode, Error> {
        let found = find::below(&self.paths, self.filter.as_deref())?;
        if self.list {
            return list(&found.cases);
        }
        let begun = Instant::now();
        let mut told = Told::new(common);
        found.empty.iter().for_each(|why| told.warn(why));
        // What the tests leave behind goes at the end, also when some are stopped.
        let folders = tempfile::Builder::new().prefix("juben-test-").tempdir().map_err(stage::no_folder)?;
        let stage = Arc::new(Stage::new(common, self.timeout, folders.path())?);
        let workers = self.workers()?;
        let (lines, cancel) = (Arc::new(Lines::new(common)), CancellationToken::new());
        let running = start(found.cases, &workers, stage, self.jobs(), &lines, &cancel);
        let was_stopped = follow(running, &cancel, &mut told).await;
        // A test that does not listen must not hold up the end.
        workers.shutdown_background();
        lines.write(Line::Abandoned);
        told.summary(begun.elapsed());
        if let Some(path) = &self.junit {
            junit::write(path, &told.ended)?;
        }
        if was_stopped { Err(stopped()) } else { Ok(told.exit_code()) }
    }

    fn jobs(&self) -> usize {
        self.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
    }

    fn workers(&self) -> Result<Runtime, Error> {
        let workers = tokio::runtime::Builder::new_multi_thread().worker_threads(self.jobs()).enable_all().build();
        workers.map_err(|error| Error::new(Kind::Limit, format!("no runtime: {error}")))
    }
}

/// Name the tests, and tell of the files that have none since they cannot be read or do not parse.
fn list(cases: &[Case]) -> Result<ExitCode, Error> {
    let (mut names, mut code) = (String::new(), ExitCode::SUCCESS);
    for case in cases {
        if let Deed::Broken { error, text } = &case.deed {
            let sources = Sources::default();
            sources.add(&case.file, text);
            code = failed(error, &sources);
        } else {
            names += &format!("{}\n", case.full_name());
        }
    }
    write_out(&names).map(|()| code)
}

/// A test, and how it will end.
type Running = Vec<(Case, JoinHandle<Ended>)>;

/// Start all of them, of which so many go on at once.
fn start(
    cases: Vec<Case>,
    workers: &Runtime,
    stage: Arc<Stage>,
    jobs: usize,
    lines: &Arc<Lines>,
    cancel: &CancellationToken,
) -> Running {
    let (room, done, total) = (Arc::new(Semaphore::new(jobs)), Arc::new(AtomicUsize::new(0)), cases.len());
    let spawn = |case: Case| {
        let (stage, cancel, room, done, lines) =
            (stage.clone(), cancel.clone(), room.clone(), done.clone(), lines.clone());
        let one = case.clone();
        let work = async move {
            let _room = room.acquire_owned().await;
            let ended = if cancel.is_cancelled() { one.not_run() } else { stage.run(&one, &cancel).await };
            let count = done.fetch_add(1, Ordering::Relaxed) + 1;
            lines.write(Line::Progress(&Progress::of_items("tests", count, total)));
            ended
        };
        (case, workers.spawn(work))
    };
    cases.into_iter().map(spawn).collect()
}

/// Tell of each as it ends, in the order in which they were found. Whether the user stopped them.
async fn follow(running: Running, cancel: &CancellationToken, told: &mut Told) -> bool {
    let mut stop = std::pin::pin!(asked_to_stop());
    let mut last = None;
    for (case, mut task) in running {
        if !cancel.is_cancelled() {
            tokio::select! {
                ended = &mut task => {
                    told.add(ended.unwrap_or_else(|_| case.broke_down()));
                    continue;
                }
                () = &mut stop => cancel.cancel(),
            }
        }
        let last = *last.get_or_insert_with(|| tokio::time::Instant::now() + PATIENCE);
        match tokio::time::timeout_at(last, task).await {
            Ok(Ok(ended)) => told.add(ended),
            _ => told.add(case.not_run()),
        }
    }
    cancel.is_cancelled()
}
