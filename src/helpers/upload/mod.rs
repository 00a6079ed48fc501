//! Media files on their way to the platform: whole or in parts, resumed where they stopped, each once.

mod episodes;
mod journal;
mod material;
mod meter;
mod parts;
mod pull;
mod season;
mod source;

pub use material::material;
pub use meter::Meter;
pub use pull::pull;
pub use season::{Episode, Season, season};
pub use source::Wanted;

use crate::{
    Error,
    client::{Client, Options},
    error::Kind,
    store::{self, State, Store},
};
use journal::Earlier;
use rhai::Map;
use source::Source;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// The code of an account whose storage is still being set up.
const INITIALISING: i64 = -2;
/// How long that is waited for; some minutes are usual.
const SET_UP: Duration = Duration::from_secs(30 * 60);
/// How long a platform that cannot be reached is waited for.
const OUTAGE: Duration = Duration::from_secs(5 * 60);
/// A call that ends an upload is made at most so often when its answer is lost.
const ROUNDS: usize = 4;

/// Who uploads, and how.
#[derive(Debug, Clone)]
pub struct Uploader {
    /// Makes the calls.
    pub client: Arc<Client>,
    /// Has the journal.
    pub store: Arc<Store>,
    /// How each call is made.
    pub options: Options,
    /// Counts what is sent.
    pub meter: Arc<Meter>,
    /// Whether a call has worked.
    worked: Arc<AtomicBool>,
}

/// A file that has become media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    /// Its id.
    pub id: i64,
    /// Whether it was so before.
    pub already: bool,
}

impl Uploader {
    /// One that has not uploaded anything yet.
    pub fn new(client: &Arc<Client>, store: &Arc<Store>, options: Options) -> Uploader {
        Uploader {
            client: client.clone(),
            store: store.clone(),
            options,
            meter: Arc::default(),
            worked: Arc::default(),
        }
    }

    /// Upload a file. What an earlier run has sent is not sent again, and what has become media is not uploaded again.
    pub async fn file(&self, wanted: &Wanted) -> Result<Media, Error> {
        let source = self.source(wanted)?;
        self.meter.begin(&source.media_name, source.bytes());
        let media = self.send(&source).await?;
        if media.already {
            self.meter.begin(&source.media_name, 0);
        }
        Ok(media)
    }

    async fn send(&self, source: &Source) -> Result<Media, Error> {
        if self.client.is_dry_run() {
            return self.pretend(source).await;
        }
        let lock = store::Upload::lock(&source.target, &source.media_name);
        let waits = || tracing::info!("another juben is uploading {}; waiting for it", source.media_name);
        let _lock = self.store.lock(&lock, waits).await?;
        let earlier = self.earlier(source).await?;
        let mut upload = match earlier {
            Earlier::Media(id) => return Ok(self.already(source, id)),
            Earlier::Stopped(upload) => *upload,
            Earlier::Nothing | Earlier::Other => {
                let named = self.media_named(&source.media_name).await?;
                let twin = named.iter().find(|media| media.size == Some(source.video.size as i64));
                if let (Some(twin), Earlier::Nothing, false) = (twin, &earlier, source.again) {
                    // Uploaded from elsewhere, or before this state began.
                    return Ok(self.already(source, twin.id));
                }
                self.begin(source, named.into_iter().map(|media| media.id).collect()).await?
            }
        };
        let sent = self.meter.read().done;
        for _ in 0..ROUNDS {
            self.meter.back_to(sent);
            let outcome = if source.is_small() {
                self.whole(source, &upload).await
            } else {
                self.in_parts(source, &upload).await
            };
            match outcome {
                Ok(id) => {
                    self.store.upload_done(upload.id, id).await?;
                    return Ok(Media { id, already: false });
                }
                Err(error) if error.kind == Kind::NotFound && !source.is_small() => {
                    tracing::info!(
                        "the platform no longer knows the upload of {}; beginning it anew",
                        source.media_name
                    );
                    upload = self.begin(source, upload.known).await?;
                }
                Err(error) => {
                    if matches!(error.kind, Kind::Refused | Kind::Argument) {
                        // Sent again it would be refused again: the next run begins anew.
                        self.store.forget_upload(upload.id).await?;
                    }
                    source.unchanged()?;
                    return Err(error);
                }
            }
        }
        Err(Error::new(Kind::Server, "the platform forgets this upload again and again").hint("try again later"))
    }

    fn already(&self, source: &Source, id: i64) -> Media {
        tracing::info!("{} is there already, as media {id}", source.media_name);
        self.meter.skip(source.bytes());
        Media { id, already: true }
    }

