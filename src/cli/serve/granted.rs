//! Whether jobs may do what they need: what would be refused in the night is told at once.

use crate::{
    Error,
    cli::{
        apis,
        packages::{Chosen, script},
        permit::Grants,
    },
    config::Config,
    engine::Sources,
    scheduler::Job,
    store::Store,
};
use std::path::Path;

/// A job that would be refused, and why.
#[derive(Debug)]
pub(in crate::cli) struct Refused<'a> {
    pub job: &'a Job,
    why: Error,
}

/// The jobs that would be refused if they were due now.
pub(in crate::cli) async fn refused_jobs<'a>(
    jobs: &'a [Job],
    config: &Config,
    sources: &Sources,
    store: &Store,
) -> Result<Vec<Refused<'a>>, Error> {
    let mut refused = Vec::new();
    if sources.packages().packages().is_empty() {
        return Ok(refused);
    }
    let catalog = apis::catalog(config)?;
    let grants = Grants::of_others(config, &catalog, store);
    let here = config.file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    for job in jobs {
        let Chosen { script, folder } = script(&job.script, sources.packages(), here)?;
        if let Err(why) = grants.guard(&script, &folder, sources).await {
            refused.push(Refused { job, why });
        }
    }
    Ok(refused)
}

impl Refused<'_> {
    /// With what mends it.
    pub(in crate::cli) fn warn(&self) {
        let Refused { job, why } = self;
        let hint = why.hint.as_deref().unwrap_or_default();
        let script = job.script.display();
        tracing::warn!(
            "the job {} would be refused: {}; `juben run {script}` asks, and v keeps the answer; or {hint}",
            job.name,
            why.message
        );
    }

    /// In one sentence.
    pub(in crate::cli) fn reason(&self) -> &str {
        &self.why.message
    }
}
