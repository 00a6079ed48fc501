//! The same operation for many rows, several at once.

use crate::{
    Error,
    catalog::Operation,
    client::{Client, Options},
    error::Kind,
};
use rhai::Map;
use std::sync::Arc;
use tokio::{sync::Semaphore, task::JoinSet};

/// Calls that are being made. Dropping them stops those that have not ended.
#[derive(Debug)]
pub struct Many(JoinSet<(usize, Result<Map, Error>)>);

/// Call an operation once for each row. A row that fails does not stop the others. Must be called within a runtime.
pub fn many(
    client: &Arc<Client>,
    operation: &Arc<Operation>,
    rows: Vec<Map>,
    options: &Options,
    at_once: usize,
) -> Many {
    let places = Arc::new(Semaphore::new(at_once));
    let mut running = JoinSet::new();
    for (index, fields) in rows.into_iter().enumerate() {
        let (client, operation, options) = (client.clone(), operation.clone(), options.clone());
        let places = places.clone();
        running.spawn(async move {
            let _place = places.acquire().await;
            (index, client.call(&operation, fields, &options).await)
        });
    }
    Many(running)
}

impl Many {
    /// The next call that ends: which row it was, and its result.
    pub async fn next(&mut self) -> Option<Result<(usize, Result<Map, Error>), Error>> {
        let ended = self.0.join_next().await?;
        Some(ended.map_err(|error| Error::new(Kind::Script, format!("a call ended without a result: {error}"))))
    }
}
