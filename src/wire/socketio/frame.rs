//! One server event, encoded once for everybody who gets it.

use std::cell::RefCell;
use std::sync::OnceLock;

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::wire::connection::text_frame;

/// Most memory that a thread keeps to encode in.
const KEPT_BYTES: usize = 64 * 1024;

thread_local! {
    /// Events are encoded here, where there is room already, and copied once their length is known.
    static DESK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// One server event: its name and its encoded payload.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The event's name.
    pub event: &'static str,
    /// The payload, which is the event's only argument, as JSON text.
    body: Box<str>,
    raw: OnceLock<Box<RawValue>>,
    packed: OnceLock<Bytes>,
}

impl Frame {
    /// Encodes a payload.
    #[must_use]
    pub fn new(event: &'static str, payload: &impl Serialize) -> Self {
        Self {
            event,
            body: encode(payload),
            raw: OnceLock::new(),
            packed: OnceLock::new(),
        }
    }

    /// The payload as JSON text.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The payload as socketioxide takes it.
    pub(super) fn raw(&self) -> &RawValue {
        let raw = || serde_json::from_str(&self.body).expect("it was encoded as JSON");
        self.raw.get_or_init(raw)
    }

    /// The event as a WebSocket carries it, to one namespace: always the same.
    pub(super) fn packed(&self, namespace: &str) -> &Bytes {
        self.packed.get_or_init(|| {
            let parts = [r#"[""#, self.event, r#"","#, &self.body, "]"];
            Bytes::from(packet("42", namespace, &parts))
        })
    }
}

/// Frames that leave with one write.
pub(super) fn pack(frames: &[Frame], namespace: &str) -> Bytes {
    if let [frame] = frames {
        return frame.packed(namespace).clone();
    }
    let length = frames.iter().map(|frame| frame.packed(namespace).len());
    let mut packed = BytesMut::with_capacity(length.sum());
    for frame in frames {
        packed.extend_from_slice(frame.packed(namespace));
    }
    packed.freeze()
}

fn encode(payload: &impl Serialize) -> Box<str> {
    DESK.with_borrow_mut(|desk| {
        desk.clear();
        serde_json::to_writer(&mut *desk, payload).expect("wire objects always encode");
        let encoded = std::str::from_utf8(desk).expect("JSON is UTF-8").into();
        desk.shrink_to(KEPT_BYTES);
        encoded
    })
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
