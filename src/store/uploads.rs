//! The journal of uploads.

use super::{Store, now};
use crate::Error;
use sqlx::{FromRow, Row, sqlite::SqliteRow};

/// How far an upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its parts are being sent.
    Open,
    /// All was sent; whether the platform has made media of it is not known.
    Ending,
    /// It is media.
    Done,
}

impl State {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Ending => "ending",
            State::Done => "done",
        }
    }

    fn named(name: &str) -> Option<State> {
        [State::Open, State::Ending, State::Done].into_iter().find(|state| state.name() == name)
    }
}

/// One upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its number here.
    pub id: i64,
    /// Whose media it becomes: the platform's address and the account's id there.
    pub target: String,
    /// The media's name.
    pub media_name: String,
    /// The account's name in `juben.toml`.
    pub account: String,
    /// The video.
    pub path: String,
    /// The cover.
    pub cover: Option<String>,
    /// What the platform tells again when it is done.
    pub source_context: Option<String>,
    /// Bytes of the video.
    pub size: i64,
    /// Bytes of each part but the last.
    pub part_size: i64,
    /// How far it has come.
    pub state: State,
    /// The platform's name of an upload in parts.
    pub upload_id: Option<String>,
    /// The media that had this name before.
    pub known: Vec<i64>,
    /// What it has become.
    pub media_id: Option<i64>,
    /// When it came this far, in seconds since 1970.
    pub changed_at: i64,
}

impl Upload {
    /// Whether nothing has happened to it for so long that what the platform knew of it may have run out.
    pub fn is_old(&self) -> bool {
        self.changed_at < now() - 600
    }

    /// What is locked while media of that name are uploaded.
    pub fn lock_name(target: &str, media_name: &str) -> String {
        format!("upload {target} {media_name}")
    }
}

/// A piece of a file that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// 1 the video, 2 the cover.
    pub resource: i64,
    /// From 1, for each resource.
    pub number: i64,
    /// The platform's tag of it.
    pub etag: String,
    /// Of the bytes that were sent.
    pub digest: u128,
}

impl Store {
    /// All uploads, the latest first.
    pub async fn uploads(&self) -> Result<Vec<Upload>, Error> {
        let query = sqlx::query_as("select * from uploads order by changed_at desc, id desc");
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The upload of media of that name.
    pub async fn upload(&self, target: &str, media_name: &str) -> Result<Option<Upload>, Error> {
        let query = sqlx::query_as("select * from uploads where target = ? and media_name = ?");
        let row = query.bind(target).bind(media_name).fetch_optional(&mut *self.connection().await?).await;
        row.map_err(|error| self.failed(error))
    }

    /// Note an upload that begins, in place of an earlier one of the same name; it gets a number.
    pub async fn begin_upload(&self, upload: Upload) -> Result<Upload, Error> {
        let changed_at = now();
        let mut connection = self.connection().await?;
        let mut all = self.begin_to_note(&mut connection).await.map_err(|error| self.failed(error))?;
        let forget = sqlx::query("delete from uploads where target = ? and media_name = ?");
        forget.bind(&upload.target).bind(&upload.media_name).execute(&mut *all).await.map_err(|e| self.failed(e))?;
        let insert = sqlx::query(
            "insert into uploads (target, media_name, account, path, cover, source_context, size, part_size, state, \
                 upload_id, known, changed_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        );
        let known = serde_json::to_string(&upload.known).unwrap_or_default();
        let insert = insert.bind(&upload.target).bind(&upload.media_name).bind(&upload.account);
        let insert = insert.bind(&upload.path).bind(&upload.cover).bind(&upload.source_context);
        let insert = insert.bind(upload.size).bind(upload.part_size).bind(upload.state.name());
        let insert = insert.bind(&upload.upload_id).bind(known).bind(changed_at);
        let id = insert.execute(&mut *all).await.map_err(|error| self.failed(error))?.last_insert_rowid();
        all.commit().await.map_err(|error| self.failed(error))?;
        Ok(Upload { id, changed_at, ..upload })
    }

    /// The platform has opened an upload in parts.
    pub async fn upload_opened(&self, id: i64, upload_id: &str) -> Result<(), Error> {
        let query = sqlx::query("update uploads set upload_id = ?, state = 'open', changed_at = ? where id = ?");
        self.keep(query.bind(upload_id).bind(now()).bind(id)).await
    }

    /// The platform has this part, or is being sent it where the whole file goes in one call. A power cut may forget it: then it is sent again, which does no harm.
    pub async fn part_sent(&self, id: i64, part: &Part) -> Result<(), Error> {
        let query = sqlx::query(
            "insert or replace into upload_parts (upload, resource, number, etag, digest) values (?, ?, ?, ?, ?)",
        );
        let digest = part.digest.to_be_bytes().to_vec();
        self.note(query.bind(id).bind(part.resource).bind(part.number).bind(&part.etag).bind(digest)).await
    }

    /// From now on the platform may make media of it.
    pub async fn upload_ending(&self, id: i64) -> Result<(), Error> {
        let query = sqlx::query("update uploads set state = 'ending', changed_at = ? where id = ?");
        self.keep(query.bind(now()).bind(id)).await
    }

    /// It has become media.
    pub async fn upload_done(&self, id: i64, media_id: i64) -> Result<(), Error> {
        let query = sqlx::query("update uploads set state = 'done', media_id = ?, changed_at = ? where id = ?");
        self.keep(query.bind(media_id).bind(now()).bind(id)).await
    }

    /// Forget an upload with its parts.
    pub async fn forget_upload(&self, id: i64) -> Result<(), Error> {
        self.keep(sqlx::query("delete from uploads where id = ?").bind(id)).await
    }

    /// The parts that the platform has, in their order.
    pub async fn parts(&self, id: i64) -> Result<Vec<Part>, Error> {
        let query = sqlx::query_as("select * from upload_parts where upload = ? order by resource, number");
        query.bind(id).fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }
}

impl FromRow<'_, SqliteRow> for Upload {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Upload> {
        Ok(Upload {
            id: row.try_get("id")?,
            target: row.try_get("target")?,
            media_name: row.try_get("media_name")?,
            account: row.try_get("account")?,
            path: row.try_get("path")?,
            cover: row.try_get("cover")?,
            source_context: row.try_get("source_context")?,
            size: row.try_get("size")?,
            part_size: row.try_get("part_size")?,
            state: State::named(row.try_get("state")?)
                .ok_or_else(|| sqlx::Error::ColumnNotFound("state".to_owned()))?,
            upload_id: row.try_get("upload_id")?,
            known: serde_json::from_str(row.try_get("known")?).unwrap_or_default(),
            media_id: row.try_get("media_id")?,
            changed_at: row.try_get("changed_at")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Part {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Part> {
        let digest: Vec<u8> = row.try_get("digest")?;
        Ok(Part {
            resource: row.try_get("resource")?,
            number: row.try_get("number")?,
            etag: row.try_get("etag")?,
            digest: digest.try_into().map(u128::from_be_bytes).unwrap_or_default(),
        })
    }
}
