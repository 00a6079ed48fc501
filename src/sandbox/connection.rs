//! Connections that the sandbox can cut off in the middle of an answer, or repeat it on.

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// A listener whose connections obey the faults.
#[derive(Debug)]
pub(super) struct Faulty(pub TcpListener);

/// What happens to what is written: it arrives, or …
const ARRIVES: u8 = 0;
/// … the connection closes instead, or …
const CUT: u8 = 1;
/// … it arrives twice.
const TWICE: u8 = 2;

/// The other end of a connection.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub ip: IpAddr,
    way: Arc<AtomicU8>,
}

impl Peer {
    /// Nothing more is written to this connection; it closes at the next attempt.
    pub fn cut_off(&self) {
        self.way.store(CUT, Ordering::Relaxed);
    }

    /// What is written next is written twice.
    pub fn repeat(&self) {
        self.way.store(TWICE, Ordering::Relaxed);
    }
}

#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    way: Arc<AtomicU8>,
    /// What was written and is to be written again.
    again: Vec<u8>,
}

impl Listener for Faulty {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small packets may wait");
        }
        (Connection { stream, way: Arc::default(), again: Vec::new() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Faulty>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Faulty>) -> Self {
        Peer { ip: stream.remote_addr().ip(), way: stream.io().way.clone() }
    }
}

impl Connection {
    fn alive(&self) -> io::Result<()> {
        if self.way.load(Ordering::Relaxed) == CUT { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }

    /// So many of these bytes were written.
    fn keep(&mut self, count: usize, slices: &[io::IoSlice<'_>]) {
        if self.way.load(Ordering::Relaxed) == TWICE {
            self.again.extend(slices.iter().flat_map(|slice| slice.iter()).take(count));
        }
    }

    fn poll_repeat(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.again.is_empty() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(task, &self.again))?;
            self.again.drain(..count);
            self.way.store(ARRIVES, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(task, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, task: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(task, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.alive()?;
        let count = ready!(Pin::new(&mut self.stream).poll_write_vectored(task, slices))?;
        self.keep(count, slices);
        Poll::Ready(Ok(count))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_repeat(task))?;
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}
