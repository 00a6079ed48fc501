//! Media files on their way to the platform: whole or in parts, resumed where they stopped, each once.

mod conclusion;
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
    catalog::{Effect, Operation},
    client::{Client, Options},
    error::Kind,
    store::{self, Store},
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
/// An upload is begun at most so often when the platform forgets it.
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
        let lock = store::Upload::lock_name(&source.target, &source.media_name);
        let waits = || tracing::info!("another juben is uploading {}; waiting for it", source.media_name);
        let _lock = self.store.lock(&lock, waits).await?;
        let mut upload = match self.earlier(source).await? {
            Earlier::Media(id) => {
                tracing::info!("{} is there already, as media {id}", source.media_name);
                self.meter.skip(source.bytes());
                return Ok(Media { id, already: true });
            }
            Earlier::Stopped(upload) => *upload,
            Earlier::Nothing(known) => self.begin(source, known).await?,
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
                Err(error) if error.kind == Kind::NotFound && error.code.is_some() && !source.is_small() => {
                    tracing::info!(
                        "the platform no longer knows the upload of {}; beginning it anew",
                        source.media_name
                    );
                    upload = self.begin(source, upload.known).await?;
                }
                Err(error) => {
                    if matches!(error.kind, Kind::Refused | Kind::Argument) && error.code.is_some() {
                        // Sent again it would be refused again: the next run begins anew.
                        self.store.forget_upload(upload.id).await?;
                    }
                    if error.kind != Kind::File {
                        // What changed under its feet may be why.
                        source.unchanged()?;
                    }
                    return Err(error);
                }
            }
        }
        Err(Error::new(Kind::Server, "the platform forgets this upload again and again").hint("try again later"))
    }

    /// A small file in one call.
    async fn whole(&self, source: &Source, upload: &store::Upload) -> Result<i64, Error> {
        for piece in source.pieces(source.part_size) {
            let digest = piece.digest().await?;
            self.store.part_sent(upload.id, &piece.part(String::new(), digest)).await?;
        }
        self.store.upload_ending(upload.id).await?;
        let options = Options { watch: Some(self.meter.watch()), ..self.options.clone() };
        let sent = self.concluded(upload, async || {
            source.unchanged()?;
            self.call("drama.single_file_upload", source.whole(), &options, Some(source)).await
        });
        let id = sent.await?;
        source
            .unchanged()
            .map_err(|error| error.hint(format!("it became media {id}; delete that, and run it again")))?;
        Ok(id)
    }

    /// The parts that are missing, then the call that joins all of them.
    async fn in_parts(&self, source: &Source, upload: &store::Upload) -> Result<i64, Error> {
        let upload_id = match &upload.upload_id {
            Some(id) => id.clone(),
            None => {
                let reply = self.call("drama.apply_upload", source.application(), &self.options, None).await?;
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
        self.concluded(&opened, async || self.call("drama.commit_upload", fields.clone(), &self.options, None).await)
            .await
    }

    /// One call. An account whose storage is being set up is waited for, and a platform that cannot be reached for a
    /// while, unless nothing has worked yet or the script says how often to try.
    async fn call(
        &self,
        operation: &str,
        fields: Map,
        options: &Options,
        source: Option<&Source>,
    ) -> Result<Map, Error> {
        let operation = self.client.operation(operation)?;
        let mut begin = Instant::now();
        loop {
            let error = match self.client.call(&operation, fields.clone(), options).await {
                Ok(reply) => {
                    self.worked.store(true, Ordering::Relaxed);
                    return Ok(reply);
                }
                Err(error) => error,
            };
            // A file that has changed or gone is no trouble of the platform's.
            source.map_or(Ok(()), Source::unchanged)?;
            let patient = options.retries.is_none() && self.worked.load(Ordering::Relaxed);
            if error.code == Some(INITIALISING) && begin.elapsed() < SET_UP {
                tracing::info!("the platform is still setting up the account's storage; waiting for it");
                begin -= self.client.rest(Duration::from_secs(30)).await;
            } else if patient && harmless(&operation, &error) && begin.elapsed() < OUTAGE {
                tracing::info!("{}; trying again in 5 s", error.message);
                begin -= self.client.rest(Duration::from_secs(5)).await;
            } else {
                return Err(error);
            }
        }
    }

    /// What a dry run does: the first write is told of, and nothing is noted. There is no id. A plan has one that stands
    /// for the platform's; what is there already is not planned.
    async fn pretend(&self, source: &Source) -> Result<Media, Error> {
        let planning = self.client.is_planning();
        if planning && let Earlier::Media(id) = self.earlier(source).await? {
            return Ok(Media { id, already: true });
        }
        if planning && !source.is_small() {
            let message = format!("a plan cannot keep the upload of {}, which goes in parts", source.media_name);
            return Err(Error::new(Kind::Limit, message).hint(
                "upload first, by a script of its own and `juben run`: a plan takes what is there already; or run this script",
            ));
        }
        let reply = match source.is_small() {
            true => self.call("drama.single_file_upload", source.whole(), &self.options, None).await?,
            false => self.call("drama.apply_upload", source.application(), &self.options, None).await?,
        };
        self.meter.begin("", 0);
        let id = reply.get("media_id").filter(|_| planning).and_then(|id| id.as_int().ok());
        Ok(Media { id: id.unwrap_or(0), already: false })
    }
}

/// Whether a call that failed so may be made again without looking first.
fn harmless(operation: &Operation, error: &Error) -> bool {
    let repeatable = operation.retry.idempotent || operation.effects.default == Effect::Read;
    error.retryable && (repeatable || error.kind != Kind::Server)
}
