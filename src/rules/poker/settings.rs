//! Deck and options of a session, and what the operator may set for all of them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Deck and options of one session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The cards, always strings.
    pub cards: Vec<String>,
    /// Whether people may join as spectators.
    pub allow_spectators: bool,
    /// Whether the server opens the cards as soon as all have voted.
    pub auto_reveal: bool,
    /// The clients' default for the timer; information only.
    pub timer_seconds: f64,
}

impl Default for Settings {
    /// The defaults of the protocol.
    fn default() -> Self {
        Self {
            cards: ["1", "2", "3", "5", "8", "13", "?"]
                .map(String::from)
                .into(),
            allow_spectators: true,
            auto_reveal: false,
            timer_seconds: 60.0,
        }
    }
}

/// Changes to name and settings; `None` keeps what is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the settings")]
pub struct SettingsPatch {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_spectators: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_reveal: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer_seconds: Option<f64>,
}

impl Settings {
    pub(super) fn apply(&mut self, patch: &SettingsPatch) {
        if let Some(cards) = &patch.cards {
            self.cards.clone_from(cards);
        }
        self.allow_spectators = patch.allow_spectators.unwrap_or(self.allow_spectators);
        self.auto_reveal = patch.auto_reveal.unwrap_or(self.auto_reveal);
        self.timer_seconds = patch.timer_seconds.unwrap_or(self.timer_seconds);
    }
}

/// A password's hash in PHC notation; never shown, not even by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasscodeHash(pub String);

impl fmt::Debug for PasscodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasscodeHash(..)")
    }
}

/// What the operator configured for all poker sessions.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How long a player whose line broke stays on the roster.
    pub disconnect_grace: Duration,
    /// How long a player who joined over REST may take to connect.
    pub join_grace: Duration,
    /// How long the host may be away before another takes over; `None` is for ever.
    pub host_handover: Option<Duration>,
    /// How long a session lives, from its creation.
    pub session_life: Duration,
    /// How long an expired session is remembered as such.
    pub expired_memory: Duration,
    /// Most players on a roster.
    pub max_players: usize,
    /// Most stories in a session.
    pub max_stories: usize,
    /// Most players, present and former, that a session remembers.
    pub max_records: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            disconnect_grace: Duration::from_secs(15),
            join_grace: Duration::from_secs(60),
            host_handover: Some(Duration::from_secs(120)),
            session_life: Duration::from_hours(48),
            expired_memory: Duration::from_hours(24),
            max_players: 200,
            max_stories: 1000,
            max_records: 1000,
        }
    }
}
