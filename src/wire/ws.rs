//! A raw WebSocket, whatever is spoken on it: writes what others put into its outbox, reads, asks
//! for signs of life, and closes with a code.
//!
//! One task owns the [`Wire`] and calls [`Wire::next`] again and again; everybody else only knows
//! the [`Outbox`]. Nothing is lost when `next` is cancelled.

mod outbox;
mod pulse;

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tungstenite::error::ProtocolError;

pub use outbox::{Full, Outbox};
pub use pulse::Heartbeat;
use pulse::{Beat, Pulse};

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
    /// When the peer is taken for dead.
    pub heartbeat: Heartbeat,
}

/// How a connection ends, as the peer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// The code.
    pub code: CloseCode,
    /// A text, which may be empty.
    pub reason: &'static str,
}

impl From<CloseCode> for Farewell {
    fn from(code: CloseCode) -> Self {
        Self { code, reason: "" }
    }
}

/// Why the server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// There is nothing more to say.
    Normal = 1000,
    /// The server goes away.
    GoingAway = 1001,
    /// The peer breaks the protocol of WebSockets.
    Protocol = 1002,
    /// A text is none.
    NotUtf8 = 1007,
    /// The peer breaks the rules.
    Policy = 1008,
    /// A message was too large.
    TooLarge = 1009,
    /// The server has failed.
    Internal = 1011,
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
    /// It is over; this is what the peer is to be told.
    Over(Option<Farewell>),
    /// The peer is dead; there is nobody to be told.
    Dead,
}

/// A connection.
pub struct Wire {
    socket: WebSocket,
    outbox: Arc<Outbox>,
    alarm: Pin<Box<Sleep>>,
    pulse: Pulse,
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
        let pulse = Pulse::new(bounds.heartbeat, Instant::now());
        Self {
            socket,
            outbox: Arc::new(Outbox::new(bounds.outbox_bytes)),
            alarm: Box::pin(sleep_until(pulse.next())),
            pulse,
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
    pub async fn close(mut self, farewell: Option<Farewell>) {
        let parting = async {
            let Some(farewell) = farewell else {
                while let Some(Ok(_)) = self.socket.recv().await {}
                return;
            };
            if self.say_goodbye(farewell).await.is_err() {
                return;
            }
            while let Some(Ok(read)) = self.socket.recv().await {
                if matches!(read, Message::Close(_)) {
                    return;
                }
            }
            // What cannot be read is in the way of the answer; a stream that is closed over it is
            // reset, and the goodbye lost.
            pending::<()>().await;
        };
        // Nobody has more time than this.
        let _ = timeout(FAREWELL, parting).await;
    }

    async fn say_goodbye(&mut self, farewell: Farewell) -> Result<(), axum::Error> {
        poll_fn(|cx| self.poll_write(cx)).await?;
        let frame = CloseFrame {
            code: farewell.code as u16,
            reason: farewell.reason.into(),
        };
        self.socket.send(Message::Close(Some(frame))).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Happening> {
        self.outbox.register(cx.waker());
        if self.outbox.take_bell() {
            return Poll::Ready(Happening::Rung);
        }
        match self.poll_write(cx) {
            Poll::Ready(Ok(())) => match self.outbox.farewell() {
                Some(farewell) => return Poll::Ready(Happening::Over(Some(farewell))),
                None if self.outbox.is_behind() => return Poll::Ready(Happening::Drained),
                None => {}
            },
            Poll::Ready(Err(_)) => return Poll::Ready(Happening::Over(None)),
            Poll::Pending => {}
        }
        if let Poll::Ready(read) = self.poll_read(cx) {
            return Poll::Ready(read);
        }
        if self.poll_alarm(cx).is_ready() {
            return Poll::Ready(Happening::Dead);
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
            self.pulse.hear(Instant::now());
            return Poll::Ready(match read {
                Some(Ok(Message::Text(text))) => Happening::Message(text.into()),
                Some(Ok(Message::Binary(bytes))) => Happening::Message(bytes),
                Some(Ok(Message::Ping(_))) => continue,
                Some(Ok(Message::Pong(_))) => {
                    self.pulse.answer();
                    continue;
                }
                Some(Ok(Message::Close(_))) | None => Happening::Over(None),
                Some(Err(error)) => Happening::Over(answer_to(error)),
            });
        }
    }

    /// Ready once the peer is taken for dead; pings it on the way there.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            match self.pulse.beat(Instant::now()) {
                Beat::Dead => return Poll::Ready(()),
                Beat::Ping => self.ping(cx),
                Beat::Wait => {}
            }
            self.alarm.as_mut().reset(self.pulse.next());
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
fn answer_to(error: axum::Error) -> Option<Farewell> {
    let error = error.into_inner();
    let code = match error.downcast_ref()? {
        tungstenite::Error::Capacity(_) => CloseCode::TooLarge,
        tungstenite::Error::Utf8(_) => CloseCode::NotUtf8,
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return None,
        tungstenite::Error::Protocol(_) => CloseCode::Protocol,
        _ => return None,
    };
    Some(code.into())
}
