//! What nodes tell each other for their clients that is no event: it passes, and nobody misses it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::rules::ids::PlayerId;

/// Something that happens on the screens of a session without changing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Whisper {
    /// Somebody throws an emoji at somebody.
    Emoji {
        /// Who throws.
        from: PlayerId,
        /// Who is hit.
        to: PlayerId,
        /// What.
        emoji: String,
    },
    /// Somebody shows everybody an emoji.
    Reaction {
        /// Who shows it.
        from: PlayerId,
        /// What.
        emoji: String,
    },
}

impl Whisper {
    /// As nodes tell it each other.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        serde_json::to_vec(self).expect("whispers encode").into()
    }

    /// What another node tells, if it can be understood: it may be a newer one.
    #[must_use]
    pub fn decode(words: &[u8]) -> Option<Self> {
        serde_json::from_slice(words).ok()
    }
}
