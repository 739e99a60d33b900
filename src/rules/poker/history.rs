//! Finished rounds: what was opened, kept as it was then, whatever becomes of stories and players.

use serde::{Deserialize, Serialize};

use super::Poker;
use super::story::{Round, Story};
use crate::rules::Timestamp;
use crate::rules::ids::{PlayerId, StoryId};

/// Most rounds that a session remembers; the oldest makes room.
pub const MAX_ROUNDS: usize = 100;

/// A round whose cards were opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastRound {
    /// Counted through the session, from 1.
    pub number: u64,
    /// Which story it was on, if that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<StoryId>,
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
    /// How sure the voter was, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// What he was called then, if that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl PastRound {
    /// The record of a round that has just been opened.
    pub(super) fn of(round: &Round, session: &Poker, revealed_at: Timestamp) -> Self {
        let story = session.story(round.story);
        let votes = round.opened().map(|vote| PastVote {
            player: vote.player,
            value: vote.value.clone(),
            confidence: vote.confidence,
            name: session.player(vote.player).map(|it| it.name.clone()),
        });
        Self {
            number: round.number,
            story: Some(round.story),
            title: story.and_then(Story::topic).map(str::to_owned),
            votes: votes.collect(),
            started_at: round.started_at,
            revealed_at,
        }
    }
}
