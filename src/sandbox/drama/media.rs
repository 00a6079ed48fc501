//! Media: what was uploaded, listed, shown and deleted.

use super::agenda::Due;
use super::links::temporary;
use super::review::{Review, Status};
use super::{Dramas, changes, done, page, refusal};
use crate::sandbox::life::Life;
use crate::sandbox::model::{Answer, Request, answer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const YEAR: i64 = 365 * 86_400;

/// A believable bitrate: bytes that make one second of video.
pub(super) const SECOND_OF_VIDEO: u64 = 502_000;

/// Of the video itself only its size is kept. There may be hundreds of thousands, so it is small.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Media {
    #[serde(rename = "media_id")]
    pub id: i64,
    /// `归来记 - 第1集`
    pub name: Box<str>,
    #[serde(default)]
    pub size: u64,
    #[serde(default)]
    pub create_time: i64,
    /// When it can be played.
    #[serde(default)]
    pub ready: i64,
    /// The drama that it is an episode of; 0 for none.
    #[serde(default)]
    pub drama_id: i64,
    /// The drama that it was replaced in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired: Option<Box<Retired>>,
    #[serde(default)]
    pub review: Review,
    /// Why it was rejected, in words of its own.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Box<str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retired {
    pub drama_id: i64,
    pub since: i64,
}

impl Media {
    pub fn duration(&self) -> u64 {
        (self.size / SECOND_OF_VIDEO).max(1)
    }

    /// Bits a second.
    pub fn bitrate(&self) -> u64 {
        self.size * 8 / self.duration()
    }

    /// The links to the video itself come when it has been made ready to be played.
    fn json(&self, now: i64) -> Value {
        let id = self.id;
        let link = |ending| if now < self.ready { String::new() } else { video(id, ending, now) };
        json!({
            "media_id": id,
            "create_time": self.create_time,
            "expire_time": self.create_time + YEAR,
            "drama_id": self.drama_id,
            "file_size": self.size.to_string(),
            "duration": self.duration(),
            "name": self.name,
            "description": "",
            "cover_url": cover(id, now),
            "original_url": temporary(&format!("v.example.org/o/{id}.mp4"), now),
            "mp4_url": link("mp4"),
            "hls_url": link("m3u8"),
            "audit_detail": self.audit_json(),
        })
    }

    /// Status 0 until it is submitted with a drama.
    fn audit_json(&self) -> Value {
        let reason = match self.review.status {
            Status::Rejected => "画面内容不符合规范",
            Status::Refill => "请补充该集的相关材料",
            _ => "",
        };
        let evidence = if reason.is_empty() { Vec::new() } else { vec![format!("EVIDENCE_{}", self.id)] };
        let mut detail = self.review.json();
        detail["reason"] = if self.reason.is_empty() { reason } else { &*self.reason }.into();
        detail["evidence_material_id_list"] = evidence.into();
        detail
    }
}

fn video(id: i64, ending: &str, now: i64) -> String {
    temporary(&format!("v.example.org/t/{id}.{ending}"), now)
}

pub(super) fn cover(id: i64, now: i64) -> String {
    temporary(&format!("img.example.org/t/{id}.jpg"), now)
}

/// A video that has reached the platform.
pub(super) struct Arrived<'a> {
    pub owner: &'a str,
    pub name: &'a str,
    pub size: u64,
    pub source_context: &'a str,
    pub moment: i64,
}

/// What an upload leaves behind; it is told when it can be played.
pub(super) fn store(dramas: &mut Dramas, video: Arrived, life: &Life) -> i64 {
    let ready = video.moment.saturating_add(life.transcode_seconds.max(0));
    let (size, create_time) = (video.size, video.moment);
    let media = Media { name: video.name.into(), size, create_time, ready, ..Media::default() };
    let media_id = add(dramas, video.owner, media);
    dramas.agenda.add(ready, Due::Stored { media_id, source_context: video.source_context.into() });
    media_id
}

/// Give it an id.
pub(super) fn add(dramas: &mut Dramas, owner: &str, media: Media) -> i64 {
    let id = dramas.ids.media.max(dramas.media.last_id()).max(910_000) + 1;
    dramas.ids.media = id;
    dramas.media.push(owner, Media { id, ..media });
    id
}

pub(super) fn list(dramas: &mut Dramas, request: &Request) -> Answer {
    let (library, filter) = (&dramas.media, Filter::of(request));
    let (own, fits) = (library.of(request.caller), |media: &&Media| filter.fits(media));
    let found: Vec<&Media> = match request.number("drama_id").filter(|id| *id != 0) {
        None if filter == Filter::default() => page(own, request, 100),
        None => page(own.iter().filter(fits), request, 100),
        Some(drama_id) => {
            let mut ids = dramas.dramas.get(&drama_id).map_or(Vec::new(), |drama| drama.episodes.clone());
            ids.sort_unstable();
            page(ids.iter().filter_map(|id| library.own(request.caller, *id).ok()).filter(fits), request, 100)
        }
    };
    let rows: Vec<Value> = found.into_iter().map(|media| media.json(request.now)).collect();
    answer!({ "media_info_list": rows })
}

/// What a listing asks for; an empty text and 0 ask for nothing.
#[derive(Default, PartialEq)]
struct Filter<'a> {
    name: Option<&'a str>,
    part: Option<&'a str>,
    start: Option<i64>,
    end: Option<i64>,
}

impl<'a> Filter<'a> {
    fn of(request: &'a Request) -> Self {
        let text = |field| request.text(field).filter(|text| !text.is_empty());
        let moment = |field| request.number(field).filter(|moment| *moment != 0);
        Self {
            name: text("media_name"),
            part: text("media_name_fuzzy").map(|part| part.trim_matches('%')),
            start: moment("start_time"),
            end: moment("end_time"),
        }
    }

    /// The end of the time span is not inside it.
    fn fits(&self, media: &Media) -> bool {
        self.start.is_none_or(|start| start <= media.create_time)
            && self.end.is_none_or(|end| media.create_time < end)
            && self.name.is_none_or(|pattern| matches(&media.name, pattern))
            && self.part.is_none_or(|part| media.name.contains(part))
    }
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
    let id = request.number("media_id").unwrap_or(0);
    answer!({ "media_info": dramas.media.own(request.caller, id)?.json(request.now) })
}

/// An episode of a drama stays, and what is to become one.
pub(super) fn delete(dramas: &mut Dramas, request: &Request) -> Answer {
    let id = request.number("media_id").unwrap_or(0);
    let is_episode = dramas.media.own(request.caller, id)?.drama_id != 0;
    if is_episode || changes::promised(dramas, request).contains(&id) {
        return Err(refusal(10090040));
    }
    dramas.media.remove(request.caller, id);
    done()
}
