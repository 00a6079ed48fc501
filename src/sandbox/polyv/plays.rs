//! Who watched what: made up from the library's seed, so that the same video always has the same plays on the same day.

use super::library::{Library, Video};
use crate::sandbox::china;
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use twox_hash::XxHash3_128;

/// Days, counted from 1970 in China.
pub(super) type Days = RangeInclusive<i64>;

/// The most plays of the most popular video on one day.
const MOST: u64 = 16;

/// From when until when viewers could watch a video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watchable {
    pub from: i64,
    /// `None`: still.
    pub until: Option<i64>,
}

/// One play of one viewer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Play<'a> {
    pub video: &'a Video,
    pub moment: i64,
    /// Everything else about it follows from this number.
    pub chance: u64,
}

impl Play<'_> {
    /// Three of four watch on a phone.
    pub fn on_mobile(&self) -> bool {
        !self.chance.is_multiple_of(4)
    }

    /// Seconds played.
    pub fn seconds(&self) -> i64 {
        1 + (self.chance >> 8) as i64 % self.video.duration.max(1)
    }

    /// Bytes.
    pub fn traffic(&self) -> i64 {
        self.video.size / self.video.duration.max(1) * self.seconds()
    }
}

impl Library {
    /// The plays of a video on a day, as far as the day has come.
    pub(super) fn plays_on<'a>(
        &self,
        video: &'a Video,
        day: i64,
        now: i64,
    ) -> impl Iterator<Item = Play<'a>> + use<'a> {
        let (mut random, plays) = self.chance(video, day);
        let plays = (0..plays).map(move |_| Play {
            video,
            moment: china::start(day) + random.i64(0..china::DAY),
            chance: random.u64(..),
        });
        plays.filter(move |play| play.moment <= now && watchable(video, play.moment))
    }

    /// How often a video was played until now.
    pub(super) fn times(&self, video: &Video, now: i64) -> i64 {
        days_of(video, now).map(|day| self.plays_on(video, day, now).count() as i64).sum()
    }

    /// Where the numbers of a video and a day come from, and how many plays there are.
    fn chance(&self, video: &Video, day: i64) -> (Rng, u64) {
        let hash = XxHash3_128::oneshot(video.vid.as_bytes());
        let (about, popular) = (hash as u64, (hash >> 64) as u64 % MOST + 1);
        let mut random = Rng::with_seed(about ^ u64::from(self.seed) << 32 ^ day as u64);
        let plays = random.u64(0..=popular);
        (random, plays)
    }
}

/// The days from the first on which a video could be watched to the last.
pub(super) fn days_of(video: &Video, now: i64) -> Days {
    let first = video.watchable.first().map_or(now + 1, |stretch| stretch.from);
    let last = video.watchable.last().map_or(now, |stretch| stretch.until.unwrap_or(now).min(now));
    china::day(first)..=china::day(last)
}

fn watchable(video: &Video, moment: i64) -> bool {
    let holds = |stretch: &Watchable| moment >= stretch.from && stretch.until.is_none_or(|until| moment < until);
    video.watchable.iter().any(holds)
}
