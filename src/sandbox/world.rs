//! What a sandbox holds: saved as JSON, and read again. The same seed and the same calls make the same bytes.

use super::{
    clock::check_moment,
    drama::Dramas,
    life::{Event, Life},
    novel::Novels,
    options::Options,
    platform::Platform,
    polyv::Polyv,
    quota::Quotas,
    saved,
};
use fastrand::Rng;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::{collections::BTreeSet, io};

/// All that calls read and change.
#[derive(Debug, Serialize)]
pub(super) struct World {
    /// Seconds since 1970.
    pub now: i64,
    /// How long things take, and how reviews end.
    pub life: Life,
    /// The mini programs that have lost the category which grants need.
    pub without_category: BTreeSet<String>,
    pub quotas: Quotas,
    pub platform: Platform,
    pub novels: Novels,
    pub dramas: Dramas,
    pub polyv: Polyv,
    #[serde(with = "saved::random")]
    pub random: Rng,
}

/// A world in a file. What is left out is as at the start of a new sandbox.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    now: Option<i64>,
    life: Option<Life>,
    without_category: Option<BTreeSet<String>>,
    quotas: Option<Quotas>,
    platform: Option<Platform>,
    novels: Option<Novels>,
    dramas: Option<Dramas>,
    polyv: Option<Polyv>,
    #[serde(default, deserialize_with = "random")]
    random: Option<Rng>,
}

impl World {
    /// The world of a new sandbox.
    pub fn new(options: &Options, now: i64) -> World {
        let mut random = Rng::with_seed(options.seed);
        let (mut novels, mut dramas) = (Novels::default(), Dramas::default());
        for appid in options.appids() {
            novels.seed(appid, now);
            dramas.seed(appid, now);
        }
        if let Some(first) = options.appids().next().filter(|_| options.big) {
            dramas.seed_media(first, now, 200_000);
            novels.seed_books(first, now, 150_000);
        }
        World {
            now,
            life: options.life.clone(),
            without_category: BTreeSet::new(),
            quotas: Quotas::default(),
            platform: Platform::new(random.fork(), now),
            polyv: Polyv::new(&options.accounts, random.fork(), now),
            novels,
            dramas,
            random,
        }
    }

    /// Put what was saved in place of what is here.
    pub fn load(&mut self, saved: &str) -> Result<(), serde_json::Error> {
        let saved: Saved = serde_json::from_str(saved)?;
        let lives = saved.life.as_ref().map_or(Ok(()), Life::check);
        lives.and(saved.now.map_or(Ok(()), check_moment)).map_err(serde_json::Error::custom)?;
        let World { now, life, without_category, quotas, platform, novels, dramas, polyv, random } = self;
        put(now, saved.now);
        put(life, saved.life);
        put(without_category, saved.without_category);
        put(quotas, saved.quotas);
        put(platform, saved.platform);
        put(novels, saved.novels);
        put(dramas, saved.dramas);
        put(polyv, saved.polyv);
        put(random, saved.random);
        Ok(())
    }

    /// Write it as JSON.
    pub fn dump(&self, out: impl io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(out, self).map_err(io::Error::from)
    }

    /// Let everything happen that is due by now; back come the events of it, in order.
    pub fn settle(&mut self, now: i64) -> Vec<Event> {
        self.now = now;
        let mut events = self.novels.settle(now, &mut self.life);
        events.extend(self.dramas.settle(now, &mut self.life));
        self.polyv.settle(now, &mut self.life);
        events.sort_by_key(|event| event.time);
        events
    }
}

fn put<T>(here: &mut T, saved: Option<T>) {
    if let Some(saved) = saved {
        *here = saved;
    }
}

fn random<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rng>, D::Error> {
    saved::random::deserialize(from).map(Some)
}
