//! Listing, adding, changing, activating, completing and deleting stories.

use super::super::answer::Message;
use super::super::stories::RestStory;
use super::answers::{list, one, refusal};
use super::requests::{AddedStory, Estimate, Ignored, Place, StoryChange, StoryList};
use super::{STORIES, guarded, protected};
use crate::http::docs::{Body, Operation, Schemas};

const MANAGERS_ONLY: &str = "Only the session's host, and who may manage its stories, may.";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        stories(),
        add(),
        import(),
        activate(),
        relocate(),
        change(),
        complete(),
        delete(),
    ]
}

fn stories() -> Operation {
    let stories = Operation::get("/api/sessions/{sessionId}/stories", "List the stories");
    protected(stories).of(STORIES).answers(
        200,
        "All stories, in their order; none if the session is unknown.",
        list::<RestStory<'static>>,
    )
}

fn add() -> Operation {
    let add = Operation::post("/api/sessions/{sessionId}/stories", "Add a story");
    guarded(add, MANAGERS_ONLY)
        .of(STORIES)
        .takes(Body::Required, Schemas::named::<AddedStory>)
        .answers(
            201,
            "The story, active at once unless the request says otherwise.",
            one::<RestStory<'static>>,
        )
}

fn import() -> Operation {
    let path = "/api/sessions/{sessionId}/stories/import";
    guarded(Operation::post(path, "Add many stories"), MANAGERS_ONLY)
        .explain("All or none. The first becomes active if no story is.")
        .of(STORIES)
        .takes(Body::Required, Schemas::named::<StoryList>)
        .answers(201, "The stories.", list::<RestStory<'static>>)
}

fn activate() -> Operation {
    let path = "/api/sessions/{sessionId}/stories/{storyId}/activate";
    amended(Operation::put(path, "Make a story the active one"))
        .takes(Body::Optional, Schemas::named::<Ignored>)
}

fn relocate() -> Operation {
    let path = "/api/sessions/{sessionId}/stories/{storyId}/move";
    amended(Operation::put(path, "Move a story in the list"))
        .takes(Body::Required, Schemas::named::<Place>)
}

fn change() -> Operation {
    amended(Operation::put("/api/stories/{storyId}", "Change a story"))
        .takes(Body::Required, Schemas::named::<StoryChange>)
}

fn complete() -> Operation {
    let path = "/api/stories/{storyId}/complete";
    amended(Operation::put(path, "Complete a story"))
        .takes(Body::Required, Schemas::named::<Estimate>)
}

fn delete() -> Operation {
    let delete = Operation::delete("/api/stories/{storyId}", "Delete a story");
    guarded(delete, MANAGERS_ONLY)
        .of(STORIES)
        .answers(200, "It is gone.", one::<Message>)
        .answers(400, "The id is malformed, or the story has votes.", refusal)
        .answers(404, "No story of the session has this id.", refusal)
}

fn amended(operation: Operation) -> Operation {
    guarded(operation, MANAGERS_ONLY)
        .of(STORIES)
        .answers(200, "The story.", one::<RestStory<'static>>)
        .answers(404, "No story of the session has this id.", refusal)
}
