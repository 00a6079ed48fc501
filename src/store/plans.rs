//! Which plans were made here, and which writes of a plan were made: none is made twice.

use super::{Store, now};
use crate::Error;
use std::collections::HashMap;

/// A write of a plan that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanWrite {
    /// `begun`, `done` or `failed`.
    pub state: String,
    /// The values of its reply that later writes need, as JSON.
    pub reply: String,
    /// How it has left the things that later writes are about, as JSON.
    pub left: String,
}

impl Store {
    /// A plan with this digest was made here.
    pub async fn keep_made_plan(&self, digest: &str) -> Result<(), Error> {
        let query = sqlx::query("insert into made_plans (digest, made_at) values (?, ?) on conflict do nothing");
        self.keep(query.bind(digest).bind(now())).await
    }

    /// Whether a plan with this digest was made here.
    pub async fn has_made_plan(&self, digest: &str) -> Result<bool, Error> {
        let query = sqlx::query_scalar("select count(*) from made_plans where digest = ?").bind(digest);
        let found: i64 = query.fetch_one(&mut *self.connection().await?).await.map_err(|error| self.failed(error))?;
        Ok(found > 0)
    }

    /// The writes of a plan that have begun, by their numbers.
    pub async fn plan_writes(&self, plan: &str) -> Result<HashMap<i64, PlanWrite>, Error> {
        type Row = (i64, String, String, String);
        let query =
            sqlx::query_as::<_, Row>("select number, state, reply, left_behind from plan_writes where plan = ?");
        let rows = query.bind(plan).fetch_all(&mut *self.connection().await?).await;
        let rows = rows.map_err(|error| self.failed(error))?;
        let write = |(number, state, reply, left): Row| (number, PlanWrite { state, reply, left });
        Ok(rows.into_iter().map(write).collect())
    }

    /// How a write of a plan has left the things that later writes are about.
    pub async fn plan_write_left(&self, plan: &str, number: i64, left: &str) -> Result<(), Error> {
        let change = sqlx::query("update plan_writes set left_behind = ? where plan = ? and number = ?");
        self.keep(change.bind(left).bind(plan).bind(number)).await
    }

    /// How a write of a plan stands now.
    pub async fn plan_write_is(&self, plan: &str, number: i64, state: &'static str, reply: &str) -> Result<(), Error> {
        let change = sqlx::query(
            "insert into plan_writes (plan, number, state, reply) values (?, ?, ?, ?) \
             on conflict do update set state = excluded.state, reply = excluded.reply",
        );
        self.keep(change.bind(plan).bind(number).bind(state).bind(reply)).await
    }
}
