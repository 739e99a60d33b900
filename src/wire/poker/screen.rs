//! The whole state, as those are shown it who have just come: encoded once, however many frames it is in.

use super::objects::{PlayerObject, SessionState};
use super::payloads::{PlayerReconnected, ServerEvent, SessionJoined};
use crate::room::Look;
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::Poker;
use crate::wire::socketio::Frame;

/// The state of a session at one moment.
pub struct Screen<'a> {
    session: SessionId,
    state: &'a Poker,
    shown: SessionState<'a>,
}

impl<'a> Screen<'a> {
    /// What is to be seen of a session now.
    #[must_use]
    pub fn of(session: SessionId, look: &Look<'a, Poker>) -> Self {
        Self {
            session,
            state: look.state,
            shown: SessionState::at(look.state, look.now),
        }
    }

    /// The `session:joined` of one viewer; `token` only for a player this socket created.
    #[must_use]
    pub fn joined(&self, viewer: Option<PlayerId>, token: Option<&str>) -> Frame {
        SessionJoined {
            session_id: self.session,
            player: viewer.and_then(|id| PlayerObject::find(self.state, id)),
            session: &self.shown,
            host_id: self.state.host,
            vote_count: self.state.vote_count(),
            total_players: self.state.total_players(),
            token,
        }
        .frame()
    }

    /// The `player:reconnected` that precedes `session:joined` for a known player.
    #[must_use]
    pub fn reconnected(&self, viewer: PlayerId) -> Option<Frame> {
        let player = PlayerObject::find(self.state, viewer)?;
        let session_state = &self.shown;
        let reconnected = PlayerReconnected {
            player,
            session_state,
        };
        Some(reconnected.frame())
    }
}
