//! What a library holds.

use super::{grabs::Grab, plays::Watchable, profile::Profile};
use crate::sandbox::model::{Refusal, Request, number};
use fastrand::Rng;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The root of the category tree.
pub(super) const ROOT: i64 = 1;

pub(super) const WAITING: i64 = 10;
pub(super) const TRANSCODES: i64 = 20;
pub(super) const IN_REVIEW: i64 = 50;
pub(super) const REJECTED: i64 = 51;
pub(super) const FORBIDDEN: i64 = 53;
pub(super) const PUBLISHED: i64 = 61;
pub(super) const DELETED: i64 = -1;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Library {
    pub userid: String,
    /// What fixes who watches what.
    pub seed: u32,
    pub sub_account: SubAccount,
    pub videos: IndexMap<String, Video>,
    pub categories: BTreeMap<i64, Category>,
    pub grabs: Vec<Grab>,
    /// The vids of the videos that are transcoded or reviewed.
    pub open: Vec<String>,
    pub play_tokens: Vec<PlayToken>,
}

/// How things stand with the sub-account; only a world that was loaded knows another state than `good`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SubAccount {
    #[default]
    Good,
    /// It has no right to change anything.
    ReadOnly,
    Expired,
    Deleted,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Video {
    pub vid: String,
    pub title: String,
    pub describ: String,
    pub tag: String,
    pub publish_url: String,
    pub category: i64,
    /// What it is when its transcoding is over.
    pub status: i64,
    /// When its transcoding ends.
    pub transcoded: i64,
    /// When its review ends.
    pub reviewed: i64,
    /// Its file has not arrived.
    pub uploading: bool,
    pub created: i64,
    pub updated: i64,
    /// Seconds.
    pub duration: i64,
    pub size: i64,
    pub md5: String,
    pub uploader: String,
    /// When viewers could watch it.
    pub watchable: Vec<Watchable>,
    pub cover: String,
    pub play_auth: bool,
    pub encrypted: bool,
    /// How strongly: `open`, `web`, `app` or `wxa_app`.
    pub level: String,
    pub keep_source: bool,
    pub audio: bool,
    /// It lies in the recycle bin.
    pub deleted: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Category {
    pub name: String,
    pub parent: i64,
    pub profile: Profile,
}

/// A credential of a player.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PlayToken {
    pub token: String,
    pub holder: Holder,
    pub created: i64,
    pub ends: i64,
}

/// Who plays what where: the same four get the same token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Holder {
    pub video: String,
    pub viewer: String,
    pub address: String,
    pub iswxa: i64,
}

impl Video {
    /// The status at this time.
    pub fn status_at(&self, now: i64) -> i64 {
        let half = (self.transcoded - self.created) / 2;
        match () {
            () if self.deleted => DELETED,
            () if self.uploading => WAITING,
            () if now + half < self.transcoded => WAITING,
            () if now < self.transcoded => TRANSCODES,
            () => self.status,
        }
    }

    pub fn published(&self, now: i64) -> bool {
        matches!(self.status_at(now), 60 | PUBLISHED)
    }

    /// Sub-accounts upload under their e-mail address.
    pub fn by_sub_account(&self) -> bool {
        self.uploader.contains('@')
    }
}

impl Library {
    /// A video that is not in the recycle bin.
    pub fn video(&self, vid: &str) -> Result<&Video, Refusal> {
        self.videos.get(vid).filter(|video| !video.deleted).ok_or_else(invalid_vid)
    }

    pub fn video_mut(&mut self, vid: &str) -> Result<&mut Video, Refusal> {
        self.videos.get_mut(vid).filter(|video| !video.deleted).ok_or_else(invalid_vid)
    }

    /// Add a video; what becomes of it is up to the caller.
    pub fn add_video(&mut self, random: &mut Rng, title: &str, category: i64, now: i64) -> &mut Video {
        let vid = self.new_vid(random);
        let category = if self.categories.contains_key(&category) { category } else { ROOT };
        let mut video = Video {
            vid: vid.clone(),
            title: title.to_owned(),
            category,
            status: IN_REVIEW,
            created: now,
            updated: now,
            duration: random.i64(60..180),
            size: random.i64(8_000_000..90_000_000),
            uploader: "API".into(),
            cover: format!("https://img.example.org/{}_b.jpg", self.videos.len() + 1),
            level: "open".into(),
            ..Video::default()
        };
        if let Some(category) = self.categories.get(&category) {
            category.profile.apply(&mut video);
        }
        self.videos.entry(vid).or_insert(video)
    }

    fn new_vid(&self, random: &mut Rng) -> String {
        const DIGITS: usize = 32;
        let room = DIGITS.saturating_sub(self.userid.len());
        let rest: String = (0..room).map(|_| random.digit(16)).collect();
        let end: String = self.userid.chars().take(1).collect();
        format!("{}{rest}_{end}", self.userid)
    }

    /// A category and everything below it.
    pub fn with_below(&self, category: i64) -> Vec<i64> {
        let mut found = vec![category];
        let mut next = 0;
        while let Some(&parent) = found.get(next) {
            found.extend(self.categories.iter().filter(|(_, it)| it.parent == parent).map(|(id, _)| *id));
            next += 1;
        }
        found
    }

    /// The id of a category that is there.
    pub fn category(&self, request: &Request, field: &str) -> Result<i64, Refusal> {
        let id = request.fields.get(field).and_then(number);
        id.filter(|id| self.categories.contains_key(id)).ok_or_else(|| Refusal::new(3001, "category not exist"))
    }
}

pub(super) fn invalid_vid() -> Refusal {
    Refusal::new(2000, "invalid vid")
}

/// The items of a comma list.
pub(super) fn listed<'a>(request: &'a Request, field: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    request.text(field).unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}
