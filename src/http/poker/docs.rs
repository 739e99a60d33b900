//! What the poker dialect says of itself.

#[expect(dead_code, reason = "described, never made: most are written by hand")]
mod answers;
mod people;
#[expect(
    dead_code,
    reason = "described, never made: bodies are checked field by field"
)]
mod requests;
mod service;
mod sessions;
mod stories;
#[cfg(test)]
mod tests;
mod voting;

use serde_json::json;

use self::answers::refusal;
use crate::http::docs::{About, Document, Operation, Schemas, retry_after};

const ABOUT: About = About {
    title: "Planning Poker API",
    version: env!("CARGO_PKG_VERSION"),
    description: "Sessions, players, stories and votes of planning poker; everybody connected is \
                  told of every change over Socket.IO. POST and PUT need the content type \
                  application/json, with or without a body.",
};
const POKER_SESSIONS: &str = "Poker sessions";
const PLAYERS: &str = "Players";
const STORIES: &str = "Stories";
const VOTING: &str = "Voting";
const SERVICE: &str = "Service";
const CHAPTERS: [(&str, &str); 5] = [
    (
        POKER_SESSIONS,
        "Opening, joining, changing and ending sessions.",
    ),
    (PLAYERS, "Who sits at the table."),
    (STORIES, "What is estimated."),
    (
        VOTING,
        "Votes, kept secret until the cards are revealed. Where the server runs with POKER_AUTH=open, voting, revealing and resetting need no token.",
    ),
    (
        SERVICE,
        "What monitors ask, and where clients report their errors.",
    ),
];
/// The name of the token's scheme.
const TOKEN: &str = "playerToken";

/// The document of the dialect, with the paths that it has on every listener where clients expect
/// them.
pub(in crate::http) fn document() -> Document {
    let chapters = [
        sessions::operations(),
        people::operations(),
        stories::operations(),
        voting::operations(),
        service::operations(),
    ];
    let operations = chapters.into_iter().flatten().collect();
    let token = json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The token that opening or joining a session has returned.",
    });
    Document::new(&ABOUT, &CHAPTERS, operations, Schemas::default())
        .with("headers", json!({ "Retry-After": retry_after() }))
        .with("securitySchemes", json!({ TOKEN: token }))
}

/// What may meet every request.
fn usual(operation: Operation) -> Operation {
    operation
        .answers(400, "The request breaks a rule.", refusal)
        .answers(413, "The body has more than 100 KiB.", refusal)
        .answers(429, "The address asks for too much.", refusal)
        .with_headers(429, &["Retry-After"])
        .answers(500, "The store does not answer.", refusal)
        .answers(503, "The session is too busy.", refusal)
}

/// What may meet who needs a token.
fn guarded(operation: Operation, forbidden: &str) -> Operation {
    usual(operation)
        .by(TOKEN)
        .answers(401, "The token is missing or dead.", refusal)
        .answers(403, forbidden, refusal)
}

/// What may meet who reads a session that has a password.
fn protected(operation: Operation) -> Operation {
    usual(operation)
        .rather_by(TOKEN)
        .explain("A session with a password shows it to its players only.")
        .answers(401, "The token is missing or dead.", refusal)
        .answers(403, "The token is for another session.", refusal)
}
