//! The same operation for many rows, several at once, with the results in order.

use crate::{
    Error,
    catalog::Operation,
    client::{Client, Options},
    error::Kind,
};
use rhai::Map;
use std::sync::Arc;
use tokio::{sync::Semaphore, task::JoinSet};

/// Call an operation once for each row. A row that fails does not stop the others; `done` hears of each that ends.
pub async fn many(
    client: &Arc<Client>,
    operation: &Arc<Operation>,
    rows: Vec<Map>,
    options: &Options,
    at_once: usize,
    mut done: impl FnMut(usize, usize),
) -> Vec<Result<Map, Error>> {
    let places = Arc::new(Semaphore::new(at_once));
    let total = rows.len();
    let mut running = JoinSet::new();
    for (index, fields) in rows.into_iter().enumerate() {
        let (client, operation, options) = (client.clone(), operation.clone(), options.clone());
        let places = places.clone();
        running.spawn(async move {
            let _place = places.acquire().await;
            (index, client.call(&operation, fields, &options).await)
        });
    }
    let lost = || Err(Error::new(Kind::Script, "this call ended without a result"));
    let mut results: Vec<_> = (0..total).map(|_| lost()).collect();
    let mut ended = 0;
    while let Some(outcome) = running.join_next().await {
        if let Ok((index, result)) = outcome {
            results[index] = result;
        }
        ended += 1;
        done(ended, total);
    }
    results
}
