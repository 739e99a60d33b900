//! Joining, as somebody new or as who one was before.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::PokerRest;
use super::answer::{Answer, Refusal};
use super::request::{Origin, PathIds, Payload, both, in_body};
use crate::http::ceilings::Kind;
use crate::room::{Look, SubmitError};
use crate::rules::Actor;
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::command::{Door, Entrance, Newcomer};
use crate::rules::poker::{Command, PasscodeHash, Poker, Rejection, Stage};
use crate::wire::poker::validate::{self, Channel};

#[derive(Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "JoinedSession"))]
#[schema(as = JoinedSession)]
#[serde(rename_all = "camelCase")]
pub(super) struct Joined<'a> {
    player_id: PlayerId,
    session_id: SessionId,
    token: &'a str,
}

/// `POST /sessions/:id/join`
pub(super) async fn join(
    State(desk): State<Arc<PokerRest>>,
    Origin(peer): Origin,
    ids: PathIds,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    desk.count(peer, Kind::Arrival)?;
    let request = validate::join(&body, Channel::Rest).map_err(in_body);
    let (session, request) = both(ids.session("id"), request)?;
    let newcomer = Newcomer {
        id: PlayerId::new(Uuid::new_v4()),
        name: request.name,
        avatar: request.avatar,
        spectator: request.spectator,
        proof: desk.proof(session, peer),
        key: None,
    };
    let former = desk.bearer_in(&headers, session);
    desk.admit(session, &newcomer, former, request.password)
        .await?;
    desk.enter(session, newcomer, former).await
}

impl PokerRest {
    /// Asks for the session's password, unless a former player comes back.
    async fn admit(
        &self,
        session: SessionId,
        newcomer: &Newcomer,
        former: Option<PlayerId>,
        password: Option<String>,
    ) -> Result<(), Refusal> {
        let newcomer = newcomer.clone();
        let asked = self.gate.rooms.view(session, move |look| {
            passcode(&look).map(|passcode| {
                let back = former.is_some_and(|id| look.state.rejoining(id, &newcomer).is_some());
                passcode.filter(|_| !back)
            })
        });
        let asked = asked.await.map_err(|error| failed(&error))?;
        let asked = asked.map_err(|error| failed(&error))?;
        let Some(passcode) = asked else {
            return Ok(());
        };
        let password = password.ok_or(Refusal::unauthorized("Password required"))?;
        let known = self.gate.verify(password, passcode).await;
        known
            .then_some(())
            .ok_or(Refusal::unauthorized("Invalid password"))
    }

    async fn enter(
        self: &Arc<Self>,
        session: SessionId,
        newcomer: Newcomer,
        former: Option<PlayerId>,
    ) -> Result<Answer, Refusal> {
        let (desk, new) = (self.clone(), newcomer.id);
        let by = Door::Rest { former };
        let command = Command::Enter(Box::new(Entrance { newcomer, by }));
        let rooms = &self.gate.rooms;
        let entered = rooms.submit_then(session, Actor::System, command, move |look| {
            // Nobody new is there: it was the former player who came in.
            let is_new = look.state.player(new).is_some();
            let player_id = former.filter(|_| !is_new).unwrap_or(new);
            let host = look.state.is_host(player_id);
            Answer::ok(&Joined {
                player_id,
                session_id: session,
                token: &desk.gate.token(session, player_id, host),
            })
        });
        entered.await.map_err(|error| failed(&error))
    }
}

/// The password a newcomer must know.
fn passcode(look: &Look<'_, Poker>) -> Result<Option<PasscodeHash>, SubmitError<Rejection>> {
    let state = look.state;
    match state.stage_at(look.now) {
        Stage::Open => Ok(state.passcode.clone()),
        Stage::Expired => Err(SubmitError::Rejected(Rejection::SessionExpired)),
        Stage::Unborn | Stage::Deleted => Err(SubmitError::UnknownSession),
    }
}

fn failed(error: &SubmitError<Rejection>) -> Refusal {
    match error {
        SubmitError::UnknownSession | SubmitError::Rejected(Rejection::SessionUnknown) => {
            Refusal::new(404, "Session not found or inactive", "NOT_FOUND")
        }
        error => Refusal::of(error, "Failed to join session"),
    }
}
