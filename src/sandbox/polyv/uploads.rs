//! New videos: uploaded whole, or announced for an upload elsewhere.

use super::{
    data,
    library::{Library, ROOT},
};
use crate::sandbox::{
    china,
    model::{Answer, File, Refusal, Request},
};
use fastrand::Rng;
use serde_json::{Value, json};

const LENGTH: usize = 40;
const CREDENTIALS_LIFE: i64 = 3600;

pub(super) fn upload_token(random: &mut Rng) -> Answer {
    data(credentials(random))
}

fn credentials(random: &mut Rng) -> Value {
    json!({
        "accessId": format!("STS.{}", secret(random)),
        "accessKey": secret(random),
        "token": secret(random),
        "validityTime": CREDENTIALS_LIFE,
    })
}

/// A random text that nobody guesses.
pub(super) fn secret(random: &mut Rng) -> String {
    (0..LENGTH).map(|_| random.alphanumeric()).collect()
}

impl Library {
    pub(super) fn legacy_upload(&mut self, random: &mut Rng, request: &Request) -> Answer {
        let Some(file) = request.files.get("Filedata").filter(|file| file.size > 0) else {
            return Err(Refusal::new(2, "file is empty"));
        };
        let about: Value = serde_json::from_str(request.text("JSONRPC").unwrap_or_default()).unwrap_or_default();
        if !about.is_object() {
            return Err(Refusal::new(3, "JSONRPC is null"));
        }
        if is_no_video(file) {
            return Err(Refusal::new(4, "the format of the file is not supported"));
        }
        if request.text("fileMd5").is_some_and(|md5| !md5.eq_ignore_ascii_case(&file.md5)) {
            return Err(Refusal::new(14, "the MD5 of the file does not match"));
        }
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        if size > self.space_left() {
            return Err(Refusal::new(16, "the space of the user is used up"));
        }
        let part = |name: &str| about[name].as_str().unwrap_or_default().to_owned();
        let title = Some(part("title")).filter(|title| !title.is_empty()).unwrap_or(file.name.clone());
        let video = self.add_video(random, &title, request.number("cataid").unwrap_or(ROOT), request.now);
        video.tag = part("tag");
        video.describ = part("desc");
        video.size = size;
        video.md5.clone_from(&file.md5);
        let vid = video.vid.clone();
        self.process(&vid, request.now, request.life);
        data(json!([{ "vid": vid }]))
    }

    /// Announce an upload; the file itself would go to another service, so the video stays in upload.
    pub(super) fn upload_init(&mut self, random: &mut Rng, request: &Request) -> Answer {
        let text = |field| request.text(field).unwrap_or_default().to_owned();
        let vid = if request.number("autoid") == Some(0) {
            self.video(&text("vid"))?.vid.clone()
        } else {
            let title = request.text("title").unwrap_or("未命名");
            let video = self.add_video(random, title, request.number("cataid").unwrap_or(ROOT), request.now);
            video.uploading = true;
            video.describ = text("describ");
            video.tag = text("tag");
            video.keep_source |= request.number("keepsource") == Some(1);
            video.size = request.number("filesize").unwrap_or(0);
            video.vid.clone()
        };
        let mut reply = credentials(random);
        reply["vid"] = json!(vid);
        reply["bucketName"] = json!("sandbox");
        reply["endpoint"] = json!("oss.example.org");
        reply["domain"] = json!("upload.example.org");
        reply["host"] = json!("https://upload.example.org");
        reply["dir"] = json!(format!("{}/", self.userid));
        reply["callback"] = json!("{}");
        reply["encodedCallback"] = json!("e30=");
        reply["Expiration"] = json!(china::written(request.now + CREDENTIALS_LIFE));
        reply["remainSpace"] = json!(self.space_left());
        data(reply)
    }
}

/// The list of formats is open, so only what is surely something else is refused.
fn is_no_video(file: &File) -> bool {
    let kind = mime_guess::from_path(&file.name).first();
    kind.is_some_and(|kind| matches!(kind.type_().as_str(), "text" | "image" | "audio" | "font"))
}
