//! Casting votes.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::PokerRest;
use super::answer::{Answer, Refusal};
use super::auth::{Caller, OpenCaller};
use super::request::{PathIds, Payload, both, in_body};
use crate::room::SubmitError;
use crate::rules::Actor;
use crate::rules::ids::{PlayerId, SessionId, VoteId};
use crate::rules::poker::command::Wording;
use crate::rules::poker::{Command, Poker, Rejection};
use crate::wire::poker::gate::Auth;
use crate::wire::poker::objects::Iso;
use crate::wire::poker::validate::{self, Ballot, Code, Issues};

#[derive(Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "VoteReceipt"))]
#[schema(as = VoteReceipt)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    vote_id: VoteId,
    timestamp: Iso,
}

/// `POST /sessions/:sessionId/vote`
pub(super) async fn cast(
    State(desk): State<Arc<PokerRest>>,
    caller: OpenCaller,
    ids: PathIds,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId")?;
    let caller = caller.in_session(&desk, session)?;
    let (ballot, named) =
        both(validate::vote(&body, session), validate::voter(&body)).map_err(in_body)?;
    let voter = desk.voter(session, caller, named).await?;
    desk.submit_vote(session, voter, ballot).await
}

impl PokerRest {
    /// Whose vote it is: the caller's, or with [`Auth::Open`] whoever's the body says.
    async fn voter(
        &self,
        session: SessionId,
        caller: Option<Caller>,
        named: Option<String>,
    ) -> Result<PlayerId, Refusal> {
        let same = |caller: &Caller, named: &str| PlayerId::parse(named) == Some(caller.player);
        match (self.gate.auth, caller, named) {
            (_, Some(caller), None) => Ok(caller.player),
            (_, Some(caller), Some(named)) if same(&caller, &named) => Ok(caller.player),
            (Auth::Open, _, Some(named)) => self.believe(session, &named).await,
            (_, Some(_), Some(_)) => Err(Refusal::forbidden("Cannot vote for another player")),
            (_, None, _) => {
                let issues = Issues::one("playerId", "Required", Code::InvalidType);
                Err(in_body(issues).into())
            }
        }
    }

    /// The player of this name, back on the roster if he had left.
    async fn believe(&self, session: SessionId, named: &str) -> Result<PlayerId, Refusal> {
        const UNKNOWN: Refusal = Refusal::new(404, "Player not found", "NOT_FOUND");
        let player = PlayerId::parse(named).ok_or(UNKNOWN)?;
        let touch = Command::Touch {
            player,
            proof: None,
        };
        let touched = self
            .gate
            .rooms
            .submit(session, Actor::Player(player), touch);
        match touched.await {
            Ok(()) => Ok(player),
            Err(SubmitError::Rejected(Rejection::PlayerRemoved)) => Err(UNKNOWN),
            Err(error) => Err(Refusal::of(&error, "Failed to submit vote")),
        }
    }

    async fn submit_vote(
        &self,
        session: SessionId,
        voter: PlayerId,
        ballot: Ballot,
    ) -> Result<Answer, Refusal> {
        let command = Command::SubmitVote {
            story: ballot.story,
            value: ballot.value,
            confidence: ballot.confidence,
            wording: Wording::Submit,
        };
        let rooms = &self.gate.rooms;
        let cast = rooms.submit_then(session, Actor::Player(voter), command, move |look| {
            Answer::ok(&receipt(look.state, voter))
        });
        cast.await.map_err(|error| match error {
            SubmitError::Rejected(Rejection::ValueTooLong) => too_long().into(),
            error => Refusal::of(&error, "Failed to submit vote"),
        })
    }
}

fn receipt(state: &Poker, voter: PlayerId) -> Option<Receipt> {
    let vote = state.round.as_ref()?.vote_of(voter)?;
    Some(Receipt {
        vote_id: vote.id,
        timestamp: Iso(vote.first_at),
    })
}

/// Only the room knows whether a long value is a card.
fn too_long() -> Issues {
    let text = "Vote value must be 10 characters or less";
    in_body(Issues::one("value", text, Code::TooBig))
}
