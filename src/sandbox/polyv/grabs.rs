//! Videos that the platform fetches from a URL.

use super::{
    data,
    library::{Library, ROOT},
};
use crate::sandbox::{
    life::Life,
    model::{Answer, Refusal, Request},
};
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A file that is fetched.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Grab {
    pub id: String,
    pub name: String,
    pub url: String,
    pub category: i64,
    pub created: i64,
    pub ends: i64,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Processing,
    Success,
    Fail,
}

impl Library {
    pub(super) fn grab(&mut self, random: &mut Rng, request: &Request) -> Answer {
        const LENGTH: usize = 16;
        let category = request.number("cataid").unwrap_or(ROOT);
        for (url, name) in wanted(request)? {
            self.grabs.push(Grab {
                id: (0..LENGTH).map(|_| random.digit(16)).collect(),
                name,
                url,
                category,
                created: request.now,
                ends: request.now.saturating_add(request.life.pull_seconds),
                outcome: Outcome::Processing,
            });
        }
        data("")
    }

    /// Store what has been fetched until now.
    pub(super) fn fetch(&mut self, random: &mut Rng, now: i64, life: &Life) {
        let mut grabs = std::mem::take(&mut self.grabs);
        for grab in grabs.iter_mut().filter(|grab| grab.outcome == Outcome::Processing && grab.ends <= now) {
            if cannot_be_reached(&grab.url) {
                grab.outcome = Outcome::Fail;
                continue;
            }
            let vid = self.add_video(random, &grab.name, grab.category, grab.ends).vid.clone();
            self.process(&vid, grab.ends, life);
            grab.outcome = Outcome::Success;
        }
        self.grabs = grabs;
    }
}

/// No host below `.invalid` can exist; all others are taken to have the video.
fn cannot_be_reached(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default().split(['/', ':', '?']).next();
    host.is_some_and(|host| host.ends_with(".invalid"))
}

/// The URLs and titles of a call.
fn wanted(request: &Request) -> Result<Vec<(String, String)>, Refusal> {
    const MOST: usize = 100;
    let wrong = |why: &str| Err(Refusal::new(400, why));
    let found = match request.text("uploadInfos") {
        Some(infos) => told(infos)?,
        None => paired(request)?,
    };
    match found.len() {
        0 => wrong("uploadInfos is empty"),
        count if count > MOST => wrong("uploadInfos size can't greater than 100"),
        _ if found.iter().any(|(url, _)| !url.starts_with("http://") && !url.starts_with("https://")) => {
            wrong("fileUrl is illegal")
        }
        _ => Ok(found),
    }
}

/// The fields of an item are not documented; those of the other form are taken.
fn told(infos: &str) -> Result<Vec<(String, String)>, Refusal> {
    let infos: Vec<Value> =
        serde_json::from_str(infos).map_err(|_| Refusal::new(400, "uploadInfos is not a JSON array"))?;
    let part = |info: &Value, name: &str| info[name].as_str().unwrap_or_default().to_owned();
    Ok(infos.iter().map(|info| (part(info, "fileUrl"), part(info, "title"))).collect())
}

fn paired(request: &Request) -> Result<Vec<(String, String)>, Refusal> {
    let split = |field| request.text(field).unwrap_or_default().split(',').map(str::to_owned).collect::<Vec<_>>();
    let (urls, titles) = (split("fileUrl"), split("title"));
    if urls.len() == titles.len() {
        return Ok(urls.into_iter().zip(titles).collect());
    }
    Err(Refusal::new(400, "fileUrl and title must have the same size"))
}
