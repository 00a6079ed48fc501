//! From what platforms have told to the fires of the jobs that run on it.

use super::{Cause, Job, Trigger};
use crate::{
    Error,
    store::{self, Event, Reaction, Store},
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// So many events are handled in one transaction.
const BATCH: u32 = 500;

/// Order what runs on the events that have come since; each job runs on an event once. So many orders are new.
pub async fn take<'a>(store: &Store, jobs: impl Iterator<Item = &'a Job>, now: Timestamp) -> Result<u64, Error> {
    let jobs: Vec<_> = jobs.filter(|job| matches!(job.trigger, Trigger::Event { .. })).collect();
    let mut new = 0;
    loop {
        let events = store.unhandled_events(BATCH).await?;
        let handled: Vec<_> = events.iter().map(|event| event.id).collect();
        let reactions = events.iter().flat_map(|event| reactions(jobs.iter().copied(), event));
        if !handled.is_empty() {
            new += store.react(&handled, &reactions.collect::<Vec<_>>(), now.as_millisecond()).await?;
        }
        if handled.len() < BATCH as usize {
            return Ok(new);
        }
    }
}

/// What runs on an event. A run is given the event, and the account that it is about.
pub fn reactions<'a>(jobs: impl Iterator<Item = &'a Job>, event: &Event) -> Vec<Reaction> {
    let message = event.told.message();
    let fitting = jobs.filter(|job| reacts(job, event, &message));
    let reaction = |job: &Job| Reaction {
        job: job.name.clone(),
        cause: Cause::Event.name(),
        mark: event.id.to_string(),
        due: event.told.received,
        given: json!({ "account": event.told.account, "event": event.to_json() }).to_string(),
        paused: job.rules.paused,
    };
    fitting.map(reaction).collect()
}

/// Whether a job runs on it. A job with an account takes only what is about that account.
fn reacts(job: &Job, event: &Event, message: &Value) -> bool {
    let Trigger::Event { name, filter } = &job.trigger else { return false };
    let ours = job.account.as_ref().is_none_or(|account| *account == event.told.account);
    ours && *name == event.told.name && filter.iter().all(|(path, values)| store::has(message, path, values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scheduler::Rules, store::Told};

    fn job(name: &str, account: Option<&str>, filter: &[(&str, Value)]) -> Job {
        let filter = filter.iter().map(|(path, value)| ((*path).to_owned(), vec![value.clone()])).collect();
        Job {
            name: name.to_owned(),
            trigger: Trigger::Event { name: "e".to_owned(), filter },
            script: "on.rhai".into(),
            parameters: Vec::new(),
            account: account.map(str::to_owned),
            rules: Rules::default(),
        }
    }

    fn told(account: &str, name: &str, number: i64) -> Told {
        let body = json!({ "e": { "id": number.to_string() } }).to_string();
        let mark = number.to_string();
        Told { account: account.into(), name: name.into(), since: mark.clone(), mark, received: 5_000, body }
    }

    #[tokio::test]
    async fn each_job_runs_once_on_each_event_that_fits() {
        let store = Store::in_memory();
        store.add_events(&[told("a", "e", 1), told("b", "e", 2), told("a", "other", 3)]).await.unwrap();
        let jobs = [job("all", None, &[]), job("of-b", Some("b"), &[]), job("first", None, &[("e.id", json!(1))])];
        assert_eq!(take(&store, jobs.iter(), Timestamp::UNIX_EPOCH).await.unwrap(), 4);
        assert_eq!(take(&store, jobs.iter(), Timestamp::UNIX_EPOCH).await.unwrap(), 0);
        let ran = store.reacted(1, 3).await.unwrap();
        let ran: Vec<_> = ran.iter().map(|it| (it.event, it.job.as_str(), it.state.as_str())).collect();
        assert_eq!(
            ran,
            [(1, "all", "waiting"), (1, "first", "waiting"), (2, "all", "waiting"), (2, "of-b", "waiting")]
        );
        assert!(store.unhandled_events(9).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_job_that_is_paused_is_passed_over() {
        let store = Store::in_memory();
        store.add_events(&[told("a", "e", 1)]).await.unwrap();
        let paused = Rules { paused: true, ..Rules::default() };
        let jobs = [Job { rules: paused, ..job("paused", None, &[]) }, job("all", None, &[])];
        take(&store, jobs.iter(), Timestamp::UNIX_EPOCH).await.unwrap();
        let ran = store.reacted(1, 1).await.unwrap();
        let ran: Vec<_> = ran.iter().map(|it| (it.job.as_str(), it.state.as_str())).collect();
        assert_eq!(ran, [("paused", "skipped"), ("all", "waiting")]);
    }

    #[tokio::test]
    async fn many_events_are_all_handled() {
        let store = Store::in_memory();
        let events: Vec<_> = (0..1_234).map(|number| told("a", "e", number)).collect();
        store.add_events(&events).await.unwrap();
        assert_eq!(take(&store, [job("all", None, &[])].iter(), Timestamp::UNIX_EPOCH).await.unwrap(), 1_234);
    }

    #[test]
    fn a_run_is_given_its_event() {
        let event = Event { id: 7, told: told("a", "e", 1), handled: false };
        let given: Value = serde_json::from_str(&reactions([job("all", None, &[])].iter(), &event)[0].given).unwrap();
        let expected = json!({ "id": 7, "name": "e", "account": "a", "received": 5, "body": { "e": { "id": "1" } } });
        assert_eq!(given, json!({ "account": "a", "event": expected }));
    }
}
