//! Runs scripts at their times and on events, and keeps what became of each.
//!
//! `schedule` says when a pattern is due and `due` which fires follow from that; `engine` keeps fires and runs in the
//! store, so that each happens once, and starts attempts through an [`Executor`], of which it knows nothing else.

pub mod audit;
mod clock;
mod due;
mod engine;
mod fire;
mod job;
mod leaping;
mod news;
pub mod reactions;
pub mod schedule;

pub use clock::{Clock, Presence, Real};
pub use engine::{Scheduler, Settings};
pub use fire::{Attempt, Called, Cause, Ended, Executor, Outcome, Stop, Tell, Told, Trouble};
pub use job::{Job, Rules, Trigger};
pub use leaping::{Leaping, One};
pub use news::{Event, News};
