//! Changes to a story: only what differs is a fact, so echoes are silent.

use super::*;

/// What an update event says; everything unsaid.
fn amended(story: StoryId) -> Amended {
    Amended {
        story,
        title: None,
        description: None,
        estimate: None,
        completed: false,
        deactivated: false,
    }
}

/// The fields of `Event::StoryUpdated`, to be filled one by one.
struct Amended {
    story: StoryId,
    title: Option<String>,
    description: Option<String>,
    estimate: Option<String>,
    completed: bool,
    deactivated: bool,
}

impl From<Amended> for Event {
    fn from(amended: Amended) -> Self {
        let Amended {
            story,
            title,
            description,
            estimate,
            completed,
            deactivated,
        } = amended;
        Self::StoryUpdated {
            story,
            title,
            description,
            estimate,
            completed,
            deactivated,
        }
    }
}

fn described() -> Poker {
    let change = StoryChange {
        description: Some("one file per month".into()),
        ..StoryChange::default()
    };
    given([added(ONE), did(ANN, update(StoryRef::Active, change))])
}

fn title(text: &str) -> StoryChange {
    StoryChange {
        title: Some(text.into()),
        ..StoryChange::default()
    }
}

fn estimate(text: &str, completes: bool) -> StoryChange {
    StoryChange {
        estimate: Some(text.into()),
        completes,
        ..StoryChange::default()
    }
}

fn active(active: bool) -> StoryChange {
    StoryChange {
        active: Some(active),
        ..StoryChange::default()
    }
}

/// What the host's change of this story leads to.
fn changing(room: &Poker, story: StoryId, change: StoryChange) -> Vec<Event> {
    facts(room, &by(ANN), update(StoryRef::Id(story), change))
}

#[test]
fn only_what_differs_is_a_fact() {
    let change = StoryChange {
        description: Some("one file per month".into()),
        estimate: Some(String::new()),
        ..title("Export as PDF")
    };
    let title = Some("Export as PDF".into());
    let expected = Amended {
        title,
        ..amended(ONE)
    };
    assert_eq!(changing(&described(), ONE, change), [Event::from(expected)]);
}

#[test]
fn the_echo_of_a_change_changes_nothing() {
    let echo = StoryChange {
        description: Some("one file per month".into()),
        ..title("Export as CSV")
    };
    assert_eq!(changing(&described(), ONE, echo), []);
    assert_eq!(changing(&described(), ONE, StoryChange::default()), []);
    assert_eq!(changing(&described(), ONE, active(true)), []);
}

#[test]
fn an_empty_text_removes_a_description() {
    let change = StoryChange {
        description: Some(String::new()),
        ..StoryChange::default()
    };
    let room = described();
    let events = changing(&room, ONE, change);
    let room = after(&room, START, &events);
    assert_eq!(room.story(ONE).expect("story one").description, None);
}

#[test]
fn a_change_without_a_name_is_one_of_the_active_story() {
    let room = given([added(ONE), added(TWO)]);
    let events = facts(&room, &by(ANN), update(StoryRef::Active, title("New")));
    let title = Some("New".into());
    let expected = Amended {
        title,
        ..amended(TWO)
    };
    assert_eq!(events, [Event::from(expected)]);
}

#[test]
fn a_change_of_the_active_story_where_there_is_none_creates_it() {
    let id = StoryId::new(FRESH);
    let change = StoryChange {
        description: Some("more".into()),
        ..title("New")
    };
    let events = facts(&given([]), &by(ANN), update(StoryRef::Active, change));
    let created = Event::StoryCreated {
        story: id,
        title: "New".into(),
        description: Some("more".into()),
        order: 1,
        previous: None,
        origin: Origin::Backlog,
        inactive: false,
    };
    assert_eq!(events, [created, amended(id).into()]);
    assert!(after(&given([]), START, &events).is_active(id));
}

#[test]
fn without_a_title_nothing_is_created() {
    let refused = given([]).decide(&by(ANN), update(StoryRef::Active, active(true)));
    assert_eq!(refused, Err(Rejection::NoActiveStory));
}

#[test]
fn an_estimate_over_rest_completes_the_story_one_over_the_socket_does_not() {
    let room = given([added(ONE), added(TWO)]);
    let events = changing(&room, ONE, estimate("5", false));
    assert_eq!(events, [estimated(ONE, "5")]);
    let events = changing(&room, ONE, estimate("5", true));
    let expected = Amended {
        estimate: Some("5".into()),
        completed: true,
        ..amended(ONE)
    };
    assert_eq!(events, [Event::from(expected)]);
    let room = after(&room, moment(9), &events);
    assert_eq!(
        room.story(ONE).expect("story one").completed_at,
        Some(moment(9))
    );
    assert_eq!(changing(&room, ONE, estimate("5", true)), [], "once");
}

#[test]
fn confirming_the_estimate_of_a_reveal_over_rest_completes_the_story() {
    let room = given([added(ONE), voted(ANN, "5"), revealed()]);
    let expected = Amended {
        completed: true,
        ..amended(ONE)
    };
    let events = changing(&room, ONE, estimate("5", true));
    assert_eq!(events, [Event::from(expected)]);
    let room = after(&room, moment(9), &events);
    assert!(room.is_active(ONE) && room.is_revealed());
}

#[test]
fn an_empty_estimate_completes_nothing() {
    let room = given([added(ONE), voted(ANN, "5"), revealed()]);
    assert_eq!(
        changing(&room, ONE, estimate("", true)),
        [estimated(ONE, "")]
    );
}

#[test]
fn a_change_may_activate_the_story() {
    let room = given([added(ONE), added(TWO)]);
    let activated = Event::StoryActivated {
        story: ONE,
        previous: Some(TWO),
    };
    assert_eq!(
        changing(&room, ONE, active(true)),
        [amended(ONE).into(), activated]
    );
}

#[test]
fn a_change_may_end_a_story_s_being_active_without_completing_it() {
    let room = given([added(ONE), voted(ANN, "5")]);
    let expected = Amended {
        deactivated: true,
        ..amended(ONE)
    };
    let events = changing(&room, ONE, active(false));
    assert_eq!(events, [Event::from(expected)]);
    let room = after(&room, START, &events);
    assert_eq!(room.active(), None);
    assert_eq!(room.story(ONE).expect("story one").completed_at, None);
    assert_eq!(changing(&room, ONE, active(false)), []);
}
