//! The objects that the dialect reads. Lengths count UTF-16 code units.

use utoipa::ToSchema;
use uuid::Uuid;

/// A session to be opened. Names lose blanks at their ends before they are measured.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
#[schema(rename_all = "camelCase")]
pub(super) struct NewSession {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(min_length = 1, max_length = 50)]
    host_name: String,
    /// A single emoji.
    #[schema(default = "👤")]
    host_avatar: Option<String>,
    #[schema(min_length = 4, max_length = 50)]
    password: Option<String>,
    config: Option<NewConfig>,
}

/// Deck and options; what is missing keeps its value.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
#[schema(rename_all = "camelCase")]
struct NewConfig {
    #[schema(min_items = 2, max_items = 20)]
    card_values: Option<Vec<String>>,
    allow_spectators: Option<bool>,
    auto_reveal_cards: Option<bool>,
    #[schema(minimum = 0, maximum = 3600)]
    timer_seconds: Option<f64>,
}

/// Changes of a session; at least one.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub(super) struct SessionChange {
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    config: Option<NewConfig>,
}

/// Somebody who wants to join.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
#[schema(rename_all = "camelCase")]
pub(super) struct JoinRequest {
    #[schema(min_length = 1, max_length = 50)]
    player_name: String,
    /// A single emoji.
    #[schema(default = "👤")]
    avatar: Option<String>,
    #[schema(min_length = 4)]
    password: Option<String>,
    #[schema(default = false)]
    as_spectator: Option<bool>,
}

/// Changes of a player; at least one.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
#[schema(rename_all = "camelCase")]
pub(super) struct PlayerChange {
    #[schema(min_length = 1, max_length = 50)]
    name: Option<String>,
    /// A single emoji.
    avatar: Option<String>,
    is_spectator: Option<bool>,
}

/// A story to be added.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub(super) struct NewStory {
    #[schema(min_length = 1, max_length = 255)]
    title: String,
    #[schema(max_length = 1000)]
    description: Option<String>,
}

/// A story to be added, and whether it becomes the active one.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub(super) struct AddedStory {
    #[schema(min_length = 1, max_length = 255)]
    title: String,
    #[schema(max_length = 1000)]
    description: Option<String>,
    /// If false, another story that is active stays so.
    #[schema(default = true)]
    activate: Option<bool>,
}

/// Stories to be added.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub(super) struct StoryList {
    #[schema(min_items = 1, max_items = 200)]
    stories: Vec<NewStory>,
}

/// Changes of a story.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
#[schema(rename_all = "camelCase")]
pub(super) struct StoryChange {
    #[schema(min_length = 1, max_length = 255)]
    title: Option<String>,
    #[schema(max_length = 1000)]
    description: Option<String>,
    is_active: Option<bool>,
    /// Completes the story, unless the same request makes it active.
    #[schema(max_length = 10)]
    final_estimate: Option<String>,
}

/// Where a story goes.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
#[schema(rename_all = "camelCase")]
pub(super) struct Place {
    /// How many stories are before it then; the end, if there are not so many.
    #[schema(minimum = 0)]
    to_index: u32,
}

/// What a story is estimated at.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
#[schema(rename_all = "camelCase")]
pub(super) struct Estimate {
    #[schema(min_length = 1, max_length = 10)]
    final_estimate: String,
}

/// A vote.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
#[schema(rename_all = "camelCase")]
pub(super) struct NewVote {
    /// Up to 10 characters, unless it is a longer card of the deck.
    #[schema(min_length = 1)]
    value: String,
    /// The active story unless given. A text that is no id is answered like a completed story.
    story_id: Option<String>,
    /// If given, the caller's own.
    player_id: Option<Uuid>,
    #[schema(minimum = 1, maximum = 5)]
    confidence: Option<u8>,
}

/// How to go on.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
#[schema(rename_all = "camelCase")]
pub(super) struct NextRound {
    new_story: Option<NextStory>,
}

/// The story to go on with.
#[derive(ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
struct NextStory {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[schema(max_length = 1000)]
    description: Option<String>,
}

/// A body that is ignored; its content type must be JSON all the same.
#[derive(ToSchema)]
pub(super) struct Ignored {}

/// What went wrong at a client. Anything else is taken, too, and not logged.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct ErrorReport {
    message: String,
    stack: Option<String>,
    user_agent: Option<String>,
    url: Option<String>,
    timestamp: Option<String>,
    session_id: Option<String>,
    player_id: Option<String>,
    #[schema(inline)]
    level: Option<Level>,
}

/// How bad it is.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum Level {
    Error,
    Warn,
    Info,
}
