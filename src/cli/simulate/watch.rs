//! Watches the grants of the sandbox while time leaps, and keeps the sandbox to the same time.

use crate::sandbox::{Grant, Sandbox};
use jiff::Timestamp;
use std::collections::HashMap;

/// What ends so soon after the period is told of as well.
pub(super) const SOON: i64 = 7 * 86_400;

/// A grant that ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ending {
    pub grant: Grant,
    /// The account of the configuration that it concerns.
    pub account: String,
    /// Whether that account gave it; else it was given to it, and only the other side can renew it.
    pub given: bool,
}

/// Sees each grant that reaches its end.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    sandbox: &'a Sandbox,
    accounts: &'a HashMap<String, String>,
    lapsed: Vec<Ending>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(sandbox: &'a Sandbox, accounts: &'a HashMap<String, String>) -> Watch<'a> {
        Watch { sandbox, accounts, lapsed: Vec::new() }
    }

    /// Time moves on: what reaches its end on the way was not renewed.
    pub(super) fn move_on(&mut self, to: Timestamp) {
        let ended = self.ending(to);
        self.lapsed.extend(ended);
        self.sandbox.advance(to.as_second() - self.sandbox.now());
    }

    /// What has lapsed so far, the first to end first.
    pub(super) fn lapsed(&self) -> Vec<Ending> {
        self.lapsed.clone()
    }

    /// What lives now and ends soon.
    pub(super) fn soon(&self) -> Vec<Ending> {
        Timestamp::from_second(self.sandbox.now() + SOON).map(|by| self.ending(by)).unwrap_or_default()
    }

    fn ending(&self, by: Timestamp) -> Vec<Ending> {
        self.sandbox.ending(by.as_second()).into_iter().filter_map(|grant| self.of_account(grant)).collect()
    }

    /// Grants between others are no concern of ours.
    fn of_account(&self, grant: Grant) -> Option<Ending> {
        let (own, other) = (self.accounts.get(&grant.grantor), self.accounts.get(&grant.grantee));
        let (account, given) = own.map(|own| (own, true)).or(other.map(|other| (other, false)))?;
        Some(Ending { account: account.clone(), given, grant })
    }
}
