//! What nodes tell each other for their pages that is no event: it passes, and nobody misses it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::frames::News;
use crate::rules::ids::PlayerId;

/// Something that happens on the pages of a session without changing it.
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
}

impl Whisper {
    /// What pages are told.
    #[must_use]
    pub fn news(&self) -> News<'_> {
        let Self::Emoji { from, to, emoji } = self;
        News::Emoji {
            from: *from,
            to: *to,
            emoji,
        }
    }

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
