//! Rows sent until each is settled: cut into calls, judged row by row, sent again where that helps, and settled by
//! reading where an answer was lost.

use super::{
    Grant, Report, Scope, Way,
    judge::{Outcome, concerns_all, is_gone, judge},
    list::list,
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

    fn fields(self, call: &[Grant]) -> Map {
        if self == Deed::Give { scope::to_give(call) } else { scope::to_take(call) }
    }

    /// Whether a row is as wished.
    pub fn is_so(self, there: &Ends, grant: &Grant) -> bool {
        match self {
            Deed::Give => there.get(&grant.key()) == Some(&grant.expires_at),
            Deed::Take => !there.contains_key(&grant.key()),
        }
    }
}

/// When each grant ends.
pub(super) type Ends = HashMap<String, i64>;

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
    pub report: Report,
    /// The place of each row.
    places: HashMap<String, usize>,
}

impl<'a> Work<'a> {
    pub fn new<'b>(client: &'a Arc<Client>, way: &'a Way, rows: impl IntoIterator<Item = &'b Grant>) -> Self {
        let places = rows.into_iter().enumerate().map(|(place, grant)| (grant.key(), place)).collect();
        Work { client, way, report: Report::default(), places }
    }

    /// Do it for rows of one kind.
    pub async fn settle(&mut self, deed: Deed, scope: Scope, mut open: Vec<Grant>) -> Result<(), Error> {
        let operation = deed.operation(self.client, scope)?;
        for round in 1..=ROUNDS {
            let (refused, doubtful, stopped) = self.send(deed, &operation, open).await?;
            let last = stopped || round == ROUNDS;
            open = self.look(deed, scope, doubtful, last).await;
            if last {
                self.report.failed.extend(refused);
            } else {
                open.extend(refused.into_iter().map(|(grant, _)| grant));
            }
            self.tell();
            if open.is_empty() {
                break;
            }
            tokio::time::sleep(self.client.pause(round - 1)).await;
        }
        Ok(())
    }

    /// Send these rows once. Back come those that may be sent again, those of which nobody can tell, and whether
    /// nothing more may be sent.
    async fn send(&mut self, deed: Deed, operation: &Arc<Operation>, open: Vec<Grant>) -> Result<Sent, Error> {
        let calls = scope::calls(operation, open);
        let fields = calls.iter().map(|call| deed.fields(call)).collect();
        let Way { options, at_once, .. } = self.way;
        let mut running = calls::many(self.client, operation, fields, options, *at_once).until(concerns_all);
        let (mut refused, mut doubtful) = (Vec::new(), Vec::new());
        while let Some(ended) = running.next().await {
            let (index, outcome) = ended?;
            for (grant, outcome) in judge(self.client, operation, &calls[index], outcome) {
                match outcome {
                    Outcome::Done => self.report.done.push(grant),
                    Outcome::Refused(error, _) if deed == Deed::Take && is_gone(&error) => {
                        self.report.already.push(grant);
                    }
                    Outcome::Refused(error, true) => refused.push((grant, error)),
                    Outcome::Refused(error, false) => self.report.failed.push((grant, error)),
                    Outcome::Unknown(error) => doubtful.push((grant, error)),
                }
            }
            self.tell();
        }
        Ok((refused, doubtful, running.has_stopped()))
    }

    /// Only reading tells what became of a row whose answer was lost. Back come those that may be sent again.
    async fn look(&mut self, deed: Deed, scope: Scope, doubtful: Vec<(Grant, Error)>, last: bool) -> Vec<Grant> {
        if doubtful.is_empty() {
            return Vec::new();
        }
        let there = ends(self.client, scope, &self.way.options).await;
        let mut open = Vec::new();
        for (grant, error) in doubtful {
            match &there {
                Ok(there) if deed.is_so(there, &grant) && deed == Deed::Give => self.report.done.push(grant),
                // Whether it was ever there, nobody knows.
                Ok(there) if deed.is_so(there, &grant) => self.report.already.push(grant),
                Ok(_) if !last => open.push(grant),
                _ => self.report.unknown.push((grant, error)),
            }
        }
        open
    }

    /// Say how many rows are settled.
    pub fn tell(&self) {
        let Report { done, already, failed, unknown } = &self.report;
        if let Some(told) = &self.way.told {
            told.send_replace((done.len() + already.len() + failed.len() + unknown.len(), self.places.len()));
        }
    }

    /// What became of all rows, in their order.
    pub fn reported(mut self) -> Report {
        let place = |grant: &Grant| self.places.get(&grant.key()).copied();
        self.report.done.sort_by_cached_key(place);
        self.report.already.sort_by_cached_key(place);
        self.report.failed.sort_by_cached_key(|(grant, _)| place(grant));
        self.report.unknown.sort_by_cached_key(|(grant, _)| place(grant));
        self.report
    }
}

type Sent = (Vec<(Grant, Error)>, Vec<(Grant, Error)>, bool);
