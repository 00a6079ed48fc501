//! Temporary material, such as covers and certificates that other calls name.

use super::Uploader;
use crate::{Error, client::Options, error::Kind, rights::Place};
use rhai::Map;
use std::path::Path;

/// The endings of each kind, as WeChat lists them, and the most bytes that every source allows.
const KINDS: [(&str, &[&str], u64); 3] = [
    ("image", &["jpg", "jpeg", "png", "gif", "bmp"], 10 << 20),
    ("voice", &["amr", "mp3"], 2 << 20),
    ("video", &["mp4"], 10 << 20),
];
const LARGEST_THUMB: u64 = 64 << 10;

/// Upload a file that other calls name within three days; of the kind that its ending says, unless one is given. The
/// result is its media id.
pub async fn material(uploader: &Uploader, path: &Path, kind: Option<&str>) -> Result<String, Error> {
    let place = uploader.place(path)?;
    let (kind, size) = checked(&place, kind)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    uploader.meter.begin(&name, size);
    let fields = Map::from_iter([
        ("type".into(), kind.to_owned().into()),
        ("media".into(), place.path().to_string_lossy().into_owned().into()),
    ]);
    let options = Options { watch: Some(uploader.meter.watch()), ..uploader.options.clone() };
    let operation = uploader.client.operation("platform.upload_temp_media")?;
    let reply = uploader.client.call(&operation, fields, &options).await?;
    let id = reply.get("media_id").or_else(|| reply.get("thumb_media_id")).map(ToString::to_string);
    id.ok_or_else(|| Error::new(Kind::Server, "the platform gave no media id"))
}

fn checked<'a>(place: &Place, kind: Option<&'a str>) -> Result<(&'a str, u64), Error> {
    let path = place.path();
    let wrong = |reason: String| Error::new(Kind::File, format!("{} {reason}", path.display()));
    let about = place.about().map_err(|error| place.unreadable(&error))?;
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let found = match kind {
        // A small picture.
        Some("thumb") => KINDS.first(),
        Some(kind) => Some(KINDS.iter().find(|(known, ..)| *known == kind).ok_or_else(|| {
            Error::new(Kind::Argument, format!("the option `type` is {kind:?}"))
                .hint("it must be \"image\", \"voice\", \"video\" or \"thumb\"")
        })?),
        None => KINDS.iter().find(|(_, endings, _)| endings.contains(&ending.as_str())),
    };
    let all = || KINDS.iter().flat_map(|(_, endings, _)| *endings).copied().collect::<Vec<_>>().join(", ");
    let &(known, endings, most) = found.ok_or_else(|| {
        wrong("has an ending that WeChat does not take".to_owned()).hint(format!("there are: {}", all()))
    })?;
    let kind = kind.unwrap_or(known);
    if !endings.contains(&ending.as_str()) {
        return Err(wrong(format!("is no {kind}, by its ending")).hint(format!("there are: {}", endings.join(", "))));
    }
    let most = if kind == "thumb" { LARGEST_THUMB } else { most };
    match about.size {
        _ if !about.is_file => Err(wrong("is not a file".to_owned())),
        0 => Err(wrong("is empty".to_owned()).hint("was it still being written?")),
        size if size > most => {
            Err(wrong(format!("has {size} bytes; a {kind} may have {most}"))
                .hint("make it smaller; up to 2 MB is safe"))
        }
        size => Ok((kind, size)),
    }
}
