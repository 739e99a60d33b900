//! A clock's commands and its state.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::TurnsRest;
use super::answer::{Failure, Verb, data};
use super::stations::Payload;
use super::validate;
use crate::http::json::Json;
use crate::room::SubmitError;
use crate::rules::Actor;
use crate::rules::turns::{Clock, Command, Rejection};
use crate::wire::turns::log_of;
use crate::wire::turns::objects::{StateObject, SwitchObject};

type Desk = State<Arc<TurnsRest>>;

/// `POST /v1/sessions`
pub(super) async fn create(
    State(desk): Desk,
    Extension(Payload(body)): Extension<Payload>,
) -> Result<Json, Failure> {
    let plan = validate::plan(&body).map_err(|issues| Failure::issues(&issues))?;
    if let Some(id) = validate::duplicate(&plan) {
        return Err(Failure::invalid(format!("Duplicate participant_id: {id}")));
    }
    let (id, log) = (plan.id.clone(), log_of(&plan.id));
    let command = Command::Create(Box::new(plan));
    let created = desk.turns.rooms.begin(log, command, |look| {
        let clock = look.state.clock.as_ref();
        clock.map(|clock| data(201, &StateObject::from(clock)))
    });
    let created = created
        .await
        .map_err(|error| Failure::of(&error, &id, Verb::Other))?;
    created.ok_or_else(|| Failure::unknown(&id))
}

/// `GET /v1/sessions/:id`
pub(super) async fn show(State(desk): Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    let policy = desk.turns.rooms.surroundings().policy.clone();
    let shown = desk.turns.rooms.glance(log_of(&id), move |look| {
        let clock = look.state.clock_at(look.now, &policy);
        clock.map(|clock| data(200, &StateObject::from(clock)))
    });
    let shown = shown
        .await
        .map_err(|error| Failure::of(&error, &id, Verb::Other))?;
    shown.ok_or_else(|| Failure::unknown(&id))
}

/// `DELETE /v1/sessions/:id`
pub(super) async fn delete(State(desk): Desk, ClockId(id): ClockId) -> Result<Response, Failure> {
    // Whoever waits for a clock that never was is let go, too.
    let deleted = desk.turns.rooms.begin(log_of(&id), Command::Delete, |_| ());
    deleted
        .await
        .map_err(|error| Failure::of(&error, &id, Verb::Other))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /v1/sessions/:id/start`
pub(super) async fn start(desk: Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    give(desk, &id, (Command::Start, Verb::Start)).await
}

/// `POST /v1/sessions/:id/pause`
pub(super) async fn pause(desk: Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    give(desk, &id, (Command::Pause, Verb::Pause)).await
}

/// `POST /v1/sessions/:id/resume`
pub(super) async fn resume(desk: Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    give(desk, &id, (Command::Resume, Verb::Resume)).await
}

/// `POST /v1/sessions/:id/complete`
pub(super) async fn complete(desk: Desk, ClockId(id): ClockId) -> Result<Json, Failure> {
    give(desk, &id, (Command::Complete, Verb::Other)).await
}

/// `POST /v1/sessions/:id/switch`
pub(super) async fn switch(
    State(desk): Desk,
    ClockId(id): ClockId,
    Extension(Payload(body)): Extension<Payload>,
) -> Result<Response, Failure> {
    let arrived = Instant::now();
    let next = validate::next(&body).map_err(|issues| Failure::issues(&issues))?;
    let standing = desk.limits.count_switch(log_of(&id));
    let checked = standing.map_or(Ok(()), |standing| {
        standing.check("Too many cycle switches for this session, please slow down")
    });
    let switched = match checked {
        Ok(()) => desk.switch(&id, next, arrived).await,
        Err(failure) => Err(failure),
    };
    let mut response = switched.into_response();
    if let Some(standing) = standing {
        response.extensions_mut().insert(standing);
    }
    Ok(response)
}

impl TurnsRest {
    async fn switch(
        &self,
        id: &str,
        next: Option<String>,
        arrived: Instant,
    ) -> Result<Json, Failure> {
        let command = Command::Switch {
            next: next.clone(),
            version: None,
        };
        let switched = self.submit(id, command, |clock| data(200, &SwitchObject::of(clock)));
        match (switched.await, next) {
            (Err(SubmitError::Rejected(Rejection::ParticipantUnknown)), Some(next)) => {
                Err(Failure::unknown_participant(&next))
            }
            (Err(error), _) => Err(match self.overtaken(id, &error, arrived).await {
                Some(conflict) => conflict,
                None => Failure::of(&error, id, Verb::Switch),
            }),
            (Ok(answer), _) => Ok(answer),
        }
    }

    /// A switch that came before anybody knew that the clock runs no more has lost a race, and is
    /// told so (3.8).
    async fn overtaken(
        &self,
        id: &str,
        error: &SubmitError<Rejection>,
        arrived: Instant,
    ) -> Option<Failure> {
        let SubmitError::Rejected(Rejection::WrongStatus(_)) = error else {
            return None;
        };
        let changed = self.turns.rooms.view(log_of(id), move |look| {
            let clock = look.state.clock.as_ref()?;
            (look.changed_at > arrived).then_some(clock.version)
        });
        let actual = changed.await.ok().flatten()?;
        let expected = actual.saturating_sub(1);
        let outdated = SubmitError::Rejected(Rejection::Outdated { expected, actual });
        Some(Failure::of(&outdated, id, Verb::Switch))
    }

    async fn submit(
        &self,
        id: &str,
        command: Command,
        answer: impl FnOnce(&Clock) -> Json + Send + 'static,
    ) -> Result<Json, SubmitError<Rejection>> {
        let rooms = &self.turns.rooms;
        let done = rooms.submit_then(log_of(id), Actor::System, command, |look| {
            look.state.clock.as_ref().map(answer)
        });
        done.await?.ok_or(SubmitError::UnknownSession)
    }
}

/// Gives a command that is answered with the state.
async fn give(
    State(desk): Desk,
    id: &str,
    (command, verb): (Command, Verb),
) -> Result<Json, Failure> {
    let state = |clock: &Clock| data(200, &StateObject::from(clock));
    let done = desk.submit(id, command, state).await;
    done.map_err(|error| Failure::of(&error, id, verb))
}

/// The id in the path, in the caller's own spelling.
pub(super) struct ClockId(String);

impl FromRequestParts<Arc<TurnsRest>> for ClockId {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<TurnsRest>) -> Result<Self, Failure> {
        let params = RawPathParams::from_request_parts(parts, desk).await;
        let params = params.map_err(|_| Failure::invalid("Malformed path"))?;
        let named = params.iter().find(|(name, _)| *name == "session");
        let id = Value::from(named.map_or("", |(_, id)| id));
        let id = validate::path_id(&id).map_err(|issues| Failure::issues(&issues));
        id.map(Self)
    }
}
