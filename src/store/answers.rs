//! What people have allowed to packages, when they were asked.

use super::{Store, now};
use crate::Error;

/// For what an answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For the files that have this hash.
    Version,
    /// For all that this key has signed.
    Publisher,
}

impl Scope {
    /// As it is kept and shown.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Version => "version",
            Scope::Publisher => "publisher",
        }
    }
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The package that was asked about.
    pub package: String,
    /// For what it counts.
    pub scope: Scope,
    /// The hash or the key.
    pub subject: String,
    /// As behind `--allow`, folders absolute.
    pub rights: String,
    /// When, in seconds since 1970.
    pub answered_at: i64,
}

impl Store {
    /// All answers, by the names of the packages.
    pub async fn answers(&self) -> Result<Vec<Answer>, Error> {
        type Row = (String, String, String, String, i64);
        let query = sqlx::query_as::<_, Row>(
            "select package, scope, subject, rights, answered_at from answers order by package, scope, answered_at",
        );
        let rows = query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))?;
        let answer = |(package, scope, subject, rights, answered_at): Row| {
            let scope = if scope == Scope::Publisher.name() { Scope::Publisher } else { Scope::Version };
            Answer { package, scope, subject, rights, answered_at }
        };
        Ok(rows.into_iter().map(answer).collect())
    }

    /// Keep an answer; one that was given before is forgotten.
    pub async fn keep_answer(&self, package: &str, scope: Scope, subject: &str, rights: &str) -> Result<(), Error> {
        let query = sqlx::query(
            "insert into answers (package, scope, subject, rights, answered_at) values (?, ?, ?, ?, ?) on conflict \
             (package, scope, subject) do update set rights = excluded.rights, answered_at = excluded.answered_at",
        );
        self.keep(query.bind(package).bind(scope.name()).bind(subject).bind(rights).bind(now())).await
    }

    /// Forget what was answered about a package.
    pub async fn forget_answers(&self, package: &str) -> Result<(), Error> {
        self.keep(sqlx::query("delete from answers where package = ?").bind(package)).await
    }
}
