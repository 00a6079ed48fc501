//! Work that reads indexes: it blocks, and gets what is behind an address.

use crate::{Error, cli::asked_to_stop, client::Download, config, error::Kind, host::stopped, packages::Fetch};
use tokio::{runtime::Handle, task::spawn_blocking};

/// Do this in a thread of its own, until the user asks to stop.
pub(super) async fn fetching<T: Send + 'static>(
    http: &config::Http,
    work: impl FnOnce(&Fetch<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (download, runtime) = (Download::new(http), Handle::current());
    let work = spawn_blocking(move || work(&|url, most| runtime.block_on(download.get(url, most))));
    tokio::select! {
        done = work => done.unwrap_or_else(|error| Err(Error::new(Kind::Limit, format!("it broke down: {error}")))),
        () = asked_to_stop() => Err(stopped()),
    }
}
