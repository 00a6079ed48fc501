//! What earlier runs have done of an upload, and what the platform knows of it.

use super::{Uploader, source::Source};
use crate::{
    Error,
    error::Kind,
    helpers::pages::{self, Listing},
    store::{self, State},
};
use rhai::{Dynamic, Map};
use std::{path::Path, sync::Arc};

/// What earlier runs have left.
#[derive(Debug)]
pub(super) enum Earlier {
    /// Nothing at all.
    Nothing,
    /// Another file of this name, or media that are gone.
    Other,
    /// An upload that stopped half-way.
    Stopped(Box<store::Upload>),
    /// It is media.
    Media(i64),
}

impl Uploader {
    /// Compare the journal with the file as it is now.
    pub(super) async fn earlier(&self, source: &Source) -> Result<Earlier, Error> {
        let Some(upload) = self.store.upload(&source.target, &source.media_name).await? else {
            return Ok(Earlier::Nothing);
        };
        if source.again && upload.state == State::Done {
            return Ok(Earlier::Other);
        }
        let same = self.is_same(source, &upload).await?;
        match upload.state {
            State::Done if same => self.still_there(&upload).await,
            State::Done => Ok(Earlier::Other),
            State::Ending => match self.appeared(&upload).await? {
                Some(id) => {
                    self.store.upload_done(upload.id, id).await?;
                    Ok(if same { Earlier::Media(id) } else { Earlier::Other })
                }
                None if same => Ok(Earlier::Stopped(Box::new(upload))),
                None => Ok(changed(&upload)),
            },
            State::Open if same => {
                tracing::info!("going on with {}, which an earlier run began", upload.media_name);
                Ok(Earlier::Stopped(Box::new(upload)))
            }
            State::Open => Ok(changed(&upload)),
        }
    }

    /// Whether what was sent is what would be sent now.
    pub(super) async fn is_same(&self, source: &Source, upload: &store::Upload) -> Result<bool, Error> {
        let kind = |path: &str| Path::new(path).extension().unwrap_or_default().to_string_lossy().to_uppercase();
        let described = upload.size == source.video.size as i64
            && upload.part_size == source.part_size as i64
            && upload.source_context == source.source_context
            && kind(&upload.path) == source.video.kind
            && upload.cover.as_deref().map(kind) == source.cover.as_ref().map(|cover| cover.kind.clone());
        if !described {
            return Ok(false);
        }
        let pieces = source.pieces();
        for part in self.store.parts(upload.id).await? {
            let piece = pieces.iter().find(|piece| (piece.resource, piece.number) == (part.resource, part.number));
            let Some(piece) = piece else { return Ok(false) };
            if piece.digest().await? != part.digest {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Media can be deleted by hand.
    async fn still_there(&self, upload: &store::Upload) -> Result<Earlier, Error> {
        let id = upload.media_id.unwrap_or(0);
        let fields = Map::from_iter([("media_id".into(), id.into())]);
        match self.call("drama.get_media", fields, &self.options).await {
            Ok(reply) => {
                let name = crate::client::at(&reply, "media_info.name").map(|name| name.to_string());
                Ok(if name.as_deref() == Some(&upload.media_name) { Earlier::Media(id) } else { Earlier::Other })
            }
            Err(error) if error.kind == Kind::NotFound => {
                tracing::info!("media {id} ({}) is gone; uploading it again", upload.media_name);
                Ok(Earlier::Other)
            }
            Err(error) => Err(error),
        }
    }

    /// Note an upload that begins, with the media that have its name already.
    pub(super) async fn begin(&self, source: &Source, known: Vec<i64>) -> Result<store::Upload, Error> {
        let text = |path: &Path| std::path::absolute(path).unwrap_or(path.to_owned()).to_string_lossy().into_owned();
        let upload = store::Upload {
            id: 0,
            target: source.target.clone(),
            media_name: source.media_name.clone(),
            account: source.account.clone(),
            path: text(&source.video.path),
            cover: source.cover.as_ref().map(|cover| text(&cover.path)),
            source_context: source.source_context.clone(),
            size: source.video.size as i64,
            part_size: source.part_size as i64,
            state: State::Open,
            upload_id: None,
            known,
            media_id: None,
            changed_at: 0,
        };
        let id = self.store.begin_upload(&upload).await?;
        Ok(store::Upload { id, ..upload })
    }

    /// The media that this upload has become, if it has: one of its name that was not there before.
    pub(super) async fn appeared(&self, upload: &store::Upload) -> Result<Option<i64>, Error> {
        let named = self.media_named(&upload.media_name).await?;
        Ok(named.into_iter().map(|media| media.id).find(|id| !upload.known.contains(id)))
    }

    /// The media of exactly this name, in one call: nobody has more than a page of them.
    pub(super) async fn media_named(&self, name: &str) -> Result<Vec<Named>, Error> {
        let fields = Map::from_iter([("media_name".into(), name.into())]);
        let reply = self.call("drama.list_media", fields, &self.options).await?;
        let list = reply.get("media_info_list").and_then(|list| list.as_array_ref().ok());
        let media = list.iter().flat_map(|list| list.iter()).filter_map(Named::of);
        Ok(media.filter(|media| media.name == name).collect())
    }

    /// The media whose names begin so.
    pub(super) async fn media_beginning(&self, name: &str) -> Result<Vec<Named>, Error> {
        let fields = Map::from_iter([("media_name".into(), format!("{name}%").into())]);
        let listing = Listing::new(&self.client, "drama.list_media", fields, self.options.clone())?;
        let mut reading = listing.read(self.client.clone(), Arc::new(pages::Report::default()));
        let mut media = Vec::new();
        while let Some(page) = reading.next().await {
            media.extend(page?.iter().filter_map(Named::of));
        }
        Ok(media)
    }
}

/// Media as the platform lists them.
#[derive(Debug)]
pub(super) struct Named {
    pub name: String,
    pub id: i64,
    /// In bytes, where the platform tells.
    pub size: Option<i64>,
}

impl Named {
    fn of(item: &Dynamic) -> Option<Named> {
        let item = item.as_map_ref().ok()?;
        let size = item.get("file_size").and_then(|size| size.as_int().ok()).filter(|size| *size > 0);
        Some(Named { name: item.get("name")?.to_string(), id: item.get("media_id")?.as_int().ok()?, size })
    }
}

fn changed(upload: &store::Upload) -> Earlier {
    tracing::info!("{} is no longer what an earlier run began to upload; beginning anew", upload.media_name);
    Earlier::Other
}
