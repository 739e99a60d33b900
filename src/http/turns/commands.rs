//! A clock's commands and its state.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::TurnsRest;
use super::answer::data;
use super::stations::{Arrived, Payload};
use crate::http::json::Json;
use crate::rules::turns::{Clock, Command};
use crate::wire::turns::desk::Switch;
use crate::wire::turns::failure::{Failure, Verb};
use crate::wire::turns::objects::{StateObject, SwitchObject};
use crate::wire::turns::validate;

type Desk = State<Arc<TurnsRest>>;

/// `POST /v1/sessions`
pub(super) async fn create(
    State(rest): Desk,
    Extension(Payload(body)): Extension<Payload>,
) -> Result<Json, Failure> {
    let state = |clock: &Clock| data(201, &StateObject::from(clock));
    rest.desk.create(&body, state).await
}

/// `GET /v1/sessions/:id`
pub(super) async fn show(State(rest): Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    rest.desk.show(&id, state).await
}

/// `DELETE /v1/sessions/:id`
pub(super) async fn delete(State(rest): Desk, ClockId(id): ClockId) -> Result<Response, Failure> {
    rest.desk.delete(&id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /v1/sessions/:id/start`
pub(super) async fn start(State(rest): Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    let command = (Command::Start, Verb::Start);
    rest.desk.give(&id, command, state).await
}

/// `POST /v1/sessions/:id/pause`
pub(super) async fn pause(State(rest): Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    let command = (Command::Pause, Verb::Pause);
    rest.desk.give(&id, command, state).await
}

/// `POST /v1/sessions/:id/resume`
pub(super) async fn resume(State(rest): Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    let command = (Command::Resume, Verb::Resume);
    rest.desk.give(&id, command, state).await
}

/// `POST /v1/sessions/:id/complete`
pub(super) async fn complete(State(rest): Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    let command = (Command::Complete, Verb::Other);
    rest.desk.give(&id, command, state).await
}

/// `POST /v1/sessions/:id/switch`
pub(super) async fn switch(
    State(rest): Desk,
    ClockId(id): ClockId,
    Extension(Payload(body)): Extension<Payload>,
    Extension(Arrived(arrived)): Extension<Arrived>,
) -> Result<Response, Failure> {
    let next = validate::next(&body).map_err(|issues| Failure::issues(&issues))?;
    let switch = Switch {
        next,
        version: None,
        arrived,
    };
    let standing = rest.desk.limits.count_switch(&id).await;
    let switched = match standing.map_or(Ok(()), |standing| standing.check()) {
        Ok(()) => {
            let result = |clock: &Clock| data(200, &SwitchObject::of(clock));
            rest.desk.switch(&id, switch, result).await
        }
        Err(failure) => Err(failure),
    };
    let mut response = switched.into_response();
    if let Some(standing) = standing {
        response.extensions_mut().insert(standing);
    }
    Ok(response)
}

fn state(clock: &Clock) -> Json {
    data(200, &StateObject::from(clock))
}

/// The id in the path, in the caller's own spelling.
pub(super) struct ClockId(String);

impl FromRequestParts<Arc<TurnsRest>> for ClockId {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, rest: &Arc<TurnsRest>) -> Result<Self, Failure> {
        let params = RawPathParams::from_request_parts(parts, rest).await;
        let params = params.map_err(|_| Failure::invalid("Malformed path"))?;
        let named = params.iter().find(|(name, _)| *name == "session");
        let id = Value::from(named.map_or("", |(_, id)| id));
        let id = validate::path_id(&id).map_err(|issues| Failure::issues(&issues));
        id.map(Self)
    }
}
