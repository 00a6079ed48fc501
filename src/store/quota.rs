//! The calls of each day, for the quotas that platforms set.

use super::Store;
use crate::Error;
use jiff::civil::Date;
use serde::Serialize;
use sqlx::{FromRow, Row, sqlite::SqliteRow};

/// The calls of one account and operation on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Used {
    /// The account.
    pub account: String,
    /// As `module.name`.
    pub operation: String,
    /// So many.
    pub calls: i64,
}

impl FromRow<'_, SqliteRow> for Used {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Used> {
        Ok(Used {
            account: row.try_get("account")?,
            operation: row.try_get("operation")?,
            calls: row.try_get("calls")?,
        })
    }
}

impl Store {
    /// Add calls to those of a day. The result is what each of these has by now. Counts older than a month are forgotten.
    pub async fn count(&self, day: Date, calls: &[Used]) -> Result<Vec<Used>, Error> {
        let rows = serde_json::to_string(calls).unwrap_or_default();
        let forget = sqlx::query("delete from quota_used where day < date(?, '-31 days')").bind(day.to_string());
        self.note(forget).await?;
        let query = sqlx::query_as(
            "insert into quota_used (day, account, operation, calls) \
             select ?, value ->> 'account', value ->> 'operation', value ->> 'calls' from json_each(?) where true \
             on conflict do update set calls = calls + excluded.calls returning account, operation, calls",
        );
        let query = query.bind(day.to_string()).bind(rows).fetch_all(&mut *self.connection().await?).await;
        query.map_err(|error| self.failed(error))
    }

    /// The calls of a day, by account and operation.
    pub async fn counted(&self, day: Date) -> Result<Vec<Used>, Error> {
        let query = sqlx::query_as(
            "select account, operation, calls from quota_used where day = ? order by account, operation",
        );
        let rows = query.bind(day.to_string()).fetch_all(&mut *self.connection().await?).await;
        rows.map_err(|error| self.failed(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn used(account: &str, operation: &str, calls: i64) -> Used {
        Used { account: account.into(), operation: operation.into(), calls }
    }

    #[tokio::test]
    async fn calls_add_up_by_day_account_and_operation() {
        let store = Store::in_memory();
        let (today, tomorrow) = (date(2026, 11, 22), date(2026, 11, 23));
        let first = [used("main", "a.b", 3), used("shop", "a.b", 1)];
        assert_eq!(store.count(today, &first).await.unwrap(), first);
        let more = store.count(today, &[used("main", "a.b", 4), used("main", "a.c", 1)]).await.unwrap();
        assert_eq!(more, [used("main", "a.b", 7), used("main", "a.c", 1)]);
        store.count(tomorrow, &[used("main", "a.b", 9)]).await.unwrap();
        let all = [used("main", "a.b", 7), used("main", "a.c", 1), used("shop", "a.b", 1)];
        assert_eq!(store.counted(today).await.unwrap(), all);
        assert_eq!(store.counted(tomorrow).await.unwrap(), [used("main", "a.b", 9)]);
    }

    #[tokio::test]
    async fn a_month_is_kept() {
        let store = Store::in_memory();
        for day in [date(2026, 10, 1), date(2026, 10, 31), date(2026, 12, 1)] {
            store.count(day, &[used("main", "a.b", 1)]).await.unwrap();
        }
        assert_eq!(store.counted(date(2026, 10, 1)).await.unwrap(), []);
        assert_eq!(store.counted(date(2026, 10, 31)).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn two_processes_count_together() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (Store::at(folder.path()), Store::at(folder.path()));
        let day = date(2026, 11, 22);
        for _ in 0..20 {
            let calls = [used("main", "a.b", 1)];
            let (one, other) = tokio::join!(one.count(day, &calls), other.count(day, &calls));
            one.and(other).unwrap();
        }
        assert_eq!(one.counted(day).await.unwrap(), [used("main", "a.b", 40)]);
    }
}
