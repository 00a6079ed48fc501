//! What the platforms tell by themselves, for who listens in this process.

use super::{Sandbox, push::message};
use serde_json::{Map, Value};

/// Something that a platform tells a mini program.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The appid of the mini program.
    pub to: String,
    /// When it happened, in seconds since 1970.
    pub time: i64,
    /// The platform's own name of it.
    pub name: String,
    /// The message as it is pushed.
    pub message: Map<String, Value>,
}

impl Sandbox {
    /// From now on keep what the platforms tell, for [`Sandbox::told`].
    pub fn listen(&self) {
        self.shared.state().listened_to = true;
    }

    /// What the platforms tell next, as soon as there is something.
    pub async fn told(&self) -> Vec<Told> {
        loop {
            let (told, arrived) = {
                let mut state = self.shared.state();
                let next = || state.next_push().map(|(event, _)| event);
                let told = std::iter::from_fn(next).map(|event| Told {
                    message: message(&event),
                    to: event.to,
                    time: event.time,
                    name: event.name,
                });
                (told.collect::<Vec<_>>(), state.outbox.arrived.clone())
            };
            if !told.is_empty() {
                return told;
            }
            arrived.notified().await;
        }
    }
}
