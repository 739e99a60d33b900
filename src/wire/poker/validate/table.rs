//! What lies on the table: votes, the story they are on, and the timer.

use serde_json::Value;

use super::fields::{Fields, whole};
use super::rules::{CONFIDENCE, DURATION, PLAYER_ID, VOTE_VALUE};
use super::{Code, Issues};
use crate::rules::ids::{SessionId, StoryId};
use crate::rules::poker::command::{Command, StoryRef};
use crate::rules::poker::timer::{TimerMode, TimerSettings};

/// Most moments at which a client may want to be warned of the timer's end.
const MAX_WARNINGS: usize = 20;

/// A card somebody wants to play.
#[derive(Clone, PartialEq, Eq)]
pub struct Ballot {
    /// The story the voter believes to be active.
    pub story: StoryRef,
    /// The card; at least one character.
    pub value: String,
    /// 1 to 5.
    pub confidence: Option<u8>,
}

/// A vote in `session`.
///
/// # Errors
/// Every field that breaks its rule; a strange `storyId` is not an issue but
/// [`StoryRef::Unknown`], because the contract answers it like a story that is not active.
pub fn vote(payload: &Value, session: SessionId) -> Result<Ballot, Issues> {
    let mut fields = Fields::of(payload);
    let confidence = fields.optional_number("confidence", &CONFIDENCE);
    let ballot = Ballot {
        story: story_ref(fields.value("storyId"), session),
        value: fields.text("value", &VOTE_VALUE),
        confidence: confidence.and_then(|number| u8::try_from(whole(number)).ok()),
    };
    fields.finish(ballot)
}

/// The player a REST vote says it is for.
///
/// # Errors
/// That it is not a text, or an empty one.
pub fn voter(payload: &Value) -> Result<Option<String>, Issues> {
    let mut fields = Fields::of(payload);
    let voter = fields.optional_text("playerId", &PLAYER_ID);
    fields.finish(voter)
}

/// The story that a `storyId` means: missing, `null`, empty or the session's own id is the active
/// one.
#[must_use]
pub fn story_ref(value: Option<&Value>, session: SessionId) -> StoryRef {
    match value {
        None | Some(Value::Null) => StoryRef::Active,
        Some(Value::String(text)) => named_story(text, session),
        Some(_) => StoryRef::Unknown,
    }
}

/// The story that a text in place of a `storyId` means, as [`story_ref`] has it.
#[must_use]
pub fn named_story(text: &str, session: SessionId) -> StoryRef {
    match StoryId::parse(text) {
        _ if text.is_empty() => StoryRef::Active,
        Some(id) if id.uuid() == session.uuid() => StoryRef::Active,
        Some(id) => StoryRef::Id(id),
        None => StoryRef::Unknown,
    }
}

/// The payload of `timer:start`: [`Command::ConfigureTimer`] if it has settings and no
/// `startedAt`, else [`Command::StartTimer`]. Seconds are rounded.
///
/// # Errors
/// Every field that breaks its rule.
pub fn timer_start(payload: &Value) -> Result<Command, Issues> {
    let mut fields = Fields::of(payload);
    let duration = u32::try_from(whole(fields.number("duration", &DURATION).round()));
    let duration = duration.unwrap_or_default();
    let mode = timer_mode(&mut fields);
    let settings = fields.optional_object("settings", timer_settings);
    let runs = fields.value("startedAt").is_some_and(|at| !at.is_null());
    fields.finish(match settings {
        Some(settings) if !runs => Command::ConfigureTimer {
            duration,
            mode,
            settings,
        },
        settings => Command::StartTimer {
            duration,
            mode,
            settings,
        },
    })
}

fn timer_mode(fields: &mut Fields<'_>) -> Option<TimerMode> {
    let word = fields.optional_str("mode")?;
    let mode = match word {
        "countdown" => Some(TimerMode::Countdown),
        "stopwatch" => Some(TimerMode::Stopwatch),
        "none" => Some(TimerMode::None),
        _ => None,
    };
    if mode.is_none() {
        let message = "Invalid enum value. Expected 'countdown' | 'stopwatch' | 'none'";
        fields.note("mode", message, Code::InvalidEnumValue);
    }
    mode
}

fn timer_settings(fields: &mut Fields<'_>) -> TimerSettings {
    TimerSettings {
        auto_reveal: fields.optional_bool("autoReveal"),
        auto_skip: fields.optional_bool("autoSkip"),
        audio_enabled: fields.optional_bool("audioEnabled"),
        warning_at: warnings(fields),
    }
}

fn warnings(fields: &mut Fields<'_>) -> Option<Vec<u32>> {
    let array = fields.optional_array("warningAt")?;
    if array.len() > MAX_WARNINGS {
        let message = "Array must contain at most 20 element(s)";
        fields.note("warningAt", message, Code::TooBig);
        return None;
    }
    let mut seconds = Vec::with_capacity(array.len());
    for (index, element) in array.iter().enumerate() {
        match element.as_f64().map(|number| whole(number.round())) {
            Some(number) => seconds.push(u32::try_from(number).unwrap_or(u32::MAX)),
            None => fields.note_element(("warningAt", index), "number", element),
        }
    }
    Some(seconds)
}
