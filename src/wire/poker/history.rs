//! The JSON objects of finished rounds. What was never opened is in none of them.

use serde::Serialize;
use utoipa::ToSchema;

use super::objects::{ConsensusObject, Iso, OpenVote, StatisticsObject};
use crate::rules::ids::StoryId;
use crate::rules::poker::history::PastVote;
use crate::rules::poker::stats::{Consensus, Statistics};
use crate::rules::poker::{PastRound, Poker};

/// A round whose cards were opened, as it was then.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Round", optional_fields))]
#[schema(as = Round)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct RoundObject<'a> {
    pub number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub story_id: Option<StoryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    pub started_at: Iso,
    pub revealed_at: Iso,
    pub votes: Vec<OpenVote<'a>>,
    pub consensus: ConsensusObject,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<StatisticsObject>,
}

impl<'a> RoundObject<'a> {
    /// The rounds that the session remembers, oldest first.
    #[must_use]
    pub fn list(state: &'a Poker) -> Vec<Self> {
        let rounds = state.history.iter();
        rounds.map(|round| Self::of(state, round)).collect()
    }

    fn of(state: &'a Poker, round: &'a PastRound) -> Self {
        let votes = round.votes.iter();
        Self {
            number: round.number,
            story_id: round.story,
            title: round.title.as_deref(),
            started_at: Iso(round.started_at),
            revealed_at: Iso(round.revealed_at),
            votes: votes.map(|vote| opened(state, vote)).collect(),
            consensus: Consensus::of(&round.votes)
                .map(ConsensusObject::from)
                .unwrap_or_default(),
            statistics: Statistics::of(&round.votes).map(StatisticsObject::from),
        }
    }
}

/// Older records do not say what a voter was called; he is then called what he is now.
fn opened<'a>(state: &'a Poker, vote: &'a PastVote) -> OpenVote<'a> {
    let present = || state.player(vote.player).map(|player| &*player.name);
    OpenVote {
        player_id: vote.player,
        player_name: vote.name.as_deref().or_else(present).unwrap_or_default(),
        value: &vote.value,
        confidence: vote.confidence,
    }
}
