//! What a library holds.

use crate::sandbox::model::{Refusal, Request, number};
use fastrand::Rng;
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// The root of the category tree.
pub(super) const ROOT: i64 = 1;
/// How long a new video is transcoded, in seconds.
const TRANSCODING: i64 = 60;

pub(super) const WAITING: i64 = 10;
pub(super) const TRANSCODES: i64 = 20;
pub(super) const FORBIDDEN: i64 = 53;
pub(super) const PUBLISHED: i64 = 61;
pub(super) const DELETED: i64 = -1;

#[derive(Debug)]
pub(super) struct Library {
    pub userid: String,
    pub videos: IndexMap<String, Video>,
    pub categories: BTreeMap<i64, Category>,
    pub grabs: Vec<Grab>,
    pub play_tokens: Vec<PlayToken>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Video {
    pub vid: String,
    pub title: String,
    pub describ: String,
    pub tag: String,
    pub publish_url: String,
    pub category: i64,
    pub status: i64,
    /// When its transcoding ends; before that it is not published.
    pub ready: i64,
    /// Its file has not arrived.
    pub uploading: bool,
    pub created: i64,
    pub updated: i64,
    /// Seconds.
    pub duration: i64,
    pub size: i64,
    pub md5: String,
    pub uploader: String,
    pub plays: i64,
    pub cover: String,
    pub play_auth: bool,
    pub encrypted: bool,
    /// It lies in the recycle bin.
    pub deleted: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Category {
    pub name: String,
    pub parent: i64,
}

/// A file that the platform fetches.
#[derive(Debug)]
pub(super) struct Grab {
    pub id: String,
    pub name: String,
    pub url: String,
    pub created: i64,
}

/// A credential of a player.
#[derive(Debug)]
pub(super) struct PlayToken {
    pub token: String,
    /// Video, viewer, address and `iswxa`: the same four get the same token.
    pub holder: [String; 4],
    pub ends: i64,
}

impl Video {
    /// The status at this time.
    pub fn status_at(&self, now: i64) -> i64 {
        match () {
            () if self.deleted => DELETED,
            () if self.uploading => WAITING,
            () if now + TRANSCODING / 2 < self.ready => WAITING,
            () if now < self.ready => TRANSCODES,
            () => self.status,
        }
    }

    pub fn published(&self, now: i64) -> bool {
        matches!(self.status_at(now), 60 | PUBLISHED)
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

    /// Add a video of which the file is there; it will be published after its transcoding.
    pub fn add_video(&mut self, random: &mut Rng, title: &str, category: i64, now: i64) -> &mut Video {
        let vid = self.new_vid(random);
        let video = Video {
            vid: vid.clone(),
            title: title.to_owned(),
            category: if self.categories.contains_key(&category) { category } else { ROOT },
            status: PUBLISHED,
            ready: now + TRANSCODING,
            created: now,
            updated: now,
            duration: random.i64(60..180),
            size: random.i64(8_000_000..90_000_000),
            uploader: "API".into(),
            cover: format!("https://img.example.org/{}_b.jpg", self.videos.len() + 1),
            ..Video::default()
        };
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
