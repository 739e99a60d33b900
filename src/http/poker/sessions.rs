//! Sessions: opening, showing, changing and ending them.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::PokerRest;
use super::answer::{Answer, Refusal};
use super::auth::{Caller, Role, is_open};
use super::request::{Origin, PathIds, Payload, in_body};
use crate::http::ceilings::Kind;
use crate::room::SubmitError;
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::Command;
use crate::rules::poker::command::{Life, NewSession, Newcomer};
use crate::wire::poker::session::SessionObject;
use crate::wire::poker::validate;

#[derive(Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "CreatedSession"))]
#[schema(as = CreatedSession)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created<'a> {
    session: SessionObject<'a>,
    join_url: String,
    host_token: String,
}

/// `POST /sessions`
pub(super) async fn create(
    State(desk): State<Arc<PokerRest>>,
    Origin(peer): Origin,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    desk.count(peer, Kind::Arrival)?;
    let request = validate::new_session(&body).map_err(in_body)?;
    let session = SessionId::new(Uuid::new_v4());
    let host = Newcomer {
        id: PlayerId::new(Uuid::new_v4()),
        name: request.host_name,
        avatar: request.host_avatar,
        spectator: false,
        proof: desk.proof(session, peer),
        key: None,
    };
    let passcode = match request.password {
        Some(password) => Some(desk.gate.hash(password).await),
        None => None,
    };
    let host_token = desk.gate.token(session, host.id, true);
    let join_url = desk.join_url(session);
    let command = Command::CreateSession(Box::new(NewSession {
        name: request.name,
        host,
        settings: request.settings,
        passcode,
        life: Life::Fixed,
    }));
    let opened = desk.gate.rooms.create(session, command, move |look| {
        let session = SessionObject::of(session, look.state);
        Answer::created(&Created {
            session,
            join_url,
            host_token,
        })
    });
    let failed = |error| Refusal::of(&error, "Failed to create session");
    opened.await.map_err(failed)
}

/// `GET /sessions/:id`
pub(super) async fn show(
    State(desk): State<Arc<PokerRest>>,
    ids: PathIds,
) -> Result<Answer, Refusal> {
    const UNKNOWN: Refusal = Refusal::new(404, "Session not found or has expired", "NOT_FOUND");
    let session = ids.session("id")?;
    let shown = desk.gate.rooms.view(session, move |look| {
        is_open(&look).then(|| Answer::ok(&SessionObject::of(session, look.state)))
    });
    match shown.await {
        Ok(shown) => shown.ok_or(UNKNOWN),
        Err(SubmitError::UnknownSession) => Err(UNKNOWN),
        Err(error) => Err(Refusal::of(&error, "Internal server error")),
    }
}

/// `PUT /sessions/:id`
pub(super) async fn change(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    let session = ids.session("id")?;
    caller.ensure_in(&desk, session, Role::Host).await?;
    let patch = validate::settings_patch(&body).map_err(in_body)?;
    let command = Command::UpdateSettings(patch);
    let rooms = &desk.gate.rooms;
    let changed = rooms.submit_then(session, caller.actor(), command, move |look| {
        Answer::ok(&SessionObject::of(session, look.state))
    });
    let failed = |error| Refusal::of(&error, "Failed to update session");
    changed.await.map_err(failed)
}

/// `DELETE /sessions/:id`
pub(super) async fn end(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
) -> Result<Answer, Refusal> {
    let session = ids.session("id")?;
    caller.ensure_in(&desk, session, Role::Host).await?;
    let command = Command::DeleteSession;
    let ended = desk.gate.rooms.submit(session, caller.actor(), command);
    let failed = |error| Refusal::of(&error, "Failed to delete session");
    ended.await.map_err(failed)?;
    Ok(Answer::message("Session deleted successfully"))
}

impl PokerRest {
    fn join_url(&self, session: SessionId) -> String {
        let origin = self.settings.client_url.trim_end_matches('/');
        format!("{origin}/game/{session}")
    }
}
