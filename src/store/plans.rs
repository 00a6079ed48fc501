//! Which plans were made here, and which writes of a plan were made: none is made twice.

use super::{Store, now};
use crate::Error;
use std::collections::HashMap;

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

    /// The writes of a plan that have begun: their states, and the values of their replies as JSON.
    pub async fn plan_writes(&self, plan: &str) -> Result<HashMap<i64, (String, String)>, Error> {
        let query = sqlx::query_as("select number, state, reply from plan_writes where plan = ?").bind(plan);
        let rows: Result<Vec<(i64, String, String)>, _> = query.fetch_all(&mut *self.connection().await?).await;
        let rows = rows.map_err(|error| self.failed(error))?;
        Ok(rows.into_iter().map(|(number, state, reply)| (number, (state, reply))).collect())
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
