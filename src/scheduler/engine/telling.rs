//! What has happened is told to whoever listens.

use super::{fires::Fire, rounds::Engine};
use crate::scheduler::{
    due::{Due, Fate},
    fire::Cause,
    news::{Event, News},
};
use jiff::Timestamp;

impl Engine<'_> {
    /// A due time has its row.
    pub(super) fn tell_due(&self, job: &str, due: &Due) {
        let event = match due.fate {
            Fate::Runs(_) => return,
            Fate::Skipped(reason) => Event::Skipped { reason: reason.to_owned() },
            Fate::Missed(reason) => Event::Missed { reason: reason.to_owned(), times: due.times },
        };
        self.tell(job, Cause::Schedule, due.at, event);
    }

    /// Something has happened to a fire.
    pub(super) fn tell_of(&self, fire: &Fire, event: Event) {
        self.tell(&fire.job, fire.cause, fire.due, event);
    }

    pub(super) fn tell(&self, job: &str, cause: Cause, due: Timestamp, event: Event) {
        (self.scheduler.tell)(News { job: job.to_owned(), cause, due, event });
    }
}
