//! Sending to one socket, if there is room in its buffer.

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};

use super::Frame;

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

/// Sends one frame to one socket, if there is room.
///
/// # Errors
/// Why it was not sent.
pub fn emit(socket: &SocketRef, frame: &Frame) -> Result<(), Undelivered> {
    socket.emit(frame.event, &frame.body).map_err(Into::into)
}

/// Whether a socket's buffer is full. Nothing is sent: encoding fails after room was found.
#[must_use]
pub fn is_full(socket: &SocketRef) -> bool {
    let probed = socket.emit("", &Unencodable);
    matches!(
        probed,
        Err(SendError::Socket(SocketError::InternalChannelFull))
    )
}

struct Unencodable;

impl Serialize for Unencodable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("a probe is never sent"))
    }
}

/// Joins a room. A socket that is disconnected meanwhile has already been cleaned up, so a
/// membership taken after that must be given back.
pub fn join(socket: &SocketRef, room: String) {
    socket.join(room);
    if !socket.connected() {
        socket.leave_all();
    }
}
