//! Players: who is on the roster, who is online, and what each had seen when his line broke.

use serde::{Deserialize, Serialize};

use crate::rules::Timestamp;
use crate::rules::ids::{NodeId, PlayerId, SeatId, StoryId};

use super::event::NewPlayer;

/// How many proven addresses a player keeps; the oldest makes room.
const MAX_PROOFS: usize = 16;

/// Somebody who takes part, took part, or was removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Player {
    /// His id, the same towards everybody.
    pub id: PlayerId,
    /// What he is called.
    pub name: String,
    /// An emoji or an avatar's name.
    pub avatar: String,
    /// Whether he only watches.
    pub spectator: bool,
    /// When he joined first.
    pub joined_at: Timestamp,
    /// His last sign of life that the room knows of.
    pub last_seen: Timestamp,
    /// When the room was last shown a sign of life of his.
    #[serde(default)]
    pub announced_at: Option<Timestamp>,
    /// Whether he takes part.
    pub standing: Standing,
    /// His live connections, oldest first.
    pub seats: Vec<Seat>,
    /// Whether he counts as online although he has no connection yet: he came over REST.
    pub awaited: bool,
    /// Since when he has had no connection; of no meaning while he has one.
    pub unseated_since: Timestamp,
    /// What his screen showed when his last connection ended.
    pub last_view: Option<View>,
    /// Addresses from which he has proven who he is.
    pub proofs: Vec<Proof>,
    /// By what he is known again, if he chose that himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
}

/// Whether a player takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// On the roster.
    Present,
    /// Gone, but known; he may come back.
    Left,
    /// Removed by the host, for good.
    Removed,
}

/// One live connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The connection.
    pub id: SeatId,
    /// The node that serves it.
    pub node: NodeId,
    /// What its predecessor showed last, if there was one.
    pub prior: Option<View>,
    /// What the session looked like when it began.
    pub view: View,
}

/// What a screen shows: enough to tell whether it has missed a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The active story.
    pub story: Option<StoryId>,
    /// The number of the round on it.
    pub round: u64,
    /// Whether the cards were open.
    pub revealed: bool,
}

/// An opaque, keyed fingerprint of a peer address; the address itself is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Proof(pub u64);

/// By what a player who chose his own id is known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// An opaque, keyed fingerprint of the id he chose, which nobody else knows.
    pub fingerprint: u64,
    /// The id itself, where the operator lets everybody see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

impl Player {
    pub(super) fn new(player: &NewPlayer, at: Timestamp) -> Self {
        Self {
            id: player.id,
            name: player.name.clone(),
            avatar: player.avatar.clone(),
            spectator: player.spectator,
            joined_at: at,
            last_seen: at,
            announced_at: None,
            standing: Standing::Present,
            seats: Vec::new(),
            awaited: true,
            unseated_since: at,
            last_view: None,
            proofs: player.proof.into_iter().collect(),
            key: player.key.clone(),
        }
    }

    /// Whether he is on the roster.
    #[must_use]
    pub fn present(&self) -> bool {
        self.standing == Standing::Present
    }

    /// Whether his vote is asked for.
    #[must_use]
    pub fn is_voter(&self) -> bool {
        self.present() && !self.spectator
    }

    /// Whether the others see him online.
    #[must_use]
    pub fn online(&self) -> bool {
        self.present() && (self.awaited || !self.seats.is_empty())
    }

    /// The connection with this id, if it is live.
    #[must_use]
    pub fn seat(&self, id: SeatId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.id == id)
    }

    /// Whether he has proven to be who he says from this address.
    #[must_use]
    pub fn proven_from(&self, proof: Proof) -> bool {
        self.proofs.contains(&proof)
    }

    /// The last moment at which he was connected or called over REST.
    #[must_use]
    pub(super) fn absent_since(&self) -> Option<Timestamp> {
        self.seats
            .is_empty()
            .then(|| self.unseated_since.max(self.last_seen))
    }

    pub(super) fn prove(&mut self, proof: Proof) {
        if self.proven_from(proof) {
            return;
        }
        if self.proofs.len() == MAX_PROOFS {
            self.proofs.remove(0);
        }
        self.proofs.reserve_exact(1);
        self.proofs.push(proof);
    }

    pub(super) fn take_seat(&mut self, id: SeatId, node: NodeId, view: View) {
        let prior = self.seats.last().map(|seat| seat.view).or(self.last_view);
        // Few have a second one, and a push would make room for four.
        self.seats.reserve_exact(1);
        self.seats.push(Seat {
            id,
            node,
            prior,
            view,
        });
        self.awaited = false;
    }

    pub(super) fn leave_seat(&mut self, id: SeatId, at: Timestamp, view: View) {
        self.seats.retain(|seat| seat.id != id);
        if self.seats.is_empty() {
            self.unseated_since = at;
            self.last_seen = at;
            self.last_view = Some(view);
        }
    }

    pub(super) fn return_at(&mut self, at: Timestamp) {
        self.standing = Standing::Present;
        self.awaited = self.seats.is_empty();
        self.unseated_since = at;
        self.last_seen = at;
    }

    pub(super) fn seen_at(&mut self, at: Timestamp) {
        self.last_seen = at;
        if self.awaited {
            self.unseated_since = at;
        }
    }
}
