//! What becomes of a video by itself: fetched, transcoded, reviewed; and what becomes of it by a switch.

use super::library::{FORBIDDEN, Library, PUBLISHED, REJECTED, Video};
use super::plays::Watchable;
use crate::sandbox::life::{Life, Ruling};
use fastrand::Rng;

impl Library {
    /// What has happened by itself until now.
    pub(super) fn settle(&mut self, random: &mut Rng, now: i64, life: &mut Life) {
        self.fetch(random, now, life);
        let is_over = |vid: &String| self.videos.get(vid).is_none_or(|video| video.reviewed <= now);
        let (over, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.open).into_iter().partition(is_over);
        self.open = open;
        for vid in over {
            let Some(video) = self.videos.get_mut(&vid) else { continue };
            let passes = life.verdict(&vid, &video.title).is_none_or(|it| it.result == Ruling::Pass);
            video.turn(if passes { PUBLISHED } else { REJECTED }, video.reviewed);
        }
    }

    /// The file of a video has arrived: it is transcoded and then reviewed.
    pub(super) fn process(&mut self, vid: &str, now: i64, life: &Life) {
        if let Some(video) = self.videos.get_mut(vid) {
            video.transcoded = now.saturating_add(life.transcode_seconds);
            video.reviewed = video.transcoded.saturating_add(life.review_seconds);
            self.open.push(vid.to_owned());
        }
    }
}

impl Video {
    /// It has another status from now on.
    pub(super) fn turn(&mut self, status: i64, now: i64) {
        self.status = status;
        self.note_watchable(now);
    }

    /// It goes to the recycle bin, or comes back from it.
    pub(super) fn set_deleted(&mut self, deleted: bool, now: i64) {
        self.deleted = deleted;
        self.note_watchable(now);
    }

    /// Forbid what is published, or allow what is forbidden; whether it could be done.
    pub(super) fn set_forbidden(&mut self, forbid: bool, now: i64) -> bool {
        let fits = if forbid { self.published(now) } else { self.status_at(now) == FORBIDDEN };
        if fits {
            self.turn(if forbid { FORBIDDEN } else { PUBLISHED }, now);
        }
        fits
    }

    fn note_watchable(&mut self, now: i64) {
        let may = self.published(now);
        match self.watchable.last_mut().filter(|last| last.until.is_none()) {
            Some(last) if !may => last.until = Some(now),
            None if may => self.watchable.push(Watchable { from: now, until: None }),
            _ => {}
        }
    }
}
