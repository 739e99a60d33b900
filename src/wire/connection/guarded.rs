//! The stream that a line controls, as its owner reads and writes it.

use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Sleep, sleep};

use super::Line;
use super::outlet::{Drained, Outlet, Rest};

/// A ping of Engine.IO as a server writes it, and the answer to it, masked with zeros as a client's frames
/// have to be.
const PING: &[u8] = b"\x81\x012";
const PONG: &[u8] = b"\x81\x81\0\0\0\x003";

/// A stream that its [`Line`] controls and that does not wait for ever for its peer to read.
#[derive(Debug)]
pub struct Guarded {
    reading: OwnedReadHalf,
    writing: Arc<OwnedWriteHalf>,
    line: Arc<Line>,
    /// What the owner reads before anything else.
    read: Bytes,
    answers_first_ping: bool,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Guarded {
    /// Guards a stream.
    pub fn new(stream: TcpStream, line: Arc<Line>) -> Self {
        let (reading, writing) = stream.into_split();
        let writing = Arc::new(writing);
        *line.outlet() = Outlet::of(writing.clone());
        Self {
            reading,
            writing,
            line,
            read: Bytes::new(),
            answers_first_ping: false,
            stalled: None,
        }
    }

    /// The same stream for another owner, who gets to read these bytes first.
    #[must_use]
    pub fn with_read(mut self, read: Bytes) -> Self {
        self.read = read;
        self
    }

    /// The same stream, which answers a ping that the owner sends before it has read anything: socketioxide
    /// pings at once, where Engine.IO's own servers wait for an interval first, and the peer has only just
    /// shown that it is there.
    #[must_use]
    pub fn answering_first_ping(mut self) -> Self {
        self.answers_first_ping = true;
        self
    }

    /// Answers the ping that `next` begins with, if that is to be done here; bytes of it.
    fn answer_first_ping(&mut self, next: &[u8]) -> Option<usize> {
        let is_due = self.answers_first_ping && next.starts_with(PING);
        if !is_due || !self.line.outlet().is_between_frames() {
            return None;
        }
        self.answers_first_ping = false;
        self.read = [PONG, &self.read].concat().into();
        self.line.reader.wake();
        Some(PING.len())
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
        let patience = self.line.care.patience;
        let clock = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        if clock.as_mut().poll(cx).is_ready() {
            self.line.stalled();
        }
        match self.line.check() {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// Writes as much as may be written now.
    fn write(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.writing.as_ref().as_ref().poll_write_ready(cx))?;
            let mut outlet = self.line.outlet();
            let share = outlet.share_of(buf);
            if share == 0 && !buf.is_empty() {
                // Woken when the frames that have come before are written.
                return Poll::Pending;
            }
            match outlet.write(&self.writing, &buf[..share]) {
                Ok(written) => {
                    if outlet.is_overdue()
                        && outlet.drain()? == Drained::Blocked
                        && outlet.care() == Rest::Abandoned
                    {
                        self.line.look_after(&outlet);
                    }
                    return Poll::Ready(Ok(written));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.line.outlet().close();
    }
}

impl AsyncRead for Guarded {
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
        if !self.read.is_empty() {
            self.answers_first_ping = false;
            let part = self.read.len().min(buf.remaining());
            buf.put_slice(&self.read.split_to(part));
            return Poll::Ready(Ok(()));
        }
        let read = Pin::new(&mut self.reading).poll_read(cx, buf);
        // Behind half a frame there is no place for an answer.
        self.answers_first_ping &= read.is_pending();
        read
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Registered before it is seen what waits, so that the end of that is not missed.
        self.line.writer.register(cx.waker());
        self.line.check()?;
        if let Some(answered) = self.answer_first_ping(buf) {
            return Poll::Ready(Ok(answered));
        }
        let written = self.write(cx, buf);
        self.watch(cx, written)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A TCP stream holds nothing back, and what the line keeps back is to wait.
        Poll::Ready(self.line.check())
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.outlet().let_go();
        let socket = SockRef::from(self.writing.as_ref().as_ref());
        Poll::Ready(socket.shutdown(Shutdown::Write))
    }
}
