//! Sending to one socket, if there is room in its buffer.

use std::sync::Arc;

use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};

use super::Frame;
use super::outbound::Outbound;

/// Why a frame did not get into a socket's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// The buffer is full; the client does not read fast enough.
    Full,
    /// The socket is gone.
    Gone,
}

impl From<SendError> for Undelivered {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Socket(SocketError::InternalChannelFull) => Self::Full,
            SendError::Socket(SocketError::Closed) | SendError::Serialize(_) => Self::Gone,
        }
    }
}

/// Sends frames to one socket as far as there is room, with one write if that can be.
///
/// # Errors
/// Why not all of them were sent.
pub fn emit(socket: &SocketRef, frames: &[Frame]) -> Result<(), Undelivered> {
    let outbound = socket.extensions.get::<Arc<Outbound>>();
    outbound.ok_or(Undelivered::Gone)?.send(socket, frames)
}
