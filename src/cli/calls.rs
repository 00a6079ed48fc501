//! What becomes of the calls that were made: they are counted for the quotas of the day and for metrics.

use crate::{
    client::{self, Meter, brings_token},
    scheduler::Called,
    store::Store,
};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, histogram};
use std::sync::Arc;

/// An observer that counts.
pub(super) fn counting(meter: &Arc<Meter>) -> impl Fn(&client::Called) + Send + Sync + 'static {
    let meter = meter.clone();
    move |called| meter.count(&called.account, &called.operation, called.began, called.sent)
}

/// Write what was counted. No run fails because of that.
pub(super) async fn keep(meter: &Meter, store: &Store) {
    if let Err(error) = meter.write(store).await {
        tracing::debug!("the calls were not counted: {error}");
    }
}

/// A call as the scheduler has it.
pub(super) fn told(called: &client::Called) -> Called {
    Called {
        operation: called.operation.clone(),
        account: called.account.clone(),
        effect: called.effect.name().to_owned(),
        rows: called.rows,
        at: called.began,
        took: called.took,
        attempts: called.sent,
        failure: called.failure.as_ref().map(|(kind, message)| (kind.name().to_owned(), message.clone())),
    }
}

/// Count a call of a run, or of `juben serve` itself.
pub(super) fn count_call(meter: &Meter, called: &Called) {
    meter.count(&called.account, &called.operation, called.at, called.attempts);
    let operation = called.operation.as_str();
    let outcome = called.failure.as_ref().map_or("ok", |(kind, _)| kind.as_str());
    let labels = [("operation", operation.to_owned()), ("outcome", outcome.to_owned())];
    counter!("juben_calls_total", &labels).increment(1);
    histogram!("juben_call_seconds", &labels[..1]).record(called.took);
    counter!("juben_retries_total", &labels[..1]).increment(u64::from(called.attempts.saturating_sub(1)));
    if brings_token(operation) {
        counter!("juben_tokens_total", &labels[1..]).increment(1);
    }
}

/// What the metrics of calls mean, for who reads them.
pub(super) fn describe() {
    describe_counter!(
        "juben_calls_total",
        "Calls that have ended, by operation and outcome: ok, or the kind of the error"
    );
    describe_histogram!("juben_call_seconds", metrics::Unit::Seconds, "How long calls took with all attempts");
    describe_counter!("juben_retries_total", "Requests that were sent again");
    describe_counter!("juben_tokens_total", "Tokens that were asked for");
    describe_gauge!("juben_quota_left", "Calls that are left of today, where the platform sets a limit");
}
