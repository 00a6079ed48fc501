//! Rows sent until each is settled: cut into calls, judged row by row, sent again where that helps, and settled by
//! reading where an answer was lost.

use super::{
    Grant, Key, Report, Scope, Way,
    judge::{Outcome, concerns_all, is_gone, judge},
    list::list,
    rules::check_repeats,
    scope,
};
use crate::{
    Error,
    catalog::Operation,
    client::{Client, Options},
    helpers::calls,
};
use rhai::Map;
use std::{collections::HashMap, sync::Arc};

/// A row is sent at most so often.
const ROUNDS: u32 = 5;

/// What is done with grants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Deed {
    Give,
    Take,
}

impl Deed {
    fn operation(self, client: &Client, scope: Scope) -> Result<Arc<Operation>, Error> {
        client.operation(if self == Deed::Give { scope.giver() } else { scope.taker() })
    }

    fn fields(self, call: &[&Grant]) -> Map {
        if self == Deed::Give { scope::to_give(call) } else { scope::to_take(call) }
    }
}

/// When each grant ends.
pub(super) type Ends = HashMap<Key, i64>;

/// The ends of all grants of a kind.
pub(super) async fn ends(client: &Arc<Client>, scope: Scope, options: &Options) -> Result<Ends, Error> {
    Ok(ends_of(&list(client, scope, false, options).await?))
}

/// The ends of these grants.
pub(super) fn ends_of(grants: &[Grant]) -> Ends {
    grants.iter().map(|grant| (grant.key(), grant.expires_at)).collect()
}

/// Rows that are being settled, and what became of them so far.
pub(super) struct Work<'a> {
    pub client: &'a Arc<Client>,
    pub way: &'a Way,
    /// All rows; they are told apart by their places.
    pub grants: Vec<Grant>,
    keys: Vec<Key>,
    pub report: Report,
}

impl<'a> Work<'a> {
    /// No two of the rows may be the same.
    pub fn new(client: &'a Arc<Client>, way: &'a Way, grants: Vec<Grant>) -> Result<Self, Error> {
        let keys: Vec<Key> = grants.iter().map(Grant::key).collect();
        check_repeats(&keys)?;
        Ok(Work { client, way, grants, keys, report: Report::default() })
    }

    /// When the row at this place ends now, if it is there.
    pub fn end(&self, there: &Ends, place: usize) -> Option<i64> {
        there.get(&self.keys[place]).copied()
    }

    /// Whether the row at this place is as wished.
    pub fn is_so(&self, deed: Deed, there: &Ends, place: usize) -> bool {
        match deed {
            Deed::Give => self.end(there, place) == Some(self.grants[place].expires_at),
            Deed::Take => self.end(there, place).is_none(),
        }
    }

    /// The places of all rows.
    pub fn all(&self) -> Vec<usize> {
        (0..self.grants.len()).collect()
    }

    /// The kinds that these rows are of, with their places in order.
    pub fn by_scope(&self, places: &[usize]) -> Vec<(Scope, Vec<usize>)> {
        let is = |scope| move |place: &usize| self.grants[*place].scope == scope;
        let of = |scope| (scope, places.iter().copied().filter(is(scope)).collect::<Vec<_>>());
        Scope::ALL.into_iter().map(of).filter(|(_, places)| !places.is_empty()).collect()
    }

    /// Do it for rows of one kind.
    pub async fn settle(&mut self, deed: Deed, scope: Scope, mut open: Vec<usize>) -> Result<(), Error> {
        let operation = deed.operation(self.client, scope)?;
        for round in 1..=ROUNDS {
            let (refused, doubtful, stopped) = self.send(deed, &operation, open).await?;
            let last = stopped || round == ROUNDS;
            open = self.look(deed, scope, doubtful, last).await;
            if last {
                self.report.failed.extend(refused);
            } else {
                open.extend(refused.into_iter().map(|(place, _)| place));
            }
            self.tell();
            if open.is_empty() {
                break;
            }
            self.client.rest(self.client.pause(round - 1)).await;
        }
        Ok(())
    }

    /// Send these rows once. Back come those that may be sent again, those of which nobody can tell, and whether
    /// nothing more may be sent.
    async fn send(&mut self, deed: Deed, operation: &Arc<Operation>, open: Vec<usize>) -> Result<Sent, Error> {
        let grants = &self.grants;
        let calls = scope::calls(operation, grants, open);
        let rows = |call: &Vec<usize>| call.iter().map(|place| &grants[*place]).collect::<Vec<_>>();
        let fields = calls.iter().map(|call| deed.fields(&rows(call)));
        let Way { options, at_once, .. } = self.way;
        let mut running = calls::many(self.client, operation, fields, options, *at_once).until(concerns_all);
        let (mut refused, mut doubtful) = (Vec::new(), Vec::new());
        while let Some(ended) = running.next().await {
            let (index, outcome) = ended?;
            let call = &calls[index];
            for (&place, outcome) in call.iter().zip(judge(self.client, operation, &rows(call), outcome)) {
                match outcome {
                    Outcome::Done => self.report.done.push(place),
                    Outcome::Refused(error, _) if deed == Deed::Take && is_gone(&error) => {
                        self.report.already.push(place);
                    }
                    Outcome::Refused(error, true) => refused.push((place, error)),
                    Outcome::Refused(error, false) => self.report.failed.push((place, error)),
                    Outcome::Unknown(error) => doubtful.push((place, error)),
                }
            }
            self.tell();
        }
        Ok((refused, doubtful, running.has_stopped()))
    }

    /// Only reading tells what became of a row whose answer was lost. Back come those that may be sent again.
    async fn look(&mut self, deed: Deed, scope: Scope, doubtful: Vec<(usize, Error)>, last: bool) -> Vec<usize> {
        if doubtful.is_empty() {
            return Vec::new();
        }
        let there = ends(self.client, scope, &self.way.options).await;
        let mut open = Vec::new();
        for (place, error) in doubtful {
            let is_so = |there| self.is_so(deed, there, place);
            match &there {
                Ok(there) if is_so(there) && deed == Deed::Give => self.report.done.push(place),
                // Whether it was ever there, nobody knows.
                Ok(there) if is_so(there) => self.report.already.push(place),
                Ok(_) if !last => open.push(place),
                _ => self.report.unknown.push((place, error)),
            }
        }
        open
    }

    /// Say how many rows are settled.
    pub fn tell(&self) {
        let Report { done, already, failed, unknown } = &self.report;
        if let Some(told) = &self.way.told {
            told.send_replace((done.len() + already.len() + failed.len() + unknown.len(), self.grants.len()));
        }
    }

    /// What became of all rows, in their order.
    pub fn reported(mut self) -> Report {
        self.report.done.sort_unstable();
        self.report.already.sort_unstable();
        self.report.failed.sort_by_key(|(place, _)| *place);
        self.report.unknown.sort_by_key(|(place, _)| *place);
        self.report
    }
}

type Sent = (Vec<(usize, Error)>, Vec<(usize, Error)>, bool);
