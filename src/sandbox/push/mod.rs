//! Tells a receiver what happens by itself, as the platform does: `outbox` keeps the events, `letter` makes messages of
//! them, `pusher` delivers these by `http`, and `control` is the way in and out by hand.

mod control;
mod http;
mod letter;
mod outbox;
mod pusher;

pub(super) use control::{by_hand, list};
pub(super) use letter::message;
pub(super) use outbox::{Delivery, Outbox};
pub(super) use pusher::Pusher;
