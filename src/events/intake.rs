//! Keeps what was pushed: one writer gathers what comes together into one transaction, which is on the disk before any of
//! it is answered.

use crate::store::{Store, Told};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// So many may wait; a platform sends what finds no place again.
const WAITING: usize = 4096;
/// So many are kept in one transaction.
const BATCH: usize = 512;

/// The way to the writer, which ends with the last of them.
#[derive(Debug, Clone)]
pub(super) struct Intake(mpsc::Sender<Letter>);

#[derive(Debug)]
struct Letter {
    told: Told,
    /// Takes whether it is new, or nothing when it could not be kept.
    receipt: oneshot::Sender<bool>,
}

impl Intake {
    pub fn start(store: Arc<Store>, arrived: impl Fn() + Send + Sync + 'static) -> Intake {
        let (sender, letters) = mpsc::channel(WAITING);
        tokio::spawn(write(store, letters, arrived));
        Intake(sender)
    }

    /// Keep it. Whether it is new; nothing when it could not be kept.
    pub async fn keep(&self, told: Told) -> Option<bool> {
        let (receipt, kept) = oneshot::channel();
        self.0.try_send(Letter { told, receipt }).ok()?;
        kept.await.ok()
    }
}

async fn write(store: Arc<Store>, mut letters: mpsc::Receiver<Letter>, arrived: impl Fn()) {
    let mut batch = Vec::with_capacity(BATCH);
    while letters.recv_many(&mut batch, BATCH).await > 0 {
        let (told, receipts): (Vec<_>, Vec<_>) = batch.drain(..).map(|it| (it.told, it.receipt)).unzip();
        match store.add_events(&told).await {
            Ok(numbers) => {
                let any_new = numbers.iter().any(Option::is_some);
                for (receipt, id) in receipts.into_iter().zip(numbers) {
                    // Nobody waits for it any more when the platform has hung up.
                    receipt.send(id.is_some()).ok();
                }
                if any_new {
                    arrived();
                }
            }
            Err(error) => tracing::error!(pushes = told.len(), "pushes could not be kept: {error}"),
        }
    }
}
