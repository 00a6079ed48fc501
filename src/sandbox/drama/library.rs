//! The media of all mini programs.

use super::{media::Media, refusal};
use crate::sandbox::model::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By the appid of the owner; those of one owner by their ids, so that any page of them is found at once.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Vec<Media>>")]
pub(super) struct Library(BTreeMap<String, Vec<Media>>);

impl From<BTreeMap<String, Vec<Media>>> for Library {
    fn from(mut all: BTreeMap<String, Vec<Media>>) -> Self {
        all.values_mut().for_each(|media| media.sort_by_key(|media| media.id));
        Self(all)
    }
}

impl Library {
    /// Those of one owner.
    pub fn of(&self, owner: &str) -> &[Media] {
        self.0.get(owner).map_or(&[], Vec::as_slice)
    }

    /// One that belongs to this owner.
    pub fn own(&self, owner: &str, id: i64) -> Result<&Media, Refusal> {
        let media = self.of(owner);
        Ok(&media[place(media, id).ok_or_else(|| refusal(10093030))?])
    }

    /// One with its owner, whoever that is.
    pub fn find(&self, id: i64) -> Option<(&str, &Media)> {
        self.0.iter().find_map(|(owner, media)| Some((owner.as_str(), &media[place(media, id)?])))
    }

    pub fn get_mut(&mut self, id: i64) -> Option<&mut Media> {
        self.0.values_mut().find_map(|media| place(media, id).map(|place| &mut media[place]))
    }

    /// The new id is the highest.
    pub fn push(&mut self, owner: &str, media: Media) {
        self.0.entry(owner.into()).or_default().push(media);
    }

    pub fn remove(&mut self, owner: &str, id: i64) {
        if let Some(media) = self.0.get_mut(owner)
            && let Some(place) = place(media, id)
        {
            media.remove(place);
        }
    }

    /// The highest id; 0 when there is none.
    pub fn last_id(&self) -> i64 {
        self.0.values().filter_map(|media| media.last()).map(|media| media.id).max().unwrap_or(0)
    }
}

fn place(media: &[Media], id: i64) -> Option<usize> {
    media.binary_search_by_key(&id, |media| media.id).ok()
}
