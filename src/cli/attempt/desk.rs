//! Tokens and places in the quotas: a run asks its parent for them, which has them for all runs.

use super::{
    parent::say,
    wire::{Answer, Ask, FromRun, Shown, ToRun},
};
use crate::{
    Error,
    client::{Client, Desk, Place},
    error::Kind,
    lock::lock,
    secret::Secret,
};
use futures_util::future::{BoxFuture, FutureExt, pending};
use std::{collections::HashMap, sync::Mutex};
use tokio::sync::{mpsc::UnboundedSender, oneshot};
use tokio_util::task::AbortOnDropHandle;

/// The parent, as a run asks it.
#[derive(Debug, Default)]
pub(super) struct Asks(Mutex<Open>);

/// What was asked and not yet answered, by its number.
#[derive(Debug, Default)]
struct Open {
    asked: u64,
    waiting: HashMap<u64, oneshot::Sender<Answer>>,
}

impl Asks {
    /// The parent has answered.
    pub(super) fn answered(&self, number: u64, answer: Answer) {
        if let Some(waiting) = lock(&self.0).waiting.remove(&number) {
            waiting.send(answer).ok();
        }
    }

    async fn ask(&self, ask: Ask) -> Result<(Answer, Asked), Error> {
        let (answer, answered) = oneshot::channel();
        let number = {
            let mut open = lock(&self.0);
            open.asked += 1;
            let number = open.asked;
            open.waiting.insert(number, answer);
            number
        };
        // Also when nobody waits for the answer any more.
        let asked = Asked(number);
        say(&FromRun::Ask(number, ask));
        match answered.await {
            Ok(Answer::Refused(refusal)) => Err(refusal.into()),
            Ok(answer) => Ok((answer, asked)),
            Err(_) => Err(strange()),
        }
    }
}

/// Something that the parent keeps for this run until it is dropped.
struct Asked(u64);

impl Drop for Asked {
    fn drop(&mut self) {
        say(&FromRun::Leave(self.0));
    }
}

impl Desk for Asks {
    fn token<'a>(
        &'a self,
        account: &'a str,
        operation: &'a str,
        failing: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<Secret, Error>> {
        let failing = failing.map(|secret| Shown(secret.clone()));
        let ask = Ask::Token { account: account.to_owned(), operation: operation.to_owned(), failing };
        let token = self.ask(ask).map(|answer| match answer? {
            (Answer::Token(Shown(token)), _) => Ok(token),
            _ => Err(strange()),
        });
        token.boxed()
    }

    fn place<'a>(&'a self, account: &'a str, operation: &'a str) -> BoxFuture<'a, Result<Place, Error>> {
        let ask = Ask::Place { account: account.to_owned(), operation: operation.to_owned() };
        self.ask(ask).map(|answer| answer.map(|(_, asked)| Place::new(asked))).boxed()
    }
}

fn strange() -> Error {
    Error::new(Kind::Server, "`juben serve` gave no answer to its run")
}

/// The parent's side: what it keeps for one run.
pub(super) struct Answers {
    client: Client,
    to_child: UnboundedSender<ToRun>,
    kept: HashMap<u64, AbortOnDropHandle<()>>,
}

impl Answers {
    /// Given by this client, to this run.
    pub(super) fn new(client: Client, to_child: UnboundedSender<ToRun>) -> Answers {
        Answers { client, to_child, kept: HashMap::new() }
    }

    /// It is asked for this; the answer goes to the run when there is one.
    pub(super) fn asked(&mut self, number: u64, ask: Ask) {
        let (client, to_child) = (self.client.clone(), self.to_child.clone());
        let answer = move |answer| drop(to_child.send(ToRun::Answer(number, answer)));
        let refused = |error: Error| Answer::Refused((&error).into());
        match ask {
            // Not dropped with the run: a token that was fetched is good for the others.
            Ask::Token { account, operation, failing } => drop(tokio::spawn(async move {
                let failing = failing.map(|Shown(secret)| secret);
                let token = client.token(&account, &operation, failing.as_ref()).await;
                answer(token.map_or_else(refused, |token| Answer::Token(Shown(token))));
            })),
            Ask::Place { account, operation } => {
                let place = tokio::spawn(async move {
                    match client.place(&account, &operation).await {
                        Ok(_place) => {
                            answer(Answer::Place);
                            pending().await
                        }
                        Err(error) => answer(refused(error)),
                    }
                });
                self.kept.insert(number, AbortOnDropHandle::new(place));
            }
        }
    }

    /// The run no longer needs it.
    pub(super) fn left(&mut self, number: u64) {
        self.kept.remove(&number);
    }
}
