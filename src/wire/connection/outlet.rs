//! The writing side of a stream, which a WebSocket and the deliveries of rooms share.
//!
//! What a room tells its members is one frame for all of them. It is written to each stream from the
//! room's own task, without a copy, a queue or a wake-up for each member, whenever the stream is
//! between two frames of the WebSocket on it. What cannot be written at once waits in here, in order
//! and bounded, and is written by a task that lives until nothing waits; the WebSocket's own frames
//! wait behind it.
//!
//! A write is most of what it costs to answer a client. Where another one is known to follow at once, the
//! first is kept back until then, and both are one.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::net::tcp::OwnedWriteHalf;

use super::boundary::Boundary;

/// How the answer to an upgrade to WebSocket begins, and how it ends.
const SWITCHING: &[u8] = b"HTTP/1.1 101 ";
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Why frames were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Something that has to be written before is not yet: whoever writes that has to write these.
    Early,
    /// Too many wait already.
    Full,
    /// The stream is gone.
    Gone,
}

/// Writes what the peer takes at once. Most do, so tokio's note of whether this one will is not looked
/// at before, which is one more cache line that every delivery would wait for.
fn write_now(stream: &OwnedWriteHalf, bytes: &[u8]) -> io::Result<usize> {
    match SockRef::from(stream.as_ref()).send(bytes) {
        // Has tokio take note of it, so that whoever waits is woken.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.try_write(bytes),
        sent => sent,
    }
}

/// What has become of frames that were to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// They are written, or somebody sees to it already.
    Cared,
    /// They wait for the peer to read, and somebody has to see to it.
    Abandoned,
}

/// How far the frames that wait have got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drained {
    /// None waits any more.
    Done,
    /// The peer does not read.
    Blocked,
    /// The owner is in the middle of a frame, and sees to the rest when it has ended.
    Interrupted,
}

/// The writing side.
#[derive(Debug, Default)]
pub(super) struct Outlet {
    stream: Option<Arc<OwnedWriteHalf>>,
    traffic: Traffic,
    waiting: VecDeque<Bytes>,
    /// Whether a task writes what waits.
    cared_for: bool,
    kept: Kept,
}

/// What the owner has written, and what is not written yet nevertheless.
#[derive(Debug, Default)]
enum Kept {
    /// Nothing.
    #[default]
    Nothing,
    /// Nothing so far; the owner's next write will be.
    Next,
    /// This.
    Back(Vec<u8>),
}

/// What is written by the owner of the stream.
#[derive(Debug, Default)]
enum Traffic {
    /// Answers to requests.
    #[default]
    Http,
    /// The answer after which the stream carries a WebSocket, as far as it was not written at once.
    Switching(Vec<u8>),
    /// Frames of a WebSocket.
    Frames(Boundary),
}

impl Outlet {
    pub(super) fn of(stream: Arc<OwnedWriteHalf>) -> Self {
        Self {
            stream: Some(stream),
            ..Self::default()
        }
    }

    pub(super) fn stream(&self) -> Option<Arc<OwnedWriteHalf>> {
        self.stream.clone()
    }

    /// Keeps the owner's next write back until another follows.
    pub(super) fn keep_back(&mut self) {
        if matches!(self.kept, Kept::Nothing) {
            self.kept = Kept::Next;
        }
    }

