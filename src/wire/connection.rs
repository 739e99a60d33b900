//! The byte stream under a connection, and the handle by which it can be held up or cut.
//!
//! A client that stops reading leaves socketioxide's writer stuck in a flush, where neither a
//! disconnect nor the heartbeat's close reaches it. So every accepted stream is a [`Guarded`] one:
//! a write that makes no progress for a while cuts the line, and with it the session on top.

mod boundary;
mod guarded;
mod outlet;

use std::any::Any;
use std::fmt;
use std::io;
use std::net::{IpAddr, Shutdown};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use socket2::SockRef;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use self::outlet::{Drained, Outlet, Rest};
use crate::metrics::Metrics;

pub use self::boundary::text_frame;
pub use self::guarded::Guarded;
pub use self::outlet::NotTaken;

/// The address of the peer, behind trusted proxies the forwarded one; a request extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer(pub IpAddr);

/// What every line needs to know about the operator's wishes, and who counts.
#[derive(Clone, Debug, Default)]
pub struct Care {
    /// A write that makes no progress for so long cuts the line.
    pub patience: Duration,
    /// Writes that may wait for the peer to read.
    pub waiting: usize,
    /// Who counts.
    pub metrics: Arc<Metrics>,
    /// The tasks that write what a peer has not read yet.
    pub tasks: TaskTracker,
}

/// The handle of one accepted stream; a request extension.
pub struct Line {
    cut: AtomicBool,
    held: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
    outlet: Mutex<Outlet>,
    /// Messages that were given to Socket.IO to write.
    entrusted: AtomicU64,
    care: Care,
    keepsake: Option<Box<dyn Any + Send + Sync>>,
}

impl Line {
    /// A line that drops `keepsake` when the stream and everybody who knows of it are gone.
    pub fn with(care: Care, keepsake: impl Any + Send + Sync) -> Self {
        Self {
            cut: AtomicBool::default(),
            held: AtomicBool::default(),
            reader: AtomicWaker::new(),
            writer: AtomicWaker::new(),
            outlet: Mutex::default(),
            entrusted: AtomicU64::default(),
            care,
            keepsake: Some(Box::new(keepsake)),
        }
    }

    /// Ends the stream at once: every read and write fails from now on.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        if let Some(stream) = self.outlet().stream() {
            // Wakes whoever waits for the peer to read; a stream that is gone already is fine.
            let _ = SockRef::from(stream.as_ref().as_ref()).shutdown(Shutdown::Both);
        }
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

    /// Keeps the owner's next write back until another follows, so that both leave together. For one who
    /// knows that another follows at once: nothing else sees to it.
    pub fn keep_back(&self) {
        self.outlet().keep_back();
    }

    /// Notes that Socket.IO is given a message to write, before it is.
    pub fn entrust(&self) {
        self.entrusted.fetch_add(1, Ordering::AcqRel);
    }

    /// Takes the note back: Socket.IO has not taken the message.
    pub fn distrust(&self) {
        self.entrusted.fetch_sub(1, Ordering::AcqRel);
    }

    /// Writes whole frames to the WebSocket on the stream, behind what was written before; whatever
    /// the peer does not read at once waits.
    ///
    /// # Errors
    /// If the frames were not taken: [`NotTaken::Early`] as long as the stream carries no WebSocket, or
    /// not all messages that were entrusted to Socket.IO are written.
    pub fn write(self: &Arc<Self>, frames: &Bytes) -> Result<(), NotTaken> {
        if self.is_cut() {
            return Err(NotTaken::Gone);
        }
        let mut outlet = self.outlet();
        let entrusted = self.entrusted.load(Ordering::Acquire);
        if outlet.push(frames, entrusted, self.care.waiting)? == Rest::Abandoned {
            self.look_after(&outlet);
        }
        Ok(())
    }

    /// Starts the task that writes what waits.
    fn look_after(self: &Arc<Self>, outlet: &Outlet) {
        let Some(stream) = outlet.stream() else {
            return;
        };
        self.care.tasks.spawn(write_on(self.clone(), stream));
    }

    fn outlet(&self) -> MutexGuard<'_, Outlet> {
        self.outlet.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn stalled(&self) {
        self.care.metrics.stalled.inc();
        self.cut();
    }
}

/// Writes what waits as the peer reads it, until nothing does.
async fn write_on(line: Arc<Line>, stream: Arc<OwnedWriteHalf>) {
    loop {
        match timeout(line.care.patience, stream.writable()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return line.cut(),
            Err(_) => return line.stalled(),
        }
        if line.is_cut() {
            return;
        }
        let drained = line.outlet().drain();
        match drained {
            Ok(Drained::Blocked) => {}
            Ok(Drained::Done | Drained::Interrupted) => return line.writer.wake(),
            Err(_) => return line.cut(),
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

#[cfg(test)]
mod tests;
