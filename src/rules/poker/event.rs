//! What happened in a poker session: the stored format, tagged and additive.
//!
//! A field is never renamed, retyped or removed; new ones are optional with a default. The golden
//! logs in `tests/golden/` hold this file to that.

use serde::{Deserialize, Serialize};

use crate::rules::Timestamp;
use crate::rules::ids::{NodeId, PlayerId, SeatId, StoryId, VoteId};

use super::command::Wording;
use super::player::{Key, Proof};
use super::settings::{PasscodeHash, Settings, SettingsPatch};
use super::story::Origin;
use super::timer::{TimerMode, TimerSettings};

/// A fact of a poker session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the variants are sentences, their fields the nouns in them"
)]
pub enum Event {
    SessionCreated {
        name: String,
        host: NewPlayer,
        settings: Settings,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passcode: Option<PasscodeHash>,
        expires_at: Timestamp,
        /// Milliseconds after its last event at which it ends if nobody is connected.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        idle_life_millis: Option<u64>,
    },
    SettingsChanged {
        patch: SettingsPatch,
    },
    SessionDeleted,
    SessionExpired,
    /// Nothing happened for a long time, but somebody is still connected.
    SessionProlonged,

    PlayerJoined {
        player: NewPlayer,
    },
    /// A former player came in again under his old id; `returned` if he had left, `woke` if the
    /// others had seen him offline.
    PlayerRejoined {
        player: PlayerId,
        name: String,
        avatar: String,
        returned: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        woke: bool,
    },
    /// A player who had left is on the roster again.
    PlayerReturned {
        player: PlayerId,
    },
    PlayerLeft {
        player: PlayerId,
    },
    PlayerRemoved {
        player: PlayerId,
        by: PlayerId,
    },
    /// The record of a player who left long ago made room for others.
    PlayerForgotten {
        player: PlayerId,
    },
    PlayerUpdated {
        player: PlayerId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        avatar: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spectator: Option<bool>,
    },
    /// A player gave a sign of life; `announced` if the room is to see it.
    PlayerSeen {
        player: PlayerId,
        announced: bool,
    },
    AddressProven {
        player: PlayerId,
        proof: Proof,
    },
    /// A connection began; `woke` if the others had seen the player offline.
    SeatTaken {
        player: PlayerId,
        node: NodeId,
        seat: SeatId,
        woke: bool,
    },
    /// A connection ended; `offline` if the others now see the player offline.
    SeatLeft {
        player: PlayerId,
        seat: SeatId,
        offline: bool,
    },
    HostChanged {
        host: PlayerId,
        previous: PlayerId,
    },

    /// A story was added and is the active one, unless it is `inactive`.
    StoryCreated {
        story: StoryId,
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        order: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<StoryId>,
        #[serde(default, skip_serializing_if = "Origin::is_backlog")]
        origin: Origin,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        inactive: bool,
    },
    StoryActivated {
        story: StoryId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<StoryId>,
    },
    /// A story's texts, estimate or state changed; an empty text removes what was there.
    StoryUpdated {
        story: StoryId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate: Option<String>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        completed: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        deactivated: bool,
    },
    /// A story is gone; `was_active` if the round on it went with it.
    StoryDeleted {
        story: StoryId,
        was_active: bool,
    },

    /// The stories are in this order, numbered from 1.
    StoriesReordered {
        stories: Vec<StoryId>,
    },

    VoteSubmitted {
        vote: VoteId,
        player: PlayerId,
        value: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confidence: Option<u8>,
        wording: Wording,
    },
    /// A player took his card back, because he leaves.
    VoteWithdrawn {
        player: PlayerId,
    },
    /// The cards of these players were opened; `countdown` if pages are to count down to it.
    CardsRevealed {
        story: StoryId,
        counted: Vec<PlayerId>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        countdown: bool,
    },
    /// The votes are gone and a new round began; `story` is the one it is on.
    RoundReset {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        story: Option<StoryId>,
    },

    TimerStarted {
        duration: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<TimerMode>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settings: Option<TimerSettings>,
    },
    TimerConfigured {
        duration: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<TimerMode>,
        settings: TimerSettings,
    },
    TimerStopped,
}

/// A player as the log first mentions him.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of a player")]
pub struct NewPlayer {
    pub id: PlayerId,
    pub name: String,
    pub avatar: String,
    pub spectator: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
}