    /// Writes for the owner, behind what was kept back; how much of `next` is written or kept back.
    pub(super) fn write(&mut self, stream: &OwnedWriteHalf, next: &[u8]) -> io::Result<usize> {
        let written = match mem::take(&mut self.kept) {
            Kept::Nothing => stream.try_write(next)?,
            Kept::Next => {
                self.kept = Kept::Back(next.to_vec());
                next.len()
            }
            Kept::Back(mut both) => {
                let before = both.len();
                both.extend_from_slice(next);
                let sent = stream.try_write(&both);
                let written = *sent.as_ref().unwrap_or(&0);
                if written < before {
                    both.truncate(before);
                    self.kept = Kept::Back(both.split_off(written));
                    sent?;
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                written - before
            }
        };
        self.note(&next[..written]);
        Ok(written)
    }

    /// Writes what was kept back for something that does not follow, as far as the peer reads.
    pub(super) fn let_go(&mut self) {
        if let (Some(kept), Some(stream)) = (self.take_kept(), &self.stream) {
            let _ = stream.try_write(&kept);
        }
    }

    fn take_kept(&mut self) -> Option<Vec<u8>> {
        match mem::take(&mut self.kept) {
            Kept::Back(kept) => Some(kept),
            other => {
                self.kept = other;
                None
            }
        }
    }

    /// Nothing can be written any more.
    pub(super) fn close(&mut self) {
        self.let_go();
        self.stream = None;
        self.waiting.clear();
    }

    /// Writes frames behind so many messages of the owner, or lets them wait if not more than `most`
    /// do already.
    pub(super) fn push(
        &mut self,
        frames: &Bytes,
        behind: u64,
        most: usize,
    ) -> Result<Rest, NotTaken> {
        let boundary = match &self.traffic {
            _ if self.stream.is_none() => return Err(NotTaken::Gone),
            Traffic::Frames(boundary) if boundary.messages() >= behind => boundary,
            _ => return Err(NotTaken::Early),
        };
        if self.waiting.len() >= most {
            return Err(NotTaken::Full);
        }
        let mut frames = frames.clone();
        if !boundary.is_here() {
            self.waiting.push_back(frames);
            return Ok(Rest::Cared);
        }
        if let Some(kept) = self.take_kept() {
            frames = [kept.as_slice(), &frames].concat().into();
        }
        if let (Some(stream), true) = (&self.stream, self.waiting.is_empty()) {
            match write_now(stream, &frames) {
                Ok(written) if written == frames.len() => return Ok(Rest::Cared),
                Ok(written) => frames.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Err(NotTaken::Gone),
            }
        }
        self.waiting.push_back(frames);
        Ok(self.care())
    }

    /// Who sees to what waits.
    pub(super) fn care(&mut self) -> Rest {
        if mem::replace(&mut self.cared_for, true) {
            Rest::Cared
        } else {
            Rest::Abandoned
        }
    }

    /// Bytes of `next` that the owner of the stream may write now; none as long as frames that have
    /// come before wait.
    pub(super) fn share_of(&self, next: &[u8]) -> usize {
        match &self.traffic {
            _ if self.waiting.is_empty() => next.len(),
            // A frame that is under way has to be ended first.
            Traffic::Frames(boundary) if !boundary.is_here() => boundary.within(next),
            _ => 0,
        }
    }

    /// Takes note of what the owner has written.
    fn note(&mut self, written: &[u8]) {
        match &mut self.traffic {
            Traffic::Frames(boundary) => boundary.note(written),
            Traffic::Http if written.starts_with(SWITCHING) => {
                self.traffic = Traffic::Switching(Vec::new());
                self.note_switching(written);
            }
            Traffic::Http => {}
            Traffic::Switching(_) => self.note_switching(written),
        }
    }

    fn note_switching(&mut self, written: &[u8]) {
        let Traffic::Switching(head) = &mut self.traffic else {
            return;
        };
        head.extend_from_slice(written);
        let end = head.windows(HEAD_END.len()).position(|it| it == HEAD_END);
        if let Some(end) = end {
            let mut boundary = Boundary::default();
            boundary.note(&head[end + HEAD_END.len()..]);
            self.traffic = Traffic::Frames(boundary);
        }
    }

    /// Writes what waits as far as the peer reads.
    pub(super) fn drain(&mut self) -> io::Result<Drained> {
        let Some(stream) = &self.stream else {
            return Err(io::ErrorKind::ConnectionAborted.into());
        };
        if !self.is_between_frames() {
            self.cared_for = false;
            return Ok(Drained::Interrupted);
        }
        while let Some(first) = self.waiting.front_mut() {
            match stream.try_write(first) {
                Ok(written) if written == first.len() => {
                    self.waiting.pop_front();
                }
                Ok(written) => first.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Drained::Blocked);
                }
                Err(error) => return Err(error),
            }
        }
        self.cared_for = false;
        Ok(Drained::Done)
    }

    /// Whether the owner's next byte begins a frame.
    pub(super) fn is_between_frames(&self) -> bool {
        matches!(&self.traffic, Traffic::Frames(boundary) if boundary.is_here())
    }

    /// Whether frames wait for the owner's frame to end, and it has.
    pub(super) fn is_overdue(&self) -> bool {
        self.is_between_frames() && !self.waiting.is_empty() && !self.cared_for
    }
}
