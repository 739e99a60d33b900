//! What the sync dialect says of itself (2.9).

#[expect(
    dead_code,
    reason = "described, never made: bodies are checked field by field"
)]
mod schemas;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use self::schemas::{
    CreateSessionRequest, EmptyBody, ErrorResponse, HealthResponse, SessionIdParam,
    SessionResponse, SwitchCycleRequest, SwitchCycleResponse,
};
use crate::http::docs::{About, Body, Document, Operation, Schemas, retry_after};
use crate::wire::turns::objects::TimeObject;

const ABOUT: About = About {
    title: "SyncKairos API",
    version: "2.0.0",
    description: "A clock shared by several participants who take turns. It is commanded here and \
                  watched over WebSockets. Moments in *_ms are integer milliseconds.",
};
const HEALTH: &str = "Health";
const TIME: &str = "Time";
const SESSIONS: &str = "Sessions";
const CHAPTERS: [(&str, &str); 3] = [
    (HEALTH, "Whether the server lives and can work."),
    (
        TIME,
        "The server's clock, to compute what is left of a turn.",
    ),
    (SESSIONS, "Shared clocks and their commands."),
];
/// What every answer that is counted tells.
const LIMITS: [&str; 4] = [
    "RateLimit-Policy",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
];
const OVER_LIMIT: [&str; 5] = [LIMITS[0], LIMITS[1], LIMITS[2], LIMITS[3], "Retry-After"];

/// The document of the dialect.
pub(in crate::http) fn document() -> Document {
    let mut operations = probes();
    operations.push(time());
    operations.extend(sessions());
    operations.extend(commands());
    let mut unnamed = Schemas::default();
    unnamed.named::<SessionIdParam>();
    Document::new(&ABOUT, &CHAPTERS, operations, unnamed).with("headers", headers())
}

fn probes() -> Vec<Operation> {
    let health = Operation::get("/health", "Whether the server lives")
        .of(HEALTH)
        .answers(200, "It does.", Schemas::named::<HealthResponse>);
    let ready = Operation::get("/ready", "Whether the server can work")
        .of(HEALTH)
        .answers(200, "It can.", Schemas::named::<HealthResponse>)
        .answers(
            503,
            "It cannot, yet or any more.",
            Schemas::named::<HealthResponse>,
        );
    vec![health, ready]
}

fn time() -> Operation {
    let time = Operation::get("/v1/time", "The server's clock").of(TIME);
    counted(
        time.answers(
            200,
            "The time while answering.",
            Schemas::inline::<TimeObject>,
        ),
        200,
    )
}

fn sessions() -> Vec<Operation> {
    let create = Operation::post("/v1/sessions", "Create a clock")
        .explain("An id that exists already is replaced by a fresh clock with version 1.")
        .of(SESSIONS)
        .takes(Body::Required, Schemas::named::<CreateSessionRequest>);
    let create = create.answers(201, "The clock.", Schemas::named::<SessionResponse>);
    let show = Operation::get("/v1/sessions/{id}", "Show a clock").of(SESSIONS);
    let show = show.answers(200, "The clock.", Schemas::named::<SessionResponse>);
    let delete = Operation::delete("/v1/sessions/{id}", "Delete a clock")
        .explain("Whoever watches it is told and disconnected, whether or not it exists.")
        .of(SESSIONS)
        .answers_nothing(204, "It is gone.");
    vec![
        refused(
            counted(create, 201),
            "The body breaks a rule, or two participants share an id.",
        ),
        unknown(refused(counted(show, 200), "The id is malformed.")),
        refused(counted(delete, 204), "The id is malformed."),
    ]
}

fn commands() -> Vec<Operation> {
    let mut commands: Vec<_> = [
        (
            "/v1/sessions/{id}/start",
            "Begin the first turn",
            "Only while it is pending.",
        ),
        (
            "/v1/sessions/{id}/pause",
            "Interrupt the turn",
            "Only while it is running.",
        ),
        (
            "/v1/sessions/{id}/resume",
            "Continue the turn",
            "Only while it is paused.",
        ),
        (
            "/v1/sessions/{id}/complete",
            "End the clock",
            "Always; the running turn is not booked.",
        ),
    ]
    .map(|(path, summary, when)| command(path, summary, when))
    .into();
    let switch = Operation::post(
        "/v1/sessions/{id}/switch",
        "End the turn and begin the next one",
    )
    .explain("Only while it is running. The next in the order follows, unless one is named.")
    .of(SESSIONS)
    .takes(Body::Optional, Schemas::named::<SwitchCycleRequest>)
    .answers(200, "The turns.", Schemas::named::<SwitchCycleResponse>)
    .answers(
        409,
        "Another command was first.",
        Schemas::named::<ErrorResponse>,
    )
    .with_headers(409, &LIMITS);
    let why = "The body breaks a rule, nobody has that id, or the clock is not running.";
    commands.push(unknown(refused(counted(switch, 200), why)));
    commands
}

fn command(path: &'static str, summary: &str, when: &str) -> Operation {
    let command = Operation::post(path, summary)
        .explain(when)
        .of(SESSIONS)
        .takes(Body::Optional, Schemas::named::<EmptyBody>)
        .answers(200, "The clock.", Schemas::named::<SessionResponse>);
    let why = "The id is malformed, or the clock is in another status.";
    unknown(refused(counted(command, 200), why))
}

/// What may meet every request that is counted.
fn counted(operation: Operation, success: u16) -> Operation {
    operation
        .with_headers(success, &LIMITS)
        .answers(
            413,
            "The body has more than 1 MiB.",
            Schemas::named::<ErrorResponse>,
        )
        .answers(
            415,
            "The body is JSON in a charset other than UTF-8.",
            Schemas::named::<ErrorResponse>,
        )
        .answers(429, "Over a rate limit.", Schemas::named::<ErrorResponse>)
        .with_headers(429, &OVER_LIMIT)
        .answers(
            400,
            "The body is malformed JSON.",
            Schemas::named::<ErrorResponse>,
        )
        .answers(
            500,
            "The store does not answer.",
            Schemas::named::<ErrorResponse>,
        )
        .with_headers(500, &LIMITS)
}

fn refused(operation: Operation, why: &str) -> Operation {
    let text = format!("{why} Without rate-limit headers: the body is malformed JSON.");
    operation
        .answers(400, &text, Schemas::named::<ErrorResponse>)
        .with_headers(400, &LIMITS)
}

fn unknown(operation: Operation) -> Operation {
    operation
        .answers(
            404,
            "No clock has this id.",
            Schemas::named::<ErrorResponse>,
        )
        .with_headers(404, &LIMITS)
}

fn headers() -> Value {
    let whole =
        |text: &str| json!({ "description": text, "schema": { "type": "integer", "minimum": 0 } });
    let policy = "The budget: requests, and the seconds they are for.";
    json!({
        "RateLimit-Policy": {
            "description": policy, "schema": { "type": "string", "example": "100;w=60" },
        },
        "RateLimit-Limit": whole("Requests in one window."),
        "RateLimit-Remaining": whole("Requests left in this window."),
        "RateLimit-Reset": whole("Seconds to the end of the window."),
        "Retry-After": retry_after(),
    })
}
