//! Envelopes, refusals, and what monitors are told.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::docs::Schemas;
use crate::wire::poker::objects::{Iso, Number};

/// A success with this `data`.
pub(super) fn one<T: ToSchema>(schemas: &mut Schemas) -> Value {
    success(&schemas.named::<T>())
}

/// A success with a list of these.
pub(super) fn list<T: ToSchema>(schemas: &mut Schemas) -> Value {
    let items = schemas.named::<T>();
    success(&json!({ "type": "array", "items": items }))
}

fn success(data: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["success", "data"],
        "properties": { "success": { "type": "boolean", "enum": [true] }, "data": data },
    })
}

/// A refusal of the dialect, or of what lies under it.
pub(super) fn refusal(schemas: &mut Schemas) -> Value {
    json!({ "oneOf": [schemas.named::<Refusal>(), schemas.named::<Breakdown>()] })
}

/// Why a request was refused.
#[derive(ToSchema)]
pub(super) struct Refusal {
    /// Always false.
    success: bool,
    /// For people, and stable.
    error: String,
    /// Every field that breaks a rule.
    details: Option<Vec<FieldIssue>>,
}

/// One thing wrong with a request.
#[derive(ToSchema)]
struct FieldIssue {
    /// Begins with body, params or query; joined with dots.
    field: String,
    message: String,
    #[schema(inline)]
    code: IssueCode,
}

/// What kind of rule is broken.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum IssueCode {
    InvalidType,
    TooSmall,
    TooBig,
    InvalidString,
    InvalidEnumValue,
    Custom,
}

/// What is wrong before anybody looks at what a request wants.
#[derive(ToSchema)]
pub(super) struct Breakdown {
    /// Always "error".
    status: String,
    message: String,
}

/// The server and its store.
#[derive(ToSchema)]
pub(super) struct ServerHealth {
    #[schema(inline)]
    status: Condition,
    timestamp: Iso,
    /// Seconds since the start.
    uptime: Number,
    environment: String,
    #[schema(inline)]
    services: Services,
}

/// How well it works.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum Condition {
    Ok,
    Degraded,
}

#[derive(ToSchema)]
struct Services {
    #[schema(inline)]
    database: Stores,
}

#[derive(ToSchema)]
struct Stores {
    #[schema(inline)]
    postgres: Store,
    #[schema(inline)]
    redis: Store,
}

#[derive(ToSchema)]
struct Store {
    #[schema(inline)]
    status: Reachable,
    error: Option<String>,
}

/// Whether it answers.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum Reachable {
    Up,
    Down,
}

/// The store alone; the details say why something is down.
#[derive(ToSchema)]
pub(super) struct StoreHealth {
    postgres: bool,
    redis: bool,
    details: BTreeMap<String, String>,
}

/// Who is connected.
#[derive(ToSchema)]
pub(super) struct SocketStats {
    #[schema(inline)]
    status: Condition,
    timestamp: Iso,
    #[schema(inline)]
    websocket: Sockets,
}

#[derive(ToSchema)]
struct Sockets {
    #[schema(inline)]
    server: Connections,
    #[schema(inline)]
    redis: Attendance,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Connections {
    connected_sockets: u64,
    total_rooms: u64,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Attendance {
    total_connections: u64,
    active_sessions: u64,
    online_players: u64,
}

/// Whether sockets are served, and how many; or why not.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct SocketHealth {
    #[schema(inline)]
    status: Reachable,
    connected_sockets: Option<u64>,
    active_sessions: Option<u64>,
    online_players: Option<u64>,
    error: Option<String>,
}

/// Thanks for error reports.
#[derive(ToSchema)]
pub(super) struct ReportsTaken {
    /// Always true.
    success: bool,
    logged: u64,
}
