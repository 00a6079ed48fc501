//! Whole videos: sent in one call, or fetched by the platform.

use super::{Dramas, media, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer};
use md5::{Digest, Md5};
use serde_json::json;
use std::fmt::Write;

/// From here on a video is sent in parts.
const SMALL: usize = 10 * 1024 * 1024;

/// A video that is being fetched.
#[derive(Debug)]
pub(super) struct Task {
    owner: String,
    name: String,
    url: String,
    create_time: i64,
    finish_time: i64,
    outcome: Outcome,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Open,
    Stored(i64),
    Failed,
}

pub(super) fn single(dramas: &mut Dramas, request: &Request) -> Answer {
    let name = request.text("media_name").unwrap_or_default();
    check_name(name)?;
    let video = request.files.get("media_data").filter(|file| !file.bytes.is_empty());
    let video = &video.ok_or_else(|| refusal(47003))?.bytes;
    if request.files.contains_key("cover_data") && request.text("cover_type").is_none() {
        return Err(refusal(10090002));
    }
    if video.len() >= SMALL {
        return Err(refusal(super::codes::TOO_LARGE));
    }
    let id = media::store(dramas, request.caller, name, video.len() as u64, md5(video), request.now);
    answer!({ "media_id": id })
}

/// `<drama> - <episode>`; each half needs something in it, and no sign that a file name cannot hold.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let (drama, episode) = name.rsplit_once(" - ").ok_or_else(|| refusal(10090042))?;
    check_title(drama)?;
    if is_plain(episode) { Ok(()) } else { Err(refusal(10090042)) }
}

pub(super) fn check_title(title: &str) -> Result<(), Refusal> {
    if is_plain(title) { Ok(()) } else { Err(refusal(10090041)) }
}

fn is_plain(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(|sign: char| sign.is_control() || r#"/\*?"<>|"#.contains(sign))
}

pub(super) fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes everything");
        hex
    })
}

pub(super) fn pull(dramas: &mut Dramas, request: &Request) -> Answer {
    let name = request.text("media_name").unwrap_or_default();
    let url = request.text("media_url").unwrap_or_default();
    check_name(name)?;
    if !is_web(url) {
        return Err(refusal(47003));
    }
    if request.text("cover_url").is_some_and(|url| !is_web(url)) {
        return Err(refusal(10090003));
    }
    dramas.ids.tasks += 1;
    let id = 5_520_010 + dramas.ids.tasks;
    let task = Task {
        owner: request.caller.into(),
        name: name.into(),
        url: url.into(),
        create_time: request.now,
        finish_time: request.now + dramas.pull_seconds,
        outcome: Outcome::Open,
    };
    dramas.tasks.insert(id, task);
    answer!({ "task_id": id })
}

fn is_web(url: &str) -> bool {
    let address = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    address.is_some_and(|address| !address.is_empty() && !address.starts_with('/'))
}

/// End the tasks whose time has come; a URL with `not-found` in it leads nowhere.
pub(super) fn settle(dramas: &mut Dramas, now: i64) {
    let due = |task: &Task| task.outcome == Outcome::Open && now >= task.finish_time;
    let ids: Vec<i64> = dramas.tasks.iter().filter(|(_, task)| due(task)).map(|(id, _)| *id).collect();
    for id in ids {
        let Some(mut task) = dramas.tasks.remove(&id) else { continue };
        task.outcome = match task.url.contains("not-found") {
            true => Outcome::Failed,
            false => Outcome::Stored(fetched(dramas, &task)),
        };
        dramas.tasks.insert(id, task);
    }
}

/// One to two minutes of video, by the URL.
fn fetched(dramas: &mut Dramas, task: &Task) -> i64 {
    let hash = md5(task.url.as_bytes());
    let seconds = 60 + task.url.bytes().map(u64::from).sum::<u64>() % 60;
    media::store(dramas, &task.owner, &task.name, seconds * media::SECOND_OF_VIDEO, hash, task.finish_time)
}

pub(super) fn task(dramas: &mut Dramas, request: &Request) -> Answer {
    let id = request.number("task_id").unwrap_or(0);
    let task = dramas.tasks.get(&id).filter(|task| task.owner == request.caller).ok_or_else(|| refusal(10093030))?;
    let (status, errcode, errmsg, media_id) = match task.outcome {
        Outcome::Open if request.now == task.create_time => (1, 0, "", 0),
        Outcome::Open => (2, 0, "", 0),
        Outcome::Stored(media_id) => (3, 0, "", media_id),
        Outcome::Failed => (4, 10093011, "download failed", 0),
    };
    let finished = if status > 2 { task.finish_time } else { 0 };
    answer!({ "task_info": json!({
        "id": id,
        "task_type": 1,
        "status": status,
        "errcode": errcode,
        "errmsg": errmsg,
        "create_time": task.create_time,
        "finish_time": finished,
        "media_id": media_id,
    }) })
}
