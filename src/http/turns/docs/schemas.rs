//! The objects that the dialect reads, and the envelopes that it sends, under their names in the
//! contract. What it sends in the envelopes is described by itself.

use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::rules::turns::command::Mode;
use crate::wire::turns::objects::{StateObject, SwitchObject};

/// Somebody who is to take turns.
#[derive(ToSchema)]
pub(super) struct Participant {
    participant_id: Uuid,
    /// For show; turns follow the order of the list.
    #[schema(minimum = 0)]
    participant_index: u64,
    /// The participant's time, in milliseconds.
    #[schema(minimum = 1000, maximum = 86_400_000)]
    total_time_ms: u64,
    /// For show.
    group_id: Option<Uuid>,
}

/// A clock that is to be. Unknown fields are dropped.
#[derive(ToSchema)]
pub(super) struct CreateSessionRequest {
    /// Chosen by whoever creates the clock.
    session_id: Uuid,
    /// For show; all modes behave alike.
    sync_mode: Mode,
    /// Those who take turns, in their order.
    #[schema(min_items = 1, max_items = 1000)]
    participants: Vec<Participant>,
    /// For show.
    #[schema(minimum = 1000, maximum = 86_400_000)]
    total_time_ms: u64,
    /// For show.
    #[schema(minimum = 1000, maximum = 86_400_000)]
    time_per_cycle_ms: Option<u64>,
    /// What a participant with time left gets when a turn ends.
    #[schema(minimum = 0, maximum = 60_000, default = 0)]
    increment_ms: Option<u64>,
    /// For show.
    #[schema(minimum = 1000, maximum = 86_400_000)]
    max_time_ms: Option<u64>,
    /// Checked to be an object, and dropped.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// Who shall be next. Unknown fields are dropped.
#[derive(ToSchema)]
pub(super) struct SwitchCycleRequest {
    /// Any participant; the next in the order unless given.
    next_participant_id: Option<Uuid>,
}

/// What a path names.
#[derive(ToSchema)]
pub(super) struct SessionIdParam {
    id: Uuid,
}

/// A body that is ignored.
#[derive(ToSchema)]
pub(super) struct EmptyBody {}

/// A clock in its envelope.
#[derive(ToSchema)]
pub(super) struct SessionResponse {
    data: StateObject<'static>,
}

/// The outcome of a switch in its envelope.
#[derive(ToSchema)]
pub(super) struct SwitchCycleResponse {
    data: SwitchObject<'static>,
}

/// Why a request was refused.
#[derive(ToSchema)]
pub(super) struct ErrorResponse {
    #[schema(inline)]
    error: Reason,
}

/// What went wrong.
#[derive(ToSchema)]
struct Reason {
    #[schema(inline)]
    code: ErrorCode,
    /// For people.
    message: String,
    /// Every problem of a body or a path, or what the code has to add.
    #[schema(inline)]
    details: Option<Details>,
    /// With 429 only.
    retry_after_seconds: Option<u64>,
}

/// The stable code of a refusal.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
enum ErrorCode {
    ValidationError,
    InvalidStateTransition,
    SessionNotFound,
    NotFound,
    Conflict,
    PayloadTooLarge,
    UnsupportedMediaType,
    RateLimitExceeded,
    InternalError,
}

/// More about a refusal: all problems of a body or a path, or both versions of a clock.
struct Details;

impl PartialSchema for Details {
    fn schema() -> RefOr<Schema> {
        let problems = ArrayBuilder::new().items(Problem::schema());
        let choices = OneOfBuilder::new().item(problems).item(Versions::schema());
        choices.into()
    }
}

impl ToSchema for Details {}

/// The versions that a command met.
#[derive(ToSchema)]
struct Versions {
    expected_version: u64,
    actual_version: u64,
}

/// One problem of a body or a path.
#[derive(ToSchema)]
struct Problem {
    /// Where it is, joined with dots; id for the path.
    field: String,
    message: String,
    #[schema(inline)]
    code: ProblemCode,
}

/// What kind of rule is broken.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum ProblemCode {
    InvalidType,
    InvalidFormat,
    InvalidValue,
    TooSmall,
    TooBig,
}

/// How the server is.
#[derive(ToSchema)]
pub(super) struct HealthResponse {
    status: Health,
    /// Why it cannot work.
    error: Option<String>,
}

/// ok of /health, the others of /ready.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum Health {
    Ok,
    Ready,
    NotReady,
}
