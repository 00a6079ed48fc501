//! Where tokens and places in the quotas come from: from this client, or from one that has them for several processes.

use super::{Client, account::Account};
use crate::{Error, catalog::Operation, config::Vendor, error::Kind, secret::Secret};
use futures_util::future::BoxFuture;
use std::{fmt, sync::Arc};

/// Has the tokens of accounts and keeps to their quotas. Two for one account would end each other's tokens.
pub trait Desk: fmt::Debug + Send + Sync {
    /// The token that signs calls of this operation, and not the one that fails: the platform no longer takes that.
    fn token<'a>(
        &'a self,
        account: &'a str,
        operation: &'a str,
        failing: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<Secret, Error>>;

    /// Wait until one more request of this operation is within every quota.
    fn place<'a>(&'a self, account: &'a str, operation: &'a str) -> BoxFuture<'a, Result<Place, Error>>;
}

/// The right to send one request. It is dropped when the answer has come.
pub struct Place(#[expect(dead_code, reason = "dropping it is its use")] Box<dyn Send>);

impl Place {
    /// One that is given back when this is dropped.
    pub fn new(guard: impl Send + 'static) -> Place {
        Place(Box::new(guard))
    }
}

impl Client {
    /// Take tokens and places from there: who has them has them for this process, too.
    pub fn at_desk(mut self, desk: Arc<dyn Desk>) -> Self {
        self.desk = Some(desk);
        self
    }

    /// The token that signs a call, or `None` where a call is signed otherwise.
    pub(super) async fn token_for(
        &self,
        account: &Account,
        operation: &Operation,
        failing: Option<&Secret>,
    ) -> Result<Option<Secret>, Error> {
        let Some(sign) = operation.sign.filter(|sign| Vendor::token_name(*sign).is_some()) else { return Ok(None) };
        match &self.desk {
            Some(desk) => desk.token(&account.name, &operation.full_name(), failing).await.map(Some),
            None => self.own_token(account, sign, failing).await,
        }
    }

    /// The right to send a request.
    pub(super) async fn place_for(&self, account: &Account, operation: &Operation) -> Result<Place, Error> {
        match &self.desk {
            Some(desk) => desk.place(&account.name, &operation.full_name()).await,
            None => {
                let granted = account.settings.calls_a_minute.get(&operation.full_name()).copied();
                Ok(Place::new(self.pacer.admit(&self.time, &account.name, operation, granted).await))
            }
        }
    }
}

/// For others, as for itself.
impl Desk for Client {
    fn token<'a>(
        &'a self,
        account: &'a str,
        operation: &'a str,
        failing: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<Secret, Error>> {
        Box::pin(async move {
            let operation = self.operation(operation)?;
            let account = self.accounts.for_operation(&operation, Some(account))?;
            let token = self.token_for(&account, &operation, failing).await?;
            token.ok_or_else(|| {
                Error::new(Kind::Argument, format!("`{}` is not signed by a token", operation.full_name()))
            })
        })
    }

    fn place<'a>(&'a self, account: &'a str, operation: &'a str) -> BoxFuture<'a, Result<Place, Error>> {
        Box::pin(async move {
            let operation = self.operation(operation)?;
            let account = self.accounts.for_operation(&operation, Some(account))?;
            self.place_for(&account, &operation).await
        })
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place")
    }
}
