//! Identifiers and names: newtypes that are made only by parsing, so a bad one cannot travel.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_newtype {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id made by the caller.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// Parses a hyphenated UUID of any version in any hex case, as the contract accepts it.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                if text.len() != uuid::fmt::Hyphenated::LENGTH {
                    return None;
                }
                Uuid::try_parse(text).ok().map(Self)
            }

            /// The bare UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

uuid_newtype! {
    /// A session: one append-only log, one room.
    SessionId;
    /// A player of one session, the same towards everybody; a name, not a secret.
    PlayerId;
    /// A story of one session.
    StoryId;
    /// A vote; stays the same when the vote is changed.
    VoteId;
    /// One live connection of a player.
    SeatId;
    /// One run of one server process.
    NodeId;
    /// One command; repeating it changes nothing.
    CommandId;
}

/// Which rules a log follows; stored with it, so that nobody reads it by others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// The kind of this name: a few lower-case letters, the same for ever.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A kind that was stored, possibly by a version of the server that knows more of them.
    #[must_use]
    pub fn stored(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Counts UTF-16 code units, as JavaScript's `length` and the contract's limits do.
#[must_use]
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Removes what JavaScript's `trim` removes: white space, line ends and the byte order mark.
#[must_use]
pub fn js_trim(text: &str) -> &str {
    text.trim_matches(|c: char| (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_parse_in_any_hex_case_but_only_hyphenated() {
        let id = SessionId::parse("3F6D0C1E-8A2B-4C57-9A3E-5A0C6D9B1F20").expect("a UUID");
        assert_eq!(id.to_string(), "3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20");
        for bad in [
            "",
            "3f6d0c1e8a2b4c579a3e5a0c6d9b1f20",
            "{3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f}",
        ] {
            assert_eq!(SessionId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn lengths_and_trimming_follow_javascript() {
        assert_eq!(utf16_len("a🦊"), 3);
        assert_eq!(js_trim("\u{feff} Mira\u{a0}\n"), "Mira");
        assert_eq!(js_trim("\u{85}x"), "\u{85}x");
    }
}
