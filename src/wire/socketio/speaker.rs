//! Speaks to one socket from its own task, which may wait for a client that reads slowly.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use socketioxide::extract::SocketRef;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Ack, Frame, Link, Undelivered, emit};

/// Pause before a full buffer is tried again; doubled each time, up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const MAX_PAUSE: Duration = Duration::from_millis(500);

/// One socket, as its conversation sees it.
pub struct Speaker<H> {
    /// The socket.
    pub socket: SocketRef,
    /// What others know of it.
    pub link: Arc<Link<H>>,
    draining: CancellationToken,
}

impl<H: Send + Sync + 'static> Speaker<H> {
    /// Speaks until the socket is gone or `draining` is cancelled.
    pub fn new(socket: SocketRef, link: Arc<Link<H>>, draining: CancellationToken) -> Self {
        Self {
            socket,
            link,
            draining,
        }
    }

    /// Whether there is any use in waiting for the client.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.link.gone().is_none() && !self.draining.is_cancelled()
    }

    /// Sends a frame.
    pub async fn send(&self, frame: &Frame) {
        self.insist(|| emit(&self.socket, std::slice::from_ref(frame)))
            .await;
    }

    /// Answers an acknowledgement, if one was asked for.
    pub async fn answer(&self, ack: Option<Ack>, answer: &impl Serialize) {
        let Some(ack) = ack else { return };
        self.insist(|| ack.answer(answer)).await;
    }

    /// Tries until the client has read enough to make room, or is gone.
    async fn insist(&self, attempt: impl Fn() -> Result<(), Undelivered>) {
        let mut backoff = Backoff::default();
        while attempt() == Err(Undelivered::Full) && self.is_there() {
            backoff.pause().await;
        }
    }
}

/// Pauses between attempts to send to a client that does not read, each longer than the last.
pub struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Backoff {
    /// Waits until the next attempt.
    pub async fn pause(&mut self) {
        sleep(self.0).await;
        self.0 = MAX_PAUSE.min(self.0 * 2);
    }
}
