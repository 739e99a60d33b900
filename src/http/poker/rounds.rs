//! Rounds: opening the cards, starting over, going on to the next story.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::PokerRest;
use super::answer::{Answer, Refusal};
use super::auth::{Caller, OpenCaller, Role};
use super::request::{PathIds, Payload, in_body};
use crate::rules::Actor;
use crate::rules::ids::{StoryId, VoteId};
use crate::rules::poker::command::StoryRef;
use crate::rules::poker::stats::{Consensus, Statistics};
use crate::rules::poker::{Command, Poker, Round, Vote};
use crate::wire::poker::gate::Auth;
use crate::wire::poker::objects::{ConsensusObject, Iso, OpenVote, StatisticsObject};
use crate::wire::poker::validate;

/// The open cards of a round; the same whenever it is asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = Reveal)]
pub(super) struct Revealed<'a> {
    votes: Vec<RevealedVote<'a>>,
    #[schema(required)]
    consensus: Option<ConsensusObject>,
    #[schema(required)]
    statistics: Option<StatisticsObject>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RevealedVote<'a> {
    id: VoteId,
    #[serde(flatten)]
    vote: OpenVote<'a>,
    timestamp: Iso,
}

impl<'a> Revealed<'a> {
    fn of(state: &'a Poker, round: &'a Round) -> Self {
        let opened = round.opened();
        Self {
            votes: opened.map(|vote| RevealedVote::of(state, vote)).collect(),
            consensus: Consensus::of(round.opened()).map(ConsensusObject::from),
            statistics: Statistics::of(round.opened()).map(StatisticsObject::from),
        }
    }
}

impl<'a> RevealedVote<'a> {
    fn of(state: &'a Poker, vote: &'a Vote) -> Self {
        Self {
            id: vote.id,
            vote: OpenVote::of(state, vote),
            timestamp: Iso(vote.first_at),
        }
    }
}

/// `POST /sessions/:sessionId/reveal`
pub(super) async fn reveal(
    State(desk): State<Arc<PokerRest>>,
    caller: OpenCaller,
    ids: PathIds,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId")?;
    let caller = caller.in_session(&desk, session)?;
    let command = Command::RevealCards(StoryRef::Active);
    let rooms = &desk.gate.rooms;
    let revealed = rooms.submit_then(session, desk.actor(caller), command, |look| {
        let round = look.state.round.as_ref();
        Answer::ok(&round.map(|round| Revealed::of(look.state, round)))
    });
    let failed = |error| Refusal::of(&error, "Failed to reveal cards");
    revealed.await.map_err(failed)
}

/// `POST /sessions/:sessionId/reset-voting`
pub(super) async fn reset(
    State(desk): State<Arc<PokerRest>>,
    caller: OpenCaller,
    ids: PathIds,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId")?;
    let caller = caller.in_session(&desk, session)?;
    let command = Command::ResetRound(StoryRef::Active);
    let rooms = &desk.gate.rooms;
    let reset = rooms.submit(session, desk.actor(caller), command);
    let failed = |error| Refusal::of(&error, "Failed to reset voting");
    reset.await.map_err(failed)?;
    Ok(Answer::message("Voting reset successfully"))
}

/// `POST /sessions/:sessionId/reset`
pub(super) async fn go_on(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId")?;
    caller.ensure_member_of(session)?;
    caller.ensure(Role::Manager)?;
    let id = StoryId::new(Uuid::new_v4());
    let next = validate::next_story(&body, id).map_err(in_body)?;
    let command = Command::NextStory(next);
    let rooms = &desk.gate.rooms;
    let gone_on = rooms.submit(session, caller.actor(), command);
    let failed = |error| Refusal::of(&error, "Failed to reset game");
    gone_on.await.map_err(failed)?;
    Ok(Answer::message("New round started"))
}

impl PokerRest {
    /// Who opens or resets a round; with [`Auth::Open`] anybody may, as if the server did it.
    fn actor(&self, caller: Option<Caller>) -> Actor {
        match (self.gate.auth, caller) {
            (Auth::Strict, Some(caller)) => caller.actor(),
            _ => Actor::System,
        }
    }
}
