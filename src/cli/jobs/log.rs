//! `juben jobs log RUN` — what a run printed and logged, or the calls that it made.

use super::{
    desk::{Desk, text, written},
    follow::BEAT,
    history::length,
    wrong::Wrong,
};
use crate::{
    Error,
    cli::{
        output::{Output, write_rows},
        write_out,
    },
    host::harmless,
    store::{PastCall, PastLine, PastRun},
};
use clap::Args;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rhai::{Array, Dynamic, Map};
use std::io::{IsTerminal, Write};

/// Show what a run printed and logged, or the calls that it made
#[derive(Debug, Args)]
pub(super) struct Log {
    /// The run's number, as `juben jobs history NAME` shows it
    run: i64,
    /// The calls that it made instead
    #[arg(long)]
    calls: bool,
    /// Go on until it ends
    #[arg(long, short)]
    follow: bool,
    /// How it is written [default: lines of text on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    output: Option<Output>,
}

const CALLS: [&str; 7] = ["at", "operation", "account", "took", "attempts", "outcome", "message"];
const LINES: [&str; 3] = ["at", "level", "text"];

impl Log {
    pub(super) async fn execute(self, desk: &Desk<'_>) -> Result<(), Error> {
        let mut run = desk.run(self.run).await?;
        let zone = desk.config.zone_of(&run.job);
        let (mut seen, mut kept) = (0, Array::new());
        loop {
            let (last, rows) = self.rows_after(desk, seen, &zone).await?;
            seen = last;
            if self.comes_line_by_line() {
                self.write(rows)?
            } else {
                kept.extend(rows)
            }
            if run.ended.is_some() || !self.follow {
                break;
            }
            tokio::time::sleep(BEAT).await;
            run = desk.run(self.run).await?;
        }
        if !self.comes_line_by_line() {
            return write_rows(&kept.into(), if self.calls { &CALLS } else { &LINES }, self.output);
        }
        if self.is_text() {
            summary(&run, &zone);
        }
        Ok(())
    }

    /// What is new, and the number of the last of it.
    async fn rows_after(&self, desk: &Desk<'_>, seen: i64, zone: &TimeZone) -> Result<(i64, Array), Error> {
        if self.calls {
            let calls = desk.store.calls_after(self.run, seen).await?;
            let last = calls.last().map_or(seen, |call| call.number);
            return Ok((last, calls.iter().map(|call| of_call(call, zone)).collect()));
        }
        let lines = desk.store.lines_after(self.run, seen).await?;
        let last = lines.last().map_or(seen, |line| line.number);
        Ok((last, lines.iter().map(|line| of_line(line, zone)).collect()))
    }

    fn is_text(&self) -> bool {
        self.output.is_none() && std::io::stdout().is_terminal()
    }

    /// A table is written when all its rows are there.
    fn comes_line_by_line(&self) -> bool {
        match self.output {
            None => !(self.calls && self.is_text()),
            output => output == Some(Output::Jsonl),
        }
    }

    fn write(&self, rows: Array) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        if !self.is_text() {
            return write_rows(&rows.into(), &[], Some(Output::Jsonl));
        }
        let cell = |row: &Map, name: &str| row.get(name).map(|value| value.to_string()).unwrap_or_default();
        let line = |row: Map| {
            let (at, level, text) = (cell(&row, "at"), cell(&row, "level"), cell(&row, "text"));
            format!("{} {level:5}  {}\n", at.get(..19).unwrap_or(&at), harmless(&text))
        };
        write_out(&rows.into_iter().filter_map(|row| row.try_cast::<Map>()).map(line).collect::<String>())
    }
}

fn of_line(line: &PastLine, zone: &TimeZone) -> Dynamic {
    Dynamic::from_map(Map::from_iter([
        ("at".into(), written(line.at, zone).into()),
        ("level".into(), line.level.as_str().into()),
        ("text".into(), line.text.as_str().into()),
    ]))
}

fn of_call(call: &PastCall, zone: &TimeZone) -> Dynamic {
    Dynamic::from_map(Map::from_iter([
        ("at".into(), written(call.at, zone).into()),
        ("operation".into(), call.operation.as_str().into()),
        ("account".into(), call.account.as_str().into()),
        ("effect".into(), call.effect.as_str().into()),
        ("took".into(), length(SignedDuration::from_millis(call.took)).into()),
        ("attempts".into(), call.attempts.into()),
        ("outcome".into(), call.outcome.as_str().into()),
        ("message".into(), text(call.message.as_ref())),
    ]))
}

/// How it stands with the run, below its lines.
fn summary(run: &PastRun, zone: &TimeZone) {
    let began = written(run.began, zone);
    let took = length(run.ended.unwrap_or_else(Timestamp::now).duration_since(run.began));
    let how = if run.ended.is_some() { format!("{} in {took}", run.state) } else { format!("running for {took}") };
    tracing::info!("run {} of {} began at {began}: {how}", run.id, run.job);
    if let Some(wrong) = Wrong::of(run) {
        std::io::stderr().write_all(wrong.report.as_bytes()).ok();
    }
}
