//! Stories, and what is remembered of the rounds played on them.

use serde::{Deserialize, Serialize};

use crate::rules::Timestamp;
use crate::rules::ids::{PlayerId, StoryId, VoteId};

/// Something to be estimated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// Its id.
    pub id: StoryId,
    /// One line.
    pub title: String,
    /// More lines.
    pub description: Option<String>,
    /// What the team agreed on.
    pub estimate: Option<String>,
    /// Its place in the list.
    pub order: u64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was finished; cleared when it becomes active again.
    pub completed_at: Option<Timestamp>,
    /// Whether an earlier round on it had votes; such a story cannot be deleted.
    pub voted: bool,
    /// The last round before it ceased to be active, if that had votes.
    pub last_round: Option<Round>,
    /// How it came about.
    #[serde(default, skip_serializing_if = "Origin::is_backlog")]
    pub origin: Origin,
}

/// How a story came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Somebody put it on the backlog.
    #[default]
    Backlog,
    /// Somebody started a round by naming it.
    Round,
    /// Somebody started a round without saying what it is about; its title is made up.
    Untitled,
}

impl Origin {
    pub(super) fn is_backlog(&self) -> bool {
        *self == Self::Backlog
    }
}

impl Story {
    /// Its title, if somebody gave it one.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        (self.origin != Origin::Untitled).then_some(&self.title)
    }
}

/// One vote on one story: open while votes come in, then revealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Counted through the session, from 1.
    pub number: u64,
    /// The story it is on.
    pub story: StoryId,
    /// At most one per player, in the order of first votes.
    pub votes: Vec<Vote>,
    /// Whose cards were opened; `None` while the cards are closed.
    pub revealed: Option<Vec<PlayerId>>,
    /// When it began.
    #[serde(default)]
    pub started_at: Timestamp,
    /// When the cards were opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revealed_at: Option<Timestamp>,
}

/// A card on the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// Stays the same when the vote is changed.
    pub id: VoteId,
    /// Whose.
    pub player: PlayerId,
    /// The card; secret until the reveal.
    pub value: String,
    /// 1 to 5; secret until the reveal.
    pub confidence: Option<u8>,
    /// When this player first voted in this round.
    pub first_at: Timestamp,
    /// When he last changed it.
    pub changed_at: Timestamp,
}

impl Round {
    pub(super) fn new(number: u64, story: StoryId, started_at: Timestamp) -> Self {
        Self {
            number,
            story,
            votes: Vec::new(),
            revealed: None,
            started_at,
            revealed_at: None,
        }
    }

    /// Whether the cards are open.
    #[must_use]
    pub fn is_revealed(&self) -> bool {
        self.revealed.is_some()
    }

    /// This player's vote.
    #[must_use]
    pub fn vote_of(&self, player: PlayerId) -> Option<&Vote> {
        self.votes.iter().find(|vote| vote.player == player)
    }

    /// The votes whose cards were opened, in the order of first votes; none while closed.
    pub fn opened(&self) -> impl Iterator<Item = &Vote> {
        let opened = self.revealed.as_deref().unwrap_or_default();
        self.votes
            .iter()
            .filter(|vote| opened.contains(&vote.player))
    }

    pub(super) fn put(&mut self, vote: Vote) {
        match self.votes.iter_mut().find(|old| old.player == vote.player) {
            Some(old) => {
                old.value = vote.value;
                old.confidence = vote.confidence;
                old.changed_at = vote.changed_at;
            }
            None => self.votes.push(vote),
        }
    }

    pub(super) fn withdraw(&mut self, player: PlayerId) {
        self.votes.retain(|vote| vote.player != player);
        if let Some(opened) = &mut self.revealed {
            opened.retain(|&other| other != player);
        }
    }
}
