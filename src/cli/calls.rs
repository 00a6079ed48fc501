//! What becomes of the calls that were made: they are counted for the quotas of the day and for metrics.

use crate::{
    client::{self, Meter, Run, brings_token, sha256},
    engine::Script,
    packages::{Installed, Package},
    scheduler::Called,
    store::Store,
};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, histogram};
use std::{collections::BTreeMap, sync::Arc};

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

/// What the writes of a run by hand are known by.
pub(super) fn run(script: &Script, packages: &Installed) -> Run {
    let script_hash = sha256(script.text.as_bytes());
    Run {
        script: Some(script.name.clone()),
        script_hash: Some(script_hash),
        packages: versions(packages),
        ..Run::default()
    }
}

/// The versions of packages, by their names.
pub(super) fn versions(packages: &Installed) -> BTreeMap<String, String> {
    let version = |it: &Package| (it.manifest.name.as_str().to_owned(), it.manifest.version.to_string());
    packages.packages().iter().map(version).collect()
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

/// Count a call for the quota of the day and for metrics.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::{Catalog, Effect},
        client::day_of,
        error::Kind,
    };
    use jiff::Timestamp;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use std::time::Duration;

    fn called(operation: &str, sent: u32, failure: Option<(Kind, String)>) -> Called {
        told(&client::Called {
            operation: operation.into(),
            account: "main".into(),
            effect: Effect::Read,
            rows: None,
            began: Timestamp::now(),
            took: Duration::from_millis(250),
            sent,
            failure,
        })
    }

    #[tokio::test]
    async fn calls_are_counted_and_measured() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let _guard = metrics::set_default_local_recorder(&recorder);
        let meter = Meter::new(&Catalog::builtin());
        count_call(&meter, &called("platform.get_stable_access_token", 1, None));
        count_call(&meter, &called("novel.add_book_auth", 3, None));
        count_call(&meter, &called("novel.add_book_auth", 1, Some((Kind::Refused, "wrong".into()))));
        let store = Store::in_memory();
        meter.write(&store).await.unwrap();
        let counted = store.counted(day_of(Timestamp::now())).await.unwrap();
        assert_eq!(counted.iter().map(|used| used.calls).collect::<Vec<_>>(), [4, 1]);
        let text = recorder.handle().render();
        for line in [
            r#"juben_calls_total{operation="novel.add_book_auth",outcome="ok"} 1"#,
            r#"juben_calls_total{operation="novel.add_book_auth",outcome="refused"} 1"#,
            r#"juben_retries_total{operation="novel.add_book_auth"} 2"#,
            r#"juben_tokens_total{outcome="ok"} 1"#,
            r#"juben_call_seconds_count{operation="novel.add_book_auth"} 2"#,
            r#"juben_quota_left{account="main",operation="novel.add_book_auth"} 999996"#,
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
        }
    }
}
