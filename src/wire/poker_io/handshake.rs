//! Who is at the door: reads the handshake's credentials and checks them.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use socketioxide::extract::SocketRef;
use thiserror::Error;

use super::PokerIo;
use super::events;
use super::link::{Holder, Link};
use crate::room::SubmitError;
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::player::Standing;
use crate::rules::poker::{PasscodeHash, Poker, Rejection, Stage};
use crate::wire::connection::Peer;
use crate::wire::poker::gate::Gate;

/// What a client says of itself; everything may be missing, nothing is believed yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    pub(super) session: Option<String>,
    pub(super) player: Option<String>,
    pub(super) name: Option<String>,
    pub(super) avatar: Option<String>,
    pub(super) token: Option<String>,
    pub(super) password: Option<String>,
    pub(super) spectator: bool,
}

/// Why somebody is not let in: the exact text of the `connect_error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Refused {
    #[error("Session ID required")]
    NoSession,
    #[error("Session not found or inactive")]
    UnknownSession,
    #[error("Session has expired")]
    Expired,
    #[error("Authentication failed")]
    Failed,
    #[error("Password required")]
    NoPassword,
    #[error("Invalid password")]
    WrongPassword,
    #[error("Player not found in session")]
    UnknownPlayer,
    #[error("You have been removed from the session")]
    Removed,
}

/// Somebody who may come in.
#[derive(Clone, Debug)]
pub(super) enum Visitor {
    /// A player of the session; `proven` if a token says so.
    Known { player: PlayerId, proven: bool },
    /// Somebody new, under this name.
    New {
        name: String,
        avatar: Option<String>,
        spectator: bool,
    },
    /// Somebody who only listens.
    Watcher,
}

/// What the connect handler needs of the middleware's findings.
#[derive(Clone)]
pub(super) struct Admission {
    pub(super) visitor: Visitor,
    pub(super) link: Arc<Link>,
    pub(super) peer: Peer,
}

/// The connect middleware.
pub(super) async fn admit(
    poker: &PokerIo,
    socket: &SocketRef,
    auth: Option<Value>,
) -> Result<(), Refused> {
    let credentials = Credentials::of(socket, auth.as_ref());
    let session = credentials.session()?;
    let visitor = check(&poker.gate, session, credentials).await?;
    let extensions = &socket.req_parts().extensions;
    let peer = extensions.get::<Peer>().copied().ok_or(Refused::Failed)?;
    let (ceiling, metrics) = (poker.quota.ceiling(), poker.gate.metrics.clone());
    let link = Link::new(socket, Holder::of(session), ceiling, metrics);
    link.attach(socket, events::refuse);
    socket.extensions.insert(Admission {
        visitor,
        link,
        peer,
    });
    Ok(())
}

impl Credentials {
    /// From the CONNECT packet, else from the query string (Engine.IO 3 clients have no `auth`).
    fn of(socket: &SocketRef, auth: Option<&Value>) -> Self {
        match auth.and_then(Value::as_object) {
            Some(auth) if !auth.is_empty() => Self::of_object(&Value::Object(auth.clone())),
            _ => Self::of_query(socket.req_parts().uri.query().unwrap_or_default()),
        }
    }

    pub(super) fn of_object(auth: &Value) -> Self {
        // An empty text means the same as none: the original client sends both.
        let text = |key: &str| {
            auth.get(key)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        Self {
            session: text("sessionId"),
            player: text("playerId"),
            name: text("playerName"),
            avatar: text("avatar"),
            token: text("token"),
            password: text("password"),
            spectator: auth
                .get("isSpectator")
                .and_then(Value::as_bool)
                .unwrap_or(false),
        }
    }

    fn of_query(query: &str) -> Self {
        let mut auth = serde_json::Map::new();
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8_lossy().into_owned();
            let value = if key == "isSpectator" {
                Value::Bool(value == "true")
            } else {
                value.into()
            };
            auth.insert(key.to_owned(), value);
        }
        Self::of_object(&Value::Object(auth))
    }

    fn session(&self) -> Result<SessionId, Refused> {
        let text = self.session.as_deref().ok_or(Refused::NoSession)?;
        SessionId::parse(text).ok_or(Refused::UnknownSession)
    }
}

/// What the check needs to know of the session.
struct Known {
    stage: Stage,
    passcode: Option<PasscodeHash>,
    standing: Option<Standing>,
}

/// The checks of the protocol, in its order.
pub(super) async fn check(
    gate: &Gate,
    session: SessionId,
    credentials: Credentials,
) -> Result<Visitor, Refused> {
    let claimed = credentials.player.as_deref().map(PlayerId::parse);
    let claims = credentials.token.as_deref().map(|token| gate.claims(token));
    let named = claimed
        .flatten()
        .or_else(|| claims.flatten().map(|claims| claims.player));
    let known = look_up(gate, session, named).await?;
    match known.stage {
        Stage::Open => {}
        Stage::Expired => return Err(Refused::Expired),
        Stage::Unborn | Stage::Deleted => return Err(Refused::UnknownSession),
    }
    if let Some(claims) = claims {
        let ours = claims
            .filter(|claims| claims.session == session)
            .ok_or(Refused::Failed)?;
        if claimed.is_some_and(|claimed| claimed != Some(ours.player)) {
            return Err(Refused::Failed);
        }
    }
    if named.is_some() || claimed.is_some() {
        let player = named.ok_or(Refused::UnknownPlayer)?;
        return match known.standing {
            None => Err(Refused::UnknownPlayer),
            Some(Standing::Removed) => Err(Refused::Removed),
            Some(_) => Ok(Visitor::Known {
                player,
                proven: claims.is_some(),
            }),
        };
    }
    check_passcode(gate, known.passcode, credentials.password).await?;
    let Credentials {
        name,
        avatar,
        spectator,
        ..
    } = credentials;
    Ok(name.map_or(Visitor::Watcher, |name| Visitor::New {
        name,
        avatar,
        spectator,
    }))
}

async fn look_up(
    gate: &Gate,
    session: SessionId,
    player: Option<PlayerId>,
) -> Result<Known, Refused> {
    let seen = gate.rooms.view(session, move |look| {
        let state: &Poker = look.state;
        Known {
            stage: state.stage_at(look.now),
            passcode: state.passcode.clone(),
            standing: player
                .and_then(|id| state.player(id))
                // Whoever chose an id of his own has no other; what others see proves nothing.
                .filter(|player| player.key.is_none())
                .map(|player| player.standing),
        }
    });
    seen.await.map_err(|error| refused(&error))
}

fn refused(error: &SubmitError<Rejection>) -> Refused {
    match error {
        SubmitError::UnknownSession => Refused::UnknownSession,
        _ => Refused::Failed,
    }
}

async fn check_passcode(
    gate: &Gate,
    passcode: Option<PasscodeHash>,
    password: Option<String>,
) -> Result<(), Refused> {
    let Some(passcode) = passcode else {
        return Ok(());
    };
    let password = password.ok_or(Refused::NoPassword)?;
    if gate.verify(password, passcode).await {
        Ok(())
    } else {
        Err(Refused::WrongPassword)
    }
}
