//! Sessions in memory, and what an operator may do to one: close it, or take somebody out of it.
//! Names and votes are nobody's business here.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::Ops;
use crate::http::bearer::bears;
use crate::room::{Look, SubmitError};
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::{Command, Player, Poker, Rejection};
use crate::rules::turns::Turns;
use crate::rules::{Actor, Timestamp};

/// Most sessions of one kind that are listed.
const MAX_LISTED: usize = 1000;

/// A session as operators see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: SessionId,
    dialect: &'static str,
    age_seconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    players: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    players_online: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stories: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<usize>,
}

/// `GET /sessions.json`
pub(super) async fn list(State(ops): State<Arc<Ops>>) -> Response {
    let (mut sessions, clocks) = tokio::join!(
        ops.rooms.survey(MAX_LISTED, Listed::poker),
        ops.clocks.survey(MAX_LISTED, Listed::clock)
    );
    sessions.extend(clocks);
    let in_memory = ops.rooms.rooms() + ops.clocks.rooms();
    Json(json!({ "inMemory": in_memory, "sessions": sessions })).into_response()
}

/// `POST /sessions/:id/close`
pub(super) async fn close(
    State(ops): State<Arc<Ops>>,
    Path(session): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    ops.permit(&headers)?;
    let session = SessionId::parse(&session).ok_or(Refusal::UNKNOWN)?;
    ops.command(session, Command::DeleteSession).await?;
    tracing::info!(%session, "an operator closed a session");
    Ok(Json(json!({ "closed": session })).into_response())
}

/// `POST /sessions/:id/players/:player/kick`
pub(super) async fn kick(
    State(ops): State<Arc<Ops>>,
    Path((session, player)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    ops.permit(&headers)?;
    let session = SessionId::parse(&session).ok_or(Refusal::UNKNOWN)?;
    let player = PlayerId::parse(&player).ok_or(Refusal::NOBODY)?;
    ops.command(session, Command::RemovePlayer(player)).await?;
    tracing::info!(%session, %player, "an operator removed a player");
    Ok(Json(json!({ "kicked": player })).into_response())
}

/// Why an operator's wish was not fulfilled.
pub(super) struct Refusal(StatusCode, &'static str);

impl Refusal {
    const CLOSED: Self = Self(
        StatusCode::FORBIDDEN,
        "no operator token is configured: start the server with --ops-token or ROUNDTABLE_OPS_TOKEN",
    );
    const STRANGER: Self = Self(
        StatusCode::UNAUTHORIZED,
        "the operator token is missing or wrong",
    );
    const UNKNOWN: Self = Self(StatusCode::NOT_FOUND, "no such session");
    const NOBODY: Self = Self(StatusCode::NOT_FOUND, "no such player in the session");
    const HOST: Self = Self(
        StatusCode::CONFLICT,
        "the host cannot be removed; close the session instead",
    );
    const FAILED: Self = Self(StatusCode::SERVICE_UNAVAILABLE, "try again");
}

impl From<SubmitError<Rejection>> for Refusal {
    fn from(error: SubmitError<Rejection>) -> Self {
        match error {
            SubmitError::Rejected(Rejection::CannotRemoveHost) => Self::HOST,
            SubmitError::Rejected(Rejection::PlayerUnknown) => Self::NOBODY,
            SubmitError::Rejected(_) | SubmitError::UnknownSession => Self::UNKNOWN,
            SubmitError::Busy | SubmitError::Contended | SubmitError::Store(_) => Self::FAILED,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl Ops {
    fn permit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = self.token.as_ref().ok_or(Refusal::CLOSED)?;
        bears(headers, token.expose())
            .then_some(())
            .ok_or(Refusal::STRANGER)
    }

    async fn command(&self, session: SessionId, command: Command) -> Result<(), Refusal> {
        let done = self.rooms.submit(session, Actor::System, command).await;
        done.map_err(Refusal::from)
    }
}

impl Listed {
    fn poker(id: SessionId, look: &Look<'_, Poker>) -> Self {
        let state = look.state;
        let online = state.roster().filter(|it: &&Player| it.online()).count();
        // Only those that were made over plain WebSockets end by idling.
        let signal = state.idle_life_millis.is_some();
        Self {
            id,
            dialect: if signal { "signal" } else { "poker" },
            age_seconds: age(state.created_at, look.now),
            players: Some(state.roster().count()),
            players_online: Some(online),
            stories: Some(state.stories.len()),
            participants: None,
        }
    }

    fn clock(id: SessionId, look: &Look<'_, Turns>) -> Self {
        let clock = look.state.clock.as_ref();
        let created = clock.map_or(look.now, |clock| clock.created_at);
        Self {
            id,
            dialect: "sync",
            age_seconds: age(created, look.now),
            players: None,
            players_online: None,
            stories: None,
            participants: clock.map(|clock| clock.participants.len()),
        }
    }
}

fn age(created_at: Timestamp, now: Timestamp) -> u64 {
    now.since(created_at).as_secs()
}
