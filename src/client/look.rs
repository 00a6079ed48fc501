//! What became of a write whose answer was lost, where the catalog says how to find out.

use super::{Account, Client, Options, effect, script_value};
use crate::{
    Error,
    catalog::{Look, Named, Operation},
    error::Kind,
    rights::Call,
};
use rhai::{Dynamic, Map};
use serde_json::Value;

/// The result of looking.
pub(super) enum Found {
    /// It happened; this is the answer that was lost.
    Done(Map),
    /// It did not happen.
    Nothing,
    /// Nobody can tell.
    Unknown,
}

impl Client {
    pub(super) async fn look(
        &self,
        operation: &Operation,
        account: &Account,
        sent: &Map,
        options: &Options,
    ) -> Result<Found, Error> {
        let Some((look, reply)) = can_look(operation, sent) else { return Ok(Found::Unknown) };
        let read = self.operation(&look.operation)?;
        let fields = resolved(&look.with, &[("$request.", sent)]);
        let call =
            |operation, fields| Call { operation, effect: effect(operation, fields), account: &account.name, fields };
        if self.reach.guard().look(&call(operation, sent), &call(&read, &fields)).is_err() {
            return Ok(Found::Unknown);
        }
        tracing::info!(operation = operation.full_name(), "the answer was lost; looking with {}", look.operation);
        match Box::pin(self.attempts(&read, account, fields, options)).await {
            Ok(found) => Ok(Found::Done(resolved(reply, &[("$found.", &found)]))),
            Err(error) if error.kind == Kind::NotFound => Ok(Found::Nothing),
            Err(_) => Ok(Found::Unknown),
        }
    }
}

fn can_look<'a>(operation: &'a Operation, sent: &Map) -> Option<(&'a Look, &'a Named<Value>)> {
    let look = operation.retry.look.as_ref()?;
    let given = look.when.as_ref().is_none_or(|field| sent.contains_key(field.as_str()));
    look.reply.as_ref().filter(|_| given).map(|reply| (look, reply))
}

/// Fields of a catalog template, with `$request.x` and the like replaced by values of the source of that prefix; a field
/// whose value is not there is left out.
pub(super) fn resolved(template: &Named<Value>, sources: &[(&str, &Map)]) -> Map {
    let path = |value: &Value, prefix: &str| Some(value.as_str()?.strip_prefix(prefix)?.to_owned());
    let value = |value: &Value| {
        let taken = sources.iter().find_map(|(prefix, source)| path(value, prefix).map(|path| at(source, &path)));
        taken.unwrap_or_else(|| Some(script_value(value)))
    };
    template.iter().filter_map(|(name, it)| Some((name.as_str().into(), value(it)?))).collect()
}

pub(crate) fn at(source: &Map, path: &str) -> Option<Dynamic> {
    let mut steps = path.split('.');
    let first = source.get(steps.next()?)?.clone();
    steps.try_fold(first, |value, step| value.as_map_ref().ok()?.get(step).cloned())
}

/// What a dry run answers in place of the platform: the document's example, with a result for every row.
pub(crate) fn example_reply(operation: &Operation, fields: &Map) -> Map {
    let example = operation.reply.example.as_ref().map(script_value).and_then(Dynamic::try_cast::<Map>);
    let mut reply = example.unwrap_or_default();
    if let Some(envelope) = &operation.envelope {
        for name in [&envelope.code, &envelope.message].into_iter().chain(&envelope.drop) {
            reply.remove(name.as_str());
        }
    }
    if let Some(batch) = &operation.batch
        && let (Some(results), Some(code)) = (&batch.results, &batch.code)
        && let Some(rows) = fields.get(batch.rows.as_str()).and_then(|rows| rows.as_array_ref().ok())
    {
        let entry = |row: &Dynamic| {
            let named = batch.pair.as_deref().filter(|pair| *pair != "index").map(|pair| (pair.into(), row.clone()));
            Dynamic::from_map(Map::from_iter([(code.as_str().into(), Dynamic::from(0_i64))].into_iter().chain(named)))
        };
        reply.insert(results.as_str().into(), rows.iter().map(entry).collect::<Vec<_>>().into());
    }
    reply
}
