//! The parts of large files, several at once.

use super::{
    Uploader,
    source::{Piece, Source},
};
use crate::{Error, client::Options, error::Kind, store};
use futures_util::{StreamExt, TryStreamExt, stream};
use rhai::{Array, Dynamic, Map};

impl Uploader {
    /// Send the parts that the platform does not have.
    pub(super) async fn send_parts(&self, source: &Source, upload: &store::Upload) -> Result<(), Error> {
        let sent = self.store.parts(upload.id).await?;
        let is_sent =
            |piece: &Piece| sent.iter().any(|part| (part.resource, part.number) == (piece.resource, piece.number));
        let (there, missing): (Vec<_>, Vec<_>) =
            source.pieces(upload.part_size.unsigned_abs()).into_iter().partition(is_sent);
        self.meter.skip(there.iter().map(Piece::bytes).sum());
        let sending = stream::iter(missing).map(|piece| self.send_part(source, upload, piece));
        sending.buffer_unordered(source.parts_at_once).try_collect().await
    }

    /// A part is noted before the next one is sent.
    async fn send_part(&self, source: &Source, upload: &store::Upload, piece: Piece) -> Result<(), Error> {
        let watch = self.meter.watch();
        let fields = Map::from_iter([
            ("upload_id".into(), upload.upload_id.clone().unwrap_or_default().into()),
            ("part_number".into(), piece.number.into()),
            ("resource_type".into(), piece.resource.into()),
            ("data".into(), piece.place.path().to_string_lossy().into_owned().into()),
        ]);
        let options = Options { range: Some(piece.range.clone()), watch: Some(watch.clone()), ..self.options.clone() };
        let reply = self.call("drama.upload_part", fields, &options, Some(source)).await?;
        let etag = reply.get("etag").filter(|etag| etag.is_string()).map(ToString::to_string);
        let etag = etag.ok_or_else(|| Error::new(Kind::Server, "the platform gave no etag for a part"))?;
        self.store.part_sent(upload.id, &piece.part(etag, watch.digest())).await
    }

    /// The fields that join all parts, the numbers ascending.
    pub(super) async fn joined(&self, upload: &store::Upload) -> Result<Map, Error> {
        let (video, cover): (Vec<_>, Vec<_>) =
            self.store.parts(upload.id).await?.into_iter().partition(|part| part.resource == 1);
        let mut fields = Map::from_iter([
            ("upload_id".into(), upload.upload_id.clone().unwrap_or_default().into()),
            ("media_part_infos".into(), listed(video).into()),
        ]);
        if !cover.is_empty() {
            fields.insert("cover_part_infos".into(), listed(cover).into());
        }
        Ok(fields)
    }
}

fn listed(parts: Vec<store::Part>) -> Array {
    let info = |part: store::Part| {
        Dynamic::from_map(Map::from_iter([
            ("part_number".into(), part.number.into()),
            ("etag".into(), part.etag.into()),
        ]))
    };
    parts.into_iter().map(info).collect()
}
