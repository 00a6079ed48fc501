//! A dead-man switch: somebody elsewhere who makes a noise when he has not heard from a job for too long.

use super::notifier::secret;
use crate::{Error, client::Plain, error::Kind, secret::SecretSource};
use std::time::Duration;

/// The pauses before it is tried again.
const PAUSES: [u64; 2] = [1, 5];

/// Tell the switch of a job that a run went well. When it cannot be reached that is a warning and nothing more: making a
/// noise then is what it is for.
pub async fn ping(http: &Plain, job: &str, address: &SecretSource) {
    let mut pauses = PAUSES.into_iter();
    while let Err(error) = once(http, job, address).await {
        match pauses.next().filter(|_| error.retryable) {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => return tracing::warn!("the dead-man switch of {job} was not told of a good run: {error}"),
        }
    }
}

async fn once(http: &Plain, job: &str, address: &SecretSource) -> Result<(), Error> {
    let url = secret(address, format!("the `ping` of {job}")).await?;
    let status = http.get(&url).await?.status;
    match status {
        200..300 => Ok(()),
        429 | 500.. => Err(Error::new(Kind::Server, format!("the answer is HTTP {status}"))),
        _ => Err(Error::new(Kind::Refused, format!("the answer is HTTP {status}"))),
    }
}
