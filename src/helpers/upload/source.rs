//! The files of an upload, checked before anything is sent.

use super::{Uploader, meter::Digest};
use crate::{
    Error,
    catalog::{Operation, equals},
    error::Kind,
    rights::Place,
    store,
};
use rhai::{Dynamic, Map};
use serde_json::Value;
use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    time::SystemTime,
};

const MB: u64 = 1024 * 1024;
/// Below this a file goes in one call.
const SMALL: u64 = 10 * MB;
const LARGEST_VIDEO: u64 = 500 * MB;
const LARGEST_COVER: u64 = 10 * MB;
/// What a part has; a hundred of them make the largest video.
const PART: u64 = 5 * MB;
const MOST_PARTS: u64 = 100;
/// The same in the other reading of MB; the platform takes no parts that are smaller.
const SMALLEST_PART: u64 = 5_000_000;
const AT_ONCE: usize = 4;

/// As the platform counts.
const VIDEO: i64 = 1;
const COVER: i64 = 2;

/// What a script wants to have uploaded.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The video.
    pub path: PathBuf,
    /// The media's name, `<drama> - <episode>`; the file's name without its ending when left out.
    pub media_name: Option<String>,
    /// An image; the platform takes the first frame when left out.
    pub cover: Option<PathBuf>,
    /// Handed through to the event that tells of the end.
    pub source_context: Option<String>,
    /// How many parts are sent at once.
    pub parts_at_once: Option<usize>,
    /// Bytes of a part.
    pub part_size: Option<u64>,
    /// Upload what is media already.
    pub again: bool,
}

impl Wanted {
    /// A file, with nothing else said.
    pub fn new(path: impl Into<PathBuf>) -> Wanted {
        Wanted {
            path: path.into(),
            media_name: None,
            cover: None,
            source_context: None,
            parts_at_once: None,
            part_size: None,
            again: false,
        }
    }
}

/// An upload that can begin.
#[derive(Debug)]
pub(super) struct Source {
    pub target: String,
    pub account: String,
    pub media_name: String,
    pub source_context: Option<String>,
    pub video: Checked,
    pub cover: Option<Checked>,
    pub part_size: u64,
    pub parts_at_once: usize,
    pub again: bool,
}

/// One file of it.
#[derive(Debug)]
pub(super) struct Checked {
    pub place: Place,
    pub size: u64,
    pub kind: String,
    changed: Option<SystemTime>,
}

/// What is sent at once.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub resource: i64,
    pub number: i64,
    pub place: Place,
    pub range: Range<u64>,
}

impl Piece {
    pub(super) fn part(&self, etag: String, digest: u128) -> store::Part {
        store::Part { resource: self.resource, number: self.number, etag, digest }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Of what the file has there now.
    pub(super) async fn digest(&self) -> Result<u128, Error> {
        let (place, range) = (self.place.clone(), self.range.clone());
        let read = tokio::task::spawn_blocking(move || digest(&place, range)).await;
        let read = read.unwrap_or_else(|error| Err(io::Error::other(error)));
        read.map_err(|error| self.place.unreadable(&error))
    }
}

fn digest(place: &Place, range: Range<u64>) -> io::Result<u128> {
    let mut file = place.open()?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut left = file.take(range.end - range.start);
    let mut digest = Digest::default();
    let mut chunk = vec![0; 256 << 10];
    loop {
        match left.read(&mut chunk)? {
            0 => return Ok(digest.value()),
            read => digest.add(&chunk[..read]),
        }
    }
}

impl Checked {
    /// As a call is given it.
    fn given(&self) -> Dynamic {
        self.place.path().to_string_lossy().into_owned().into()
    }
}

impl Uploader {
    /// What is at a path that a script gives. It means the same wherever the script is.
    pub(super) fn place(&self, path: &Path) -> Result<Place, Error> {
        let path = self.options.folder.join(path);
        self.client.files().read(&std::path::absolute(&path).unwrap_or(path))
    }

