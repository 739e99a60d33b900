//! Who asks: tokens, and what their bearers may do.
//!
//! The token only names a player of a session; whether he is still there and whether he is the
//! host is asked of the room, each time.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::PokerRest;
use super::answer::Refusal;
use crate::room::{Look, SubmitError};
use crate::rules::Actor;
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::player::Standing;
use crate::rules::poker::{Command, Poker, Proof, Rejection, Stage};
use crate::wire::connection::Peer;
use crate::wire::poker::gate::Auth;
use crate::wire::poker::token::Claims;

/// A player who has proven who he is; being here is a sign of life and proves his address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) session: SessionId,
    pub(super) player: PlayerId,
    role: Role,
}

/// What a caller may do; each may do what those before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Play.
    Member,
    /// Manage stories, too.
    Manager,
    /// Everything.
    Host,
}

impl FromRequestParts<Arc<PokerRest>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<PokerRest>) -> Result<Self, Refusal> {
        let claims = desk.claims(&parts.headers)?;
        desk.call(claims, parts.extensions.get().copied()).await
    }
}

impl Role {
    fn of(player: PlayerId, state: &Poker) -> Self {
        if state.is_host(player) {
            Self::Host
        } else if state.settings.rights.stories.covers(player) {
            Self::Manager
        } else {
            Self::Member
        }
    }
}

impl Caller {
    /// Refuses who is less than that in his session.
    pub(super) fn ensure(&self, role: Role) -> Result<(), Refusal> {
        if self.role >= role {
            return Ok(());
        }
        Err(Refusal::forbidden("Host authorization required"))
    }

    /// Refuses who is less than that in this session.
    pub(super) async fn ensure_in(
        &self,
        desk: &PokerRest,
        session: SessionId,
        role: Role,
    ) -> Result<(), Refusal> {
        if session == self.session {
            return self.ensure(role);
        }
        let exists = desk.gate.rooms.view(session, |look| is_open(&look)).await;
        match exists {
            Ok(true) => self.ensure_member_of(session),
            Ok(false) | Err(SubmitError::UnknownSession) => {
                Err(Refusal::forbidden("Session not found"))
            }
            Err(error) => Err(Refusal::of(&error, "Internal server error")),
        }
    }

    /// Refuses who is not a player of this session.
    pub(super) fn ensure_member_of(&self, session: SessionId) -> Result<(), Refusal> {
        if session == self.session {
            return Ok(());
        }
        let text = "Not authorized to perform this action";
        Err(Refusal::forbidden(text))
    }

    /// The caller as the rules know him.
    pub(super) fn actor(&self) -> Actor {
        Actor::Player(self.player)
    }
}

/// Who calls a route on which [`Auth::Open`] lets anybody act: `None` then, unless he is somebody.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenCaller(Option<Caller>);

impl FromRequestParts<Arc<PokerRest>> for OpenCaller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<PokerRest>) -> Result<Self, Refusal> {
        let caller = Caller::from_request_parts(parts, desk).await;
        match desk.gate.auth {
            Auth::Strict => caller.map(|caller| Self(Some(caller))),
            Auth::Open => Ok(Self(caller.ok())),
        }
    }
}

impl OpenCaller {
    /// The caller, if he is a player of this session.
    ///
    /// A token is ignored where none is needed, and refused where one is.
    pub(super) fn in_session(
        self,
        desk: &PokerRest,
        session: SessionId,
    ) -> Result<Option<Caller>, Refusal> {
        let ours = self.0.filter(|caller| caller.session == session);
        match (self.0, desk.gate.auth) {
            (Some(caller), Auth::Strict) => caller.ensure_member_of(session).map(|()| ours),
            _ => Ok(ours),
        }
    }
}

impl PokerRest {
    /// What the request's token says.
    fn claims(&self, headers: &HeaderMap) -> Result<Claims, Refusal> {
        let token =
            bearer(headers).ok_or(Refusal::unauthorized("Authentication token required"))?;
        let claims = self.gate.claims(token);
        claims.ok_or(Refusal::unauthorized("Invalid or expired token"))
    }

    async fn call(&self, claims: Claims, peer: Option<Peer>) -> Result<Caller, Refusal> {
        let Claims { session, player } = claims;
        let touch = Command::Touch {
            player,
            proof: self.proof(session, peer),
        };
        let rooms = &self.gate.rooms;
        let actor = Actor::Player(player);
        let role = move |look: Look<'_, Poker>| Role::of(player, look.state);
        let role = rooms.submit_then(session, actor, touch, role).await;
        let role = role.map_err(|error| dead(&error))?;
        Ok(Caller {
            session,
            player,
            role,
        })
    }

    /// The fingerprint of the address a request comes from.
    pub(super) fn proof(&self, session: SessionId, peer: Option<Peer>) -> Option<Proof> {
        peer.map(|Peer(address)| self.gate.proof(session, address))
    }

    /// The player of this session whom the request's token names; any other token is ignored, as
    /// public routes must.
    pub(super) fn bearer_in(&self, headers: &HeaderMap, session: SessionId) -> Option<PlayerId> {
        let claims = self.gate.claims(bearer(headers)?)?;
        (claims.session == session).then_some(claims.player)
    }

    /// Who may read what a protected session shows to its members only.
    pub(super) fn reader(&self, headers: &HeaderMap, session: SessionId) -> Reader {
        Reader(self.claims(headers).and_then(|claims| {
            if claims.session == session {
                Ok(claims.player)
            } else {
                let text = "Not authorized to perform this action";
                Err(Refusal::forbidden(text))
            }
        }))
    }
}

/// Somebody who wants to read; what he may see depends on the session.
pub(super) struct Reader(Result<PlayerId, Refusal>);

impl Reader {
    /// Refuses strangers if the session has a password.
    pub(super) fn check(self, state: &Poker) -> Result<(), Refusal> {
        if state.passcode.is_none() {
            return Ok(());
        }
        let player = self.0?;
        let known = state
            .player(player)
            .is_some_and(|player| player.standing != Standing::Removed);
        known.then_some(()).ok_or(Refusal::unauthorized(NO_PLAYER))
    }
}

const NO_PLAYER: &str = "Player no longer exists in session";

/// Why a token in force is of no use any more.
fn dead(error: &SubmitError<Rejection>) -> Refusal {
    match error {
        SubmitError::UnknownSession
        | SubmitError::Rejected(Rejection::SessionUnknown | Rejection::SessionExpired) => {
            Refusal::unauthorized("Session no longer exists")
        }
        SubmitError::Rejected(_) => Refusal::unauthorized(NO_PLAYER),
        SubmitError::Busy | SubmitError::Contended | SubmitError::Store(_) => {
            Refusal::of(error, "Internal server error")
        }
    }
}

/// Whether the session can be played.
pub(super) fn is_open(look: &Look<'_, Poker>) -> bool {
    look.state.stage_at(look.now) == Stage::Open
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = header.strip_prefix("Bearer ")?.trim();
    (!token.is_empty()).then_some(token)
}
