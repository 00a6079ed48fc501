//! New videos: fetched from a URL, uploaded whole, or announced; and the tokens that play them.

use super::{
    data,
    library::{Grab, Library, PlayToken, ROOT, Video},
};
use crate::sandbox::{
    model::{Answer, Refusal, Request},
    options::Account,
};
use fastrand::Rng;
use serde_json::{Value, json};

/// Tokens of the upload and the player.
const LENGTH: usize = 40;
const UPLOAD_LIFE: i64 = 3600;
const SPACE: i64 = 1_000_000_000_000;

pub(super) fn upload_token(random: &mut Rng) -> Answer {
    data(credentials(random))
}

fn credentials(random: &mut Rng) -> Value {
    json!({
        "accessId": format!("STS.{}", text(random)),
        "accessKey": text(random),
        "token": text(random),
        "validityTime": UPLOAD_LIFE,
    })
}

fn text(random: &mut Rng) -> String {
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
        if request.text("fileMd5").is_some_and(|md5| !md5.eq_ignore_ascii_case(&file.md5)) {
            return Err(Refusal::new(14, "the MD5 of the file does not match"));
        }
        let part = |name: &str| about[name].as_str().unwrap_or_default().to_owned();
        let video = self.add_video(random, &part("title"), request.number("cataid").unwrap_or(ROOT), request.now);
        video.tag = part("tag");
        video.describ = part("desc");
        video.size = i64::try_from(file.size).unwrap_or(i64::MAX);
        video.md5.clone_from(&file.md5);
        let vid = video.vid.clone();
        data(json!([{ "vid": vid }]))
    }

    pub(super) fn grab(&mut self, random: &mut Rng, request: &Request) -> Answer {
        const MOST: usize = 100;
        let wanted = wanted(request)?;
        if wanted.len() > MOST {
            return Err(Refusal::new(400, "uploadInfos size can't greater than 100"));
        }
        let category = request.number("cataid").unwrap_or(ROOT);
        for (url, title) in wanted {
            let video = self.add_video(random, &title, category, request.now);
            let id = video.vid.chars().rev().skip(2).take(16).collect();
            self.grabs.push(Grab { id, name: title, url, created: request.now });
        }
        data("")
    }

    /// Announce an upload; the file itself would go to another service, so the video stays in upload.
    pub(super) fn upload_init(&mut self, random: &mut Rng, request: &Request) -> Answer {
        let vid = if request.number("autoid") == Some(0) {
            self.video(request.text("vid").unwrap_or_default())?.vid.clone()
        } else {
            let title = request.text("title").unwrap_or("未命名");
            let video = self.add_video(random, title, request.number("cataid").unwrap_or(ROOT), request.now);
            video.uploading = true;
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
        reply["remainSpace"] = json!(SPACE - self.used());
        data(reply)
    }

    /// The same video, viewer, address and kind of player get the same token again, for longer.
    pub(super) fn play_token(&mut self, random: &mut Rng, accounts: &[Account], request: &Request, ip: &str) -> Answer {
        const USUAL: i64 = 600;
        let asked = |field| request.text(field).unwrap_or_default().to_owned();
        self.video(&asked("videoId"))?;
        let address = request.text("viewerIp").unwrap_or(ip).to_owned();
        let iswxa = request.number("iswxa").unwrap_or(0);
        let holder = [asked("videoId"), asked("viewerId"), address.clone(), iswxa.to_string()];
        let life = request.number("expires").unwrap_or(USUAL).clamp(1, 86_400 * 365);
        let ends = request.now + life;
        self.play_tokens.retain(|it| it.ends > request.now);
        let token = match self.play_tokens.iter_mut().find(|it| it.holder == holder) {
            Some(known) => {
                known.ends = ends;
                known.token.clone()
            }
            None => {
                let token = text(random);
                self.play_tokens.push(PlayToken { token: token.clone(), holder, ends });
                token
            }
        };
        let app = accounts.iter().find_map(|account| match account {
            Account::Polyv { userid, app_id, .. } if *userid == self.userid => Some(app_id),
            _ => None,
        });
        data(json!({
            "token": token,
            "userId": self.userid,
            "appId": app.map_or("", String::as_str),
            "videoId": asked("videoId"),
            "viewerIp": address,
            "viewerId": asked("viewerId"),
            "viewerName": request.text("viewerName"),
            "extraParams": request.text("extraParams"),
            "ttl": life * 1000,
            "createdTime": request.now * 1000,
            "expiredTime": ends * 1000,
            "iswxa": iswxa,
            "disposable": request.flag("disposable"),
        }))
    }

    pub(super) fn space(&self) -> Answer {
        const FLOW: i64 = 10 * SPACE;
        let played = |sum: i64, video: &Video| sum.saturating_add(video.plays.saturating_mul(video.size / 1000));
        data(json!({
            "totalSpace": SPACE,
            "usedSpace": self.used(),
            "totalFlow": FLOW,
            "usedFlow": self.videos.values().fold(0, played).min(FLOW),
            "userId": self.userid,
            "email": "ops@example.org",
        }))
    }

    fn used(&self) -> i64 {
        self.videos.values().fold(0i64, |sum, video| sum.saturating_add(video.size)).min(SPACE)
    }
}

/// The URLs and titles of a fetch.
fn wanted(request: &Request) -> Result<Vec<(String, String)>, Refusal> {
    let wrong = |why: &str| Refusal::new(400, why);
    if let Some(infos) = request.text("uploadInfos") {
        let infos: Vec<Value> = serde_json::from_str(infos).map_err(|_| wrong("uploadInfos is not a JSON array"))?;
        let part = |info: &Value, name: &str| info[name].as_str().unwrap_or_default().to_owned();
        return Ok(infos.iter().map(|info| (part(info, "fileUrl"), part(info, "title"))).collect());
    }
    let split = |field| request.text(field).unwrap_or_default().split(',').map(str::to_owned).collect::<Vec<_>>();
    let (urls, titles) = (split("fileUrl"), split("title"));
    if urls.len() != titles.len() {
        return Err(wrong("fileUrl and title must have the same size"));
    }
    if urls.iter().any(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err(wrong("fileUrl is illegal"));
    }
    Ok(urls.into_iter().zip(titles).collect())
}
