//! What is kept by a name from run to run: values of scripts, as JSON. Moments are in milliseconds since 1970.

use super::Store;
use crate::Error;
use sqlx::SqliteConnection;
use std::sync::Arc;

/// The values of one space: a job's, a script's.
#[derive(Debug, Clone)]
pub struct Values {
    store: Arc<Store>,
    space: String,
}

/// A value, and when it is forgotten.
pub type Kept = (String, Option<i64>);

impl Values {
    /// Those of that space.
    pub fn new(store: &Arc<Store>, space: impl Into<String>) -> Values {
        Values { store: store.clone(), space: space.into() }
    }

    /// The value, unless it is forgotten by now.
    pub async fn get(&self, key: &str, now: i64) -> Result<Option<String>, Error> {
        let query = sqlx::query_scalar(
            "select value from script_state where space = ? and key = ? and (until is null or until > ?)",
        );
        let query = query.bind(&self.space).bind(key).bind(now);
        let value = query.fetch_optional(&mut *self.store.connection().await?).await;
        value.map_err(|error| self.store.failed(error))
    }

    /// Keep a value in place of another.
    pub async fn set(&self, key: &str, kept: Kept, now: i64) -> Result<(), Error> {
        self.change(key, now, |_| Ok((Some(kept), ()))).await
    }

    /// Forget a value; whether there was one.
    pub async fn remove(&self, key: &str, now: i64) -> Result<bool, Error> {
        self.change(key, now, |before| Ok((None, before.is_some()))).await
    }

    /// The names of the values that are not forgotten, in their order.
    pub async fn keys(&self, now: i64) -> Result<Vec<String>, Error> {
        let query = sqlx::query_scalar(
            "select key from script_state where space = ? and (until is null or until > ?) order by key",
        );
        let keys = query.bind(&self.space).bind(now).fetch_all(&mut *self.store.connection().await?).await;
        keys.map_err(|error| self.store.failed(error))
    }

    /// Make a value of the one before, while nobody else can: the new one, or nothing to forget it, and an answer. When
    /// this returns, it is on the disk.
    pub async fn change<T>(
        &self,
        key: &str,
        now: i64,
        make: impl FnOnce(Option<Kept>) -> Result<(Option<Kept>, T), Error>,
    ) -> Result<T, Error> {
        let mut connection = self.store.connection().await?;
        let changed = async {
            let mut all = self.store.begin_to_keep(&mut connection).await?;
            let query = sqlx::query_as("select value, until from script_state where space = ? and key = ?");
            let before: Option<Kept> = query.bind(&self.space).bind(key).fetch_optional(&mut *all).await?;
            let made = make(before.filter(|(_, until)| until.is_none_or(|until| until > now)));
            if let Ok((after, _)) = &made {
                self.put(key, after.as_ref(), now, &mut all).await?;
            }
            all.commit().await?;
            Ok(made)
        };
        changed.await.map_err(|error| self.store.failed(error))?.map(|(_, answer)| answer)
    }

    async fn put(
        &self,
        key: &str,
        kept: Option<&Kept>,
        now: i64,
        connection: &mut SqliteConnection,
    ) -> Result<(), sqlx::Error> {
        let query = match kept {
            None => sqlx::query("delete from script_state where space = ? and key = ?").bind(&self.space).bind(key),
            Some((value, until)) => {
                let insert = "insert or replace into script_state (space, key, value, until, changed_at) \
                              values (?, ?, ?, ?, ?)";
                sqlx::query(insert).bind(&self.space).bind(key).bind(value).bind(until).bind(now)
            }
        };
        query.execute(connection).await.map(drop)
    }

    /// Take what is forgotten by now off the disk, too.
    pub async fn clear_forgotten(&self, now: i64) -> Result<(), Error> {
        let query = sqlx::query("delete from script_state where space = ? and until <= ?");
        self.store.note(query.bind(&self.space).bind(now)).await
    }

    /// The same values in memory: what becomes of them there ends with the run.
    pub async fn copy_in_memory(&self) -> Result<Values, Error> {
        let query = sqlx::query_as("select key, value, until, changed_at from script_state where space = ?");
        let rows = query.bind(&self.space).fetch_all(&mut *self.store.connection().await?).await;
        let rows: Vec<(String, String, Option<i64>, i64)> = rows.map_err(|error| self.store.failed(error))?;
        let copy = Values::new(&Arc::new(Store::in_memory()), &self.space);
        for (key, value, until, changed_at) in rows {
            copy.set(&key, (value, until), changed_at).await?;
        }
        Ok(copy)
    }
}
