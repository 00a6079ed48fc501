//! Videos and tasks as the replies show them.

use super::{
    grabs::{Grab, Outcome},
    library::{Library, Video, listed},
};
use crate::sandbox::{china::written, model::Request};
use serde_json::{Value, json};

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
        "creationTime": written(video.created),
        "updateTime": written(video.updated),
        "size": video.size,
        "status": video.status_at(now),
        "cateId": video.category,
        "cateName": category_name(library, video),
        "tags": video.tag,
        "uploader": video.uploader,
        "playTimes": library.times(video, now),
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
    let mut shown = json!({
        "vid": video.vid,
        "title": video.title,
        "tag": video.tag,
        "context": video.describ,
        "status": video.status_at(now),
        "duration": clock_face(video.duration),
        "times": library.times(video, now),
        "ptime": written(video.created),
        "cataid": video.category.to_string(),
        "cataname": category_name(library, video),
        "first_image": video.cover,
        "images": [video.cover],
        "images_b": [video.cover],
        "filesize": [video.size / 4, video.size / 2, video.size],
        "source_filesize": video.size.to_string(),
        "md5checksum": video.md5,
        "seed": i64::from(video.encrypted),
        "keepsource": i64::from(video.keep_source),
        "hlsLevel": video.level,
        "uploader": uploader(video),
    });
    if video.published(now) {
        add_links(&mut shown, video);
    }
    shown
}

fn uploader(video: &Video) -> Value {
    let role = if video.by_sub_account() { "child" } else { "master" };
    json!({ "email": video.uploader, "name": video.uploader, "role": role })
}

/// One link a definition; what is encrypted is played by HLS only.
fn add_links(shown: &mut Value, video: &Video) {
    let hls = [1, 2, 3].map(|number| format!("https://hls.example.org/{}_{number}.m3u8", video.vid));
    for (number, hls) in (1..).zip(&hls) {
        shown[format!("hls_{number}")] = json!(hls);
        if !video.encrypted {
            shown[format!("mp4_{number}")] = json!(format!("https://mpv.example.org/{}_{number}.mp4", video.vid));
        }
    }
    if !video.encrypted {
        shown["mp4"] = shown["mp4_1"].clone();
    }
    shown["hls"] = json!(hls);
}

/// A video as the listing by uploader shows it.
pub(super) fn uploaded(library: &Library, video: &Video, now: i64) -> Value {
    json!({
        "vid": video.vid,
        "cataid": video.category.to_string(),
        "title": video.title,
        "context": video.describ,
        "times": library.times(video, now),
        "firstImage": video.cover,
        "tag": video.tag,
        "aacLink": if video.audio { format!("https://mpv.example.org/{}.aac", video.vid) } else { String::new() },
        "status": video.status_at(now),
        "uploaderEmail": video.uploader,
        "ptime": written(video.created),
    })
}

pub(super) fn grab(library: &Library, grab: &Grab) -> Value {
    json!({
        "taskid": grab.id,
        "userid": library.userid,
        "originalname": grab.name,
        "fileurl": grab.url,
        "seccesscount": i64::from(grab.outcome == Outcome::Success),
        "totalcount": 1,
        "failcount": i64::from(grab.outcome == Outcome::Fail),
        "status": grab.outcome,
        "createtime": written(grab.created),
        "endtime": if grab.outcome == Outcome::Processing { String::new() } else { written(grab.ends) },
    })
}

fn category_name<'a>(library: &'a Library, video: &Video) -> &'a str {
    library.categories.get(&video.category).map_or("", |category| &category.name)
}

#[expect(clippy::cast_precision_loss, reason = "a video is shorter than 2^53 seconds")]
fn seconds(video: &Video) -> f64 {
    video.duration as f64
}

/// `00:01:36`
pub(super) fn clock_face(seconds: i64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
