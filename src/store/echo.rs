//! What others who use the same store, but read no logs, are shown of an append.

use std::time::Duration;

/// One thing that is done together with an append where the store can do it, and not at all where
/// it cannot. If it fails, the append does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Echo {
    /// A key gets a value for the time of a life.
    Set {
        /// Its name.
        key: String,
        /// Its value.
        value: String,
        /// How long it has it.
        life: Duration,
    },
    /// A key is gone.
    Delete {
        /// Its name.
        key: String,
    },
    /// Whoever listens hears a message.
    Publish {
        /// On which channel.
        channel: String,
        /// What is said there.
        message: String,
    },
}

impl Echo {
    /// The key that it changes, so that a later one on the same key makes it needless.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Set { key, .. } | Self::Delete { key } => Some(key),
            Self::Publish { .. } => None,
        }
    }
}
