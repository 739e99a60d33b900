//! Players: listing, changing oneself, and what the host does with others.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::PokerRest;
use super::answer::{Answer, Refusal};
use super::auth::{Caller, Reader, is_open};
use super::request::{PathIds, Payload, in_body};
use crate::room::SubmitError;
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::command::Audience;
use crate::rules::poker::{Command, Poker, Rejection};
use crate::wire::poker::objects::{Iso, PlayerObject};
use crate::wire::poker::validate::{self, Channel};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedPlayer<'a> {
    #[serde(flatten)]
    player: PlayerObject<'a>,
    has_voted: bool,
}

/// A player as he sees himself after a change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangedPlayer<'a> {
    id: PlayerId,
    name: &'a str,
    avatar: &'a str,
    is_spectator: bool,
    is_active: bool,
    last_seen_at: Iso,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Promotion)]
#[serde(rename_all = "camelCase")]
pub(super) struct Promoted<'a> {
    #[schema(required)]
    new_host: Option<PlayerObject<'a>>,
    #[schema(required)]
    previous_host: Option<PlayerObject<'a>>,
}

/// `GET /sessions/:sessionId/players`
pub(super) async fn list(
    State(desk): State<Arc<PokerRest>>,
    ids: PathIds,
    headers: HeaderMap,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId")?;
    let reader = desk.reader(&headers, session);
    desk.list(session, reader, |state| {
        let listed = PlayerObject::roster(state).into_iter().map(|player| {
            let has_voted = player.voted_in_current_round;
            ListedPlayer { player, has_voted }
        });
        Answer::ok(&listed.collect::<Vec<_>>())
    })
    .await
}

/// `PUT /players/:id`
pub(super) async fn change(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    let player = ids.player()?;
    if player != caller.player {
        let text = "Can only modify your own player data";
        return Err(Refusal::forbidden(text));
    }
    let change = validate::player_change(&body, Channel::Rest).map_err(in_body)?;
    let command = Command::UpdatePlayer { player, change };
    let rooms = &desk.gate.rooms;
    let changed = rooms.submit_then(caller.session, caller.actor(), command, move |look| {
        Answer::ok(&changed(look.state, player))
    });
    let failed = |error| Refusal::of(&error, "Failed to update player");
    changed.await.map_err(failed)
}

fn changed(state: &Poker, player: PlayerId) -> Option<ChangedPlayer<'_>> {
    PlayerObject::find(state, player).map(|player| ChangedPlayer {
        id: player.id,
        name: player.name,
        avatar: player.avatar,
        is_spectator: player.is_spectator,
        is_active: player.is_active,
        last_seen_at: player.last_seen_at,
    })
}

/// `PUT /players/:id/activity`
pub(super) async fn note_activity(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
) -> Result<Answer, Refusal> {
    let player = ids.player()?;
    if player != caller.player {
        let text = "Cannot update other players activity";
        return Err(Refusal::forbidden(text));
    }
    let audience = Audience::Nobody;
    let command = Command::NoteActivity { player, audience };
    let rooms = &desk.gate.rooms;
    let noted = rooms.submit(caller.session, caller.actor(), command);
    let failed = |error| Refusal::of(&error, "Failed to update activity");
    noted.await.map_err(failed)?;
    Ok(Answer::message("Activity updated"))
}

/// `DELETE /players/:id`
pub(super) async fn remove(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
) -> Result<Answer, Refusal> {
    let command = Command::RemovePlayer(ids.player()?);
    let rooms = &desk.gate.rooms;
    let removed = rooms.submit(caller.session, caller.actor(), command);
    removed.await.map_err(|error| match error {
        SubmitError::Rejected(Rejection::HostOnly | Rejection::CannotRemoveHost) => {
            Refusal::forbidden("Only session host can remove players")
        }
        error => Refusal::of(&error, "Failed to remove player"),
    })?;
    Ok(Answer::message("Player removed"))
}

/// `POST /players/:id/promote`
pub(super) async fn promote(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
) -> Result<Answer, Refusal> {
    let (player, previous) = (ids.player()?, caller.player);
    let command = Command::PromotePlayer(player);
    let rooms = &desk.gate.rooms;
    let promoted = rooms.submit_then(caller.session, caller.actor(), command, move |look| {
        Answer::ok(&Promoted {
            new_host: PlayerObject::find(look.state, player),
            previous_host: PlayerObject::find(look.state, previous),
        })
    });
    promoted.await.map_err(|error| match error {
        SubmitError::Rejected(Rejection::HostOnly) => {
            Refusal::forbidden("Only session host can promote players")
        }
        error => Refusal::of(&error, "Failed to promote player"),
    })
}

impl PokerRest {
    /// A list of something in a session; an empty one if the session is unknown or has ended.
    pub(super) async fn list(
        &self,
        session: SessionId,
        reader: Reader,
        list: impl FnOnce(&Poker) -> Answer + Send + 'static,
    ) -> Result<Answer, Refusal> {
        const NOTHING: [(); 0] = [];
        let listed = self.gate.rooms.view(session, move |look| {
            if !is_open(&look) {
                return Ok(Answer::ok(&NOTHING));
            }
            reader.check(look.state).map(|()| list(look.state))
        });
        match listed.await {
            Ok(listed) => listed,
            Err(SubmitError::UnknownSession) => Ok(Answer::ok(&NOTHING)),
            Err(error) => Err(Refusal::of(&error, "Internal server error")),
        }
    }
}
