//! Temporary and permanent materials.

use crate::sandbox::{
    model::{Answer, File, Refusal, Request, answer},
    state::Download,
};
use bytes::Bytes;
use fastrand::Rng;
use std::collections::VecDeque;

/// Files live three days.
const LIFE: i64 = 3 * 86_400;
/// The largest image.
const LARGEST: u64 = 10 << 20;
/// All files together; the oldest go first.
const ROOM: u64 = 256 << 20;
/// A picture of one pixel.
const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[derive(Debug, Default)]
pub(super) struct Materials(VecDeque<Material>);

#[derive(Debug)]
struct Material {
    id: String,
    owner: String,
    ends: i64,
    file: Download,
}

impl Materials {
    pub fn upload(&mut self, random: &mut Rng, request: &Request) -> Answer {
        const LENGTH: usize = 64;
        let Some(file) = request.files.get("media").filter(|file| file.size > 0) else {
            return Err(Refusal::new(44002, "empty post data"));
        };
        if request.text("type") != Some("image") {
            return Err(Refusal::new(40004, "invalid media type"));
        }
        let kind = image_kind(file).ok_or_else(|| Refusal::new(40004, "invalid media type"))?;
        if file.size > LARGEST {
            return Err(Refusal::new(40009, "invalid image size"));
        }
        let id: String = (0..LENGTH).map(|_| random.alphanumeric()).collect();
        let file = Download { name: file.name.clone(), kind, bytes: file.bytes.clone() };
        let (owner, ends) = (request.caller.to_owned(), request.now + LIFE);
        self.0.push_back(Material { id: id.clone(), owner, ends, file });
        self.tidy(request.now);
        answer!({ "type": "image", "media_id": id, "created_at": request.now })
    }

    pub fn get(&self, request: &Request) -> Result<Download, Refusal> {
        let id = request.text("media_id").unwrap_or_default();
        let found = self.0.iter().find(|it| it.id == id && it.owner == request.caller && it.ends > request.now);
        found.map(|material| material.file.clone()).ok_or_else(unknown)
    }

    fn tidy(&mut self, now: i64) {
        self.0.retain(|material| material.ends > now);
        let size = |all: &VecDeque<Material>| all.iter().map(|it| it.file.bytes.len() as u64).sum::<u64>();
        while size(&self.0) > ROOM {
            self.0.pop_front();
        }
    }
}

/// A permanent material: the evidence of a review is a picture.
pub(super) fn permanent(request: &Request) -> Result<Download, Refusal> {
    let id = request.text("media_id").unwrap_or_default();
    if !id.to_ascii_lowercase().starts_with("evidence") {
        return Err(unknown());
    }
    Ok(Download { name: format!("{id}.gif"), kind: "image/gif", bytes: Bytes::from_static(PIXEL) })
}

fn unknown() -> Refusal {
    Refusal::new(40007, "invalid media_id")
}

/// The kind of an image by its first bytes, else by its name.
fn image_kind(file: &File) -> Option<&'static str> {
    let starts = |with: &[u8]| file.bytes.starts_with(with);
    let name = file.name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if starts(b"\x89PNG") || ends(&[".png"]) {
        Some("image/png")
    } else if starts(b"\xff\xd8") || ends(&[".jpg", ".jpeg"]) {
        Some("image/jpeg")
    } else if starts(b"GIF8") || ends(&[".gif"]) {
        Some("image/gif")
    } else {
        None
    }
}
