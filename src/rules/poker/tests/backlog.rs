//! Stories: at most one is active, whatever is done to the backlog.

use super::*;
use crate::rules::poker::Story;

fn created(id: StoryId, order: u64, previous: Option<StoryId>) -> Event {
    Event::StoryCreated {
        story: id,
        title: "Export as CSV".into(),
        description: None,
        order,
        previous,
        origin: Origin::Backlog,
        inactive: false,
    }
}

fn activation(story: StoryId, previous: Option<StoryId>) -> Event {
    Event::StoryActivated { story, previous }
}

fn deletion(story: StoryId, was_active: bool) -> Event {
    Event::StoryDeleted { story, was_active }
}

fn completion(story: StoryId, estimate: Option<&str>) -> Event {
    Event::StoryUpdated {
        story,
        title: None,
        description: None,
        estimate: estimate.map(str::to_owned),
        completed: true,
        deactivated: true,
    }
}

fn at_place(id: StoryId, order: u64) -> Command {
    let order = Some(order);
    Command::CreateStory(NewStory { order, ..story(id) })
}

fn find(room: &Poker, id: StoryId) -> &Story {
    room.story(id).expect("the story is there")
}

fn listed(room: &Poker) -> Vec<StoryId> {
    room.stories.iter().map(|story| story.id).collect()
}

#[test]
fn a_new_story_is_the_active_one_from_index_one() {
    let room = given([]);
    let events = facts(&room, &by(ANN), add(ONE));
    assert_eq!(events, [created(ONE, 1, None)]);
    let room = after(&room, START, &events);
    let events = facts(&room, &by(ANN), add(TWO));
    assert_eq!(events, [created(TWO, 2, Some(ONE))]);
    let room = after(&room, START, &events);
    assert_eq!((room.active(), listed(&room)), (Some(TWO), vec![ONE, TWO]));
}

#[test]
fn a_new_story_after_a_reveal_takes_votes_at_once() {
    let room = given([added(ONE), voted(ANN, "5"), revealed(), added(TWO)]);
    assert!(!room.is_revealed() && room.decide(&by(ANN), vote("8")).is_ok());
}

#[test]
fn a_story_may_name_its_place_and_the_next_one_goes_behind_all() {
    let room = given([added(ONE), did(ANN, at_place(TWO, 0)), added(THREE)]);
    assert_eq!(listed(&room), [TWO, ONE, THREE]);
    assert_eq!(find(&room, THREE).order, 2);
}

#[test]
fn behind_the_last_possible_place_there_is_still_room() {
    let room = given([did(ANN, at_place(ONE, u64::MAX)), added(TWO)]);
    assert_eq!(listed(&room), [ONE, TWO]);
}

#[test]
fn an_empty_description_is_none() {
    let description = Some(String::new());
    let new = NewStory {
        description,
        ..story(ONE)
    };
    let room = given([did(ANN, Command::CreateStory(new))]);
    assert_eq!(find(&room, ONE).description, None);
}

#[test]
fn the_backlog_has_a_ceiling() {
    let policy: &'static Policy = Box::leak(Box::new(Policy {
        max_stories: 1,
        ..Policy::default()
    }));
    let cx = Cx { policy, ..by(ANN) };
    let room = given([added(ONE)]);
    for command in [add(TWO), Command::NextStory(Some(story(TWO)))] {
        assert_eq!(room.decide(&cx, command), Err(Rejection::TooManyStories));
    }
}

#[test]
fn adding_the_same_story_again_changes_nothing() {
    let room = given([added(ONE), added(TWO)]);
    for command in [add(ONE), add(TWO), Command::NextStory(Some(story(TWO)))] {
        assert_eq!(facts(&room, &by(ANN), command), []);
    }
}

#[test]
fn only_the_host_touches_the_backlog() {
    let room = given([joined(BEN), added(ONE), added(TWO)]);
    for command in [
        add(THREE),
        update(StoryRef::Active, StoryChange::default()),
        Command::DeleteStory(ONE),
        Command::ActivateStory(ONE),
        complete(ONE, "5"),
        Command::NextStory(None),
    ] {
        assert_eq!(room.decide(&by(BEN), command), Err(Rejection::HostOnly));
    }
}

#[test]
fn activating_another_story_switches_and_starts_a_round() {
    let room = given([
        added(ONE),
        voted(ANN, "5"),
        revealed(),
        added(TWO),
        voted(ANN, "8"),
    ]);
    let events = facts(&room, &by(ANN), Command::ActivateStory(ONE));
    assert_eq!(events, [activation(ONE, Some(TWO))]);
    let room = after(&room, START, &events);
    assert_eq!((room.active(), totals(&room)), (Some(ONE), (0, 1)));
    assert!(!room.is_revealed());
    assert_eq!(find(&room, TWO).completed_at, None, "only switched away");
}

#[test]
fn activating_the_active_story_changes_nothing() {
    let room = given([added(ONE), voted(ANN, "5")]);
    assert_eq!(facts(&room, &by(ANN), Command::ActivateStory(ONE)), []);
}

