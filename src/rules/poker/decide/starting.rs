//! Starting a round by saying what it is about: stories come about on the way.

use crate::rules::ids::StoryId;

use super::{Cx, Decision, NOTHING};
use crate::rules::poker::command::{NewStory, StoryRef};
use crate::rules::poker::story::Origin;
use crate::rules::poker::{Event, Poker, Rejection, Story};

impl Poker {
    /// Whoever may not start a round may still start the present one over, once its cards are open.
    pub(super) fn start_round_on(
        &self,
        cx: &Cx<'_>,
        topic: Option<String>,
        fresh: StoryId,
    ) -> Decision {
        if !self.may_start_rounds(cx)? {
            return self.reset_round(cx, StoryRef::Active);
        }
        // The same start once more, because nobody could tell whether the first had landed.
        if self.story(fresh).is_some() {
            return NOTHING;
        }
        match topic {
            Some(title) => match self.unestimated(&title) {
                Some(story) => Ok(vec![self.round_on_known(story.id)]),
                None => self.round_on_new(cx, (fresh, title), Origin::Round),
            },
            None => match self.active_story() {
                Some(story) if story.origin == Origin::Backlog => {
                    Ok(vec![self.round_on_known(story.id)])
                }
                _ => {
                    let title = format!("Vote #{}", self.next_order());
                    self.round_on_new(cx, (fresh, title), Origin::Untitled)
                }
            },
        }
    }

    fn may_start_rounds(&self, cx: &Cx<'_>) -> Result<bool, Rejection> {
        let rights = &self.settings.rights;
        let starts = self.entitled(cx, &rights.rounds)?;
        Ok(starts || self.entitled(cx, &rights.stories)?)
    }

    fn unestimated(&self, title: &str) -> Option<&Story> {
        let stories = self.stories.iter().map(AsRef::as_ref);
        let mut fitting = stories.filter(|story: &&Story| story.estimate.is_none());
        fitting.find(|story| story.topic() == Some(title))
    }

    fn round_on_known(&self, story: StoryId) -> Event {
        if self.is_active(story) {
            let story = Some(story);
            return Event::RoundReset { story };
        }
        Event::StoryActivated {
            story,
            previous: self.active(),
        }
    }

    /// A session that lives for long would fill up with stories nobody planned, so the oldest of
    /// these makes room.
    fn round_on_new(
        &self,
        cx: &Cx<'_>,
        (id, title): (StoryId, String),
        origin: Origin,
    ) -> Decision {
        let story = NewStory {
            id,
            title,
            description: None,
            order: None,
        };
        if self.stories.len() < cx.policy.max_stories {
            return Ok(vec![self.creation(cx, story, origin)?]);
        }
        let unplanned = |story: &&Story| story.origin != Origin::Backlog;
        let mut stories = self.stories.iter().map(AsRef::as_ref).filter(unplanned);
        let Some(oldest) = stories.find(|story| !self.is_active(story.id)) else {
            return Ok(vec![self.creation(cx, story, origin)?]);
        };
        let gone = Event::StoryDeleted {
            story: oldest.id,
            was_active: false,
        };
        let mut next = self.clone();
        next.stories.retain(|story| story.id != oldest.id);
        Ok(vec![gone, next.creation(cx, story, origin)?])
    }
}