    /// A small file in one call.
    async fn whole(&self, source: &Source, upload: &store::Upload) -> Result<i64, Error> {
        for (piece, digest) in source.pieces().into_iter().zip(source.digests().await?) {
            self.store.part_sent(upload.id, &piece.part(String::new(), digest)).await?;
        }
        self.store.upload_ending(upload.id).await?;
        self.concluded(upload, async || {
            let watch = self.meter.watch();
            let options = Options { watch: Some(watch), ..self.options.clone() };
            self.call("drama.single_file_upload", source.whole(), &options).await
        })
        .await
    }

    /// The parts that are missing, then the call that joins all of them.
    async fn in_parts(&self, source: &Source, upload: &store::Upload) -> Result<i64, Error> {
        let upload_id = match &upload.upload_id {
            Some(id) => id.clone(),
            None => {
                let reply = self.call("drama.apply_upload", source.application(), &self.options).await?;
                let id = reply.get("upload_id").map(ToString::to_string).unwrap_or_default();
                self.store.upload_opened(upload.id, &id).await?;
                id
            }
        };
        let opened = store::Upload { upload_id: Some(upload_id), ..upload.clone() };
        self.send_parts(source, &opened).await?;
        source.unchanged()?;
        let fields = self.joined(&opened).await?;
        self.store.upload_ending(upload.id).await?;
        self.concluded(&opened, async || self.call("drama.commit_upload", fields.clone(), &self.options).await).await
    }

    /// Make the call that turns what was sent into media. Where its answer is lost, the media of that name tell.
    async fn concluded(
        &self,
        upload: &store::Upload,
        call: impl AsyncFn() -> Result<Map, Error>,
    ) -> Result<i64, Error> {
        let mut doubtful = upload.state == State::Ending;
        let mut lost = None;
        for _ in 0..ROUNDS {
            if doubtful && let Some(id) = self.appeared(upload).await? {
                return Ok(id);
            }
            match call().await {
                Ok(reply) => return media_id(&reply),
                Err(error) if error.kind == Kind::UnknownOutcome => {
                    doubtful = true;
                    lost = Some(error);
                }
                Err(error) if error.kind == Kind::NotFound && doubtful => {
                    // The upload is used up, or it has run out; only the media can tell.
                    return self.appeared(upload).await?.ok_or_else(|| unsettled(upload, &error));
                }
                Err(error) => return Err(error),
            }
        }
        Err(lost.map_or_else(|| Error::new(Kind::Server, "no answer"), |error| unsettled(upload, &error)))
    }

    /// One call. An account whose storage is being set up is waited for, and a platform that cannot be reached for a
    /// while, unless nothing has worked yet or the script says how often to try.
    async fn call(&self, operation: &str, fields: Map, options: &Options) -> Result<Map, Error> {
        let operation = self.client.operation(operation)?;
        let begin = Instant::now();
        loop {
            let error = match self.client.call(&operation, fields.clone(), options).await {
                Ok(reply) => {
                    self.worked.store(true, Ordering::Relaxed);
                    return Ok(reply);
                }
                Err(error) => error,
            };
            let patient = options.retries.is_none() && self.worked.load(Ordering::Relaxed);
            if error.code == Some(INITIALISING) && begin.elapsed() < SET_UP {
                tracing::info!("the platform is still setting up the account's storage; waiting for it");
                tokio::time::sleep(Duration::from_secs(30)).await;
            } else if error.retryable && patient && begin.elapsed() < OUTAGE {
                tracing::info!("{}; trying again in 5 s", error.message);
                tokio::time::sleep(Duration::from_secs(5)).await;
            } else {
                return Err(error);
            }
        }
    }

    /// What a dry run does: the first write is told of, and nothing is noted. There is no id.
    async fn pretend(&self, source: &Source) -> Result<Media, Error> {
        match source.is_small() {
            true => self.call("drama.single_file_upload", source.whole(), &self.options).await?,
            false => self.call("drama.apply_upload", source.application(), &self.options).await?,
        };
        self.meter.begin("", 0);
        Ok(Media { id: 0, already: false })
    }
}

fn media_id(reply: &Map) -> Result<i64, Error> {
    let id = reply.get("media_id").and_then(|id| id.as_int().ok());
    id.ok_or_else(|| Error::new(Kind::Server, "the platform gave no media id"))
}

fn unsettled(upload: &store::Upload, error: &Error) -> Error {
    let message = format!("{} may or may not have become media ({})", upload.media_name, error.message);
    Error::new(Kind::UnknownOutcome, message).hint(format!(
        "run it again later: it looks before it sends anything; or begin anew after `juben uploads forget {}`",
        upload.id
    ))
}
