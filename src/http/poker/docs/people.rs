//! Listing players, changing oneself, and what the host does with others.

use super::super::answer::Message;
use super::super::players::{ChangedPlayer, ListedPlayer, Promoted};
use super::answers::{list, one, refusal};
use super::requests::{Ignored, PlayerChange};
use super::{PLAYERS, guarded, protected};
use crate::http::docs::{Body, Operation, Schemas};

const OWN: &str = "It is somebody else.";
const HOST_ONLY: &str = "Only the session's host may, and not to himself.";

pub(super) fn operations() -> Vec<Operation> {
    vec![players(), change(), note_activity(), remove(), promote()]
}

fn players() -> Operation {
    let players = Operation::get("/api/sessions/{sessionId}/players", "List the players");
    protected(players).of(PLAYERS).answers(
        200,
        "Everybody at the table, in the order of joining; nobody if the session is unknown.",
        list::<ListedPlayer<'static>>,
    )
}

fn change() -> Operation {
    guarded(Operation::put("/api/players/{id}", "Change oneself"), OWN)
        .of(PLAYERS)
        .takes(Body::Required, Schemas::named::<PlayerChange>)
        .answers(200, "The player.", one::<ChangedPlayer<'static>>)
}

fn note_activity() -> Operation {
    let activity = Operation::put("/api/players/{id}/activity", "Show that one is there");
    guarded(activity, OWN)
        .of(PLAYERS)
        .takes(Body::Optional, Schemas::named::<Ignored>)
        .answers(200, "It is noted.", one::<Message>)
}

fn remove() -> Operation {
    guarded(
        Operation::delete("/api/players/{id}", "Remove a player"),
        HOST_ONLY,
    )
    .of(PLAYERS)
    .answers(200, "The player is gone.", one::<Message>)
    .answers(404, "No player of the session has this id.", refusal)
}

fn promote() -> Operation {
    let promote = Operation::post("/api/players/{id}/promote", "Make a player the host");
    guarded(promote, "Only the session's host may.")
        .of(PLAYERS)
        .takes(Body::Optional, Schemas::named::<Ignored>)
        .answers(
            200,
            "The new host and the former one.",
            one::<Promoted<'static>>,
        )
        .answers(404, "No player of the session has this id.", refusal)
}
