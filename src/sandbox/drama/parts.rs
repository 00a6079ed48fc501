//! Large videos, sent in parts: apply, upload each part, commit.

use super::agenda::Due;
use super::upload::check_name;
use super::{Dramas, media, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Each part but the last has this size.
const PART: u64 = 5 * 1024 * 1024;
pub(super) const LARGEST_COVER: u64 = 10 * 1024 * 1024;
/// How long an upload waits for its commit; the platform does not say.
const PATIENCE: i64 = 7 * 86_400;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Upload {
    owner: String,
    name: String,
    source_context: String,
    with_cover: bool,
    #[serde(default)]
    video: Parts,
    #[serde(default)]
    cover: Parts,
}

/// By part number.
type Parts = BTreeMap<i64, Part>;

/// Of the bytes only their size and MD5 are kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    size: u64,
    etag: String,
}

pub(super) fn apply(dramas: &mut Dramas, request: &Request) -> Answer {
    let name = request.text("media_name").unwrap_or_default();
    check_name(name)?;
    dramas.ids.uploads += 1;
    let upload_id = format!("up-{:06x}", 0x7f_31bf + dramas.ids.uploads);
    let upload = Upload {
        owner: request.caller.into(),
        name: name.into(),
        source_context: request.text("source_context").unwrap_or_default().into(),
        with_cover: request.text("cover_type").is_some(),
        video: Parts::new(),
        cover: Parts::new(),
    };
    dramas.uploads.insert(upload_id.clone(), upload);
    dramas.agenda.add(request.now + PATIENCE, Due::Abandoned { upload_id: upload_id.clone() });
    answer!({ "upload_id": upload_id })
}

/// A second part of the same number replaces the first.
pub(super) fn upload(dramas: &mut Dramas, request: &Request) -> Answer {
    let upload = open(&mut dramas.uploads, request)?;
    let parts = match request.number("resource_type") {
        Some(1) => &mut upload.video,
        Some(2) if upload.with_cover => &mut upload.cover,
        Some(2) => return Err(refusal(47003)),
        _ => return Err(refusal(10090005)),
    };
    let number = request.number("part_number").filter(|number| (1..=100).contains(number));
    let number = number.ok_or_else(|| refusal(47003))?;
    let data = request.files.get("data").filter(|file| file.size > 0).ok_or_else(|| refusal(47003))?;
    if data.size > PART {
        return Err(refusal(super::codes::TOO_LARGE));
    }
    parts.insert(number, Part { size: data.size, etag: data.md5.clone() });
    answer!({ "etag": data.md5 })
}

fn open<'a>(uploads: &'a mut BTreeMap<String, Upload>, request: &Request) -> Result<&'a mut Upload, Refusal> {
    let upload = uploads.get_mut(request.text("upload_id").unwrap_or_default());
    upload.filter(|upload| upload.owner == request.caller).ok_or_else(|| refusal(10093030))
}

/// A refused commit leaves the upload open.
pub(super) fn commit(dramas: &mut Dramas, request: &Request) -> Answer {
    let upload = open(&mut dramas.uploads, request)?;
    let cover = request.list("cover_part_infos");
    let fits = is_whole(&upload.video, request.list("media_part_infos"))
        && upload.with_cover != cover.is_empty()
        && (cover.is_empty() || is_whole(&upload.cover, cover))
        && size(&upload.cover) <= LARGEST_COVER;
    if !fits {
        return Err(refusal(47003));
    }
    let upload =
        dramas.uploads.remove(request.text("upload_id").unwrap_or_default()).ok_or_else(|| refusal(10093030))?;
    let video = media::Arrived {
        owner: request.caller,
        name: &upload.name,
        size: size(&upload.video),
        source_context: &upload.source_context,
        moment: request.now,
    };
    answer!({ "media_id": media::store(dramas, video, request.life) })
}

/// The list names every part from 1 on with its etag; all but the last are full.
fn is_whole(parts: &Parts, list: &[Value]) -> bool {
    let is_next = |((place, row), (at, part)): ((usize, &Value), (&i64, &Part))| {
        *at == place as i64 + 1
            && number(&row["part_number"]) == Some(*at)
            && is_etag(&row["etag"], &part.etag)
            && (part.size == PART || place + 1 == list.len())
    };
    list.len() == parts.len() && !list.is_empty() && list.iter().enumerate().zip(parts).all(is_next)
}

/// Byte for byte, or within the quotes that the manual's sample of a commit shows.
fn is_etag(given: &Value, etag: &str) -> bool {
    let unquoted = |text: &str| text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) == Some(etag);
    given.as_str().is_some_and(|given| given == etag || unquoted(given))
}

fn size(parts: &Parts) -> u64 {
    parts.values().map(|part| part.size).sum()
}
