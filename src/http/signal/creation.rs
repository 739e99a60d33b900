//! Opening a session.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use uuid::Uuid;

use super::{SignalRest, refusal};
use crate::http::ceilings::Kind;
use crate::http::json::Json;
use crate::rules::Machine;
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::command::{Life, NewSession, Newcomer};
use crate::rules::poker::settings::Rights;
use crate::rules::poker::{Command, Poker, Right, Settings, ShownDeck};
use crate::wire::connection::Peer;
use crate::wire::signal::frames::{self, Scene};
use crate::wire::signal::ids::{Names, Viewer};
use crate::wire::signal::text::{MAX_NAME, MAX_SESSION_NAME, chosen_id, cut};
use crate::wire::signal_ws::AVATAR;

/// Most bytes of a body (2).
const MAX_BODY_BYTES: usize = 100 * 1024;
const INCOMPLETE: &str = "Missing required fields";

/// Who wants to open which session.
#[derive(Debug, PartialEq, Eq)]
struct Creation {
    name: String,
    facilitator_id: String,
    facilitator_name: String,
}

/// `POST /sessions`
pub(super) async fn create(State(desk): State<Arc<SignalRest>>, request: Request) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    if let Err(wait) = desk.counters.count(peer, Kind::Arrival) {
        let retry = [(RETRY_AFTER, wait.as_secs().to_string())];
        return (retry, refusal(429, "Too many requests")).into_response();
    }
    let answer = match read(request).await {
        Ok(creation) => desk.open(creation).await,
        Err(refused) => refused,
    };
    answer.into_response()
}

async fn read(request: Request) -> Result<Creation, Json> {
    let is_json = is_json(request.headers());
    let body = to_bytes(request.into_body(), MAX_BODY_BYTES).await;
    let body = body.map_err(|_| refusal(413, "Request body is too large"))?;
    let incomplete = || refusal(400, INCOMPLETE);
    if !is_json || body.is_empty() {
        return Err(incomplete());
    }
    let body = serde_json::from_slice(&body).map_err(|_| refusal(400, "Invalid JSON"))?;
    Creation::of(&body).ok_or_else(incomplete)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("application/json"))
}

impl Creation {
    fn of(body: &Value) -> Option<Self> {
        let text = |key| body.get(key).and_then(Value::as_str);
        Some(Self {
            name: cut(text("name")?, MAX_SESSION_NAME)?,
            facilitator_id: chosen_id(text("facilitatorId")?)?.to_owned(),
            facilitator_name: cut(text("facilitatorName")?, MAX_NAME)?,
        })
    }
}

impl SignalRest {
    async fn open(&self, creation: Creation) -> Json {
        let rooms = &self.signal.gate.rooms;
        match rooms.surroundings().store.census(&Poker::KIND, 0).await {
            Ok(census) if census.logs >= self.settings.max_sessions => {
                return refusal(503, "Too many sessions");
            }
            Ok(_) => {}
            Err(_) => return unavailable(),
        }
        let session = SessionId::new(Uuid::new_v4());
        let host = PlayerId::new(Uuid::new_v4());
        let user_id = creation.facilitator_id.clone();
        let command = self.opening(session, host, creation);
        let opened = rooms.create(session, command, move |look| {
            let viewer = Viewer {
                player: host,
                user_id: &user_id,
            };
            let scene = Scene {
                session,
                state: look.state,
                at: look.now,
            };
            frames::created(scene, Names::of(look.state, Some(viewer)))
        });
        match opened.await {
            Ok(session) => Json::text(200, session.as_str().to_owned()),
            Err(_) => unavailable(),
        }
    }

    fn opening(&self, session: SessionId, host: PlayerId, creation: Creation) -> Command {
        let key = self.signal.key(session, &creation.facilitator_id);
        let host = Newcomer {
            id: host,
            name: creation.facilitator_name,
            avatar: AVATAR.to_owned(),
            spectator: false,
            proof: None,
            key: Some(key),
        };
        Command::CreateSession(Box::new(NewSession {
            name: creation.name,
            host,
            settings: settings(),
            passcode: None,
            life: Life::Idle(self.settings.session_life),
        }))
    }
}

/// What its pages offer: everybody starts and reveals, with five cards.
fn settings() -> Settings {
    let cards = ShownDeck::Simple.cards().iter();
    Settings {
        cards: cards.map(ToString::to_string).collect(),
        rights: Rights {
            reveal: Right::Everyone,
            stories: Right::Host,
            rounds: Right::Everyone,
        },
        ..Settings::default()
    }
}

pub(super) fn unavailable() -> Json {
    refusal(503, "The server cannot do this now")
}
