//! The client's events: their names, limits, and what each answers when it cannot be done.

use std::time::Duration;

use socketioxide::extract::SocketRef;

use crate::room::SubmitError;
use crate::rules::poker::Rejection;
use crate::wire::poker::failure::Failure;
use crate::wire::poker::payloads::{
    Acknowledgement, ConnectionError, RateLimit, ServerEvent, SessionError, Trouble,
};
use crate::wire::socketio::{Frame, Inbound, emit};

/// An event that clients may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ClientEvent {
    VoteSubmit,
    VoteChange,
    CardsReveal,
    GameReset,
    StoryCreate,
    StoryUpdate,
    StoryDelete,
    StoryActivate,
    StoryMove,
    PlayerUpdate,
    PlayerRemove,
    PlayerPromote,
    PlayerActivity,
    ReactionSend,
    TimerStart,
    TimerStop,
    Heartbeat,
    SessionJoin,
    SessionLeave,
}

use ClientEvent as E;

/// Name, events per 60 s, and what the client is told when it fails for an unnamed reason.
const EVENTS: [(E, &str, u32, &str); 19] = [
    (E::VoteSubmit, "vote:submit", 10, "Failed to submit vote"),
    (E::VoteChange, "vote:change", 15, "Failed to submit vote"),
    (E::CardsReveal, "cards:reveal", 5, "Failed to reveal cards"),
    (E::GameReset, "game:reset", 5, "Failed to reset game"),
    (E::StoryCreate, "story:create", 3, "Failed to create story"),
    (E::StoryUpdate, "story:update", 5, "Failed to update story"),
    (E::StoryDelete, "story:delete", 3, "Failed to delete story"),
    (
        E::StoryActivate,
        "story:activate",
        30,
        "Failed to activate story",
    ),
    (E::StoryMove, "story:move", 30, "Failed to move story"),
    (
        E::PlayerUpdate,
        "player:update",
        5,
        "Failed to update player",
    ),
    (
        E::PlayerRemove,
        "player:remove",
        30,
        "Failed to remove player",
    ),
    (
        E::PlayerPromote,
        "player:promote",
        30,
        "Failed to promote player",
    ),
    (
        E::PlayerActivity,
        "player:activity",
        30,
        "Failed to update activity",
    ),
    (
        E::ReactionSend,
        "reaction:send",
        60,
        "Failed to send reaction",
    ),
    (E::TimerStart, "timer:start", 10, "Failed to start timer"),
    (E::TimerStop, "timer:stop", 10, "Failed to stop timer"),
    (E::Heartbeat, "heartbeat", 120, "Failed to answer heartbeat"),
    (E::SessionJoin, "session:join", 3, "Failed to join session"),
    (
        E::SessionLeave,
        "session:leave",
        30,
        "Failed to leave session",
    ),
];

/// Events per 60 s of every other name.
pub(super) const OTHER_EVENTS_PER_MINUTE: u32 = 30;

impl ClientEvent {
    pub(super) fn named(name: &str) -> Option<Self> {
        EVENTS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    fn row(self) -> &'static (E, &'static str, u32, &'static str) {
        EVENTS
            .iter()
            .find(|row| row.0 == self)
            .expect("every event has its row")
    }

