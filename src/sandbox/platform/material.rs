//! Temporary and permanent materials.

use crate::sandbox::{
    model::{Answer, File, Refusal, Request, answer},
    saved,
    state::Download,
};
use bytes::Bytes;
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Files live three days.
const LIFE: i64 = 3 * 86_400;
/// The largest image.
const LARGEST: u64 = 10 << 20;
/// All files together; the oldest go first.
const ROOM: usize = 256 << 20;
/// A picture of one pixel.
const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// The oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Materials(VecDeque<Material>);

#[derive(Debug, Serialize, Deserialize)]
struct Material {
    id: String,
    owner: String,
    ends: i64,
    name: String,
    kind: Image,
    #[serde(with = "saved::base64")]
    content: Bytes,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Image {
    Png,
    Jpeg,
    Gif,
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
        let kind = Image::of(file).ok_or_else(|| Refusal::new(40004, "invalid media type"))?;
        if file.size > LARGEST {
            return Err(Refusal::new(40009, "invalid image size"));
        }
        let id: String = (0..LENGTH).map(|_| random.alphanumeric()).collect();
        self.0.push_back(Material {
            id: id.clone(),
            owner: request.caller.to_owned(),
            ends: request.now + LIFE,
            name: file.name.clone(),
            kind,
            content: file.bytes.clone(),
        });
        self.tidy(request.now);
        answer!({ "type": "image", "media_id": id, "created_at": request.now })
    }

    pub fn get(&self, request: &Request) -> Result<Download, Refusal> {
        let id = request.text("media_id").unwrap_or_default();
        let found = self.0.iter().find(|it| it.id == id && it.owner == request.caller && it.ends > request.now);
        let Material { name, kind, content, .. } = found.ok_or_else(unknown)?;
        Ok(Download { name: name.clone(), kind: kind.content_type(), bytes: content.clone() })
    }

    fn tidy(&mut self, now: i64) {
        self.0.retain(|material| material.ends > now);
        let size = |all: &VecDeque<Material>| all.iter().map(|it| it.content.len()).sum::<usize>();
        while size(&self.0) > ROOM {
            self.0.pop_front();
        }
    }
}

impl Image {
    const ALL: [(Self, &[u8], &[&str]); 3] = [
        (Self::Png, b"\x89PNG", &[".png"]),
        (Self::Jpeg, b"\xff\xd8", &[".jpg", ".jpeg"]),
        (Self::Gif, b"GIF8", &[".gif"]),
    ];

    /// By its first bytes, else by its name.
    fn of(file: &File) -> Option<Self> {
        let name = file.name.to_ascii_lowercase();
        let by_content = Self::ALL.iter().find(|(_, start, _)| file.bytes.starts_with(start));
        let by_name = || Self::ALL.iter().find(|(_, _, endings)| endings.iter().any(|ending| name.ends_with(ending)));
        by_content.or_else(by_name).map(|(image, ..)| *image)
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
        }
    }
}

/// A permanent material: the evidence of a review is a picture.
pub(super) fn permanent(request: &Request) -> Result<Download, Refusal> {
    let id = request.text("media_id").unwrap_or_default();
    if !id.to_ascii_lowercase().starts_with("evidence") {
        return Err(unknown());
    }
    Ok(Download { name: format!("{id}.gif"), kind: Image::Gif.content_type(), bytes: Bytes::from_static(PIXEL) })
}

fn unknown() -> Refusal {
    Refusal::new(40007, "invalid media_id")
}
