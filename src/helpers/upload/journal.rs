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
    /// Nothing that helps; these media have the name already.
    Nothing(Vec<i64>),
    /// An upload that stopped half-way.
    Stopped(Box<store::Upload>),
    /// It is media.
    Media(i64),
}

impl Uploader {
    /// Compare the journal and the platform with the file as it is now.
    pub(super) async fn earlier(&self, source: &Source) -> Result<Earlier, Error> {
        let noted = self.store.upload(&source.target, &source.media_name).await?;
        if let Some(upload) = &noted
            && let Some(earlier) = self.resumable(source, upload).await?
        {
            return Ok(earlier);
        }
        let named = self.media_named(&source.media_name).await?;
        let twin = named.iter().find(|media| media.size == Some(source.video.size as i64));
        Ok(match twin {
            // Uploaded from elsewhere, or before this state began.
            Some(twin) if noted.is_none() && !source.again => Earlier::Media(twin.id),
            _ => Earlier::Nothing(named.into_iter().map(|media| media.id).collect()),
        })
    }

    /// What the journal has, unless it is of another file.
    async fn resumable(&self, source: &Source, upload: &store::Upload) -> Result<Option<Earlier>, Error> {
        if source.again && upload.state == State::Done {
            return Ok(None);
        }
        let same = self.is_same(source, upload).await?;
        let name = &upload.media_name;
        if upload.state == State::Done {
            return if same { self.still_there(upload).await } else { Ok(None) };
        }
        if upload.state == State::Ending
            && let Some(id) = self.appeared(upload).await?
        {
            self.store.upload_done(upload.id, id).await?;
            return Ok(same.then_some(Earlier::Media(id)));
        }
        match same {
            true => tracing::info!("going on with {name}, which an earlier run began"),
            false => tracing::info!("{name} is no longer what an earlier run began to upload; beginning anew"),
        }
        Ok(same.then(|| Earlier::Stopped(Box::new(upload.clone()))))
    }

    /// Whether what was sent is what would be sent now. Of what is media already only the files count.
    pub(super) async fn is_same(&self, source: &Source, upload: &store::Upload) -> Result<bool, Error> {
        let kind = |path: &str| Path::new(path).extension().unwrap_or_default().to_string_lossy().to_uppercase();
        let files = upload.size == source.video.size as i64
            && kind(&upload.path) == source.video.kind
            && upload.cover.as_deref().map(kind) == source.cover.as_ref().map(|cover| cover.kind.clone());
        if !files || (upload.state != State::Done && upload.source_context != source.source_context) {
            return Ok(false);
        }
        let pieces = source.pieces(upload.part_size.unsigned_abs());
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
    async fn still_there(&self, upload: &store::Upload) -> Result<Option<Earlier>, Error> {
        let id = upload.media_id.unwrap_or(0);
        let fields = Map::from_iter([("media_id".into(), id.into())]);
        match self.call("drama.get_media", fields, &self.options, None).await {
            Ok(reply) => {
                let name = crate::client::at(&reply, "media_info.name").map(|name| name.to_string());
                Ok((name.as_deref() == Some(&upload.media_name)).then_some(Earlier::Media(id)))
            }
            Err(error) if error.kind == Kind::NotFound => {
                tracing::info!("media {id} ({}) is gone; uploading it again", upload.media_name);
                Ok(None)
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
            path: text(source.video.place.path()),
            cover: source.cover.as_ref().map(|cover| text(cover.place.path())),
            source_context: source.source_context.clone(),
            size: source.video.size as i64,
            part_size: source.part_size as i64,
            state: State::Open,
            upload_id: None,
            known,
            media_id: None,
            changed_at: 0,
        };
        self.store.begin_upload(upload).await
    }

    /// The media that this upload has become, if it has: one of its name that was not there before.
    pub(super) async fn appeared(&self, upload: &store::Upload) -> Result<Option<i64>, Error> {
        let named = self.media_named(&upload.media_name).await?;
        Ok(named.into_iter().map(|media| media.id).find(|id| !upload.known.contains(id)))
    }

    /// The media of exactly this name, in one call: nobody has more than a page of them.
    pub(super) async fn media_named(&self, name: &str) -> Result<Vec<Named>, Error> {
        let fields = Map::from_iter([("media_name".into(), name.into())]);
        let reply = self.call("drama.list_media", fields, &self.options, None).await?;
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
