//! Whole videos: sent in one call, or fetched by the platform.

use super::agenda::Due;
use super::parts::LARGEST_COVER;
use super::{Dramas, event, media, refusal};
use crate::sandbox::life::{Event, Life};
use crate::sandbox::model::{Answer, Refusal, Request, answer};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// From here on a video is sent in parts.
const SMALL: u64 = 10 * 1024 * 1024;
const DOWNLOAD_FAILED: i64 = 10093011;

/// A video that is being fetched.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Task {
    owner: String,
    name: String,
    url: String,
    source_context: String,
    create_time: i64,
    /// When it ends or has ended.
    finish_time: i64,
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Open,
    /// With its media id.
    Stored(i64),
    Failed,
}

pub(super) fn single(dramas: &mut Dramas, request: &Request) -> Answer {
    let name = request.text("media_name").unwrap_or_default();
    check_name(name)?;
    let size = |field| request.files.get(field).map_or(0, |file| file.size);
    if request.files.contains_key("cover_data") && request.text("cover_type").is_none() {
        return Err(refusal(10090002));
    }
    match size("media_data") {
        0 => return Err(refusal(47003)),
        video if video >= SMALL || size("cover_data") > LARGEST_COVER => return Err(refusal(super::codes::TOO_LARGE)),
        _ => {}
    }
    let video = media::Arrived {
        owner: request.caller,
        name,
        size: size("media_data"),
        source_context: request.text("source_context").unwrap_or_default(),
        moment: request.now,
    };
    answer!({ "media_id": media::store(dramas, video, request.life) })
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

pub(super) fn pull(dramas: &mut Dramas, request: &Request) -> Answer {
    let text = |field| request.text(field).unwrap_or_default();
    check_name(text("media_name"))?;
    if !is_web(text("media_url")) {
        return Err(refusal(10093014));
    }
    if !text("cover_url").is_empty() && !is_web(text("cover_url")) {
        return Err(refusal(10090003));
    }
    let last = dramas.tasks.last_key_value().map_or(0, |(id, _)| *id);
    let task_id = dramas.ids.tasks.max(last).max(5_520_010) + 1;
    let finish_time = request.now.saturating_add(request.life.pull_seconds.max(0));
    let task = Task {
        owner: request.caller.into(),
        name: text("media_name").into(),
        url: text("media_url").into(),
        source_context: text("source_context").into(),
        create_time: request.now,
        finish_time,
        outcome: Outcome::Open,
    };
    dramas.ids.tasks = task_id;
    dramas.tasks.insert(task_id, task);
    dramas.agenda.add(finish_time, Due::Fetched { task_id });
    answer!({ "task_id": task_id })
}

fn is_web(url: &str) -> bool {
    let address = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    address.is_some_and(|address| !address.is_empty() && !address.starts_with('/'))
}

/// End a task: one to two minutes of video, by the URL; one with `not-found` in it leads nowhere.
pub(super) fn fetched(dramas: &mut Dramas, task_id: i64, moment: i64, life: &Life) -> Option<Event> {
    let mut task = dramas.tasks.remove(&task_id)?;
    let mut failure = None;
    if task.url.contains("not-found") {
        task.outcome = Outcome::Failed;
        failure = Some(told(&task.owner, moment, 0, &task.source_context, (DOWNLOAD_FAILED, "download failed")));
    } else {
        let seconds = 60 + task.url.bytes().map(u64::from).sum::<u64>() % 60;
        let (size, source_context) = (seconds * media::SECOND_OF_VIDEO, &task.source_context);
        let video = media::Arrived { owner: &task.owner, name: &task.name, size, source_context, moment };
        task.outcome = Outcome::Stored(media::store(dramas, video, life));
    }
    dramas.tasks.insert(task_id, task);
    failure
}

/// A video can be played now, unless it was deleted before.
pub(super) fn stored(dramas: &Dramas, media_id: i64, source_context: &str, moment: i64) -> Option<Event> {
    let (owner, _) = dramas.media.find(media_id)?;
    Some(told(owner, moment, media_id, source_context, (0, "OK")))
}

fn told(to: &str, moment: i64, media_id: i64, source_context: &str, (errcode, errmsg): (i64, &str)) -> Event {
    let fields =
        json!({ "media_id": media_id, "source_context": source_context, "errcode": errcode, "errmsg": errmsg });
    event(to, moment, "upload_event", fields)
}

pub(super) fn task(dramas: &mut Dramas, request: &Request) -> Answer {
    let id = request.number("task_id").unwrap_or(0);
    let task = dramas.tasks.get(&id).filter(|task| task.owner == request.caller).ok_or_else(|| refusal(10093030))?;
    let (status, errcode, errmsg, media_id) = match task.outcome {
        Outcome::Open if request.now == task.create_time => (1, 0, "", 0),
        Outcome::Open => (2, 0, "", 0),
        Outcome::Stored(media_id) => (3, 0, "", media_id),
        Outcome::Failed => (4, DOWNLOAD_FAILED, "download failed", 0),
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
