//! The ways to one socket.
//!
//! A socket with a stream of its own, which is one that began as a WebSocket, is written to directly:
//! socketioxide would copy what a room is told for each member, queue it for each member, and wake
//! two tasks for that. The others get it from socketioxide. So do those whose stream is not in order
//! yet: what was given to socketioxide, such as the answer to CONNECT, has to be written first.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::to_raw_value;
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::{AckSender, SocketRef};
use socketioxide::handler::FromMessageParts;
use socketioxide::socket::Socket;
use socketioxide_core::Value as Packet;

use super::frame::{pack, packet};
use super::{Frame, Undelivered};
use crate::wire::connection::{Line, NotTaken};

/// The ways to one socket.
#[derive(Debug)]
pub(super) struct Outbound {
    line: Option<Arc<Line>>,
}

impl Outbound {
    /// The ways to a socket whose CONNECT socketioxide is going to answer.
    pub(super) fn of(socket: &SocketRef) -> Self {
        let handshake = socket.req_parts();
        let line = handshake.extensions.get::<Arc<Line>>();
        // Not what the transport is now: a session that began with polling has had many streams, and
        // the one of its WebSocket is not the one of its handshake.
        let query = handshake.uri.query().unwrap_or_default();
        let is_websocket = query.split('&').any(|it| it == "transport=websocket");
        let line = line.filter(|_| is_websocket).cloned();
        // The answer has to be written first.
        if let Some(line) = &line {
            line.entrust();
        }
        Self { line }
    }

    /// The stream that carries the socket, if it has one of its own.
    pub(super) fn line(&self) -> Option<&Arc<Line>> {
        self.line.as_ref()
    }

    /// Sends packed frames directly; `None` if socketioxide has to send them.
    fn send_packed(&self, packed: impl FnOnce() -> Bytes) -> Option<Result<(), Undelivered>> {
        self.line.as_ref().and_then(|line| write(line, &packed()))
    }

    /// Sends frames as far as there is room, with one write if that can be.
    pub(super) fn send(&self, socket: &SocketRef, frames: &[Frame]) -> Result<(), Undelivered> {
        let directly = self.send_packed(|| pack(frames, socket.ns()));
        directly.unwrap_or_else(|| self.send_each(socket, frames))
    }

    /// Sends frames one after the other, as far as there is room.
    pub(super) fn send_each(
        &self,
        socket: &SocketRef,
        frames: &[Frame],
    ) -> Result<(), Undelivered> {
        let mut frames = frames.iter();
        frames.try_for_each(|frame| {
            let directly = self.send_packed(|| frame.packed(socket.ns()).clone());
            directly.unwrap_or_else(|| {
                self.entrust(|| socket.emit(frame.event, frame.raw()).map_err(Into::into))
            })
        })
    }

    /// Answers an acknowledgement, if there is room.
    pub(super) fn answer(
        &self,
        socket: &Arc<Socket<LocalAdapter>>,
        id: i64,
        answer: &impl Serialize,
    ) -> Result<(), Undelivered> {
        let body = to_raw_value(answer).expect("answers always encode");
        let number = id.to_string();
        let packed = || packet("43", socket.ns(), &[&number, "[", body.get(), "]"]).into();
        if let Some(sent) = self.send_packed(packed) {
            return sent;
        }
        // The extractor is the only public way to a sender; it cannot fail and reads no packet.
        let mut unread = Packet::Bytes(Bytes::new());
        let Ok(sender) = AckSender::from_message_parts(socket, &mut unread, &Some(id));
        self.entrust(|| sender.send(&body).map_err(Into::into))
    }

    /// Has socketioxide send a message; it is counted before it can be written.
    fn entrust(&self, send: impl FnOnce() -> Result<(), Undelivered>) -> Result<(), Undelivered> {
        let Some(line) = &self.line else {
            return send();
        };
        line.entrust();
        send().inspect_err(|_| line.distrust())
    }
}

/// Writes frames to a socket's own stream; `None` if socketioxide has to send them.
pub(super) fn write(line: &Arc<Line>, frames: &Bytes) -> Option<Result<(), Undelivered>> {
    match line.write(frames) {
        Ok(()) => Some(Ok(())),
        Err(NotTaken::Early) => None,
        Err(NotTaken::Full) => Some(Err(Undelivered::Full)),
        Err(NotTaken::Gone) => Some(Err(Undelivered::Gone)),
    }
}
