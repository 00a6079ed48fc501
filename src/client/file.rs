//! Files on their way: read while they are sent, watched, and no faster than allowed.

use super::Options;
use crate::{Error, error::Kind, lock::lock, rights::Place};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use reqwest::{Body, multipart::Part};
use std::{
    fmt::Debug,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Take},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// So much of a file is read at once.
const CHUNK: usize = 256 << 10;

/// Sees the bytes of a file as they are sent.
pub trait Watch: Debug + Send + Sync {
    /// An attempt begins, and is given a number: what was seen of an earlier one is sent again.
    fn begin(&self) -> u64;
    /// These bytes of that attempt come next. A connection that is being given up may still come with some.
    fn bytes(&self, attempt: u64, bytes: &[u8]);
}

/// What all files of a client share on their way.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub rate: Option<Rate>,
    /// The bytes that have been read so far.
    moved: AtomicU64,
    /// Buffers that are free. To get and clear new ones all the time is a tenth of the work of sending.
    buffers: Mutex<Vec<Vec<u8>>>,
}

/// A buffer that goes back when its bytes have been sent.
struct Lent {
    bytes: Vec<u8>,
    flow: Arc<Flow>,
}

impl Flow {
    /// With at most so many bytes a second.
    pub(super) fn limited(bytes: u64) -> Flow {
        Flow { rate: Some(Rate::new(bytes)), ..Flow::default() }
    }

    /// Waits until no byte of any file has moved for so long.
    pub(super) async fn stalled(&self, patience: Duration) {
        let mut before = self.moved.load(Ordering::Relaxed);
        loop {
            tokio::time::sleep(patience).await;
            let now = self.moved.load(Ordering::Relaxed);
            if now == before {
                return;
            }
            before = now;
        }
    }

    fn lend(self: &Arc<Self>, size: usize) -> Lent {
        let mut bytes = lock(&self.buffers).pop().unwrap_or_default();
        bytes.resize(size, 0);
        Lent { bytes, flow: self.clone() }
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        lock(&self.flow.buffers).push(std::mem::take(&mut self.bytes));
    }
}

/// The most bytes a second that all files together are sent with.
#[derive(Debug)]
pub(super) struct Rate {
    bytes: u64,
    /// When the bytes that have been let through will have been sent.
    sent: Mutex<Instant>,
}

impl Rate {
    fn new(bytes: u64) -> Rate {
        Rate { bytes: bytes.max(1), sent: Mutex::new(Instant::now()) }
    }

    /// Small enough for an even flow.
    fn chunk(&self) -> usize {
        usize::try_from(self.bytes / 10).map_or(CHUNK, |chunk| chunk.clamp(1, CHUNK))
    }

    async fn pass(&self, bytes: usize) {
        let takes = Duration::from_secs_f64(bytes as f64 / self.bytes as f64);
        let sent = {
            let mut sent = lock(&self.sent);
            *sent = (*sent).max(Instant::now()) + takes;
            *sent
        };
        tokio::time::sleep_until(sent).await;
    }
}

/// The file that is there, or the part of it that the options name, as a part of a form.
pub(super) fn part(field: &str, place: &Place, options: &Options, flow: &Arc<Flow>) -> Result<Part, Error> {
    let file = open(field, place, options)?;
    let path = place.path();
    let media = mime_guess::from_path(path).first_or_octet_stream();
    let length = file.limit();
    let body = Body::wrap_stream(chunks(file, flow.clone(), options.watch.clone()));
    let part = Part::stream_with_length(body, length).file_name(name(path, field));
    part.mime_str(media.as_ref()).map_err(|error| Error::new(Kind::File, error.to_string()))
}

/// The name that a file is sent under.
pub(super) fn name(path: &Path, field: &str) -> String {
    path.file_name().map_or_else(|| field.into(), |name| name.to_string_lossy().into_owned())
}

/// The bytes that are to be sent.
pub(super) fn open(field: &str, place: &Place, options: &Options) -> Result<Take<File>, Error> {
    let of_field = |error: Error| error.reworded(error.kind, format!("`{field}`: {}", error.message));
    let unreadable = |error: io::Error| of_field(place.unreadable(&error));
    match place.about().map_err(unreadable)?.is_file {
        true => opened(place, options).map_err(unreadable),
        false => Err(Error::new(Kind::File, format!("`{field}`: {} is not a file", place.path().display()))),
    }
}

fn opened(place: &Place, options: &Options) -> io::Result<Take<File>> {
    let mut file = place.open()?;
    let range = options.range.clone().unwrap_or(0..file.metadata()?.len());
    file.seek(SeekFrom::Start(range.start))?;
    Ok(file.take(range.end - range.start))
}

/// A chunk at a time, read when there is room for it. The threads that send files do nothing else, so they may wait for
/// the disk.
fn chunks(file: Take<File>, flow: Arc<Flow>, watch: Option<Arc<dyn Watch>>) -> impl Stream<Item = io::Result<Bytes>> {
    let most = flow.rate.as_ref().map_or(CHUNK, Rate::chunk);
    let watch = watch.map(|watch| (watch.begin(), watch));
    stream::try_unfold(file, move |mut file| {
        let (flow, watch) = (flow.clone(), watch.clone());
        async move {
            let size = usize::try_from(file.limit()).map_or(most, |left| left.min(most));
            if size == 0 {
                return Ok(None);
            }
            if let Some(rate) = &flow.rate {
                rate.pass(size).await;
            }
            let mut lent = flow.lend(size);
            file.read_exact(&mut lent.bytes)?;
            flow.moved.fetch_add(size as u64, Ordering::Relaxed);
            if let Some((attempt, watch)) = watch {
                watch.bytes(attempt, &lent.bytes);
            }
            Ok(Some((Bytes::from_owner(lent), file)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_second_takes_more_than_its_rate() {
        let rate = Rate::new(1000);
        let begin = Instant::now();
        for _ in 0..10 {
            rate.pass(500).await;
        }
        assert_eq!(begin.elapsed().as_secs_f64().round(), 5.0);
        // An idle while is not made up for.
        tokio::time::sleep(Duration::from_secs(60)).await;
        let begin = Instant::now();
        rate.pass(2000).await;
        assert_eq!(begin.elapsed().as_secs_f64().round(), 2.0);
    }
}
