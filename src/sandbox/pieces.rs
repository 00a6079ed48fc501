//! Bodies that no honest server sends: too short, too slow and too long.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, header::CONTENT_LENGTH},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::io::ReaderStream;

/// The same answer with its full length announced and half of it sent.
pub(super) async fn half(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let half = Cut { rest: bytes.slice(..bytes.len() / 2), flushed: false };
    Response::from_parts(head, Body::from_stream(ReaderStream::new(half)))
}

/// The same answer, a piece now and then.
pub(super) async fn slow(response: Response, seconds: f64) -> Response {
    const PIECES: usize = 10;
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let pause = Duration::try_from_secs_f64(seconds).unwrap_or_default() / PIECES as u32;
    let size = bytes.len().div_ceil(PIECES).max(1);
    let pieces = stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok::<_, io::Error>(piece), rest))
    });
    Response::from_parts(head, Body::from_stream(pieces))
}

/// The beginning of a JSON object, two gigabytes long.
pub(super) fn huge() -> Body {
    const BLOCK: usize = 64 << 10;
    Body::from_stream(ReaderStream::with_capacity(Endless { sent: 0 }, BLOCK))
}

/// Bytes that end with a broken connection.
struct Cut {
    rest: Bytes,
    flushed: bool,
}

impl AsyncRead for Cut {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.rest.is_empty() && !self.flushed {
            // The pause lets the server send what it has.
            self.flushed = true;
            task.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let count = into.remaining().min(self.rest.len());
        into.put_slice(&self.rest.split_to(count));
        Poll::Ready(Ok(()))
    }
}

struct Endless {
    sent: usize,
}

impl AsyncRead for Endless {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        const START: &[u8] = br#"{"errcode":0,"errmsg":"ok","padding":""#;
        const LENGTH: usize = 2 << 30;
        if self.sent == 0 {
            into.put_slice(START);
        } else if self.sent < LENGTH {
            let count = into.remaining();
            into.initialize_unfilled().fill(b'x');
            into.advance(count);
        }
        self.sent += into.filled().len();
        Poll::Ready(Ok(()))
    }
}
