//! Which writes of a plan were made: none is made twice.

use super::Store;
use crate::Error;
use std::collections::HashMap;

impl Store {
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
