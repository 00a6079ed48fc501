//! `:time` and `:last` — what the last entries took, and what went over the wire.

use super::{Prompt, table, wrong};
use crate::{
    Error,
    client::{Attempt, Exchange, KEPT},
    repl::Flow,
};
use jiff::{Timestamp, tz::TimeZone};
use rhai::Map;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

pub(super) fn time(prompt: &mut Prompt, entry: &str) -> Result<(), Error> {
    if !entry.is_empty()
        && let Flow::Leave = prompt.take(entry)?
    {
        return Ok(());
    }
    let mut exchanges = prompt.world.client().exchanges();
    exchanges.retain(|it| it.began >= prompt.began);
    let calls = match exchanges.len() {
        0 => return prompt.screen.note(&format!("{} in all, no calls", seconds(prompt.took))),
        1 => "1 call".to_owned(),
        KEPT => format!("the last {KEPT} calls"),
        count => format!("{count} calls"),
    };
    let (took, waited) = (seconds(prompt.took), seconds(waited(&exchanges)));
    prompt.screen.note(&format!("{took} in all, {waited} of it waiting for {calls}"))
}

/// The time in which at least one of these calls was under way.
fn waited(exchanges: &[Arc<Exchange>]) -> Duration {
    let mut spans: Vec<_> = exchanges.iter().map(|it| (it.began, it.began + it.took)).collect();
    spans.sort();
    let (mut waited, mut until) = (Duration::ZERO, SystemTime::UNIX_EPOCH);
    for (begin, end) in spans {
        waited += end.duration_since(begin.max(until)).unwrap_or_default();
        until = until.max(end);
    }
    waited
}

pub(super) fn last(prompt: &mut Prompt, which: &str) -> Result<(), Error> {
    let exchanges = prompt.world.client().exchanges();
    let back = match which {
        "list" => {
            let rows: Vec<Map> = exchanges.iter().rev().zip(1..).map(|(it, number)| row(it, number)).collect();
            return table(prompt, &["n", "time", "operation", "account", "took", "ended"], &rows);
        }
        "" | "request" => 1,
        _ => {
            let back = which.parse().ok().filter(|back: &usize| *back > 0);
            back.ok_or_else(|| wrong(format!("`:last` does not know {which:?}"), USE))?
        }
    };
    match exchanges.iter().rev().nth(back - 1) {
        Some(exchange) => prompt.screen.write(&page(exchange)),
        None if exchanges.is_empty() => Err(wrong("there was no call in this session", USE)),
        None => {
            let kept = match exchanges.len() {
                1 => "only 1 exchange is kept".to_owned(),
                count => format!("only {count} exchanges are kept"),
            };
            Err(wrong(format!("{kept}; `:last {which}` asks for an older one"), USE))
        }
    }
}

const USE: &str = "`:last` shows the last exchange, `:last 3` the third last, `:last list` all that are kept";

fn row(exchange: &Exchange, number: i64) -> Map {
    Map::from_iter([
        ("n".into(), number.into()),
        ("time".into(), clock(exchange).into()),
        ("operation".into(), exchange.operation.as_str().into()),
        ("account".into(), exchange.account.as_str().into()),
        ("took".into(), seconds(exchange.took).into()),
        ("ended".into(), ended(exchange).into()),
    ])
}

fn page(exchange: &Exchange) -> String {
    let Exchange { operation, account, request, headers, body, attempts, .. } = exchange;
    let mut text = format!(
        "{operation}, account {account}, {}, {}: {}\n",
        clock(exchange),
        seconds(exchange.took),
        ended(exchange)
    );
    if attempts.is_empty() {
        return text + "nothing was sent\n";
    }
    text += &format!("\n{request}\n");
    headers.iter().for_each(|(name, value)| text += &format!("{name}: {value}\n"));
    if !body.is_empty() {
        text += &format!("\n{body}\n");
    }
    text.push('\n');
    for (attempt, number) in attempts.iter().zip(1..) {
        text += &format!("attempt {number} {}\n", course(attempt));
    }
    match attempts.last().and_then(|attempt| attempt.answer.as_ref()) {
        Some(Ok((_, reply))) if !reply.is_empty() => text + "\n" + reply.trim_end() + "\n",
        _ => text,
    }
}

/// `after 0.003 s: HTTP 200 in 0.120 s`
fn course(attempt: &Attempt) -> String {
    let (after, took) = (seconds(attempt.after), seconds(attempt.took));
    let pause = attempt.pause.map_or_else(String::new, |pause| format!("; again after {}", seconds(pause)));
    match &attempt.answer {
        Some(Ok((status, _))) => format!("after {after}: HTTP {status} in {took}{pause}"),
        Some(Err(reason)) => format!("after {after}: {reason}, in {took}{pause}"),
        None => format!("after {after}: no answer was waited for"),
    }
}

fn ended(exchange: &Exchange) -> &str {
    match &exchange.ended {
        Some(Ok(())) => "done",
        Some(Err(reason)) => reason,
        None => "stopped",
    }
}

/// The time of day when it began, here.
fn clock(exchange: &Exchange) -> String {
    let began = Timestamp::try_from(exchange.began).unwrap_or_default();
    began.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

fn seconds(length: Duration) -> String {
    format!("{:.3} s", length.as_secs_f64())
}
