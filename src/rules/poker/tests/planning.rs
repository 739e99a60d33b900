//! Planning ahead: stories that wait behind the one that is active.

use super::*;

fn plan(ids: &[StoryId]) -> Command {
    Command::PlanStories(ids.iter().copied().map(story).collect())
}

fn planned(id: StoryId, order: u64, inactive: bool) -> Event {
    Event::StoryCreated {
        story: id,
        title: "Export as CSV".into(),
        description: None,
        order,
        previous: None,
        origin: Origin::Backlog,
        inactive,
    }
}

fn relocate(story: StoryId, to: usize) -> Command {
    Command::MoveStory { story, to }
}

fn reordered(stories: &[StoryId]) -> Event {
    let stories = stories.into();
    Event::StoriesReordered { stories }
}

fn listed(room: &Poker) -> Vec<StoryId> {
    room.stories.iter().map(|story| story.id).collect()
}

#[test]
fn planned_stories_go_behind_the_others_and_the_vote_goes_on() {
    let room = given([added(ONE), voted(ANN, "5")]);
    let events = facts(&room, &by(ANN), plan(&[TWO, THREE]));
    assert_eq!(events, [planned(TWO, 2, true), planned(THREE, 3, true)]);
    let room = after(&room, START, &events);
    assert_eq!(
        (room.active(), listed(&room)),
        (Some(ONE), vec![ONE, TWO, THREE])
    );
    assert_eq!((room.vote_count(), room.rounds), (1, 1));
}

#[test]
fn where_no_story_is_active_the_first_planned_one_becomes_so() {
    let events = facts(&given([]), &by(ANN), plan(&[ONE, TWO]));
    assert_eq!(events, [planned(ONE, 1, false), planned(TWO, 2, true)]);
    let room = after(&given([]), START, &events);
    assert_eq!((room.active(), room.rounds), (Some(ONE), 1));
}

#[test]
fn a_planned_story_may_name_its_place() {
    let second = NewStory {
        order: Some(1),
        ..story(THREE)
    };
    let room = given([added(ONE), added(TWO)]);
    let room = then(room, did(ANN, Command::PlanStories(vec![second])));
    assert_eq!(
        (room.active(), listed(&room)),
        (Some(TWO), vec![ONE, THREE, TWO])
    );
}

#[test]
fn planned_stories_come_all_or_none() {
    let policy: &'static Policy = Box::leak(Box::new(Policy {
        max_stories: 2,
        ..Policy::default()
    }));
    let cx = Cx { policy, ..by(ANN) };
    let room = given([added(ONE)]);
    let refused = room.decide(&cx, plan(&[TWO, THREE]));
    assert_eq!(refused, Err(Rejection::TooManyStories));
    assert_eq!(facts(&room, &cx, plan(&[TWO])), [planned(TWO, 2, true)]);
}

#[test]
fn planning_the_same_stories_again_changes_nothing() {
    let room = given([did(ANN, plan(&[ONE, TWO]))]);
    assert_eq!(facts(&room, &by(ANN), plan(&[ONE, TWO])), []);
    assert_eq!(facts(&room, &by(ANN), plan(&[THREE, THREE])).len(), 1);
}

#[test]
fn only_the_host_plans() {
    let room = given([joined(BEN)]);
    assert_eq!(
        room.decide(&by(BEN), plan(&[ONE])),
        Err(Rejection::HostOnly)
    );
}

#[test]
fn a_story_moves_to_a_place_and_all_are_numbered_anew() {
    let far = NewStory {
        order: Some(70),
        ..story(THREE)
    };
    let room = given([added(ONE), added(TWO), did(ANN, Command::CreateStory(far))]);
    let events = facts(&room, &by(ANN), relocate(THREE, 0));
    assert_eq!(events, [reordered(&[THREE, ONE, TWO])]);
    let moved = after(&room, START, &events);
    let places: Vec<_> = moved
        .stories
        .iter()
        .map(|story| (story.id, story.order))
        .collect();
    assert_eq!(places, [(THREE, 1), (ONE, 2), (TWO, 3)]);
    assert_eq!(moved.round, room.round, "what is active and voted on stays");
    let events = facts(&moved, &by(ANN), relocate(THREE, 1));
    assert_eq!(events, [reordered(&[ONE, THREE, TWO])]);
}

#[test]
fn behind_the_last_place_is_the_end() {
    let room = given([added(ONE), added(TWO), added(THREE)]);
    let events = facts(&room, &by(ANN), relocate(ONE, usize::MAX));
    assert_eq!(events, [reordered(&[TWO, THREE, ONE])]);
    assert_eq!(facts(&room, &by(ANN), relocate(THREE, 2)), []);
    assert_eq!(facts(&room, &by(ANN), relocate(THREE, 99)), []);
}

#[test]
fn a_new_story_goes_behind_those_that_were_moved() {
    let room = given([
        added(ONE),
        added(TWO),
        did(ANN, relocate(ONE, 1)),
        added(THREE),
    ]);
    assert_eq!(listed(&room), [TWO, ONE, THREE]);
}

#[test]
fn only_the_host_moves_stories_that_are_there() {
    let room = given([joined(BEN), added(ONE), added(TWO)]);
    assert_eq!(
        room.decide(&by(BEN), relocate(ONE, 1)),
        Err(Rejection::HostOnly)
    );
    assert_eq!(
        room.decide(&by(ANN), relocate(THREE, 1)),
        Err(Rejection::StoryUnknown)
    );
}
