//! The same operation for many rows, several at once.

use crate::{
    Error,
    catalog::Operation,
    client::{Client, Options, for_caller},
    error::Kind,
};
use rhai::Map;
use std::{collections::VecDeque, iter::Enumerate, sync::Arc};
use tokio::task::{JoinError, JoinSet};

/// A row's place, and what its call brought.
type Ended = (usize, Result<Map, Error>);

/// Calls that are being made. Dropping them stops those that have not ended.
#[derive(Debug)]
pub struct Many<Rows> {
    client: Arc<Client>,
    operation: Arc<Operation>,
    options: Options,
    at_once: usize,
    rows: Enumerate<Rows>,
    running: JoinSet<Ended>,
    ended: VecDeque<Result<Ended, JoinError>>,
    stops: fn(&Error) -> bool,
    stopped: Option<Error>,
    /// What ends the run, such as a call that nobody agreed to.
    end: Option<Error>,
}

/// Call an operation once for each row, in their order. A row that fails does not stop the others.
pub fn many<Rows: IntoIterator<Item = Map>>(
    client: &Arc<Client>,
    operation: &Arc<Operation>,
    rows: Rows,
    options: &Options,
    at_once: usize,
) -> Many<Rows::IntoIter> {
    Many {
        client: client.clone(),
        operation: operation.clone(),
        options: options.clone(),
        at_once,
        rows: rows.into_iter().enumerate(),
        running: JoinSet::new(),
        ended: VecDeque::new(),
        stops: |_| false,
        stopped: None,
        end: None,
    }
}

impl<Rows: Iterator<Item = Map>> Many<Rows> {
    /// After an error of this kind nothing more is sent: the rows that are left end with the same error.
    pub fn until(mut self, stops: fn(&Error) -> bool) -> Self {
        self.stops = stops;
        self
    }

    /// The next call that ends: which row it was, and its result; or what ends the run, when all that was begun has ended.
    pub async fn next(&mut self) -> Option<Result<Ended, Error>> {
        // All that has ended is looked at before anything is begun.
        while let Some(ended) = self.running.try_join_next() {
            self.note(ended);
        }
        while self.stopped.is_none()
            && self.end.is_none()
            && self.running.len() < self.at_once
            && let Some((index, fields)) = self.rows.next()
        {
            self.begin(index, fields);
        }
        // What was begun is on its way before the caller looks at what has ended.
        tokio::task::yield_now().await;
        if self.ended.is_empty()
            && let Some(ended) = self.running.join_next().await
        {
            self.note(ended);
        }
        if let Some(error) = self.end.clone() {
            while self.running.join_next().await.is_some() {}
            return Some(Err(error));
        }
        let lost = |error| Error::new(Kind::Script, format!("a call ended without a result: {error}"));
        if let Some(ended) = self.ended.pop_front() {
            return Some(ended.map_err(lost));
        }
        let (index, _) = self.rows.next()?;
        self.stopped.clone().map(|error| Ok((index, Err(error))))
    }

    /// Whether there was such an error.
    pub fn has_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    fn begin(&mut self, index: usize, fields: Map) {
        let (client, operation, options) = (self.client.clone(), self.operation.clone(), self.options.clone());
        self.running.spawn(for_caller(async move { (index, client.call(&operation, fields, &options).await) }));
    }

    fn note(&mut self, ended: Result<Ended, JoinError>) {
        if let Ok((_, Err(error))) = &ended {
            if error.kind.ends_the_run() {
                self.end.get_or_insert_with(|| error.clone());
            } else if (self.stops)(error) {
                self.stopped.get_or_insert_with(|| error.clone());
            }
        }
        self.ended.push_back(ended);
    }
}
