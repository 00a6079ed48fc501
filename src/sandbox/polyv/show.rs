//! Videos and tasks as the replies show them.

use super::library::{Grab, Library, Video, listed};
use crate::sandbox::model::Request;
use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{TimeZone, offset},
};
use serde_json::{Value, json};

/// How long a fetch takes, in seconds.
const FETCH: i64 = 60;

/// The blocks that a request asks for in a comma list.
pub(super) fn blocks<'a>(request: &'a Request, field: &str) -> Vec<&'a str> {
    let asked: Vec<&str> = listed(request, field).collect();
    if asked.is_empty() { vec!["basicInfo"] } else { asked }
}

/// A video in blocks, as v3 and the search of v2 show it.
pub(super) fn info(library: &Library, video: &Video, blocks: &[&str], now: i64) -> Value {
    let mut shown = json!({ "vid": video.vid });
    for block in blocks {
        match *block {
            "basicInfo" => shown["basicInfo"] = basic(library, video, now),
            "metaData" => shown["metaData"] = metadata(video),
            "transcodeInfo" if video.published(now) => shown["transcodeInfos"] = transcodes(video),
            "transcodeInfo" => shown["transcodeInfos"] = json!([]),
            "snapshotInfo" => shown["snapshotInfo"] = json!({ "imageUrl": [video.cover] }),
            _ => {}
        }
    }
    shown
}

fn basic(library: &Library, video: &Video, now: i64) -> Value {
    json!({
        "title": video.title,
        "description": video.describ,
        "duration": seconds(video),
        "coverURL": video.cover,
        "creationTime": china(video.created),
        "updateTime": china(video.updated),
        "size": video.size,
        "status": video.status_at(now),
        "cateId": video.category,
        "cateName": category_name(library, video),
        "tags": video.tag,
        "uploader": video.uploader,
        "playTimes": video.plays,
    })
}

fn metadata(video: &Video) -> Value {
    json!({
        "size": video.size,
        "format": "mp4",
        "duration": seconds(video),
        "bitrate": video.size / 125 / video.duration.max(1),
        "fps": 25,
        "width": 1080,
        "height": 1920,
        "codec": "h264",
    })
}

fn transcodes(video: &Video) -> Value {
    let one = |(definition, bitrate, width, height): (&str, i64, i64, i64)| {
        json!({
            "playUrl": format!("https://hls.example.org/{}_{definition}.m3u8", video.vid),
            "definition": definition,
            "bitrate": bitrate,
            "duration": seconds(video),
            "encrypt": video.encrypted,
            "format": "hls",
            "fps": 25,
            "width": width,
            "height": height,
            "status": "normal",
        })
    };
    json!([("LD", 500, 360, 640), ("SD", 1200, 720, 1280), ("HD", 2400, 1080, 1920)].map(one))
}

/// A video as v2 shows it.
pub(super) fn message(library: &Library, video: &Video, now: i64) -> Value {
    json!({
        "vid": video.vid,
        "title": video.title,
        "tag": video.tag,
        "context": video.describ,
        "status": video.status_at(now),
        "duration": clock_face(video.duration),
        "times": video.plays,
        "ptime": china(video.created),
        "cataid": video.category.to_string(),
        "cataname": category_name(library, video),
        "first_image": video.cover,
        "images": [video.cover],
        "mp4": format!("https://mpv.example.org/{}_1.mp4", video.vid),
        "hls": [format!("https://hls.example.org/{}_1.m3u8", video.vid)],
        "filesize": [video.size / 4, video.size / 2, video.size],
        "source_filesize": video.size.to_string(),
        "md5checksum": video.md5,
        "seed": i64::from(video.encrypted),
        "keepsource": 0,
        "hlsLevel": "open",
        "uploader": { "email": video.uploader, "name": video.uploader, "role": "child" },
    })
}

/// A video as the listing by uploader shows it.
pub(super) fn uploaded(video: &Video, now: i64) -> Value {
    json!({
        "vid": video.vid,
        "cataid": video.category.to_string(),
        "title": video.title,
        "context": video.describ,
        "times": video.plays,
        "firstImage": video.cover,
        "tag": video.tag,
        "aacLink": "",
        "status": video.status_at(now),
        "uploaderEmail": video.uploader,
        "ptime": china(video.created),
    })
}

pub(super) fn grab(library: &Library, grab: &Grab, now: i64) -> Value {
    let done = now >= grab.created + FETCH;
    json!({
        "taskid": grab.id,
        "userid": library.userid,
        "originalname": grab.name,
        "fileurl": grab.url,
        "seccesscount": i64::from(done),
        "totalcount": 1,
        "failcount": 0,
        "status": if done { "success" } else { "processing" },
        "createtime": china(grab.created),
        "endtime": if done { china(grab.created + FETCH) } else { String::new() },
    })
}

fn category_name<'a>(library: &'a Library, video: &Video) -> &'a str {
    library.categories.get(&video.category).map_or("", |category| &category.name)
}

#[expect(clippy::cast_precision_loss, reason = "a video is shorter than 2^53 seconds")]
fn seconds(video: &Video) -> f64 {
    video.duration as f64
}

fn clock_face(seconds: i64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A moment in China: `2025-01-01 08:00:00`.
pub(super) fn china(moment: i64) -> String {
    let zone = TimeZone::fixed(offset(8));
    let local = Timestamp::from_second(moment).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone);
    local.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The moment of a day or of a day and time in China.
pub(super) fn moment(text: &str, time_of_day: &str) -> Option<i64> {
    let whole = if text.len() > 10 { text.to_owned() } else { format!("{text} {time_of_day}") };
    let local = DateTime::strptime("%Y-%m-%d %H:%M:%S", whole).ok()?;
    Some(offset(8).to_timestamp(local).ok()?.as_second())
}
