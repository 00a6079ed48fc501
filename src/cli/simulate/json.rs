//! What a simulation has found out, for programs: the fields of docs/simulate.md.

use super::{
    diary::{Changes, Run},
    findings::Findings,
    watch::Ending,
};
use serde_json::{Value, json};

/// All of it.
pub(super) fn value(findings: &Findings) -> Value {
    json!({
        "from": findings.start.as_second(),
        "until": findings.until.as_second(),
        "reached": findings.reached.as_second(),
        "zone": findings.zone.iana_name().unwrap_or("UTC"),
        "jobs": findings.jobs.iter().map(|(name, on)| job(findings, name, on)).collect::<Vec<_>>(),
        "runs": findings.runs.iter().map(run).collect::<Vec<_>>(),
        "passed_over": findings.passed.iter().map(|it| json!({
            "job": it.job,
            "due": it.due.as_second(),
            "state": it.state,
            "reason": it.reason,
            "times": it.times,
        })).collect::<Vec<_>>(),
        "lapses": findings.lapsed.iter().map(ending).collect::<Vec<_>>(),
        "ends_soon": findings.soon.iter().map(ending).collect::<Vec<_>>(),
    })
}

fn job(findings: &Findings, name: &str, on: &str) -> Value {
    let tally = findings.tally(name);
    json!({
        "name": name,
        "on": on,
        "due": tally.due,
        "states": tally.states,
        "first": tally.first.map(|at| at.as_second()),
        "last": tally.last.map(|at| at.as_second()),
        "changes": findings.totals(name).into_iter().map(|(operation, total)| json!({
            "operation": operation,
            "runs": total.runs,
            "calls": total.change.calls,
            "failed": total.change.failed,
            "rows": total.change.rows,
        })).collect::<Vec<_>>(),
    })
}

fn run(run: &Run) -> Value {
    let ended = run.ended.as_ref();
    json!({
        "run": run.number,
        "job": run.job,
        "cause": run.cause.name(),
        "due": run.due.as_second(),
        "attempt": run.attempt,
        "began": run.began.as_second(),
        "ended": ended.map(|ended| ended.at.as_second()),
        "state": ended.map_or("running", |ended| ended.outcome.name()),
        "again": ended.and_then(|ended| ended.again).map(|again| again.as_second()),
        "error": ended.and_then(|ended| ended.trouble.as_ref()).map(|trouble| json!({
            "kind": trouble.kind,
            "message": trouble.message,
            "hint": trouble.hint,
        })),
        "changes": changes(&run.changes),
    })
}

fn changes(changes: &Changes) -> Vec<Value> {
    let change = |(operation, change): (&String, &super::diary::Change)| json!({ "operation": operation, "calls": change.calls, "failed": change.failed, "rows": change.rows });
    changes.iter().map(change).collect()
}

fn ending(ending: &Ending) -> Value {
    let Ending { grant, account, given } = ending;
    json!({
        "ends": grant.expires_at,
        "account": account,
        "direction": if *given { "given" } else { "received" },
        "kind": grant.kind,
        "item": grant.item,
        "title": grant.title,
        "grantor": grant.grantor,
        "grantee": grant.grantee,
    })
}
