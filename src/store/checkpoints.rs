//! How far a listing was worked through, by the name that a script gave it.

use super::{Store, now};
use crate::Error;
use std::sync::Arc;

/// The mark of one listing.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    store: Arc<Store>,
    name: String,
    listing: String,
}

impl Checkpoint {
    /// The mark of that name, for what is listed so.
    pub fn new(store: &Arc<Store>, name: &str, listing: String) -> Checkpoint {
        Checkpoint { store: store.clone(), name: name.to_owned(), listing }
    }

    /// The position of the next page, as JSON, if an earlier run stopped before the end.
    pub async fn position(&self) -> Result<Option<String>, Error> {
        let query = sqlx::query_scalar("select position from checkpoints where name = ? and listing = ?");
        let row = query.bind(&self.name).bind(&self.listing).fetch_optional(&mut *self.store.connection().await?).await;
        row.map_err(|error| self.store.failed(error))
    }

    /// All before this position has been worked through. A power cut may forget it: then a page comes again.
    pub async fn reached(&self, position: &str) -> Result<(), Error> {
        let query = sqlx::query(
            "insert into checkpoints (name, listing, position, changed_at) values (?, ?, ?, ?) on conflict (name) do \
             update set listing = excluded.listing, position = excluded.position, changed_at = excluded.changed_at",
        );
        let query = query.bind(&self.name).bind(&self.listing).bind(position).bind(now());
        self.store.note(query).await
    }

    /// The listing has come to its end; the next run begins anew.
    pub async fn ended(&self) -> Result<(), Error> {
        let query = sqlx::query("delete from checkpoints where name = ?").bind(&self.name);
        self.store.note(query).await
    }
}
