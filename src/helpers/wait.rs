//! Follows a task that goes on after the reply which started it, until it is done or has failed.

use crate::{
    Error,
    catalog::{Operation, Wait, equals},
    client::{Client, Options, at},
    error::Kind,
};
use rhai::{Dynamic, Map};
use std::time::Duration;
use tokio::time::Instant;

/// The first pause between two looks; each further one is half as long again, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Look at a task with the reads that the catalog names, until it is done. The result is the last look's reply.
pub async fn until(
    client: &Client,
    read: &Operation,
    wait: &Wait,
    fields: &Map,
    options: &Options,
    timeout: Duration,
) -> Result<Map, Error> {
    let mut deadline = Instant::now() + timeout;
    let mut pause = FIRST_PAUSE;
    loop {
        let reply = client.call(read, fields.clone(), options).await?;
        let state = at(&reply, &wait.state).unwrap_or(Dynamic::UNIT);
        if wait.done.iter().any(|done| equals(&state, done)) {
            return Ok(reply);
        }
        if wait.failed.iter().any(|failed| equals(&state, failed)) {
            let error = Error::new(Kind::Refused, format!("the task failed: {} is {state}", wait.state));
            return Err(error.operation(&read.full_name()).reply(reply));
        }
        if Instant::now() + pause > deadline {
            let error = Error::new(Kind::Limit, format!("the task is not done in time: {} is {state}", wait.state));
            return Err(error.operation(&read.full_name()).hint("give it more by #{ timeout: seconds }"));
        }
        deadline -= client.rest(pause).await;
        pause = pause.mul_f64(1.5).min(LONGEST_PAUSE);
    }
}
