//! What the answer to a call says of each of its rows.

use super::Grant;
use crate::{
    Error,
    catalog::{Operation, RetryWhen},
    client::Client,
    error::Kind,
};
use rhai::{Array, Dynamic, Map};
use std::ops::Deref;

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
    call: &[&Grant],
    outcome: Result<Map, Error>,
) -> Vec<Outcome> {
    let all = |outcome: &dyn Fn() -> Outcome| call.iter().map(|_| outcome()).collect();
    let results = match &outcome {
        Ok(reply) => results(operation, reply),
        Err(error) => error.reply.as_ref().and_then(|reply| results(operation, reply)),
    };
    match (results, &outcome) {
        (Some(results), _) => {
            let entries =
                call.iter().enumerate().map(|(index, grant)| entry(operation, &results, call.len(), index, grant));
            entries.map(|found| found.map_or_else(unanswered, |entry| of_entry(client, operation, entry))).collect()
        }
        (None, Ok(_)) => all(&|| Outcome::Done),
        (None, Err(error)) if error.kind == Kind::UnknownOutcome => all(&|| Outcome::Unknown(error.clone())),
        (None, Err(error)) => all(&|| refused(client, operation, error.clone())),
    }
}

fn unanswered() -> Outcome {
    Outcome::Unknown(Error::new(Kind::UnknownOutcome, "the platform did not answer for this row"))
}

fn results<'a>(operation: &Operation, reply: &'a Map) -> Option<impl Deref<Target = Array> + 'a> {
    let name = operation.batch.as_ref()?.results.as_ref()?;
    reply.get(name.as_str())?.as_array_ref().ok()
}

/// The entry of the reply that belongs to a row: by its place only when there are as many entries as rows.
fn entry<'a>(
    operation: &Operation,
    results: &'a [Dynamic],
    rows: usize,
    index: usize,
    grant: &Grant,
) -> Option<&'a Dynamic> {
    match operation.batch.as_ref()?.pair.as_deref()? {
        "index" => results.get(index).filter(|_| results.len() == rows),
        name => {
            let item = grant.item.to_string();
            let is = |entry: &Map| entry.get(name).is_some_and(|id| id.to_string() == item);
            results.iter().find(|entry| entry.as_map_ref().is_ok_and(|entry| is(&entry)))
        }
    }
}

fn of_entry(client: &Client, operation: &Operation, entry: &Dynamic) -> Outcome {
    let field = |name: &Option<String>| entry.as_map_ref().ok()?.get(name.as_deref()?).cloned();
    let batch = operation.batch.as_ref();
    let code = batch.and_then(|batch| field(&batch.code)).and_then(|code| code.as_int().ok());
    let said = || batch.and_then(|batch| field(&batch.message)).map(|said| said.to_string()).unwrap_or_default();
    match code {
        Some(0) => Outcome::Done,
        None => unanswered(),
        Some(code) => {
            let known = client.catalog().error_code(operation, code);
            let kind = known.and_then(|known| Kind::named(&known.kind)).unwrap_or(Kind::Refused);
            let message = known.map_or_else(said, |known| known.meaning.en.clone());
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
