//! Single videos: looking at them and changing them.

use super::{
    data,
    library::{Library, Video, invalid_vid, listed},
    nothing, show,
};
use crate::sandbox::model::{Answer, Refusal, Request};
use serde_json::{Value, json};

impl Library {
    pub(super) fn get_info(&self, request: &Request) -> Answer {
        let blocks = show::blocks(request, "filter");
        let shown = |vid: &str| self.video(vid).map(|video| show::info(self, video, &blocks, request.now));
        let found: Vec<Value> = listed(request, "vids").map(shown).collect::<Result<_, _>>()?;
        if found.is_empty() { Err(invalid_vid()) } else { data(found) }
    }

    pub(super) fn get_message(&self, request: &Request) -> Answer {
        let video = self.video(request.text("vid").unwrap_or_default())?;
        data(json!([show::message(self, video, request.now)]))
    }

    /// Change what the request names; the changed video.
    pub(super) fn update(&mut self, request: &Request) -> Result<&Video, Refusal> {
        let video = self.video_mut(request.text("vid").unwrap_or_default())?;
        if video.uploading {
            return Err(Refusal::new(3100, "上传中不允许修改"));
        }
        let fields = [
            ("title", &mut video.title),
            ("describ", &mut video.describ),
            ("tag", &mut video.tag),
            ("publishUrl", &mut video.publish_url),
        ];
        for (name, field) in fields {
            if let Some(text) = request.text(name) {
                text.clone_into(field);
            }
        }
        video.updated = request.now;
        Ok(video)
    }

    pub(super) fn update_v2(&mut self, request: &Request) -> Answer {
        self.update(request)?;
        self.get_message(request)
    }

    pub(super) fn delete_one(&mut self, request: &Request) -> Answer {
        self.video_mut(request.text("vid").unwrap_or_default())?.set_deleted(true, request.now);
        Ok(nothing())
    }

    pub(super) fn delete_many(&mut self, request: &Request) -> Answer {
        const FOR_EVER: i64 = 2;
        check_count(request, 500, "delete vids is empty", "delete vids size can't greater than 500 once")?;
        let for_ever = request.number("deleteType") == Some(FOR_EVER);
        let there = |vid: &&str| self.videos.get(*vid).is_some_and(|video| for_ever || !video.deleted);
        let (right, wrong): (Vec<&str>, Vec<&str>) = listed(request, "vids").partition(there);
        let ignore = request.text("ignoreInvalidVids") == Some("Y");
        if !wrong.is_empty() && !ignore {
            return Err(Refusal::new(400, format!("invalid vids: {}", wrong.join(","))));
        }
        for vid in right {
            if for_ever {
                self.videos.shift_remove(vid);
            } else if let Some(video) = self.videos.get_mut(vid) {
                video.set_deleted(true, request.now);
            }
        }
        data(wrong.join(","))
    }

    pub(super) fn recover(&mut self, request: &Request) -> Answer {
        check_count(request, 100, "vids can't be empty", "vids limits 100")?;
        let in_bin = |vid: &str| self.videos.get(vid).is_some_and(|video| video.deleted);
        if !listed(request, "vids").all(in_bin) {
            return Err(invalid_vid());
        }
        for vid in listed(request, "vids") {
            if let Some(video) = self.videos.get_mut(vid) {
                video.set_deleted(false, request.now);
            }
        }
        data("")
    }

    /// Only published videos can be forbidden and only forbidden ones allowed; the others of a call stay as they are.
    pub(super) fn set_forbidden(&mut self, request: &Request) -> Answer {
        check_count(request, 500, "vids can't be empty", "vid count can't over 500")?;
        let forbid = request.number("forbidden") == Some(1);
        let mut changed = 0;
        for vid in listed(request, "vids") {
            if self.video_mut(vid).is_ok_and(|video| video.set_forbidden(forbid, request.now)) {
                changed += 1;
            }
        }
        if changed == 0 { Err(Refusal::new(400, "no video has a status that can be changed")) } else { data("") }
    }

    pub(super) fn get_play_status(&self, request: &Request) -> Answer {
        let video = self.video(request.text("vid").unwrap_or_default())?;
        data(if video.play_auth { "1" } else { "0" })
    }

    pub(super) fn set_play_status(&mut self, request: &Request) -> Answer {
        if listed(request, "vids").next().is_none() {
            return Err(Refusal::new(401, "vids is empty"));
        }
        let on = request.number("playauth").unwrap_or(1) == 1;
        let mut changed = 0;
        for vid in listed(request, "vids") {
            if let Ok(video) = self.video_mut(vid) {
                video.play_auth = on;
                changed += 1;
            }
        }
        if changed == 0 { Err(Refusal::new(500, "change failed")) } else { data(changed) }
    }

    /// For the videos, or for all in the categories; the videos win.
    pub(super) fn set_cover(&mut self, request: &Request) -> Answer {
        let image = match (request.text("fileUrl"), request.files.get("image")) {
            (Some(url), _) => url.to_owned(),
            (None, Some(file)) if file.size > 0 => format!("https://img.example.org/{}.jpg", file.md5),
            _ => return Err(Refusal::new(400, "image is empty")),
        };
        let vids: Vec<String> = listed(request, "vids").map(str::to_owned).collect();
        let categories: Vec<i64> = listed(request, "cataids").filter_map(|id| id.parse().ok()).collect();
        if let Some(wrong) = vids.iter().find(|vid| self.video(vid).is_err()) {
            return Err(Refusal::new(400, format!("invalid vid {wrong}")));
        }
        for video in self.videos.values_mut() {
            if vids.contains(&video.vid) || vids.is_empty() && categories.contains(&video.category) {
                video.cover.clone_from(&image);
            }
        }
        data("")
    }

    pub(super) fn move_videos(&mut self, request: &Request, field: &str) -> Result<(), Refusal> {
        let category = self.category(request, field)?;
        if listed(request, "vids").any(|vid| self.video(vid).is_err()) {
            return Err(invalid_vid());
        }
        for vid in listed(request, "vids") {
            let video = self.video_mut(vid)?;
            video.category = category;
            video.updated = request.now;
        }
        Ok(())
    }
}

/// Whether the call names videos, but not too many.
fn check_count(request: &Request, most: usize, none: &str, too_many: &str) -> Result<(), Refusal> {
    match listed(request, "vids").count() {
        0 => Err(Refusal::new(400, none)),
        count if count > most => Err(Refusal::new(400, too_many)),
        _ => Ok(()),
    }
}
