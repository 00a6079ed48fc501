//! The media of all mini programs.

use super::{media::Media, refusal};
use crate::sandbox::model::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By the appid of the owner, then by media id.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Library(BTreeMap<String, BTreeMap<i64, Media>>);

impl Library {
    /// Those of one owner, the oldest id first.
    pub fn of(&self, owner: &str) -> impl Iterator<Item = (i64, &Media)> {
        self.0.get(owner).into_iter().flatten().map(|(id, media)| (*id, media))
    }

    /// One that belongs to this owner.
    pub fn own(&self, owner: &str, id: i64) -> Result<&Media, Refusal> {
        self.0.get(owner).and_then(|media| media.get(&id)).ok_or_else(|| refusal(10093030))
    }

    /// One with its owner, whoever that is.
    pub fn find(&self, id: i64) -> Option<(&str, &Media)> {
        self.0.iter().find_map(|(owner, media)| Some((owner.as_str(), media.get(&id)?)))
    }

    pub fn get_mut(&mut self, id: i64) -> Option<&mut Media> {
        self.0.values_mut().find_map(|media| media.get_mut(&id))
    }

    pub fn insert(&mut self, owner: &str, id: i64, media: Media) {
        self.0.entry(owner.into()).or_default().insert(id, media);
    }

    pub fn remove(&mut self, owner: &str, id: i64) {
        if let Some(media) = self.0.get_mut(owner) {
            media.remove(&id);
        }
    }

    /// The highest id; 0 when there is none.
    pub fn last_id(&self) -> i64 {
        self.0.values().filter_map(|media| media.last_key_value()).map(|(id, _)| *id).max().unwrap_or(0)
    }
}
