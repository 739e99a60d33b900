//! A raw WebSocket, whatever is spoken on it: writes what others put into its outbox, reads, asks
//! for signs of life, and closes with a code.
//!
//! One task owns the [`Wire`] and calls [`Wire::next`] again and again; everybody else only knows
//! the [`Outbox`]. Nothing is lost when `next` is cancelled.

mod outbox;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

pub use outbox::{Full, Outbox};

/// Bytes that are collected before they are written, unless nothing more waits.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// Bytes read at a time.
const READ_BUFFER_BYTES: usize = 2 * 1024;
/// How long a peer may take to receive the close frame and what stands before it.
const FAREWELL: Duration = Duration::from_secs(1);

/// Bounds of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most bytes of a message.
    pub max_message_bytes: usize,
    /// Most bytes that may wait for the peer.
    pub outbox_bytes: usize,
    /// Time between protocol pings.
    pub ping_interval: Duration,
    /// Time without any frame, pongs included, after which the peer is taken for dead.
    pub silence_timeout: Duration,
}

/// Why the server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// The server goes away.
    GoingAway = 1001,
    /// The peer breaks the rules.
    Policy = 1008,
    /// A message was too large.
    TooLarge = 1009,
    /// The server cannot serve the peer now.
    TryAgainLater = 1013,
}

/// What happened on a connection.
#[derive(Debug, PartialEq)]
pub enum Happening {
    /// The peer sent a message, as text or as bytes.
    Message(Bytes),
    /// The peer missed frames because its outbox was full, and has read all that it holds.
    Drained,
    /// Somebody rang the outbox's bell.
    Rung,
    /// It is over; the code is what the peer is to be told.
    Over(Option<CloseCode>),
}

/// A connection.
pub struct Wire {
    socket: WebSocket,
    outbox: Arc<Outbox>,
    bounds: Bounds,
    alarm: Pin<Box<Sleep>>,
    heard_at: Instant,
    pinged_at: Instant,
}

/// Prepares an upgrade, so that the connection keeps to these bounds.
pub fn bounded(upgrade: WebSocketUpgrade, bounds: &Bounds) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(bounds.max_message_bytes)
        .max_frame_size(bounds.max_message_bytes)
}

impl Wire {
    /// Takes a connection over.
    #[must_use]
    pub fn new(socket: WebSocket, bounds: Bounds) -> Self {
        let now = Instant::now();
        Self {
            socket,
            outbox: Arc::new(Outbox::new(bounds.outbox_bytes)),
            bounds,
            alarm: Box::pin(sleep_until(now + bounds.ping_interval)),
            heard_at: now,
            pinged_at: now,
        }
    }

    /// Where others put what the peer is to receive.
    #[must_use]
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// Writes, pings and reads until something happens.
    pub async fn next(&mut self) -> Happening {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Sends what waits and a close frame, or answers the peer's, as far as it is taken in time;
    /// whoever does not take it sees the stream end.
    pub async fn close(mut self, code: Option<CloseCode>) {
        let _ = timeout(FAREWELL, async {
            if let Some(code) = code {
                self.say_goodbye(code).await?;
            }
            while self.socket.recv().await.transpose()?.is_some() {}
            Ok::<_, axum::Error>(())
        })
        .await;
    }

    async fn say_goodbye(&mut self, code: CloseCode) -> Result<(), axum::Error> {
        poll_fn(|cx| self.poll_write(cx)).await?;
        let frame = CloseFrame {
            code: code as u16,
            reason: "".into(),
        };
        self.socket.send(Message::Close(Some(frame))).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Happening> {
        self.outbox.register(cx.waker());
        if self.outbox.take_bell() {
            return Poll::Ready(Happening::Rung);
        }
        match self.poll_write(cx) {
            Poll::Ready(Ok(())) if self.outbox.is_behind() => {
                return Poll::Ready(Happening::Drained);
            }
            Poll::Ready(Err(_)) => return Poll::Ready(Happening::Over(None)),
            Poll::Ready(Ok(())) | Poll::Pending => {}
        }
        if let Poll::Ready(read) = self.poll_read(cx) {
            return Poll::Ready(read);
        }
        if self.poll_alarm(cx).is_ready() {
            return Poll::Ready(Happening::Over(Some(CloseCode::GoingAway)));
        }
        Poll::Pending
    }

    /// Ready once everything in the outbox has been written.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        loop {
            let mut socket = Pin::new(&mut self.socket);
            ready!(socket.as_mut().poll_ready(cx))?;
            match self.outbox.pop() {
                Some(frame) => socket.start_send(Message::Text(frame))?,
                None => {
                    ready!(socket.poll_flush(cx))?;
                    self.outbox.written();
                    if self.outbox.is_empty() {
                        return Poll::Ready(Ok(()));
                    }
                }
            }
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Happening> {
        loop {
            let read = ready!(Pin::new(&mut self.socket).poll_next(cx));
            self.heard_at = Instant::now();
            return Poll::Ready(match read {
                Some(Ok(Message::Text(text))) => Happening::Message(text.into()),
                Some(Ok(Message::Binary(bytes))) => Happening::Message(bytes),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Close(_))) | None => Happening::Over(None),
                Some(Err(error)) => Happening::Over(answer_to(error)),
            });
        }
    }

    /// Ready once the peer is taken for dead; pings it on the way there.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            let now = Instant::now();
            if now >= self.heard_at + self.bounds.silence_timeout {
                return Poll::Ready(());
            }
            if now >= self.pinged_at + self.bounds.ping_interval {
                self.pinged_at = now;
                self.ping(cx);
            }
            let due = self.pinged_at + self.bounds.ping_interval;
            let dead = self.heard_at + self.bounds.silence_timeout;
            self.alarm.as_mut().reset(due.min(dead));
        }
    }

    /// A peer that cannot take a ping now has something else to give a sign of life for.
    fn ping(&mut self, cx: &mut Context<'_>) {
        let mut socket = Pin::new(&mut self.socket);
        if let Poll::Ready(Ok(())) = socket.as_mut().poll_ready(cx)
            && socket
                .as_mut()
                .start_send(Message::Ping(Bytes::new()))
                .is_ok()
        {
            // What does not get out now goes out with the next write.
            let _ = socket.poll_flush(cx);
        }
    }
}

/// What a peer is told whose frames cannot be read.
fn answer_to(error: axum::Error) -> Option<CloseCode> {
    match error.into_inner().downcast_ref() {
        Some(tungstenite::Error::Capacity(_)) => Some(CloseCode::TooLarge),
        _ => None,
    }
}
