//! One server event, encoded once for everybody who gets it.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// One server event: its name and its encoded payload.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The event's name.
    pub event: &'static str,
    /// Its only argument, as JSON text.
    pub body: Box<RawValue>,
}

impl Frame {
    /// Encodes a payload.
    #[must_use]
    pub fn new(event: &'static str, payload: &impl Serialize) -> Self {
        let body = to_raw_value(payload).expect("wire objects always encode");
        Self { event, body }
    }
}
