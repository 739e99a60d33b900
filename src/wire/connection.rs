//! The byte stream under a connection, and the handle by which it can be held up or cut.
//!
//! A client that stops reading leaves socketioxide's writer stuck in a flush, where neither a
//! disconnect nor the heartbeat's close reaches it. So every accepted stream is a [`Guarded`] one:
//! a write that makes no progress for a while cuts the line, and with it the session on top.

use std::any::Any;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::metrics::Metrics;

/// The address of the peer, behind trusted proxies the forwarded one; a request extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer(pub IpAddr);

/// The handle of one accepted stream; a request extension.
#[derive(Default)]
pub struct Line {
    cut: AtomicBool,
    held: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
    keepsake: Option<Box<dyn Any + Send + Sync>>,
}

impl Line {
    /// A line that drops `keepsake` when the stream and everybody who knows of it are gone.
    pub fn with(keepsake: impl Any + Send + Sync) -> Self {
        Self {
            keepsake: Some(Box::new(keepsake)),
            ..Self::default()
        }
    }

    /// Ends the stream at once: every read and write fails from now on.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        self.reader.wake();
        self.writer.wake();
    }

    /// Stops reading, so that the peer has to wait, until [`Line::release`].
    pub fn hold(&self) {
        self.held.store(true, Ordering::Release);
    }

    /// Goes on reading.
    pub fn release(&self) {
        if self.held.swap(false, Ordering::AcqRel) {
            self.reader.wake();
        }
    }

    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }

    fn check(&self) -> io::Result<()> {
        if self.is_cut() {
            Err(io::ErrorKind::ConnectionAborted.into())
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keepsake = self.keepsake.is_some();
        f.debug_struct("Line")
            .field("cut", &self.cut)
            .field("keepsake", &keepsake)
            .finish_non_exhaustive()
    }
}

/// A stream that its [`Line`] controls and that does not wait for ever for its peer to read.
#[derive(Debug)]
pub struct Guarded<S> {
    stream: S,
    line: Arc<Line>,
    metrics: Arc<Metrics>,
    patience: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Guarded<S> {
    /// Guards a stream: a write without progress for `patience` cuts it.
    pub fn new(stream: S, line: Arc<Line>, patience: Duration, metrics: Arc<Metrics>) -> Self {
        Self {
            stream,
            line,
            metrics,
            patience,
            stalled: None,
        }
    }

    /// Passes the outcome of a write on; starts or checks the clock if there was no progress.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        self.line.writer.register(cx.waker());
        let patience = self.patience;
        let clock = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        if clock.as_mut().poll(cx).is_ready() {
            self.metrics.stalled.inc();
            self.line.cut();
        }
        match self.line.check() {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Registered before the flags are read, so that no change falls between the two.
        self.line.reader.register(cx.waker());
        self.line.check()?;
        if self.line.held.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.check()?;
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.watch(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.watch(cx, shut)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    fn guarded<S>(stream: S, patience: Duration) -> (Guarded<S>, Arc<Line>) {
        let line = Arc::new(Line::default());
        (
            Guarded::new(stream, line.clone(), patience, Arc::default()),
            line,
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_stops_reading_is_cut_within_the_patience() {
        let (near, _far) = duplex(16);
        let (mut stream, line) = guarded(near, Duration::from_secs(20));
        let started = tokio::time::Instant::now();
        let error = stream.write_all(&[0; 64]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        assert_eq!(started.elapsed().as_secs(), 20);
        assert!(line.is_cut());
    }

    #[tokio::test]
    async fn a_cut_wakes_the_reader() {
        let (near, _far) = duplex(16);
        let (mut stream, line) = guarded(near, Duration::from_secs(20));
        let reading = tokio::spawn(async move { stream.read_u8().await });
        tokio::task::yield_now().await;
        line.cut();
        let error = reading
            .await
            .expect("no panic")
            .expect_err("the line is cut");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    }

    #[tokio::test]
    async fn a_held_line_reads_nothing_until_it_is_released() {
        let (near, mut far) = duplex(16);
        let (mut stream, line) = guarded(near, Duration::from_secs(20));
        line.hold();
        far.write_u8(7).await.expect("there is room");
        let mut byte = [0];
        let early = futures_util::poll!(Box::pin(stream.read(&mut byte)));
        assert!(early.is_pending());
        line.release();
        assert_eq!(stream.read_u8().await.expect("a byte is there"), 7);
    }
}
