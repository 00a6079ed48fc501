//! Delivers events over HTTP, one after the other, and keeps the sandbox going while nobody calls it.

use super::{
    http::{LIMIT, answer, client},
    outbox::{Delivery, Outcome},
};
use crate::sandbox::{life::Event, options::Push, server::Shared};
use fastrand::Rng;
use reqwest::{Client, header::CONTENT_TYPE};
use std::{io, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};

const ATTEMPTS: u32 = 3;
/// How often the sandbox looks whether something has happened by itself.
const LOOK: Duration = Duration::from_secs(1);

/// What delivers the events; it lives as long as its sandbox.
#[derive(Debug)]
pub(in crate::sandbox) struct Pusher {
    shared: Arc<Shared>,
    push: Push,
    http: Client,
    random: Rng,
    /// Whether the receiver has shown that it knows the token. Nothing is pushed before.
    verified: bool,
}

impl Pusher {
    pub fn new(shared: Arc<Shared>, push: Push) -> io::Result<Self> {
        let seed = shared.state().options.seed;
        let http = client(&push.to)?;
        Ok(Self { shared, push, http, random: Rng::with_seed(seed), verified: false })
    }

    /// Deliver until the sandbox stops.
    pub async fn run(mut self) {
        let stop = self.shared.stop.clone();
        stop.run_until_cancelled_owned(async move {
            if let Err(failure) = self.verify().await {
                tracing::warn!(%failure, "the receiver of pushes did not verify; it is asked again before each push");
            }
            loop {
                self.deliver_all().await;
                let arrived = self.shared.state().outbox.arrived.clone();
                timeout(LOOK, arrived.notified()).await.ok();
            }
        })
        .await;
    }

    async fn deliver_all(&mut self) {
        loop {
            let next = self.shared.state().next_push();
            let Some((event, delivery)) = next else { return };
            self.deliver(&event, delivery).await;
        }
    }

    async fn deliver(&mut self, event: &Event, mut delivery: Delivery) {
        for attempt in 1..=ATTEMPTS {
            // Attempts begin this far apart, also if the receiver has refused at once.
            let next = Instant::now() + LIMIT;
            let failure = self.attempt(event).await.err();
            delivery.attempts = attempt;
            delivery.outcome = match failure {
                None => Outcome::Delivered,
                Some(_) if attempt < ATTEMPTS => Outcome::Failing,
                Some(_) => Outcome::GivenUp,
            };
            delivery.failure = failure.or(delivery.failure);
            self.shared.state().outbox.note(delivery.clone());
            match delivery.outcome {
                Outcome::Failing => sleep_until(next).await,
                Outcome::Delivered => return,
                Outcome::GivenUp => {
                    let failure = delivery.failure.as_deref().unwrap_or_default();
                    return tracing::warn!(event = event.name, failure, "a push was given up");
                }
            }
        }
    }

    async fn attempt(&mut self, event: &Event) -> Result<(), String> {
        if !self.verified {
            self.verify().await?;
        }
        let letter = {
            let state = self.shared.state();
            self.push.letter(event, &state.options.accounts, state.clock.now(), &mut self.random)
        };
        let request = self.http.post(letter.url).header(CONTENT_TYPE, self.push.format.media_type()).body(letter.body);
        match answer(request).await?.as_str() {
            "" | "success" => Ok(()),
            other => Err(format!("the answer is {other:?}, neither `success` nor empty")),
        }
    }

    /// The handshake with which the platform tries a URL.
    async fn verify(&mut self) -> Result<(), String> {
        let now = self.shared.state().clock.now();
        let (url, echo) = self.push.question(now, &mut self.random);
        self.verified = answer(self.http.get(url)).await? == echo;
        if self.verified { Ok(()) } else { Err("the URL does not verify: it answers GET without its `echostr`".into()) }
    }
}
