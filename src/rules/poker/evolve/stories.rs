//! How facts about stories change a session.

use std::collections::HashMap;
use std::sync::Arc;

use super::CloneIntoSome;
use crate::rules::Timestamp;
use crate::rules::ids::StoryId;
use crate::rules::poker::story::{Origin, Story};
use crate::rules::poker::{Event, Poker};

impl Poker {
    pub(super) fn fold_story(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::StoryCreated {
                story,
                title,
                description,
                order,
                origin,
                inactive,
                ..
            } => {
                let created = Story {
                    id: *story,
                    title: title.clone(),
                    description: description.clone(),
                    estimate: None,
                    order: *order,
                    created_at: at,
                    completed_at: None,
                    voted: false,
                    last_round: None,
                    origin: *origin,
                };
                let place = self.stories.partition_point(|other| other.order <= *order);
                self.stories.insert(place, Arc::new(created));
                if !inactive {
                    self.activate(*story, at);
                }
            }
            Event::StoryActivated { story, .. } => {
                self.activate(*story, at);
                self.amend_story(*story, |s| s.completed_at = None);
            }
            Event::StoryUpdated {
                story,
                title,
                description,
                estimate,
                completed,
                deactivated,
            } => {
                self.amend_story(*story, |s| {
                    if title.is_some() && s.origin == Origin::Untitled {
                        s.origin = Origin::Round;
                    }
                    title.clone_into_some(&mut s.title);
                    set_or_clear(description.as_deref(), &mut s.description);
                    set_or_clear(estimate.as_deref(), &mut s.estimate);
                    if *completed {
                        s.completed_at = Some(at);
                    }
                });
                if *deactivated && self.is_active(*story) {
                    self.archive_round();
                }
            }
            Event::StoryDeleted { story, .. } => {
                if self.is_active(*story) {
                    self.round = None;
                }
                self.stories.retain(|other| other.id != *story);
            }
            Event::StoriesReordered { stories } => self.reorder(stories),
            _ => {}
        }
    }

    /// Puts the stories in this order and numbers them from 1; what is not named goes behind.
    fn reorder(&mut self, stories: &[StoryId]) {
        let places: HashMap<_, _> = stories.iter().zip(0_usize..).collect();
        let place = |story: &Arc<Story>| places.get(&story.id).copied().unwrap_or(usize::MAX);
        self.stories.sort_by_cached_key(place);
        for (story, order) in self.stories.iter_mut().zip(1..) {
            if story.order != order {
                Arc::make_mut(story).order = order;
            }
        }
    }
}

/// Replaces an optional text; an empty one removes it, none at all keeps it.
fn set_or_clear(text: Option<&str>, place: &mut Option<String>) {
    if let Some(text) = text {
        *place = (!text.is_empty()).then(|| text.to_owned());
    }
}
