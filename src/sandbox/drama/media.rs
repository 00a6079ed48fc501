//! Media: what was uploaded, listed, shown and deleted.

use super::{Dramas, done, page, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer};
use serde_json::{Value, json};

const YEAR: i64 = 365 * 86_400;

/// A believable bitrate: bytes that make one second of video.
pub(super) const SECOND_OF_VIDEO: u64 = 502_000;

/// Of the video itself only its size and MD5 are kept.
#[derive(Debug)]
pub(super) struct Media {
    pub id: i64,
    pub owner: String,
    /// `归来记 - 第1集`
    pub name: String,
    pub size: u64,
    pub md5: String,
    pub create_time: i64,
    /// The drama that it is an episode of.
    pub drama_id: Option<i64>,
    /// The drama that it was replaced in, and when.
    pub retired: Option<(i64, i64)>,
    pub review: Option<MediaReview>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct MediaReview {
    /// 1 in review, 2 rejected, 3 passed, 4 to be refilled
    pub status: i64,
    pub submitted: i64,
    pub decided: i64,
}

impl Media {
    pub fn duration(&self) -> u64 {
        (self.size / SECOND_OF_VIDEO).max(1)
    }

    /// Bits a second.
    pub fn bitrate(&self) -> u64 {
        self.size * 8 / self.duration()
    }

    pub fn url(&self, ending: &str) -> String {
        format!("https://v.example.org/{}/{}.{ending}", self.md5, self.id)
    }

    pub fn cover_url(&self) -> String {
        format!("https://img.example.org/t/{}.jpg", self.id)
    }

    fn json(&self) -> Value {
        json!({
            "media_id": self.id,
            "create_time": self.create_time,
            "expire_time": self.create_time + YEAR,
            "drama_id": self.drama_id.unwrap_or(0),
            "file_size": self.size.to_string(),
            "duration": self.duration(),
            "name": self.name,
            "description": "",
            "cover_url": self.cover_url(),
            "original_url": self.url("mp4"),
            "mp4_url": "",
            "hls_url": "",
            "audit_detail": self.audit_json(),
        })
    }

    /// Status 0 until it is submitted with a drama.
    fn audit_json(&self) -> Value {
        let review = self.review.unwrap_or(MediaReview { status: 0, submitted: 0, decided: 0 });
        let (reason, evidence) = match review.status {
            2 => ("画面内容不符合规范", vec![format!("EVIDENCE_{}", self.id)]),
            4 => ("请补充该集的相关材料", vec![format!("EVIDENCE_{}", self.id)]),
            _ => ("", Vec::new()),
        };
        json!({
            "status": review.status,
            "create_time": review.submitted,
            "audit_time": review.decided,
            "reason": reason,
            "evidence_material_id_list": evidence,
        })
    }
}

/// What an upload leaves behind.
pub(super) fn store(dramas: &mut Dramas, owner: &str, name: &str, size: u64, md5: String, create_time: i64) -> i64 {
    dramas.ids.media += 1;
    let id = 910_000 + dramas.ids.media;
    let (owner, name) = (owner.into(), name.into());
    let media = Media { id, owner, name, size, md5, create_time, drama_id: None, retired: None, review: None };
    dramas.media.insert(id, media);
    id
}

pub(super) fn list(dramas: &mut Dramas, request: &Request) -> Answer {
    let own = dramas.media.values().filter(|media| media.owner == request.caller);
    let found = own.filter(|media| fits(media, request));
    answer!({ "media_info_list": page(found, request, 100).into_iter().map(Media::json).collect::<Vec<_>>() })
}

/// The end of the time span is not inside it.
fn fits(media: &Media, request: &Request) -> bool {
    let number = |field| request.number(field).filter(|number| *number != 0);
    let text = |field| request.text(field).filter(|text| !text.is_empty());
    number("drama_id").is_none_or(|id| media.drama_id == Some(id))
        && text("media_name").is_none_or(|pattern| matches(&media.name, pattern))
        && text("media_name_fuzzy").is_none_or(|part| media.name.contains(part.trim_matches('%')))
        && number("start_time").is_none_or(|start| media.create_time >= start)
        && number("end_time").is_none_or(|end| media.create_time < end)
}

/// A `%` before or after the text stands for anything; without one the whole name is meant.
fn matches(name: &str, pattern: &str) -> bool {
    let text = pattern.trim_matches('%');
    match (pattern.starts_with('%'), pattern.ends_with('%')) {
        (true, true) => name.contains(text),
        (true, false) => name.ends_with(text),
        (false, true) => name.starts_with(text),
        (false, false) => name == text,
    }
}

pub(super) fn get(dramas: &mut Dramas, request: &Request) -> Answer {
    answer!({ "media_info": own(dramas, request)?.json() })
}

/// An episode of a drama stays.
pub(super) fn delete(dramas: &mut Dramas, request: &Request) -> Answer {
    let media = own(dramas, request)?;
    if media.drama_id.is_some() {
        return Err(refusal(10090040));
    }
    let id = media.id;
    dramas.media.remove(&id);
    done()
}

fn own<'a>(dramas: &'a Dramas, request: &Request) -> Result<&'a Media, Refusal> {
    let media = dramas.media.get(&request.number("media_id").unwrap_or(0));
    media.filter(|media| media.owner == request.caller).ok_or_else(|| refusal(10093030))
}
