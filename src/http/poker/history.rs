//! What was played: the rounds of a session, and everything in one file.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::PokerRest;
use super::answer::{Answer, Refusal};
use super::auth::is_open;
use super::export::csv;
use super::request::{PathIds, both, queried};
use super::stories::RestStory;
use crate::room::SubmitError;
use crate::rules::ids::SessionId;
use crate::rules::poker::{Poker, Rejection};
use crate::wire::poker::history::RoundObject;
use crate::wire::poker::session::SessionObject;
use crate::wire::poker::validate::{Code, Issues};

/// A session with all that was estimated and played in it.
#[derive(Serialize, ToSchema)]
pub(super) struct Export<'a> {
    session: SessionObject<'a>,
    stories: Vec<RestStory<'a>>,
    rounds: Vec<RoundObject<'a>>,
}

/// What kind of file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
}

/// `GET /sessions/:sessionId/rounds`
pub(super) async fn list(
    State(desk): State<Arc<PokerRest>>,
    ids: PathIds,
    headers: HeaderMap,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId")?;
    let reader = desk.reader(&headers, session);
    desk.list(session, reader, |state| {
        Answer::ok(&RoundObject::list(state))
    })
    .await
}

/// `GET /sessions/:sessionId/export?format=`
pub(super) async fn export(
    State(desk): State<Arc<PokerRest>>,
    ids: PathIds,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let format = wanted(query.as_deref());
    let (session, format) = both(ids.session("sessionId"), format)?;
    let reader = desk.reader(&headers, session);
    let found = desk.gate.rooms.view(session, move |look| {
        if !is_open(&look) {
            let gone = SubmitError::<Rejection>::UnknownSession;
            return Err(Refusal::of(&gone, ""));
        }
        // A long history is written outside of the room, which others wait for.
        reader.check(look.state).map(|()| look.state.clone())
    });
    let failed = |error| Refusal::of(&error, "Internal server error");
    let state = found.await.map_err(failed)??;
    Ok(file(session, &state, format))
}

fn wanted(query: Option<&str>) -> Result<Format, Issues> {
    match queried(query, "format").as_str() {
        "" | "json" => Ok(Format::Json),
        "csv" => Ok(Format::Csv),
        _ => {
            let text = "Invalid enum value. Expected 'csv' | 'json'";
            Err(Issues::one("format", text, Code::InvalidEnumValue).within("query"))
        }
    }
}

fn file(session: SessionId, state: &Poker, format: Format) -> Response {
    let (ending, kind, body) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8", csv(state).into_bytes()),
        Format::Json => {
            let export = Export {
                session: SessionObject::of(session, state),
                stories: RestStory::list(session, state),
                rounds: RoundObject::list(state),
            };
            let body = serde_json::to_vec(&export).expect("wire objects always encode");
            ("json", "application/json; charset=utf-8", body)
        }
    };
    let name = format!("attachment; filename=\"session-{session}.{ending}\"");
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_DISPOSITION, &name),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}
