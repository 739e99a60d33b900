//! Stories: adding, changing and finishing them.

use serde_json::Value;

use super::fields::{Fields, whole};
use super::rules::{
    DESCRIPTION, ESTIMATE, FINAL_ESTIMATE, NEW_TITLE, NEXT_DESCRIPTION, NEXT_TITLE, ORDER_INDEX,
    STORIES, TITLE,
};
use super::{Channel, Issues};
use crate::rules::ids::StoryId;
use crate::rules::poker::command::{Command, NewStory, StoryChange};

/// A story to be added under `id`; sockets may also say its place.
///
/// # Errors
/// Every field that breaks its rule.
pub fn new_story(payload: &Value, id: StoryId, channel: Channel) -> Result<NewStory, Issues> {
    let mut fields = Fields::of(payload);
    let order = match channel {
        Channel::Rest => None,
        Channel::Socket => fields.optional_number("orderIndex", &ORDER_INDEX),
    };
    let story = NewStory {
        id,
        title: fields.text("title", &NEW_TITLE),
        description: fields.optional_text("description", &DESCRIPTION),
        order: order.map(whole),
    };
    fields.finish(story)
}

/// A story to be added under `id`: [`Command::PlanStories`] if it says `activate: false`, else
/// [`Command::CreateStory`].
///
/// # Errors
/// Every field that breaks its rule.
pub fn story_creation(payload: &Value, id: StoryId, channel: Channel) -> Result<Command, Issues> {
    let story = new_story(payload, id, channel);
    let mut fields = Fields::of(payload);
    let activate = fields.optional_bool("activate");
    match (story, fields.finish(activate)) {
        (Ok(story), Ok(Some(false))) => Ok(Command::PlanStories(vec![story])),
        (Ok(story), Ok(_)) => Ok(Command::CreateStory(story)),
        (Err(issues), Err(others)) if payload.is_object() => Err(issues.and(others)),
        (Err(issues), _) | (_, Err(issues)) => Err(issues),
    }
}

/// The body of `POST …/stories/import`; each story gets an id of `fresh`.
///
/// # Errors
/// Every field that breaks its rule.
pub fn story_list(
    payload: &Value,
    mut fresh: impl FnMut() -> StoryId,
) -> Result<Vec<NewStory>, Issues> {
    let mut fields = Fields::of(payload);
    let stories = fields.objects("stories", &STORIES, |story| NewStory {
        id: fresh(),
        title: story.text("title", &NEW_TITLE),
        description: story.optional_text("description", &DESCRIPTION),
        order: None,
    });
    fields.finish(stories)
}

/// The `toIndex` to which a story is moved.
///
/// # Errors
/// That it is missing or breaks its rule.
pub fn place(payload: &Value) -> Result<usize, Issues> {
    let mut fields = Fields::of(payload);
    let place = whole(fields.number("toIndex", &ORDER_INDEX));
    fields.finish(usize::try_from(place).unwrap_or(usize::MAX))
}

/// Changes of a story; none is fine. Over REST an estimate completes the story, unless the same
/// request makes it active.
///
/// # Errors
/// Every field that breaks its rule.
pub fn story_change(payload: &Value, channel: Channel) -> Result<StoryChange, Issues> {
    let mut fields = Fields::of(payload);
    let active = match channel {
        Channel::Rest => fields.optional_bool("isActive"),
        Channel::Socket => None,
    };
    let change = StoryChange {
        title: fields.optional_text("title", &TITLE),
        description: fields.optional_text("description", &DESCRIPTION),
        estimate: fields.optional_text("finalEstimate", &ESTIMATE),
        active,
        completes: channel == Channel::Rest && active != Some(true),
    };
    fields.finish(change)
}

/// The `finalEstimate` with which a story is completed.
///
/// # Errors
/// That it is missing or breaks its rule.
pub fn final_estimate(payload: &Value) -> Result<String, Issues> {
    let mut fields = Fields::of(payload);
    let estimate = fields.text("finalEstimate", &FINAL_ESTIMATE);
    fields.finish(estimate)
}

/// The body of `POST …/reset`: the story to go on with under `id`, if there is one.
///
/// # Errors
/// Every field that breaks its rule.
pub fn next_story(payload: &Value, id: StoryId) -> Result<Option<NewStory>, Issues> {
    let mut fields = Fields::of(payload);
    let story = fields.optional_object("newStory", |story| NewStory {
        id,
        title: story.text("title", &NEXT_TITLE),
        description: story.optional_text("description", &NEXT_DESCRIPTION),
        order: None,
    });
    fields.finish(story)
}
