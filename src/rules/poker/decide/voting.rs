//! Rounds: voting, opening the cards, and starting over.

use crate::rules::Actor;
use crate::rules::ids::{VoteId, utf16_len};

use super::backlog::updated;
use super::{Cx, Decision, NOTHING};
use crate::rules::poker::command::{StoryRef, Wording};
use crate::rules::poker::stats::Consensus;
use crate::rules::poker::{Event, Poker, Rejection, Right, Round};

/// Longest value of a vote in UTF-16 units, unless the deck has a longer card.
const MAX_VALUE_UNITS: usize = 10;

/// How the cards are opened on pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    AtOnce,
    Countdown,
}

impl Poker {
    pub(super) fn submit_vote(
        &self,
        cx: &Cx<'_>,
        story: StoryRef,
        (value, confidence): (String, Option<u8>),
        wording: Wording,
    ) -> Decision {
        let Actor::Player(player) = cx.actor else {
            return Err(Rejection::PlayerUnknown);
        };
        let voter = self.ensure_member(player)?;
        let round = self.round_on(story)?;
        if round.is_revealed() {
            return Err(Rejection::AlreadyRevealed);
        }
        if voter.spectator {
            return Err(Rejection::SpectatorsCannotVote);
        }
        if utf16_len(&value) > MAX_VALUE_UNITS && !self.settings.cards.contains(&value) {
            return Err(Rejection::ValueTooLong);
        }
        let before = round.vote_of(player);
        if before.is_some_and(|vote| vote.value == value && vote.confidence == confidence) {
            return NOTHING;
        }
        let vote = before.map_or(VoteId::new(cx.fresh), |vote| vote.id);
        Ok(vec![Event::VoteSubmitted {
            vote,
            player,
            value,
            confidence,
            wording,
        }])
    }

    pub(super) fn play_card(&self, cx: &Cx<'_>, value: String) -> Decision {
        let shown = self.settings.shown_deck().cards().contains(&value.as_str());
        if !shown && !self.settings.cards.contains(&value) {
            return Err(Rejection::NotInDeck);
        }
        self.submit_vote(cx, StoryRef::Active, (value, None), Wording::Submit)
    }

    pub(super) fn reveal(&self, cx: &Cx<'_>, story: StoryRef, pace: Pace) -> Decision {
        let round = match self.round_on(story) {
            Err(Rejection::StoryNotActive) if story == StoryRef::Active => {
                return Err(Rejection::NoActiveStory);
            }
            round => round?,
        };
        let entitled = self.entitled(cx, &self.settings.rights.reveal)?;
        if round.is_revealed() {
            return NOTHING;
        }
        if !entitled && !self.is_complete() {
            return Err(Rejection::HostOnly);
        }
        if self.vote_count() == 0 {
            return Err(Rejection::NoVotes);
        }
        Ok(self.opening(pace))
    }

    /// The facts of opening the cards: the estimate they lead to, then the cards themselves.
    pub(super) fn opening(&self, pace: Pace) -> Vec<Event> {
        let Some(story) = self.active() else {
            return Vec::new();
        };
        let consensus = Consensus::of(self.counted_votes());
        let estimate = consensus
            .as_ref()
            .and_then(Consensus::estimate)
            .map(str::to_owned);
        let mut events = Vec::with_capacity(2);
        if estimate.is_some() {
            events.push(updated(story, None, None, estimate));
        }
        let counted = self.counted_votes().map(|vote| vote.player).collect();
        let countdown = pace == Pace::Countdown;
        events.push(Event::CardsRevealed {
            story,
            counted,
            countdown,
        });
        events
    }

    pub(super) fn reset_round(&self, cx: &Cx<'_>, story: StoryRef) -> Decision {
        if story != StoryRef::Active {
            self.round_on(story)?;
        }
        if !self.entitled(cx, &Right::Host)? && !self.is_revealed() {
            return Err(Rejection::HostOnly);
        }
        Ok(vec![Event::RoundReset {
            story: self.active(),
        }])
    }

    /// The current round, if it is on the story that the request means.
    fn round_on(&self, story: StoryRef) -> Result<&Round, Rejection> {
        let round = self.round.as_ref().ok_or(Rejection::StoryNotActive)?;
        match story {
            StoryRef::Active => Ok(round),
            StoryRef::Id(id) if id == round.story => Ok(round),
            StoryRef::Round(number) if number == round.number => Ok(round),
            StoryRef::Id(_) | StoryRef::Round(_) | StoryRef::Unknown => {
                Err(Rejection::StoryNotActive)
            }
        }
    }
}