#[test]
fn what_is_done_to_an_unknown_story_is_refused() {
    let room = given([added(ONE)]);
    let amended = StoryChange::default;
    for command in [
        update(StoryRef::Id(TWO), amended()),
        update(StoryRef::Unknown, amended()),
        Command::DeleteStory(TWO),
        Command::ActivateStory(TWO),
        complete(TWO, "5"),
    ] {
        assert_eq!(room.decide(&by(ANN), command), Err(Rejection::StoryUnknown));
    }
}

#[test]
fn votes_of_an_earlier_activation_are_archived_not_counted_and_not_opened() {
    let room = given([added(ONE), voted(ANN, "5"), added(TWO), activated(ONE)]);
    assert_eq!(totals(&room), (0, 1));
    let archived = find(&room, ONE).last_round.as_ref().expect("a round");
    assert_eq!((archived.votes.len(), archived.opened().count()), (1, 0));
}

#[test]
fn a_story_with_votes_of_any_round_cannot_be_deleted() {
    let voting = given([added(ONE), voted(ANN, "5")]);
    let archived = given([added(ONE), voted(ANN, "5"), added(TWO)]);
    let again = given([added(ONE), voted(ANN, "5"), added(TWO), activated(ONE)]);
    for room in [voting, archived, again] {
        let refused = room.decide(&by(ANN), Command::DeleteStory(ONE));
        assert_eq!(refused, Err(Rejection::StoryHasVotes));
    }
    let reset = given([added(ONE), voted(ANN, "5"), round_reset()]);
    assert!(reset.decide(&by(ANN), Command::DeleteStory(ONE)).is_ok());
}

#[test]
fn deleting_an_inactive_story_leaves_the_active_one_alone() {
    let room = given([added(ONE), added(TWO), voted(ANN, "5")]);
    let events = facts(&room, &by(ANN), Command::DeleteStory(ONE));
    assert_eq!(events, [deletion(ONE, false)]);
    assert_eq!(totals(&after(&room, START, &events)), (1, 1));
}

#[test]
fn deleting_the_active_story_activates_the_first_one_not_completed() {
    let room = given([
        added(ONE),
        added(TWO),
        added(THREE),
        completed(ONE, "5"),
        activated(THREE),
    ]);
    let events = facts(&room, &by(ANN), Command::DeleteStory(THREE));
    assert_eq!(events, [deletion(THREE, true), activation(TWO, None)]);
}

#[test]
fn with_only_completed_stories_left_none_is_activated() {
    let room = given([added(ONE), completed(ONE, "5"), added(TWO)]);
    let events = facts(&room, &by(ANN), Command::DeleteStory(TWO));
    assert_eq!(events, [deletion(TWO, true)]);
    let room = after(&room, START, &events);
    assert_eq!((room.active(), room.round), (None, None));
}

#[test]
fn completing_the_active_story_ends_its_round() {
    let room = given([added(ONE), voted(ANN, "5"), revealed()]);
    let events = facts(&room, &by(ANN), complete(ONE, "8"));
    assert_eq!(events, [completion(ONE, Some("8"))]);
    let room = after(&room, moment(9), &events);
    assert_eq!((room.active(), room.is_revealed()), (None, false));
    let one = find(&room, ONE);
    assert_eq!(one.estimate.as_deref(), Some("8"));
    assert_eq!(one.completed_at, Some(moment(9)));
}

#[test]
fn completing_an_inactive_story_leaves_the_round_alone() {
    let room = given([added(ONE), added(TWO), voted(ANN, "5"), completed(ONE, "3")]);
    assert_eq!((room.active(), totals(&room)), (Some(TWO), (1, 1)));
    assert!(find(&room, ONE).completed_at.is_some());
}

#[test]
fn completing_a_completed_story_changes_only_its_estimate() {
    let room = given([added(ONE), completed(ONE, "5")]);
    assert_eq!(facts(&room, &by(ANN), complete(ONE, "5")), []);
    assert_eq!(facts(&room, &by(ANN), complete(ONE, "8")).len(), 1);
}

#[test]
fn a_completed_story_that_becomes_active_is_open_again() {
    let room = given([added(ONE), completed(ONE, "5"), activated(ONE)]);
    let one = find(&room, ONE);
    assert_eq!(
        (one.completed_at, one.estimate.as_deref()),
        (None, Some("5"))
    );
}

#[test]
fn going_on_completes_the_active_story_and_starts_the_next() {
    let room = given([added(ONE), voted(ANN, "5")]);
    let events = facts(&room, &by(ANN), Command::NextStory(Some(story(TWO))));
    let reset = Event::RoundReset { story: Some(TWO) };
    assert_eq!(
        events,
        [completion(ONE, None), created(TWO, 2, Some(ONE)), reset]
    );
    let room = after(&room, moment(9), &events);
    assert_eq!((room.active(), totals(&room)), (Some(TWO), (0, 1)));
    let one = find(&room, ONE);
    assert_eq!((one.completed_at, one.voted), (Some(moment(9)), true));
}

#[test]
fn going_on_without_a_next_story_leaves_none_active() {
    let room = given([added(ONE)]);
    let events = facts(&room, &by(ANN), Command::NextStory(None));
    let reset = Event::RoundReset { story: None };
    assert_eq!(events, [completion(ONE, None), reset]);
    assert_eq!(after(&room, START, &events).round, None);
}
