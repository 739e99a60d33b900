//! Stories: listing, adding, moving, changing, activating, completing and deleting them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::PokerRest;
use super::answer::{Answer, Refusal};
use super::auth::{Caller, Role};
use super::request::{PathIds, Payload, both, in_body};
use crate::rules::ids::{SessionId, StoryId};
use crate::rules::poker::command::StoryRef;
use crate::rules::poker::{Command, Poker};
use crate::wire::poker::objects::StoryObject;
use crate::wire::poker::validate::{self, Channel};

/// A story as REST shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionStory)]
#[serde(rename_all = "camelCase")]
pub(super) struct RestStory<'a> {
    #[serde(flatten)]
    story: StoryObject<'a>,
    session_id: SessionId,
}

impl<'a> RestStory<'a> {
    fn find(session_id: SessionId, state: &'a Poker, story: StoryId) -> Option<Self> {
        let story = StoryObject::find(state, story)?;
        Some(Self { story, session_id })
    }

    pub(super) fn list(session_id: SessionId, state: &'a Poker) -> Vec<Self> {
        let stories = StoryObject::list(state).into_iter();
        stories.map(|story| Self { story, session_id }).collect()
    }
}

/// `GET /sessions/:sessionId/stories`
pub(super) async fn list(
    State(desk): State<Arc<PokerRest>>,
    ids: PathIds,
    headers: HeaderMap,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId")?;
    let reader = desk.reader(&headers, session);
    desk.list(session, reader, move |state| {
        Answer::ok(&RestStory::list(session, state))
    })
    .await
}

/// `POST /sessions/:sessionId/stories`
pub(super) async fn add(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId")?;
    caller.ensure_in(&desk, session, Role::Manager).await?;
    let id = StoryId::new(Uuid::new_v4());
    let command = validate::story_creation(&body, id, Channel::Rest).map_err(in_body)?;
    let rooms = &desk.gate.rooms;
    let added = rooms.submit_then(session, caller.actor(), command, move |look| {
        Answer::created(&RestStory::find(session, look.state, id))
    });
    let failed = |error| Refusal::of(&error, "Failed to create story");
    added.await.map_err(failed)
}

/// `POST /sessions/:sessionId/stories/import`
pub(super) async fn import(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId")?;
    caller.ensure_in(&desk, session, Role::Manager).await?;
    let fresh = || StoryId::new(Uuid::new_v4());
    let stories = validate::story_list(&body, fresh).map_err(in_body)?;
    let imported: Vec<_> = stories.iter().map(|story| story.id).collect();
    let command = Command::PlanStories(stories);
    let rooms = &desk.gate.rooms;
    let added = rooms.submit_then(session, caller.actor(), command, move |look| {
        let found = imported.into_iter();
        let found = found.filter_map(|id| RestStory::find(session, look.state, id));
        Answer::created(&found.collect::<Vec<_>>())
    });
    let failed = |error| Refusal::of(&error, "Failed to import stories");
    added.await.map_err(failed)
}

/// `PUT /sessions/:sessionId/stories/:storyId/activate`
pub(super) async fn activate(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
) -> Result<Answer, Refusal> {
    let (session, story) = both(ids.session("sessionId"), ids.story())?;
    caller.ensure_in(&desk, session, Role::Manager).await?;
    let command = Command::ActivateStory(story);
    desk.amend(caller, story, command, "Failed to set active story")
        .await
}

/// `PUT /sessions/:sessionId/stories/:storyId/move`
pub(super) async fn relocate(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    let (session, story) = both(ids.session("sessionId"), ids.story())?;
    caller.ensure_in(&desk, session, Role::Manager).await?;
    let to = validate::place(&body).map_err(in_body)?;
    let command = Command::MoveStory { story, to };
    desk.amend(caller, story, command, "Failed to move story")
        .await
}

/// `PUT /stories/:storyId`
pub(super) async fn change(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    let story = ids.story()?;
    caller.ensure(Role::Manager)?;
    let change = validate::story_change(&body, Channel::Rest).map_err(in_body)?;
    let command = Command::UpdateStory {
        story: StoryRef::Id(story),
        change,
    };
    desk.amend(caller, story, command, "Failed to update story")
        .await
}

/// `PUT /stories/:storyId/complete`
pub(super) async fn complete(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
    Payload(body): Payload,
) -> Result<Answer, Refusal> {
    let story = ids.story()?;
    caller.ensure(Role::Manager)?;
    let estimate = validate::final_estimate(&body).map_err(in_body)?;
    let command = Command::CompleteStory { story, estimate };
    desk.amend(caller, story, command, "Failed to complete story")
        .await
}

/// `DELETE /stories/:storyId`
pub(super) async fn delete(
    State(desk): State<Arc<PokerRest>>,
    caller: Caller,
    ids: PathIds,
) -> Result<Answer, Refusal> {
    let story = ids.story()?;
    caller.ensure(Role::Manager)?;
    let command = Command::DeleteStory(story);
    let rooms = &desk.gate.rooms;
    let deleted = rooms.submit(caller.session, caller.actor(), command);
    let failed = |error| Refusal::of(&error, "Failed to delete story");
    deleted.await.map_err(failed)?;
    Ok(Answer::message("Story deleted successfully"))
}

impl PokerRest {
    /// Submits a change of a story in the caller's session and answers with the story.
    async fn amend(
        &self,
        caller: Caller,
        story: StoryId,
        command: Command,
        failure: &'static str,
    ) -> Result<Answer, Refusal> {
        let session = caller.session;
        let rooms = &self.gate.rooms;
        let amended = rooms.submit_then(session, caller.actor(), command, move |look| {
            Answer::ok(&RestStory::find(session, look.state, story))
        });
        amended.await.map_err(|error| Refusal::of(&error, failure))
    }
}
