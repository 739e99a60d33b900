//! Deck and options of a session, and what the operator may set for all of them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::deck::ShownDeck;
use crate::rules::ids::PlayerId;

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
    /// With whom the host shares his rights.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rights: Rights,
    /// What pages make of a round; information only.
    #[serde(default, skip_serializing_if = "is_default")]
    pub effects: Effects,
    /// The deck on pages that know two decks only, if it is not the one closest to the cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_deck: Option<ShownDeck>,
}

/// Who shares a right of the host's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Nobody; it is the host's alone.
    #[default]
    Host,
    /// Every member of the session.
    Everyone,
    /// These members.
    Players(Vec<PlayerId>),
}

/// With whom the host shares his rights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Opening the cards before all have voted.
    pub reveal: Right,
    /// Adding, changing and finishing stories.
    pub stories: Right,
    /// Starting a round by saying what it is about.
    pub rounds: Right,
}

/// What pages make of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// Whether they show the average.
    pub average: bool,
    /// Whether they count down to the reveal.
    pub countdown: bool,
    /// Whether they show emojis and fireworks.
    pub fun: bool,
}

impl Default for Effects {
    fn default() -> Self {
        Self {
            average: true,
            countdown: true,
            fun: true,
        }
    }
}

impl Right {
    /// Whether a member of the session has it; the host always does.
    #[must_use]
    pub fn covers(&self, player: PlayerId) -> bool {
        match self {
            Self::Host => false,
            Self::Everyone => true,
            Self::Players(players) => players.contains(&player),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
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
            rights: Rights::default(),
            effects: Effects::default(),
            shown_deck: None,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal: Option<Right>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manage_stories: Option<Right>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_average: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_countdown: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_fun: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_deck: Option<ShownDeck>,
}

impl Settings {
    /// The deck on pages that know two decks only.
    #[must_use]
    pub fn shown_deck(&self) -> ShownDeck {
        self.shown_deck
            .unwrap_or_else(|| ShownDeck::closest_to(&self.cards))
    }

    pub(super) fn apply(&mut self, patch: &SettingsPatch) {
        if let Some(cards) = &patch.cards {
            self.cards.clone_from(cards);
            self.shown_deck = None;
        }
        self.shown_deck = patch.shown_deck.or(self.shown_deck);
        if let Some(reveal) = &patch.reveal {
            self.rights.reveal.clone_from(reveal);
        }
        if let Some(stories) = &patch.manage_stories {
            self.rights.stories.clone_from(stories);
        }
        let effects = &mut self.effects;
        effects.average = patch.show_average.unwrap_or(effects.average);
        effects.countdown = patch.show_countdown.unwrap_or(effects.countdown);
        effects.fun = patch.show_fun.unwrap_or(effects.fun);
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
