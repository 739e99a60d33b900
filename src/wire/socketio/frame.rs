//! One server event, encoded once for everybody who gets it.

use std::sync::OnceLock;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::wire::connection::text_frame;

/// One server event: its name and its encoded payload.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The event's name.
    pub event: &'static str,
    /// Its only argument, as JSON text.
    pub body: Box<RawValue>,
    packed: OnceLock<Bytes>,
}

impl Frame {
    /// Encodes a payload.
    #[must_use]
    pub fn new(event: &'static str, payload: &impl Serialize) -> Self {
        let body = to_raw_value(payload).expect("wire objects always encode");
        let packed = OnceLock::new();
        Self {
            event,
            body,
            packed,
        }
    }

    /// The event as a WebSocket carries it, to one namespace: always the same.
    pub(super) fn packed(&self, namespace: &str) -> &Bytes {
        self.packed.get_or_init(|| {
            let parts = [r#"[""#, self.event, r#"","#, self.body.get(), "]"];
            Bytes::from(packet("42", namespace, &parts))
        })
    }
}

/// A WebSocket's frame with a Socket.IO packet (protocol version 4 and 5) to a namespace.
pub(super) fn packet(kind: &str, namespace: &str, parts: &[&str]) -> Vec<u8> {
    let (named, comma) = match namespace {
        "/" => ("", ""),
        other => (other, ","),
    };
    let head = [kind, named, comma];
    text_frame(&[head.as_slice(), parts].concat())
}