    /// Everything that can be known before anything is sent.
    pub(super) fn source(&self, wanted: &Wanted) -> Result<Source, Error> {
        let operation = self.client.operation("drama.apply_upload")?;
        let account = self.client.accounts().for_operation(&operation, self.options.account.as_deref())?;
        let video = checked(&operation, "media_type", self.place(&wanted.path)?, LARGEST_VIDEO, "a video")?;
        let cover = wanted.cover.as_ref().map(|cover| self.place(cover)).transpose()?;
        let cover =
            cover.map(|cover| checked(&operation, "cover_type", cover, LARGEST_COVER, "a cover")).transpose()?;
        let stem = || wanted.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let media_name = wanted.media_name.clone().unwrap_or_else(stem);
        check_name(&media_name, wanted.media_name.is_none())?;
        let part_size = wanted.part_size.unwrap_or(PART);
        if !(SMALLEST_PART..=PART).contains(&part_size) {
            let message = format!("`part_size` is {part_size} bytes; it must be {SMALLEST_PART} to {PART}");
            return Err(Error::new(Kind::Argument, message)
                .hint("leave it out: the platform takes parts of 5 MB, and only the last may be smaller"));
        }
        let parts = video.size.div_ceil(part_size);
        if parts > MOST_PARTS {
            let message = format!("parts of {part_size} bytes make {parts} parts; there may be {MOST_PARTS}");
            return Err(Error::new(Kind::Argument, message).hint("leave `part_size` out"));
        }
        Ok(Source {
            target: account.target(&operation),
            account: account.name.clone(),
            media_name,
            source_context: wanted.source_context.clone(),
            video,
            cover,
            part_size,
            // A line that is held back is filled by one part, and a stop then costs one.
            parts_at_once: wanted.parts_at_once.unwrap_or(if self.client.is_limited() { 1 } else { AT_ONCE }),
            again: wanted.again,
        })
    }
}

fn checked(operation: &Operation, field: &str, place: Place, most: u64, what: &str) -> Result<Checked, Error> {
    let path = place.path();
    let about = place.about().map_err(|error| place.unreadable(&error))?;
    let wrong = |reason: String| Error::new(Kind::File, format!("{} {reason}", path.display()));
    if !about.is_file {
        return Err(wrong("is not a file".to_owned()).hint("`upload::dir` takes a folder of episodes"));
    }
    let kind = kind_of(path);
    if !is_of(operation, field, path) {
        let names: Vec<_> = kinds(operation, field).iter().filter_map(|name| name.as_str()).collect();
        let hint = match kind.as_str() {
            "M3U8" => "the platform fetches m3u8 itself: `upload::pull(url, #{ … })`".to_owned(),
            _ => format!("there are: {}", names.join(", ")),
        };
        return Err(wrong(format!("is not {what} that the platform takes, by its ending")).hint(hint));
    }
    match about.size {
        0 => Err(wrong("is empty".to_owned()).hint("was it still being written?")),
        size if size > most => {
            let limit = format!("has {size} bytes; {what} may have {most} ({} MB)", most / MB);
            Err(wrong(limit).hint("encode it smaller, or cut it"))
        }
        size => {
            place.open().map_err(|error| place.unreadable(&error))?;
            Ok(Checked { size, kind, changed: about.changed, place })
        }
    }
}

/// The ending of a file, as the platform names it.
fn kind_of(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_uppercase()
}

/// The endings that the operation takes for this field.
fn kinds<'a>(operation: &'a Operation, field: &str) -> &'a [Value] {
    operation.input.properties.get(field).map_or(&[][..], |schema| &schema.values)
}

/// Whether the operation takes this file for that field, by its ending.
pub(super) fn is_of(operation: &Operation, field: &str, path: &Path) -> bool {
    let kind = Dynamic::from(kind_of(path));
    kinds(operation, field).iter().any(|allowed| equals(&kind, allowed))
}

/// `<drama> - <episode>`, as the platform demands.
pub(super) fn check_name(name: &str, of_file: bool) -> Result<(), Error> {
    let halves = name.rsplit_once(" - ");
    if halves.is_some_and(|(drama, episode)| !drama.trim().is_empty() && !episode.trim().is_empty())
        && !name.contains(char::is_control)
    {
        return Ok(());
    }
    let whose = if of_file { "the file's name without its ending" } else { "`media_name`" };
    let message = format!("{whose} is {name:?}; a media name is the drama's name, \" - \" and the episode");
    Err(Error::new(Kind::Argument, message).hint("such as #{ media_name: \"归来记 - 第1集\" }"))
}

impl Source {
    /// Of both files.
    pub(super) fn bytes(&self) -> u64 {
        self.video.size + self.cover.as_ref().map_or(0, |cover| cover.size)
    }

    /// Whether it goes in one call.
    pub(super) fn is_small(&self) -> bool {
        self.bytes() < SMALL
    }

    /// All that is sent, in the order of the platform's numbers.
    pub(super) fn pieces(&self, part_size: u64) -> Vec<Piece> {
        let covers = self.cover.iter().flat_map(|cover| self.cut(COVER, cover, part_size));
        self.cut(VIDEO, &self.video, part_size).into_iter().chain(covers).collect()
    }

    fn cut(&self, resource: i64, file: &Checked, part_size: u64) -> Vec<Piece> {
        let size = if self.is_small() { file.size } else { part_size };
        let starts = (0..file.size).step_by(usize::try_from(size).unwrap_or(usize::MAX));
        let piece = |(start, number): (u64, i64)| {
            let range = start..(start + size).min(file.size);
            Piece { resource, number, place: file.place.clone(), range }
        };
        starts.zip(1..).map(piece).collect()
    }

    /// A file that changes while it is sent would become a mixture.
    pub(super) fn unchanged(&self) -> Result<(), Error> {
        for file in [&self.video].into_iter().chain(&self.cover) {
            let about = file.place.about().map_err(|error| file.place.unreadable(&error))?;
            if about.size != file.size || about.changed != file.changed {
                let message = format!("{} changed while it was uploaded", file.place.path().display());
                return Err(Error::new(Kind::File, message).hint("run it again when nothing writes to it any more"));
            }
        }
        Ok(())
    }

    /// The fields of `apply_upload`.
    pub(super) fn application(&self) -> Map {
        let mut fields = self.described();
        fields.extend(self.cover.iter().map(|cover| ("cover_type".into(), cover.kind.clone().into())));
        fields
    }

    /// The fields of `single_file_upload`.
    pub(super) fn whole(&self) -> Map {
        let mut fields = self.application();
        fields.insert("media_data".into(), self.video.given());
        fields.extend(self.cover.iter().map(|cover| ("cover_data".into(), cover.given())));
        fields
    }

    fn described(&self) -> Map {
        let text = |text: &str| Dynamic::from(text.to_owned());
        let mut fields = Map::from_iter([
            ("media_name".into(), text(&self.media_name)),
            ("media_type".into(), text(&self.video.kind)),
        ]);
        fields.extend(self.source_context.iter().map(|context| ("source_context".into(), text(context))));
        fields
    }
}
