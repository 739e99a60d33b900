//! Stories: adding, changing, activating, finishing and deleting them.

use crate::rules::Actor;
use crate::rules::ids::StoryId;

use super::{Cx, Decision, NOTHING};
use crate::rules::poker::command::{NewStory, StoryChange, StoryRef};
use crate::rules::poker::story::Origin;
use crate::rules::poker::{Event, Poker, Rejection, Story};

impl Poker {
    /// Stories are the business of the host and of those he shares it with.
    fn ensure_manager(&self, cx: &Cx<'_>) -> Result<(), Rejection> {
        match cx.actor {
            Actor::Player(player)
                if self.ensure_member(player).is_ok()
                    && self.settings.rights.stories.covers(player) =>
            {
                Ok(())
            }
            _ => self.ensure_host(cx),
        }
    }

    pub(super) fn create_story(&self, cx: &Cx<'_>, story: NewStory) -> Decision {
        self.ensure_manager(cx)?;
        if self.story(story.id).is_some() {
            return NOTHING;
        }
        Ok(vec![self.creation(cx, story, Origin::Backlog)?])
    }

    pub(super) fn update_story(
        &self,
        cx: &Cx<'_>,
        story: StoryRef,
        change: StoryChange,
    ) -> Decision {
        self.ensure_manager(cx)?;
        let target = match story {
            StoryRef::Active => self.active_story(),
            StoryRef::Id(id) => Some(self.story(id).ok_or(Rejection::StoryUnknown)?),
            StoryRef::Round(_) | StoryRef::Unknown => return Err(Rejection::StoryUnknown),
        };
        match target {
            Some(story) => Ok(self.amendment(story, change)),
            None => self.create_by_update(cx, change),
        }
    }

    /// An update of "the active story" when there is none creates it.
    fn create_by_update(&self, cx: &Cx<'_>, change: StoryChange) -> Decision {
        let title = change.title.ok_or(Rejection::NoActiveStory)?;
        let id = StoryId::new(cx.fresh);
        let story = NewStory {
            id,
            title,
            description: change.description,
            order: None,
        };
        let created = self.creation(cx, story, Origin::Backlog)?;
        let estimate = change.estimate.filter(|estimate| !estimate.is_empty());
        Ok(vec![created, updated(id, None, None, estimate)])
    }

    pub(super) fn creation(
        &self,
        cx: &Cx<'_>,
        story: NewStory,
        origin: Origin,
    ) -> Result<Event, Rejection> {
        if self.stories.len() >= cx.policy.max_stories {
            return Err(Rejection::TooManyStories);
        }
        Ok(Event::StoryCreated {
            story: story.id,
            title: story.title,
            description: story.description.filter(|text| !text.is_empty()),
            order: story.order.unwrap_or_else(|| self.next_order()),
            previous: self.active(),
            origin,
            inactive: false,
        })
    }

    /// All of them or none.
    pub(super) fn plan_stories(&self, cx: &Cx<'_>, stories: Vec<NewStory>) -> Decision {
        self.ensure_manager(cx)?;
        let mut new: Vec<NewStory> = Vec::with_capacity(stories.len());
        for story in stories {
            let is_known = self.story(story.id).is_some();
            if !is_known && new.iter().all(|other| other.id != story.id) {
                new.push(story);
            }
        }
        if self.stories.len() + new.len() > cx.policy.max_stories {
            return Err(Rejection::TooManyStories);
        }
        let (mut next, mut inactive) = (self.next_order(), self.round.is_some());
        let plan = |story: NewStory| {
            let order = story.order.unwrap_or(next);
            next = next.max(order.saturating_add(1));
            Event::StoryCreated {
                story: story.id,
                title: story.title,
                description: story.description.filter(|text| !text.is_empty()),
                order,
                previous: None,
                origin: Origin::Backlog,
                inactive: std::mem::replace(&mut inactive, true),
            }
        };
        Ok(new.into_iter().map(plan).collect())
    }

    /// The place behind all stories.
    pub(super) fn next_order(&self) -> u64 {
        let orders = self.stories.iter().map(|story| story.order);
        orders.max().unwrap_or(0).saturating_add(1)
    }

