//! Opening, joining, changing and ending sessions.

use serde_json::json;

use super::super::answer::Message;
use super::super::history::Export;
use super::super::joining::Joined;
use super::super::sessions::Created;
use super::answers::{one, refusal};
use super::requests::{JoinRequest, NewSession, SessionChange};
use super::{POKER_SESSIONS, TOKEN, guarded, protected, usual};
use crate::http::docs::{Body, Operation, Schemas};
use crate::wire::poker::session::SessionObject;

const HOST_ONLY: &str = "Only the session's host may.";

pub(super) fn operations() -> Vec<Operation> {
    vec![create(), show(), change(), end(), join(), export()]
}

fn create() -> Operation {
    usual(Operation::post("/api/sessions", "Open a session"))
        .of(POKER_SESSIONS)
        .takes(Body::Required, Schemas::named::<NewSession>)
        .answers(
            201,
            "The session, and the host's token.",
            one::<Created<'static>>,
        )
}

fn show() -> Operation {
    usual(Operation::get("/api/sessions/{id}", "Show a session"))
        .of(POKER_SESSIONS)
        .answers(200, "The session.", one::<SessionObject<'static>>)
        .answers(404, "It is unknown, over or has expired.", refusal)
}

fn change() -> Operation {
    let change = Operation::put("/api/sessions/{id}", "Change a session");
    guarded(change, HOST_ONLY)
        .of(POKER_SESSIONS)
        .takes(Body::Required, Schemas::named::<SessionChange>)
        .answers(200, "The session.", one::<SessionObject<'static>>)
}

fn end() -> Operation {
    guarded(
        Operation::delete("/api/sessions/{id}", "End a session"),
        HOST_ONLY,
    )
    .of(POKER_SESSIONS)
    .answers(200, "It is over.", one::<Message>)
}

fn join() -> Operation {
    usual(Operation::post("/api/sessions/{id}/join", "Join a session"))
        .of(POKER_SESSIONS)
        .rather_by(TOKEN)
        .explain(
            "With a token of this session, somebody of the same name who is not connected comes \
             back as who he was.",
        )
        .takes(Body::Required, Schemas::named::<JoinRequest>)
        .answers(200, "Who one is, and the token.", one::<Joined<'static>>)
        .answers(401, "The password is missing or wrong.", refusal)
        .answers(
            403,
            "Spectators are not allowed, or the session is full.",
            refusal,
        )
        .answers(404, "The session is unknown or over.", refusal)
        .answers(410, "The session has expired.", refusal)
}

fn export() -> Operation {
    let path = "/api/sessions/{sessionId}/export";
    let formats = json!({ "type": "string", "enum": ["json", "csv"], "default": "json" });
    protected(Operation::get(path, "Take a session home as a file"))
        .of(POKER_SESSIONS)
        .asks("format", "What kind of file.", formats)
        .answers(
            200,
            "Stories with their estimates, and rounds with their votes.",
            Schemas::named::<Export<'static>>,
        )
        .answers_also(200, "text/csv")
        .answers(404, "The session is unknown or over.", refusal)
}
