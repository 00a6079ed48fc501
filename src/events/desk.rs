//! Takes pushes over HTTP and answers them.

use super::{
    identity::{Marks, name_of, without_credentials},
    intake::Intake,
    query::Query,
    receiver::{Receiver, Sender},
    refusal::Refusal,
};
use crate::{
    lock::lock,
    store::{Store, Told},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::Method,
    response::{IntoResponse, Response},
    routing::any,
};
use jiff::Timestamp;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};

/// The largest body of a push, in bytes.
pub const LARGEST: usize = 256 << 10;
/// A body must have come by then.
const READING: Duration = Duration::from_secs(3);
/// A platform waits for five seconds, and then sends it again.
const ANSWERING: Duration = Duration::from_millis(4500);
/// Refusals are logged so often at most.
const LOGGED: Duration = Duration::from_secs(1);

/// The paths of these receivers. What is new is kept before it is answered, and then `arrived` is called. Needs a runtime
/// around it.
pub fn router(receivers: Vec<Receiver>, store: Arc<Store>, arrived: impl Fn() + Send + Sync + 'static) -> Router {
    router_by(Timestamp::now, receivers, store, arrived)
}

/// The same by another clock.
pub fn router_by(
    now: impl Fn() -> Timestamp + Send + Sync + 'static,
    receivers: Vec<Receiver>,
    store: Arc<Store>,
    arrived: impl Fn() + Send + Sync + 'static,
) -> Router {
    let shared = Arc::new(Shared { now: Box::new(now), intake: Intake::start(store, arrived), log: Log::default() });
    receivers.into_iter().fold(Router::new(), |router, receiver| {
        let path = receiver.path.clone();
        let desk = Desk { receiver: Arc::new(receiver), shared: shared.clone() };
        router.route(&path, any(move |request: Request| desk.clone().take(request)))
    })
}

struct Shared {
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    intake: Intake,
    log: Log,
}

/// What stands behind one path.
#[derive(Clone)]
struct Desk {
    receiver: Arc<Receiver>,
    shared: Arc<Shared>,
}

/// What becomes of a request that is not refused.
enum Taken {
    /// A question of the platform, and what answers it.
    Asked(String),
    /// A push, and whether it is new.
    Pushed(bool),
}

impl Desk {
    async fn take(self, request: Request) -> Response {
        let taken = self.judge(request).await;
        let outcome = match &taken {
            Ok(Taken::Asked(_)) => "verified",
            Ok(Taken::Pushed(true)) => "kept",
            Ok(Taken::Pushed(false)) => "repeated",
            Err(refusal) => refusal.outcome(),
        };
        let account = self.receiver.account.clone();
        metrics::counter!("juben_pushes_total", "account" => account, "outcome" => outcome).increment(1);
        match taken {
            Ok(Taken::Asked(echo)) => echo.into_response(),
            Ok(Taken::Pushed(_)) => "success".into_response(),
            Err(refusal) => {
                self.shared.log.refused(&self.receiver.account, refusal);
                (refusal.status(), refusal.to_string()).into_response()
            }
        }
    }

    async fn judge(&self, request: Request) -> Result<Taken, Refusal> {
        let (now, deadline) = ((self.shared.now)(), Instant::now() + ANSWERING);
        let (head, body) = request.into_parts();
        let query = Query::of(&head.uri);
        let (name, marks, message) = match (&self.receiver.sender, &head.method) {
            (Sender::Wechat(wechat), &Method::GET) => return wechat.echo(&query, now).map(Taken::Asked),
            (Sender::Wechat(wechat), &Method::POST) => {
                wechat.admit(&query, now)?;
                let message = wechat.open(&query, &text_of(body).await?)?;
                (name_of(&message).ok_or(Refusal::Nameless)?, Marks::of_message(&message), message)
            }
            (Sender::Polyv(polyv), &Method::GET | &Method::POST) => {
                let (name, message) = polyv.open(&head.method, &query, &text_of(body).await?)?;
                (name, Marks::of_callback(&message, now), message)
            }
            _ => return Err(Refusal::Method),
        };
        let body = serde_json::Value::Object(without_credentials(message)).to_string();
        let account = self.receiver.account.clone();
        let Marks { mark, since } = marks;
        let told = Told { account, name, mark, since, received: now.as_millisecond(), body };
        let kept = timeout_at(deadline, self.shared.intake.keep(told)).await;
        kept.ok().flatten().map(Taken::Pushed).ok_or(Refusal::Unkept)
    }
}

async fn text_of(body: Body) -> Result<String, Refusal> {
    let bytes = timeout(READING, to_bytes(body, LARGEST)).await.map_err(|_| Refusal::Slow)?;
    let bytes = bytes.map_err(|error| match error.to_string().as_str() {
        "length limit exceeded" => Refusal::TooLarge,
        _ => Refusal::Broken,
    })?;
    String::from_utf8(bytes.into()).map_err(|_| Refusal::Binary)
}

/// Tells of refusals, but not of each when there are many.
#[derive(Default)]
struct Log(Mutex<Option<(Instant, u64)>>);

impl Log {
    fn refused(&self, account: &str, refusal: Refusal) {
        let mut last = lock(&self.0);
        match &mut *last {
            Some((at, unsaid)) if at.elapsed() < LOGGED => *unsaid += 1,
            _ => {
                let unsaid = last.map_or(0, |(_, unsaid)| unsaid);
                *last = Some((Instant::now(), 0));
                tracing::warn!(account, unsaid, "a push was refused: {refusal}");
            }
        }
    }
}