    fn amendment(&self, story: &Story, change: StoryChange) -> Vec<Event> {
        let title = change.title.filter(|title| *title != story.title);
        let description = change
            .description
            .filter(|text| differs(text, &story.description));
        let estimated = change
            .estimate
            .as_ref()
            .is_some_and(|text| !text.is_empty());
        let estimate = change
            .estimate
            .filter(|text| differs(text, &story.estimate));
        let news = estimate.is_some() || story.completed_at.is_none();
        let completed = change.completes && estimated && news;
        let activates = change.active == Some(true) && !self.is_active(story.id);
        let deactivated = change.active == Some(false) && self.is_active(story.id);
        let changes = title.is_some() || description.is_some() || estimate.is_some();
        if !(changes || activates || deactivated || completed) {
            return Vec::new();
        }
        let story = story.id;
        let mut events = vec![Event::StoryUpdated {
            story,
            title,
            description,
            estimate,
            completed,
            deactivated,
        }];
        if activates {
            events.push(Event::StoryActivated {
                story,
                previous: self.active(),
            });
        }
        events
    }

    pub(super) fn move_story(&self, cx: &Cx<'_>, id: StoryId, to: usize) -> Decision {
        self.ensure_manager(cx)?;
        let mut stories: Vec<_> = self.stories.iter().map(|story| story.id).collect();
        let from = stories.iter().position(|&story| story == id);
        let from = from.ok_or(Rejection::StoryUnknown)?;
        let to = to.min(stories.len() - 1);
        if to == from {
            return NOTHING;
        }
        let moved = stories.remove(from);
        stories.insert(to, moved);
        Ok(vec![Event::StoriesReordered { stories }])
    }

    pub(super) fn activate_story(&self, cx: &Cx<'_>, story: StoryId) -> Decision {
        self.ensure_manager(cx)?;
        self.story(story).ok_or(Rejection::StoryUnknown)?;
        if self.is_active(story) {
            return NOTHING;
        }
        Ok(vec![Event::StoryActivated {
            story,
            previous: self.active(),
        }])
    }

    pub(super) fn delete_story(&self, cx: &Cx<'_>, id: StoryId) -> Decision {
        self.ensure_manager(cx)?;
        let story = self.story(id).ok_or(Rejection::StoryUnknown)?;
        let was_active = self.is_active(id);
        let playing = self.round.as_ref().filter(|_| was_active);
        if story.voted || playing.is_some_and(|round| !round.votes.is_empty()) {
            return Err(Rejection::StoryHasVotes);
        }
        let mut events = vec![Event::StoryDeleted {
            story: id,
            was_active,
        }];
        let mut rest = self.stories.iter().filter(|other| other.id != id);
        let next = rest
            .find(|other| other.completed_at.is_none())
            .filter(|_| was_active);
        events.extend(next.map(|next| Event::StoryActivated {
            story: next.id,
            previous: None,
        }));
        Ok(events)
    }

    pub(super) fn complete_story(&self, cx: &Cx<'_>, story: StoryId, estimate: String) -> Decision {
        self.ensure_manager(cx)?;
        let known = self.story(story).ok_or(Rejection::StoryUnknown)?;
        let done = known.completed_at.is_some() && !differs(&estimate, &known.estimate);
        if done && !self.is_active(story) {
            return NOTHING;
        }
        Ok(vec![completion(story, Some(estimate))])
    }

    pub(super) fn next_story(&self, cx: &Cx<'_>, next: Option<NewStory>) -> Decision {
        self.ensure_manager(cx)?;
        if next
            .as_ref()
            .is_some_and(|next| self.story(next.id).is_some())
        {
            return NOTHING;
        }
        let mut events: Vec<_> = self
            .active()
            .map(|story| completion(story, None))
            .into_iter()
            .collect();
        let story = next.as_ref().map(|next| next.id);
        if let Some(next) = next {
            events.push(self.creation(cx, next, Origin::Backlog)?);
        }
        events.push(Event::RoundReset { story });
        Ok(events)
    }
}

fn completion(story: StoryId, estimate: Option<String>) -> Event {
    Event::StoryUpdated {
        story,
        title: None,
        description: None,
        estimate,
        completed: true,
        deactivated: true,
    }
}

/// A change of texts only.
pub(super) fn updated(
    story: StoryId,
    title: Option<String>,
    description: Option<String>,
    estimate: Option<String>,
) -> Event {
    let (completed, deactivated) = (false, false);
    Event::StoryUpdated {
        story,
        title,
        description,
        estimate,
        completed,
        deactivated,
    }
}

fn differs(text: &str, present: &Option<String>) -> bool {
    text != present.as_deref().unwrap_or_default()
}
