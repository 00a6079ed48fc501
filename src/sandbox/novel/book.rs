//! A book: its two versions, their chapters and volumes.

use super::text::{Content, Text};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Book {
    /// Grows with each book; the `last_id` of a list.
    pub serial: i64,
    pub id: Text,
    pub owner: Text,
    /// The owner's own key; may be empty.
    pub original_id: Text,
    pub create_time: i64,
    /// 编辑版
    pub edit: Edition,
    /// 发布版
    pub release: Release,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Release {
    /// The book has never passed.
    #[default]
    None,
    /// The edit version as it is.
    Same,
    /// The edit version as it last passed; it has changed since.
    Older(Box<Edition>),
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Edition {
    pub title: Text,
    pub intro: Text,
    pub cover_media_id: Text,
    pub author: Text,
    pub categories: [i64; 3],
    /// 1 running, 2 finished
    #[serde(default = "running")]
    pub complete_status: u8,
    /// Chapters are kept sorted by seq; otherwise new ones go to the end.
    pub by_seq: bool,
    pub custom_info: Text,
    pub keywords: Box<[Text]>,
    pub awesome_paragraph: Text,
    pub chapters: Vec<Chapter>,
    pub volumes: Vec<Volume>,
    /// Chapters came or went after the volumes were written.
    pub volumes_stale: bool,
    pub review: Option<Review>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Chapter {
    pub id: Text,
    pub title: Text,
    pub content: Content,
    pub original_id: Text,
    pub seq: i64,
    pub custom_info: Text,
    pub create_time: i64,
    pub review: Option<Review>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Volume {
    pub title: Text,
    pub start: usize,
    /// Inclusive.
    pub end: usize,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Review {
    pub status: Status,
    pub submitted: i64,
    pub decided: i64,
    /// Why it did not pass.
    pub reason: Text,
}

/// The numbers are the platform's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    /// Not since the last edit.
    #[default]
    NotSubmitted = 0,
    InReview = 1,
    NotPassed = 2,
    Passed = 3,
}

fn running() -> u8 {
    1
}

impl Book {
    pub fn in_review(&self) -> bool {
        self.edit.review.as_ref().is_some_and(|review| review.status == Status::InReview)
    }

    pub fn released(&self) -> Option<&Edition> {
        match &self.release {
            Release::None => None,
            Release::Same => Some(&self.edit),
            Release::Older(edition) => Some(edition),
        }
    }

    /// The edit version for a change, after which it needs a new submission. The release version stays as it is.
    pub fn draft(&mut self) -> &mut Edition {
        if let Release::Same = self.release {
            self.release = Release::Older(Box::new(self.edit.clone()));
        }
        if let Some(review) = &mut self.edit.review {
            review.status = Status::NotSubmitted;
        }
        &mut self.edit
    }
}

impl Edition {
    pub fn place_of(&self, chapter_id: &str) -> Option<usize> {
        self.chapters.iter().position(|chapter| *chapter.id == *chapter_id)
    }

    /// Where each chapter stands, for calls that name many.
    pub fn places(&self) -> HashMap<&str, usize> {
        self.chapters.iter().enumerate().map(|(place, chapter)| (&*chapter.id, place)).collect()
    }

    /// Put a chapter where the order method wants it: at the end, or behind the last one of its seq.
    pub fn insert(&mut self, chapter: Chapter) {
        let end = self.chapters.len();
        let at = if self.by_seq { self.chapters.partition_point(|other| other.seq <= chapter.seq) } else { end };
        self.chapters.insert(at, chapter);
        self.volumes_stale = true;
    }

    pub fn remove(&mut self, place: usize) {
        self.chapters.remove(place);
        self.volumes_stale = true;
    }

    /// A stable sort.
    pub fn sort_by_seq(&mut self) {
        self.chapters.sort_by_key(|chapter| chapter.seq);
    }

    /// The volume in which a chapter stands.
    pub fn volume_of(&self, place: usize) -> Option<usize> {
        self.volumes.iter().position(|volume| (volume.start..=volume.end).contains(&place))
    }
}
