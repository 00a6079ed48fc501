//! The call that turns what was sent into media, which must happen once and can be told by its result alone.

use super::Uploader;
use crate::{
    Error,
    error::Kind,
    store::{State, Upload},
};
use rhai::Map;
use std::time::Duration;

/// It is made at most so often when its answer is lost.
const ROUNDS: usize = 4;
/// When is looked for what may have become media: a list may lag behind for some seconds.
const LOOKS: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];

impl Uploader {
    /// Make the call that turns what was sent into media. Where its answer is lost, the media of that name tell.
    pub(super) async fn concluded(
        &self,
        upload: &Upload,
        call: impl AsyncFn() -> Result<Map, Error>,
    ) -> Result<i64, Error> {
        let mut doubt = match upload.state {
            State::Ending => Some(Error::new(Kind::UnknownOutcome, "an earlier run was stopped at its end")),
            State::Open | State::Done => None,
        };
        for round in 0..ROUNDS {
            if doubt.is_some()
                && let Some(id) = self.appears(upload).await?
            {
                return Ok(id);
            }
            match (call().await, &doubt) {
                (Ok(reply), _) => return media_id(&reply),
                // It may have been done, whatever this says.
                (Err(error), _) if matches!(error.kind, Kind::UnknownOutcome | Kind::Server) => doubt = Some(error),
                (Err(error), None) => return Err(error),
                // Refused: the upload is used up, or it has run out. Only the media can tell.
                (Err(error), Some(_)) => {
                    return match self.appears(upload).await? {
                        Some(id) => Ok(id),
                        // An earlier run left it long ago, and this one has not sent anything that may count.
                        None if round == 0 && error.kind == Kind::NotFound && upload.is_old() => Err(error),
                        None => Err(unsettled(upload, &error)),
                    };
                }
            }
        }
        let error = doubt.unwrap_or_else(|| Error::new(Kind::Server, "no answer"));
        self.appears(upload).await?.ok_or_else(|| unsettled(upload, &error))
    }

    /// The media that this upload has become.
    async fn appears(&self, upload: &Upload) -> Result<Option<i64>, Error> {
        for pause in LOOKS {
            self.client.rest(pause).await;
            if let Some(id) = self.appeared(upload).await? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

fn media_id(reply: &Map) -> Result<i64, Error> {
    let id = reply.get("media_id").and_then(|id| id.as_int().ok());
    id.ok_or_else(|| Error::new(Kind::Server, "the platform gave no media id"))
}

fn unsettled(upload: &Upload, error: &Error) -> Error {
    let message = format!("{} may or may not have become media ({})", upload.media_name, error.message);
    Error::new(Kind::UnknownOutcome, message).hint(format!(
        "run it again later: it looks before it sends anything; or begin anew after `juben uploads forget {}`",
        upload.id
    ))
}