    pub(super) fn name(self) -> &'static str {
        self.row().1
    }

    pub(super) fn per_minute(self) -> u32 {
        self.row().2
    }

    fn trouble(self) -> &'static str {
        self.row().3
    }

    /// What a payload that breaks the rules gets.
    pub(super) fn unreadable(self) -> Refusal {
        self.fails(self.trouble(), "INVALID_PAYLOAD")
    }

    /// What a socket without a player gets.
    pub(super) fn without_player(self) -> Refusal {
        let (channel, text) = match self {
            E::PlayerUpdate | E::PlayerActivity | E::ReactionSend | E::SessionLeave => {
                (Channel::Silence, "Player ID required")
            }
            E::PlayerRemove => (Channel::Session, "Player ID required for player removal"),
            E::PlayerPromote => (Channel::Session, "Player ID required for player promotion"),
            _ => (Channel::Connection, "Player ID required"),
        };
        Refusal {
            channel,
            text: text.to_owned(),
            code: "NO_PLAYER",
        }
    }

    /// What a socket gets that has not proven who it is.
    pub(super) fn unproven() -> Refusal {
        let text = "Authentication required".to_owned();
        Refusal {
            channel: Channel::Silence,
            text,
            code: "FORBIDDEN",
        }
    }

    /// What a refused command gets.
    pub(super) fn refused(self, error: &SubmitError<Rejection>) -> Refusal {
        let failure = Failure::from(error);
        let SubmitError::Rejected(rejection) = error else {
            return self.fails(self.trouble(), failure.code);
        };
        match (self, rejection) {
            (E::CardsReveal, Rejection::HostOnly) => self.silent("FORBIDDEN"),
            (E::CardsReveal, Rejection::NoVotes | Rejection::NoActiveStory) => {
                self.silent("NO_VOTES")
            }
            (E::PlayerRemove, Rejection::HostOnly) => {
                self.fails("Only session host can remove players", "FORBIDDEN")
            }
            (E::PlayerPromote, Rejection::HostOnly) => {
                self.fails("Only session host can promote players", "FORBIDDEN")
            }
            (E::PlayerRemove, Rejection::CannotRemoveHost) => {
                self.fails("Cannot remove yourself as host", "FORBIDDEN")
            }
            (E::PlayerRemove | E::PlayerPromote, Rejection::PlayerUnknown) => {
                self.fails("Target player not found in session", "NOT_FOUND")
            }
            (_, Rejection::HostOnly) => host_only(),
            (_, Rejection::PlayerUnknown) => self.without_player(),
            (E::VoteSubmit | E::VoteChange, Rejection::ValueTooLong) => self.unreadable(),
            (E::VoteSubmit | E::VoteChange, _) => self.fails(failure.text, failure.code),
            _ => self.fails(self.trouble(), failure.code),
        }
    }

    fn fails(self, text: &str, code: &'static str) -> Refusal {
        Refusal {
            channel: self.channel(),
            text: text.to_owned(),
            code,
        }
    }

    fn silent(self, code: &'static str) -> Refusal {
        Refusal {
            channel: Channel::Silence,
            text: self.trouble().to_owned(),
            code,
        }
    }

    fn channel(self) -> Channel {
        match self {
            E::PlayerRemove | E::PlayerPromote | E::SessionJoin => Channel::Session,
            E::PlayerActivity | E::ReactionSend | E::SessionLeave | E::Heartbeat => {
                Channel::Silence
            }
            _ => Channel::Connection,
        }
    }
}

fn host_only() -> Refusal {
    let text = "Host authorization required".to_owned();
    Refusal {
        channel: Channel::Session,
        text,
        code: "FORBIDDEN",
    }
}

/// Where a refusal goes when the client did not ask for an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// `connection:error`.
    Connection,
    /// `session:error`.
    Session,
    /// Nowhere: the client sends such things in normal use.
    Silence,
}

/// Why an event had no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) channel: Channel,
    pub(super) text: String,
    pub(super) code: &'static str,
}

impl Refusal {
    /// The refusal of a way into the session.
    pub(super) fn of_entry(text: impl Into<String>, code: &'static str) -> Self {
        Self {
            channel: Channel::Session,
            text: text.into(),
            code,
        }
    }

    /// The answer to a client that asked for one.
    pub(super) fn acknowledgement(&self) -> Acknowledgement<'_> {
        Acknowledgement {
            ok: false,
            error: Some(&self.text),
            code: Some(self.code),
        }
    }

    /// The event for a client that did not.
    pub(super) fn frame(&self) -> Option<Frame> {
        let trouble = Trouble {
            error: &self.text,
            code: self.code,
            reason: None,
        };
        match self.channel {
            Channel::Connection => Some(ConnectionError(trouble).frame()),
            Channel::Session => Some(SessionError(trouble).frame()),
            Channel::Silence => None,
        }
    }
}

/// What an unknown event is acknowledged with; without an acknowledgement it is ignored.
pub(super) fn unknown() -> Refusal {
    Refusal {
        channel: Channel::Silence,
        text: "Unknown event".to_owned(),
        code: "NOT_FOUND",
    }
}

/// What a reaction is acknowledged with where the host does not want any.
pub(super) fn no_reactions() -> Refusal {
    Refusal {
        channel: Channel::Silence,
        text: "Reactions are switched off".to_owned(),
        code: "FORBIDDEN",
    }
}

/// What an event over a limit is acknowledged with.
pub(super) fn over_limit() -> Refusal {
    let text = "Rate limit exceeded".to_owned();
    Refusal {
        channel: Channel::Silence,
        text,
        code: "RATE_LIMITED",
    }
}

/// The frame that tells a client how long to wait, 1 to 60 whole seconds.
pub(super) fn rate_limited(event: &str, wait: Duration) -> Frame {
    let millis = u64::try_from(wait.as_millis())
        .unwrap_or(u64::MAX)
        .clamp(1, 60_000);
    RateLimit {
        event,
        retry_after: millis.div_ceil(1000),
        retry_after_ms: millis,
    }
    .frame()
}

/// Tells a client that an event was over the ceiling. What does not fit into its buffer is one
/// refusal of many; it is told often enough.
pub(super) fn refuse(socket: &SocketRef, inbound: &Inbound, wait: Duration) {
    let told = emit(socket, &[rate_limited(&inbound.event, wait)]);
    if let (Ok(()), Some(ack)) = (told, &inbound.ack) {
        let _ = ack.answer(&over_limit().acknowledgement());
    }
}
