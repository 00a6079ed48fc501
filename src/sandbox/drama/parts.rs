//! Large videos, sent in parts: apply, upload each part, commit.

use super::upload::{check_name, md5};
use super::{Dramas, media, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde_json::Value;
use std::collections::BTreeMap;

/// Each part but the last has this size.
const PART: u64 = 5 * 1024 * 1024;
const LARGEST_COVER: u64 = 10 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Upload {
    owner: String,
    name: String,
    with_cover: bool,
    video: Parts,
    cover: Parts,
}

/// By part number.
type Parts = BTreeMap<i64, Part>;

/// Of the bytes only their size and MD5 are kept.
#[derive(Debug)]
struct Part {
    size: u64,
    etag: String,
}

pub(super) fn apply(dramas: &mut Dramas, request: &Request) -> Answer {
    let name = request.text("media_name").unwrap_or_default();
    check_name(name)?;
    dramas.ids.uploads += 1;
    let id = format!("up-{:06x}", 0x7f_31bf + dramas.ids.uploads);
    let upload = Upload {
        owner: request.caller.into(),
        name: name.into(),
        with_cover: request.text("cover_type").is_some(),
        video: Parts::new(),
        cover: Parts::new(),
    };
    dramas.uploads.insert(id.clone(), upload);
    answer!({ "upload_id": id })
}

/// A second part of the same number replaces the first.
pub(super) fn upload(dramas: &mut Dramas, request: &Request) -> Answer {
    let upload = open(dramas, request)?;
    let parts = match request.number("resource_type") {
        Some(1) => &mut upload.video,
        Some(2) if upload.with_cover => &mut upload.cover,
        Some(2) => return Err(refusal(47003)),
        _ => return Err(refusal(10090005)),
    };
    let number = request.number("part_number").filter(|number| (1..=100).contains(number));
    let number = number.ok_or_else(|| refusal(47003))?;
    let data = request.files.get("data").filter(|file| !file.bytes.is_empty()).ok_or_else(|| refusal(47003))?;
    let size = data.bytes.len() as u64;
    if size > PART {
        return Err(refusal(super::codes::TOO_LARGE));
    }
    let etag = md5(&data.bytes);
    parts.insert(number, Part { size, etag: etag.clone() });
    answer!({ "etag": etag })
}

fn open<'a>(dramas: &'a mut Dramas, request: &Request) -> Result<&'a mut Upload, Refusal> {
    let upload = dramas.uploads.get_mut(request.text("upload_id").unwrap_or_default());
    upload.filter(|upload| upload.owner == request.caller).ok_or_else(|| refusal(10093030))
}

/// A refused commit leaves the upload open.
pub(super) fn commit(dramas: &mut Dramas, request: &Request) -> Answer {
    let upload = open(dramas, request)?;
    let cover = request.list("cover_part_infos");
    let fits = is_whole(&upload.video, request.list("media_part_infos"))
        && upload.with_cover != cover.is_empty()
        && (cover.is_empty() || is_whole(&upload.cover, cover))
        && size(&upload.cover) <= LARGEST_COVER;
    if !fits {
        return Err(refusal(47003));
    }
    let (size, name) = (size(&upload.video), upload.name.clone());
    let etags: String = upload.video.values().map(|part| part.etag.as_str()).collect();
    dramas.uploads.remove(request.text("upload_id").unwrap_or_default());
    answer!({ "media_id": media::store(dramas, request.caller, &name, size, md5(etags.as_bytes()), request.now) })
}

/// The list names every part from 1 on with its etag, byte for byte; all but the last are full.
fn is_whole(parts: &Parts, list: &[Value]) -> bool {
    let is_next = |((place, row), (at, part)): ((usize, &Value), (&i64, &Part))| {
        *at == place as i64 + 1
            && number(&row["part_number"]) == Some(*at)
            && row["etag"] == part.etag
            && (part.size == PART || place + 1 == list.len())
    };
    list.len() == parts.len() && !list.is_empty() && list.iter().enumerate().zip(parts).all(is_next)
}

fn size(parts: &Parts) -> u64 {
    parts.values().map(|part| part.size).sum()
}
