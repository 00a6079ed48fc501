//! What a simulation has found out, for people.

use super::{
    diary::{Change, Run},
    findings::{Findings, STATES},
    watch::{Ending, SOON},
};
use crate::{cli::width, config::Lasting, host::table};
use jiff::{Timestamp, tz::TimeZone};
use rhai::{Dynamic, Map};
use std::io::IsTerminal;

/// More runs that change something are only counted.
const SHOWN: usize = 10;

const DAY: i64 = 86_400;

/// All of it.
pub(super) fn text(findings: &Findings) -> String {
    let sections = [
        head(findings),
        jobs(findings),
        failures(findings),
        passed(findings),
        totals(findings),
        changes(findings),
        lapses(findings),
        received(findings),
        soon(findings),
    ];
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

fn head(findings: &Findings) -> String {
    let Findings { start, until, reached, zone, .. } = findings;
    let name = zone.iana_name().unwrap_or("UTC");
    let stopped = match findings.is_stopped() {
        true => format!("; stopped at {}", moment(*reached, zone)),
        false => String::new(),
    };
    let length = lasting(until.as_second() - start.as_second());
    format!("{length} in the sandbox: {} to {}, {name}{stopped}\n", moment(*start, zone), moment(*until, zone))
}

fn lasting(seconds: i64) -> String {
    match seconds {
        DAY => "1 day".to_owned(),
        _ if seconds > 0 && seconds % DAY == 0 => format!("{} days", seconds / DAY),
        _ => Lasting::from_seconds(seconds).to_string(),
    }
}

fn jobs(findings: &Findings) -> String {
    if findings.jobs.is_empty() {
        return "No job runs.\n".to_owned();
    }
    let tallies: Vec<_> = findings.jobs.iter().map(|(job, _)| findings.tally(job)).collect();
    let states = STATES.into_iter().filter(|state| tallies.iter().any(|tally| tally.states.contains_key(state)));
    let columns: Vec<&str> = ["job", "on", "due"].into_iter().chain(states).chain(["first", "last"]).collect();
    let row = |((job, on), tally): (&(String, String), &super::findings::Tally)| {
        let mut row = cells([("job", job.as_str().into()), ("on", on.as_str().into()), ("due", count(tally.due))]);
        row.extend(tally.states.iter().map(|(state, times)| ((*state).into(), count(*times))));
        row.extend(span(tally.first, tally.last, &findings.zone));
        row
    };
    tabular("", &columns, findings.jobs.iter().zip(&tallies).map(row).collect())
}

fn failures(findings: &Findings) -> String {
    let failing = findings.failing();
    let reports = failing.iter().filter_map(|((job, _), failing)| {
        let report = failing.report?.trim_end();
        Some(format!("\n`{job}` at {}:\n{report}\n", moment(failing.first, &findings.zone)))
    });
    let reports: String = reports.take(SHOWN).collect();
    let rows = failing.iter().map(|((job, message), failing)| {
        let mut row = cells([
            ("job", (*job).into()),
            ("how", failing.state.into()),
            ("times", count(failing.times)),
            ("why", (*message).into()),
        ]);
        row.extend(span(Some(failing.first), Some(failing.last), &findings.zone));
        row
    });
    tabular("Runs that do not end well:", &["job", "how", "times", "first", "last", "why"], rows.collect())
        + reports.as_str()
}

fn passed(findings: &Findings) -> String {
    let rows = findings.passed_over().into_iter().map(|((job, state, reason), tally)| {
        let mut row =
            cells([("job", job.into()), ("how", state.into()), ("times", count(tally.due)), ("why", reason.into())]);
        row.extend(span(tally.first, tally.last, &findings.zone));
        row
    });
    tabular("Due times at which nothing runs:", &["job", "how", "times", "first", "last", "why"], rows.collect())
}

fn totals(findings: &Findings) -> String {
    let of_job = |job: &str| {
        let rows = findings.totals(job).into_iter().map(|(operation, total)| {
            let mut row = cells([
                ("job", job.into()),
                ("operation", operation.into()),
                ("runs", count(total.runs)),
                ("changes", shown(total.change).into()),
            ]);
            row.extend(span(total.first, total.last, &findings.zone));
            row
        });
        rows.collect::<Vec<_>>()
    };
    let rows: Vec<_> = findings.jobs.iter().flat_map(|(job, _)| of_job(job)).collect();
    if rows.is_empty() {
        return if findings.runs.is_empty() { String::new() } else { "No run changes anything.\n".to_owned() };
    }
    tabular("What the runs change:", &["job", "operation", "runs", "changes", "first", "last"], rows)
}

fn changes(findings: &Findings) -> String {
    let changing: Vec<_> = findings.runs.iter().filter(|run| !run.changes.is_empty()).collect();
    let row = |run: &&Run| {
        let changes = run.changes.iter().map(|(operation, change)| format!("{operation} {}", shown(*change)));
        cells([
            ("when", moment(run.began, &findings.zone).into()),
            ("job", run.job.as_str().into()),
            ("changes", changes.collect::<Vec<_>>().join("\n").into()),
        ])
    };
    let rows = changing.iter().take(SHOWN).map(row).collect();
    let table = tabular("Run by run:", &["when", "job", "changes"], rows);
    match changing.len().saturating_sub(SHOWN) {
        0 => table,
        more => format!("{table}and {more} more, which --output json lists\n"),
    }
}

fn lapses(findings: &Findings) -> String {
    let given: Vec<_> = findings.given().collect();
    let so_far = if findings.is_stopped() { " so far" } else { "" };
    match given.len() {
        0 => format!("No grant of ours lapses{so_far}.\n"),
        1 => endings(&format!("A grant of ours lapses{so_far}:"), "grantee", &given, &findings.zone),
        many => endings(&format!("{many} grants of ours lapse{so_far}:"), "grantee", &given, &findings.zone),
    }
}

fn received(findings: &Findings) -> String {
    let received: Vec<_> = findings.lapsed.iter().filter(|ending| !ending.given).collect();
    endings("Of what others have granted, this lapses unless they renew it:", "grantor", &received, &findings.zone)
}

fn soon(findings: &Findings) -> String {
    let given: Vec<_> = findings.soon.iter().filter(|ending| ending.given).collect();
    let title = format!("And this ends within the next {}:", lasting(SOON));
    endings(&title, "grantee", &given, &findings.zone)
}

fn endings(title: &str, other: &str, endings: &[&Ending], zone: &TimeZone) -> String {
    let row = |Ending { grant, account, .. }: &&Ending| {
        let end = Timestamp::from_second(grant.expires_at).map(|end| moment(end, zone)).unwrap_or_default();
        let with = if other == "grantee" { &grant.grantee } else { &grant.grantor };
        cells([
            ("ends", end.into()),
            ("account", account.as_str().into()),
            ("kind", grant.kind.into()),
            ("item", grant.item.as_str().into()),
            ("title", grant.title.as_str().into()),
            (other, with.as_str().into()),
        ])
    };
    let columns = ["ends", "account", "kind", "item", "title", other];
    tabular(title, &columns, endings.iter().map(row).collect())
}

/// `3 calls, 42 rows`
fn shown(change: Change) -> String {
    let many = |count: u64, name: &str| format!("{count} {name}{}", if count == 1 { "" } else { "s" });
    let rows = change.rows.map(|rows| format!(", {}", many(rows, "row"))).unwrap_or_default();
    let failed = if change.failed > 0 { format!(", {} failed", change.failed) } else { String::new() };
    format!("{}{rows}{failed}", many(change.calls, "call"))
}

/// A table below its title; nothing without rows. Columns in which no row has anything are left out.
fn tabular(title: &str, columns: &[&str], rows: Vec<Map>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let filled = |name: &&&str| rows.iter().any(|row| row.get(**name).is_some_and(|cell| !cell.to_string().is_empty()));
    let columns: Vec<String> = columns.iter().filter(filled).map(|name| (*name).to_owned()).collect();
    let fitted = std::io::stdout().is_terminal().then(|| u16::try_from(width()).unwrap_or(u16::MAX));
    let title = if title.is_empty() { String::new() } else { format!("{title}\n") };
    format!("{title}{}\n", table(&columns, &rows, fitted))
}

fn cells<const N: usize>(cells: [(&str, Dynamic); N]) -> Map {
    cells.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

fn span(first: Option<Timestamp>, last: Option<Timestamp>, zone: &TimeZone) -> Map {
    let text = |at: Option<Timestamp>| at.map_or(Dynamic::UNIT, |at| moment(at, zone).into());
    cells([("first", text(first)), ("last", text(last))])
}

fn count(count: u64) -> Dynamic {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

/// As the clock on the wall shows it there.
pub(super) fn moment(moment: Timestamp, zone: &TimeZone) -> String {
    moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}
