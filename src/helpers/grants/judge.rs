//! What the answer to a call says of each of its rows.

use super::Grant;
use crate::{
    Error,
    catalog::{Operation, RetryWhen},
    client::Client,
    error::Kind,
};
use rhai::{Array, Dynamic, Map};

/// The platform's words for a grant that is not there (any more).
const GONE: [i64; 3] = [10_090_039, 10_090_043, 10_145_001];

/// What became of one row of a call.
pub(super) enum Outcome {
    Done,
    /// With whether it may be sent again.
    Refused(Error, bool),
    Unknown(Error),
}

/// Whether an error concerns no row but everything that is sent, such as a used up quota.
pub(super) fn concerns_all(error: &Error) -> bool {
    matches!(error.kind, Kind::Auth | Kind::Quota | Kind::Config | Kind::Network | Kind::Throttled)
}

/// The outcome of every row.
pub(super) fn judge(
    client: &Client,
    operation: &Operation,
    call: &[Grant],
    outcome: Result<Map, Error>,
) -> Vec<(Grant, Outcome)> {
    let all = |outcome: &dyn Fn() -> Outcome| call.iter().map(|grant| (grant.clone(), outcome())).collect();
    let reply = match outcome {
        Ok(reply) => reply,
        Err(error) => match (&error.reply, error.kind) {
            (Some(reply), _) if results(operation, reply).is_some() => reply.clone(),
            (_, Kind::UnknownOutcome) => return all(&|| Outcome::Unknown(error.clone())),
            _ => return all(&|| refused(client, operation, error.clone())),
        },
    };
    let Some(results) = results(operation, &reply) else { return all(&|| Outcome::Done) };
    let rows = call.len();
    let outcome = |(index, grant): (usize, &Grant)| {
        let found = entry(operation, &results, rows, index, grant);
        (grant.clone(), found.map_or_else(unanswered, |entry| of_entry(client, operation, &entry)))
    };
    call.iter().enumerate().map(outcome).collect()
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
            let kind = known.and_then(|known| Kind::named(&known.kind)).unwrap_or(Kind::Refused);
            let message = known.map_or(said, |known| known.meaning.en.clone());
            let error = Error::new(kind, format!("{message} (code {code})")).code(code);
            refused(client, operation, known.map_or(error.clone(), |known| error.hint(&known.hint.en)))
        }
    }
}

fn refused(client: &Client, operation: &Operation, error: Error) -> Outcome {
    let known = error.code.and_then(|code| client.catalog().error_code(operation, code));
    let again = known.is_some_and(|known| matches!(known.retry, RetryWhen::Backoff | RetryWhen::Minute));
    Outcome::Refused(error, again)
}

/// Whether the grant is not there (any more).
pub(super) fn is_gone(error: &Error) -> bool {
    error.code.is_some_and(|code| GONE.contains(&code))
}
