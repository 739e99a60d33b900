//! What is known of a socket of this dialect: its session, and whose it is.

use std::sync::OnceLock;

use crate::rules::ids::{PlayerId, SessionId};
use crate::wire::socketio;

/// One socket, as far as several tasks are concerned with it.
pub(super) type Link = socketio::Link<Holder>;

/// Whose socket it is.
pub(super) struct Holder {
    pub(super) session: SessionId,
    player: OnceLock<PlayerId>,
}

impl Holder {
    pub(super) fn of(session: SessionId) -> Self {
        Self {
            session,
            player: OnceLock::new(),
        }
    }

    /// The player on this socket, once there is one.
    pub(super) fn player(&self) -> Option<PlayerId> {
        self.player.get().copied()
    }

    pub(super) fn set_player(&self, player: PlayerId) {
        // A socket has at most one player in its life; the conversation sees to that.
        let _ = self.player.set(player);
    }
}
