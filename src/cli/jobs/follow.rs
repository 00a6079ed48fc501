//! A fire as `juben run` would show a run: what it prints and logs while it goes, its result, and what went wrong.

use super::{
    super::lines::Lines,
    desk::{Desk, written},
    wrong::Wrong,
};
use crate::{
    Error,
    cli::output::{Output, write_result},
    client,
    error::Kind,
    host::Line,
    store::PastLine,
};
use std::{collections::HashMap, io::Write, process::ExitCode, time::Duration};
use tracing::Level;

/// So often is looked for something new.
pub(super) const BEAT: Duration = Duration::from_millis(100);

/// Follow all attempts of a fire to its end.
pub(super) async fn follow(desk: &Desk<'_>, fire: i64, lines: &Lines) -> Result<(), Error> {
    let mut seen: HashMap<i64, i64> = HashMap::new();
    let mut told = 0;
    loop {
        let now = desk.store.past_fire(fire).await?;
        let runs = desk.store.past_runs(fire).await?;
        for run in &runs {
            let seen = seen.entry(run.id).or_default();
            for line in desk.store.lines_after(run.id, *seen).await? {
                *seen = line.number;
                write(lines, &line);
            }
        }
        let Some(now) = now.filter(|fire| ["waiting", "running"].contains(&&*fire.state)) else { return Ok(()) };
        if now.state == "waiting" && runs.len() > told {
            told = runs.len();
            let why = runs.last().and_then(Wrong::of).map_or_else(String::new, |wrong| format!(": {}", wrong.message));
            let again = written(now.not_before, &desk.config.zone_of(&now.job));
            tracing::warn!("attempt {told} failed{why}; it is tried again at {again}");
        }
        tokio::time::sleep(BEAT).await;
    }
}

fn write(lines: &Lines, line: &PastLine) {
    let text = line.text.as_str();
    match line.level.as_str() {
        "print" => lines.write(Line::Printed(text)),
        level => lines.write(Line::Logged(level.parse().unwrap_or(Level::INFO), text)),
    }
}

/// How it ended, as `juben run` would end.
pub(super) async fn settle(desk: &Desk<'_>, fire: i64, output: Option<Output>) -> Result<ExitCode, Error> {
    let Some(fire) = desk.store.past_fire(fire).await? else { return Ok(ExitCode::SUCCESS) };
    let runs = desk.store.past_runs(fire.id).await?;
    let Some(run) = runs.last().filter(|_| fire.state == "ran") else {
        let reason = fire.reason.as_deref().unwrap_or("nobody knows why");
        return Err(Error::new(Kind::Conflict, format!("`{}` did not run, it is {}: {reason}", fire.job, fire.state))
            .hint(format!("`juben jobs history {}` shows what became of its other due times", fire.job)));
    };
    if let Some(result) = run.result.as_deref().and_then(|result| client::decode(result.as_bytes()).ok()) {
        write_result(&result, output)?;
    }
    let Some(wrong) = Wrong::of(run) else { return Ok(ExitCode::SUCCESS) };
    std::io::stderr().write_all(wrong.report.as_bytes()).ok();
    Ok(ExitCode::from(Kind::named(&wrong.kind).map_or(1, Kind::exit_code)))
}
