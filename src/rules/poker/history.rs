//! Finished rounds: what was opened, kept as it was then, whatever becomes of stories and players.

use serde::{Deserialize, Serialize};

use super::story::{Round, Story};
use crate::rules::Timestamp;
use crate::rules::ids::PlayerId;

/// Most rounds that a session remembers; the oldest makes room.
pub const MAX_ROUNDS: usize = 100;

/// A round whose cards were opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastRound {
    /// Counted through the session, from 1.
    pub number: u64,
    /// What it was about, if anybody said so.
    pub title: Option<String>,
    /// The opened cards, in the order of first votes.
    pub votes: Vec<PastVote>,
    /// When it began.
    pub started_at: Timestamp,
    /// When its cards were opened.
    pub revealed_at: Timestamp,
}

/// An opened card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastVote {
    /// Whose.
    pub player: PlayerId,
    /// The card.
    pub value: String,
}

impl PastRound {
    /// The record of a round on `story` that has just been opened.
    pub(super) fn of(round: &Round, story: Option<&Story>, revealed_at: Timestamp) -> Self {
        let votes = round.opened().map(|vote| PastVote {
            player: vote.player,
            value: vote.value.clone(),
        });
        Self {
            number: round.number,
            title: story.and_then(Story::topic).map(str::to_owned),
            votes: votes.collect(),
            started_at: round.started_at,
            revealed_at,
        }
    }
}
