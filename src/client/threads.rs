//! Threads of their own for requests with files: a slow disk then holds up nothing else, and a fast network is filled.

use std::{io, sync::OnceLock};
use tokio::runtime::{Builder, Runtime};
use tokio_util::task::AbortOnDropHandle;

const THREADS: usize = 2;

/// Started when the first file is sent.
#[derive(Debug, Default)]
pub(super) struct Threads(OnceLock<io::Result<Runtime>>);

impl Threads {
    /// Do this work there. Dropping the future ends it.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
        let start = || Builder::new_multi_thread().worker_threads(THREADS).thread_name("files").enable_all().build();
        let runtime =
            self.0.get_or_init(start).as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
        AbortOnDropHandle::new(runtime.spawn(work)).await.map_err(io::Error::other)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Nobody may wait for threads within a runtime, and no work is left.
        if let Some(Ok(runtime)) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
