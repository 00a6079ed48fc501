//! Giving many grants: cut into calls, judged row by row, repeated where that helps, settled by reading where an answer
//! was lost.

use super::{
    Grant, Report, Rules, Scope,
    list::{list, own_appid},
    scope,
};
use crate::{
    Error,
    catalog::{Operation, RetryWhen},
    client::{Client, Options},
    error::Kind,
};
use rhai::{Array, Dynamic, Map};
use std::{collections::HashMap, sync::Arc};

/// A row is sent at most so often.
const ROUNDS: usize = 3;

/// Give grants until their ends. Those that are so already are not given again.
pub async fn give(client: &Arc<Client>, grants: Vec<Grant>, rules: Rules, options: &Options) -> Result<Report, Error> {
    let mut report = Report::default();
    let Some(first) = grants.first() else { return Ok(report) };
    rules.check(&grants, &own_appid(client, first.scope.giver(), options)?)?;
    for scope in Scope::ALL {
        let wanted: Vec<Grant> = grants.iter().filter(|grant| grant.scope == scope).cloned().collect();
        if !wanted.is_empty() {
            give_scope(client, scope, wanted, options, &mut report).await?;
        }
    }
    Ok(report)
}

async fn give_scope(
    client: &Arc<Client>,
    scope: Scope,
    wanted: Vec<Grant>,
    options: &Options,
    report: &mut Report,
) -> Result<(), Error> {
    let operation = client.operation(scope.giver())?;
    let there = ends(client, scope, options).await?;
    let (already, mut open): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|grant| is_so(&there, grant));
    report.already.extend(already);
    for round in 1..=ROUNDS {
        let last = round == ROUNDS;
        let mut doubtful = Vec::new();
        let mut again = Vec::new();
        let mut stopped = None;
        for call in scope::calls(&operation, std::mem::take(&mut open), false) {
            for (grant, outcome) in send(client, &operation, call, options, &mut stopped).await {
                match outcome {
                    Outcome::Done => report.done.push(grant),
                    Outcome::Refused(_, true) if !last => again.push(grant),
                    Outcome::Refused(error, _) => report.failed.push((grant, error)),
                    Outcome::Unknown(error) => doubtful.push((grant, error)),
                }
            }
        }
        open = again;
        if !doubtful.is_empty() {
            // Only reading tells: what is there is done, what is not may be sent again without harm.
            let there = ends(client, scope, options).await;
            for (grant, error) in doubtful {
                match &there {
                    Ok(there) if is_so(there, &grant) => report.done.push(grant),
                    Ok(_) if !last => open.push(grant),
                    _ => report.unknown.push((grant, error)),
                }
            }
        }
        if open.is_empty() {
            break;
        }
    }
    Ok(())
}

/// When each grant of a kind ends.
async fn ends(client: &Arc<Client>, scope: Scope, options: &Options) -> Result<HashMap<String, i64>, Error> {
    let there = list(client, scope, false, options).await?;
    Ok(there.into_iter().map(|grant| (grant.key(), grant.expires_at)).collect())
}

fn is_so(there: &HashMap<String, i64>, grant: &Grant) -> bool {
    there.get(&grant.key()) == Some(&grant.expires_at)
}

/// What became of one row of a call.
pub(super) enum Outcome {
    Done,
    /// With whether it may be sent again.
    Refused(Error, bool),
    Unknown(Error),
}

/// Send one call. After an error that concerns no row, such as a used up quota, nothing more is sent.
async fn send(
    client: &Arc<Client>,
    operation: &Arc<Operation>,
    call: Vec<Grant>,
    options: &Options,
    stopped: &mut Option<Error>,
) -> Vec<(Grant, Outcome)> {
    if let Some(error) = stopped {
        return call.into_iter().map(|grant| (grant, Outcome::Refused(error.clone(), false))).collect();
    }
    let outcome = client.call(operation, scope::to_give(&call), options).await;
    *stopped = outcome.as_ref().err().filter(|error| concerns_all(error)).cloned();
    judge(client, operation, call, outcome)
}

fn concerns_all(error: &Error) -> bool {
    matches!(error.kind, Kind::Auth | Kind::Quota | Kind::Config | Kind::Network | Kind::Throttled)
}

/// The outcome of every row.
pub(super) fn judge(
    client: &Client,
    operation: &Operation,
    call: Vec<Grant>,
    outcome: Result<Map, Error>,
) -> Vec<(Grant, Outcome)> {
    let all = |outcome: &dyn Fn() -> Outcome| call.iter().map(|grant| (grant.clone(), outcome())).collect();
    let reply = match outcome {
        Ok(reply) => reply,
        Err(error) => match (&error.reply, error.kind) {
            (Some(reply), _) if results(operation, reply).is_some() => reply.clone(),
            (_, Kind::UnknownOutcome) => return all(&|| Outcome::Unknown(error.clone())),
            _ => return all(&|| Outcome::Refused(error.clone(), false)),
        },
    };
    let Some(results) = results(operation, &reply) else { return all(&|| Outcome::Done) };
    let rows = call.len();
    let outcome = |(index, grant): (usize, Grant)| {
        let found = entry(operation, &results, rows, index, &grant);
        (grant, found.map_or_else(unanswered, |entry| of_entry(client, operation, &entry)))
    };
    call.into_iter().enumerate().map(outcome).collect()
}

fn unanswered() -> Outcome {
    Outcome::Unknown(Error::new(Kind::UnknownOutcome, "the platform did not answer for this row"))
}

fn results(operation: &Operation, reply: &Map) -> Option<Array> {
    let name = operation.batch.as_ref()?.results.as_ref()?;
    reply.get(name.as_str())?.clone().try_cast()
}

/// The entry of the reply that belongs to a row: by its place only when there are as many entries as rows.
fn entry(operation: &Operation, results: &Array, rows: usize, index: usize, grant: &Grant) -> Option<Dynamic> {
    match operation.batch.as_ref()?.pair.as_deref()? {
        "index" => results.get(index).filter(|_| results.len() == rows).cloned(),
        name => results
            .iter()
            .find(|entry| {
                entry
                    .as_map_ref()
                    .is_ok_and(|entry| entry.get(name).is_some_and(|id| id.to_string() == grant.item.to_string()))
            })
            .cloned(),
    }
}

fn of_entry(client: &Client, operation: &Operation, entry: &Dynamic) -> Outcome {
    let field = |name: &Option<String>| entry.as_map_ref().ok()?.get(name.as_deref()?).cloned();
    let batch = operation.batch.as_ref();
    let code = batch.and_then(|batch| field(&batch.code)).and_then(|code| code.as_int().ok());
    let said = batch.and_then(|batch| field(&batch.message)).map(|said| said.to_string()).unwrap_or_default();
    match code {
        Some(0) => Outcome::Done,
        None => unanswered(),
        Some(code) => {
            let known = client.catalog().error_code(operation, code);
            let retry = known.map_or(RetryWhen::No, |known| known.retry);
            let kind = known.and_then(|known| Kind::named(&known.kind)).unwrap_or(Kind::Refused);
            let message = known.map_or(said, |known| known.meaning.en.clone());
            let error = Error::new(kind, format!("{message} (code {code})")).code(code);
            let error = known.map_or(error.clone(), |known| error.hint(&known.hint.en));
            Outcome::Refused(error, matches!(retry, RetryWhen::Backoff | RetryWhen::Minute))
        }
    }
}
