//! The events that wait for their delivery, and what became of those that were delivered.

use crate::sandbox::life::Event;
use serde::Serialize;
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::Notify;

/// Newer events than these are dropped.
const MOST_WAITING: usize = 10_000;
/// Older deliveries are forgotten.
const MOST_LISTED: usize = 1_000;

/// An event on its way to the receiver.
#[derive(Debug, Clone, Serialize)]
pub(in crate::sandbox) struct Delivery {
    /// From 1, in the order of the deliveries.
    number: u64,
    /// When it happened, in seconds since 1970.
    time: i64,
    /// The mini program.
    appid: String,
    event: String,
    /// How often it was sent.
    pub attempts: u32,
    pub outcome: Outcome,
    /// Why the last attempt that failed did so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::sandbox) enum Outcome {
    /// It will be sent again.
    Failing,
    Delivered,
    GivenUp,
}

#[derive(Debug, Default)]
pub(in crate::sandbox) struct Outbox {
    waiting: VecDeque<Event>,
    deliveries: VecDeque<Delivery>,
    last: u64,
    dropped: u64,
    /// Tells the pusher that there is something to do.
    pub arrived: Arc<Notify>,
}

/// What is shown of an outbox.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct Listed<'a> {
    waiting: usize,
    dropped: u64,
    deliveries: &'a VecDeque<Delivery>,
}

impl Outbox {
    pub fn add(&mut self, event: Event) {
        if self.waiting.len() == MOST_WAITING {
            self.dropped += 1;
            return;
        }
        self.waiting.push_back(event);
        self.arrived.notify_one();
    }

    /// The next event, with the note of its delivery.
    pub fn next(&mut self) -> Option<(Event, Delivery)> {
        let event = self.waiting.pop_front()?;
        self.last += 1;
        let delivery = Delivery {
            number: self.last,
            time: event.time,
            appid: event.to.clone(),
            event: event.name.clone(),
            attempts: 0,
            outcome: Outcome::Failing,
            failure: None,
        };
        Some((event, delivery))
    }

    /// Note how the delivery goes. Only the last one can be under way.
    pub fn note(&mut self, delivery: Delivery) {
        match self.deliveries.back_mut() {
            Some(last) if last.number == delivery.number => *last = delivery,
            _ => {
                if self.deliveries.len() == MOST_LISTED {
                    self.deliveries.pop_front();
                }
                self.deliveries.push_back(delivery);
            }
        }
    }

    pub fn listed(&self) -> Listed<'_> {
        Listed { waiting: self.waiting.len(), dropped: self.dropped, deliveries: &self.deliveries }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn event(time: i64) -> Event {
        Event { to: "wx1234567890abcdef".into(), time, name: "secvod_upload_event".into(), fields: Map::new() }
    }

    #[test]
    fn an_outbox_has_an_end_and_so_has_its_list() {
        let mut outbox = Outbox::default();
        let most = i64::try_from(MOST_WAITING).unwrap();
        (0..most + 5).for_each(|time| outbox.add(event(time)));
        let shown = serde_json::to_value(outbox.listed()).unwrap();
        assert_eq!(shown, json!({ "waiting": MOST_WAITING, "dropped": 5, "deliveries": [] }));
        while let Some((_, delivery)) = outbox.next() {
            outbox.note(delivery);
        }
        let (first, last) = (&outbox.deliveries[0], &outbox.deliveries[MOST_LISTED - 1]);
        assert_eq!((outbox.deliveries.len(), last.time), (MOST_LISTED, most - 1));
        assert_eq!(first.number + 999, last.number);
    }

    #[test]
    fn a_delivery_is_listed_once_however_often_it_is_noted() {
        let mut outbox = Outbox::default();
        outbox.add(event(7));
        let (_, mut delivery) = outbox.next().unwrap();
        for attempts in 1..=3 {
            delivery.attempts = attempts;
            outbox.note(delivery.clone());
        }
        assert_eq!((outbox.deliveries.len(), outbox.deliveries[0].attempts), (1, 3));
    }
}
