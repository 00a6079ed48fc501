//! What is said when it begins: where it listens, and what is due next.

use super::plan::Plan;
use crate::{
    cli::jobs::{next_of, written},
    scheduler::{Job, Trigger},
};
use jiff::Timestamp;
use std::net::SocketAddr;

/// So many jobs are named.
const MOST: usize = 20;

pub(super) fn welcome(plan: &Plan, address: SocketAddr, pushes: &[String], now: Timestamp) -> String {
    let paths: String = ["/healthz", "/readyz", "/metrics"]
        .into_iter()
        .chain(pushes.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(" ");
    let jobs: String =
        plan.jobs.iter().take(MOST).map(|job| format!("  {}: {}\n", job.name, when(plan, job, now))).collect();
    let more = match plan.jobs.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!("  and {more} more: `juben jobs`\n"),
    };
    format!("serves at http://{address} ({paths})\n{jobs}{more}Ctrl-C stops it.\n")
}

fn when(plan: &Plan, job: &Job, now: Timestamp) -> String {
    match &job.trigger {
        _ if job.rules.paused => "paused".to_owned(),
        Trigger::Event { name, .. } => format!("on {name}"),
        Trigger::Times { .. } => {
            let zone = plan.config.zone_of(&job.name);
            next_of(job, now).map_or_else(|| "by hand".to_owned(), |due| format!("next {}", written(due, &zone)))
        }
    }
}
