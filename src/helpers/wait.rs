//! Follows a task that goes on after the reply which started it, until it is done or has failed.

use crate::{
    Error,
    catalog::{Operation, Wait, equals},
    client::{Client, Options, at},
    error::Kind,
    store::{EventFilter, Store, as_text},
};
use rhai::{Dynamic, Map};
use serde_json::Value;
use std::{future::pending, time::Duration};
use tokio::time::Instant;

/// The first pause between two looks; each further one is half as long again, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How often is looked whether the platform has told of it.
const GLANCE: Duration = Duration::from_millis(250);

/// Look at a task with the reads that the catalog names, until it is done. The result is the last look's reply. When the
/// platform tells of something that may be about it, the next look comes at once; it is the look that counts.
pub async fn until(
    client: &Client,
    store: &Store,
    read: &Operation,
    wait: &Wait,
    fields: &Map,
    options: &Options,
    timeout: Duration,
) -> Result<Map, Error> {
    let mut deadline = Instant::now() + timeout;
    let mut pause = FIRST_PAUSE;
    let mut news = News::about(store, wait, fields).await;
    loop {
        let reply = client.call(read, fields.clone(), options).await?;
        let state = at(&reply, &wait.state).unwrap_or(Dynamic::UNIT);
        if wait.done.iter().any(|done| equals(&state, done)) {
            return Ok(reply);
        }
        if wait.failed.iter().any(|failed| equals(&state, failed)) {
            let error = Error::new(Kind::Refused, format!("the task failed: {} is {state}", wait.state));
            return Err(error.operation(&read.full_name()).reply(reply));
        }
        if Instant::now() + pause > deadline {
            let error = Error::new(Kind::Limit, format!("the task is not done in time: {} is {state}", wait.state));
            return Err(error.operation(&read.full_name()).hint("give it more by #{ timeout: seconds }"));
        }
        tokio::select! {
            biased;
            left_out = client.rest(pause) => deadline -= left_out,
            () = news.come() => {}
        }
        pause = pause.mul_f64(1.5).min(LONGEST_PAUSE);
    }
}

/// What the platform tells while a task goes on.
struct News<'a> {
    store: &'a Store,
    /// Events of that name, later than those that were seen; none when nobody tells.
    next: Option<EventFilter>,
    fields: &'a Map,
}

impl<'a> News<'a> {
    async fn about(store: &'a Store, wait: &Wait, fields: &'a Map) -> News<'a> {
        let next = match &wait.event {
            Some(name) if store.has_events().await => {
                let after = store.latest_event().await.unwrap_or_default();
                Some(EventFilter { name: Some(name.clone()), after, ..EventFilter::default() })
            }
            _ => None,
        };
        News { store, next, fields }
    }

    /// Wait for the next event that may be about the task.
    async fn come(&mut self) {
        let Some(next) = &mut self.next else { return pending().await };
        loop {
            tokio::time::sleep(GLANCE).await;
            // A state that cannot be read tells nothing, and the looks go on.
            let events = self.store.events(next).await.unwrap_or_default();
            next.after = events.last().map_or(next.after, |event| event.id);
            if events.iter().any(|event| may_be_about(&event.told.message(), self.fields)) {
                return;
            }
        }
    }
}

/// Whether nothing in a message says that it is about another task: where it has a field of the same name, the value is the
/// same.
fn may_be_about(message: &Value, fields: &Map) -> bool {
    match message {
        Value::Object(parts) => parts.iter().all(|(name, part)| match fields.get(name.as_str()) {
            Some(wanted) if part.is_string() || part.is_number() => as_text(part) == wanted.to_string(),
            _ => may_be_about(part, fields),
        }),
        Value::Array(items) => items.iter().any(|item| may_be_about(item, fields)) || items.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Told;
    use serde_json::json;
    use tokio::time::timeout;

    #[test]
    fn an_event_about_another_task_is_none_of_ours() {
        let fields = Map::from_iter([("drama_id".into(), Dynamic::from(5_i64))]);
        for (message, expected) in [
            (json!({ "Event": "e", "audit_event": { "drama_id": 5 } }), true),
            (json!({ "Event": "e", "audit_event": { "drama_id": "5" } }), true),
            (json!({ "Event": "e", "audit_event": { "drama_id": 6 } }), false),
            (json!({ "Event": "e", "upload_event": { "media_id": 6 } }), true),
        ] {
            assert_eq!(may_be_about(&message, &fields), expected, "{message}");
        }
    }

    fn told(drama: i64) -> Told {
        let (mark, body) = (drama.to_string(), json!({ "audit_event": { "drama_id": drama } }).to_string());
        Told { account: "main".into(), name: "e".into(), since: mark.clone(), mark, received: 0, body }
    }

    #[tokio::test]
    async fn news_come_when_the_platform_has_told_of_the_task() {
        let store = Store::in_memory();
        let wait: Wait =
            serde_json::from_value(json!({ "operation": "a.b", "state": "s", "done": [], "event": "e" })).unwrap();
        let fields = Map::from_iter([("drama_id".into(), Dynamic::from(5_i64))]);
        assert!(News::about(&store, &wait, &fields).await.next.is_none(), "nobody tells here");

        store.add_events(&[told(1)]).await.unwrap();
        let mut news = News::about(&store, &wait, &fields).await;
        store.add_events(&[told(6)]).await.unwrap();
        assert!(timeout(4 * GLANCE, news.come()).await.is_err(), "it is about another one");
        store.add_events(&[told(5)]).await.unwrap();
        news.come().await;
        assert!(timeout(4 * GLANCE, news.come()).await.is_err(), "it was told once");
    }
}
