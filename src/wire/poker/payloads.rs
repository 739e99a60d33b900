//! What the server's events say: every event has its name and the type of its payload here, and
//! nowhere else. The page's types are made of them.

use serde::Serialize;

use super::objects::{
    ConsensusObject, Iso, OpenVote, PlayerObject, SessionState, StatisticsObject, StoryObject,
    TimerObject,
};
use crate::rules::ids::{PlayerId, SessionId, StoryId};
use crate::wire::socketio::Frame;

/// The payload of one event of the server.
pub trait ServerEvent: Serialize + Sized {
    /// The event's name.
    const NAME: &'static str;

    /// The event, encoded.
    fn frame(&self) -> Frame {
        Frame::new(Self::NAME, self)
    }
}

/// Gives payloads their events, and the page's types all of them.
macro_rules! server_events {
    ($($name:literal => $payload:ty,)+) => {
        $(impl ServerEvent for $payload {
            const NAME: &'static str = $name;
        })+

        /// Shows every event's name and payload to whoever writes them down.
        #[cfg(test)]
        pub(crate) fn tour(guest: &mut impl Guest) {
            $(guest.visit::<$payload>($name);)+
        }
    };
}

/// Writes events down.
#[cfg(test)]
pub(crate) trait Guest {
    /// Notes one event.
    fn visit<T: ts_rs::TS + 'static>(&mut self, name: &str);
}

server_events! {
    "session:joined" => SessionJoined<'_>,
    "session:error" => SessionError<'_>,
    "connection:error" => ConnectionError<'_>,
    "rate:limit" => RateLimit<'_>,
    "heartbeat:response" => HeartbeatResponse,
    "player:reconnected" => PlayerReconnected<'_>,
    "player:joined" => PlayerJoined<'_>,
    "player:left" => PlayerLeft,
    "player:updated" => PlayerUpdated<'_>,
    "player:removed" => PlayerRemoved,
    "player:promoted" => PlayerPromoted<'_>,
    "player:status_changed" => PlayerStatusChanged,
    "story:created" => StoryCreated<'_>,
    "story:updated" => StoryUpdated<'_>,
    "story:deleted" => StoryDeleted,
    "story:activated" => StoryActivated<'_>,
    "story:reordered" => StoryReordered<'_>,
    "vote:submitted" => VoteSubmitted,
    "vote:changed" => VoteChanged,
    "cards:revealed" => CardsRevealed<'_>,
    "game:reset" => GameReset,
    "timer:updated" => TimerUpdated<'_>,
    "reaction:sent" => ReactionSent<'_>,
}

/// Declares payloads: what is absent is left out.
macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident $(<$life:lifetime>)? {
        $($(#[$field_meta:meta])* $field:ident: $type:ty,)+
    })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Serialize)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
        #[serde(rename_all = "camelCase")]
        #[expect(missing_docs, reason = "the fields are the contract's")]
        pub struct $name $(<$life>)? {
            $($(#[$field_meta])* pub $field: $type,)+
        }
    )+};
}

payloads! {
    /// What a newly connected client needs to draw everything.
    SessionJoined<'a> {
        session_id: SessionId,
        #[cfg_attr(test, ts(optional = false))]
        player: Option<PlayerObject<'a>>,
        #[serde(flatten)]
        session: &'a SessionState<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        host_id: Option<PlayerId>,
        vote_count: usize,
        total_players: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<&'a str>,
    }

    /// Why something had no effect.
    Trouble<'a> {
        error: &'a str,
        code: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    }

    /// Something was sent too often; it may be sent again after that time.
    RateLimit<'a> {
        event: &'a str,
        retry_after: u64,
        retry_after_ms: u64,
    }

    /// The answer to a heartbeat, with what it said.
    HeartbeatResponse {
        server_time: u64,
        #[cfg_attr(test, ts(as = "Option<f64>"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        timestamp: Option<serde_json::Number>,
    }

    /// A known player is connected; precedes the whole state.
    PlayerReconnected<'a> {
        player: PlayerObject<'a>,
        session_state: &'a SessionState<'a>,
    }

    /// Somebody is on the roster.
    PlayerJoined<'a> {
        player: PlayerObject<'a>,
        player_count: usize,
    }

    /// Somebody is not on the roster any more.
    PlayerLeft {
        player_id: PlayerId,
        player_count: usize,
    }

    /// Somebody looks different.
    PlayerUpdated<'a> {
        player: PlayerObject<'a>,
    }

    /// The host has removed somebody.
    PlayerRemoved {
        player_id: PlayerId,
        removed_by: PlayerId,
        player_count: usize,
    }

    /// There is another host.
    PlayerPromoted<'a> {
        new_host: PlayerObject<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        previous_host: Option<PlayerObject<'a>>,
    }

    /// Somebody is connected, or is not.
    PlayerStatusChanged {
        player_id: PlayerId,
        is_online: bool,
        last_seen_at: Iso,
    }

    /// There is one more story.
    StoryCreated<'a> {
        story: StoryObject<'a>,
    }

    /// A story looks different.
    StoryUpdated<'a> {
        story: StoryObject<'a>,
    }

    /// A story is gone.
    StoryDeleted {
        story_id: StoryId,
    }

    /// A round on a story begins.
    StoryActivated<'a> {
        story: StoryObject<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        previous_active_story_id: Option<StoryId>,
    }

    /// The stories are in this order.
    StoryReordered<'a> {
        story_ids: &'a [StoryId],
    }

    /// Somebody has voted; what is never said.
    VoteSubmitted {
        player_id: PlayerId,
        has_voted: bool,
        vote_count: usize,
        total_players: usize,
    }

    /// Somebody has changed a vote; to what is never said.
    VoteChanged {
        player_id: PlayerId,
        has_voted: bool,
    }

    /// The cards are open.
    CardsRevealed<'a> {
        story_id: StoryId,
        votes: Vec<OpenVote<'a>>,
        consensus: ConsensusObject,
        #[serde(skip_serializing_if = "Option::is_none")]
        statistics: Option<StatisticsObject>,
    }

    /// The votes are gone; `story_id` is empty if no story is active.
    GameReset {
        story_id: String,
    }

    /// The timer was started, changed or stopped.
    TimerUpdated<'a> {
        timer: TimerObject<'a>,
    }

    /// Somebody shows everybody an emoji.
    ReactionSent<'a> {
        player_id: PlayerId,
        emoji: &'a str,
    }
}

/// Trouble with the session, or with a host's action.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(transparent)]
pub struct SessionError<'a>(pub Trouble<'a>);

/// Trouble with an action.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(transparent)]
pub struct ConnectionError<'a>(pub Trouble<'a>);

/// The answer to an event for which the client wanted one.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct Acknowledgement<'a> {
    pub ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'a str>,
}

impl Acknowledgement<'_> {
    /// What was asked for is done.
    pub const DONE: Self = Self {
        ok: true,
        error: None,
        code: None,
    };
}
