//! Starting rounds by topic, opening them early or with a countdown, and what is remembered.

use super::*;
use crate::rules::poker::history::MAX_ROUNDS;
use crate::rules::poker::settings::Rights;
use crate::rules::poker::{Right, ShownDeck};

fn start(topic: Option<&str>) -> Command {
    Command::StartRound {
        topic: topic.map(str::to_owned),
        story: TWO,
    }
}

/// Ann's session, in which everybody starts rounds and opens cards.
fn shared<const N: usize>(facts: [Fact; N]) -> Poker {
    let mut plan = plan();
    plan.settings.rights = Rights {
        reveal: Right::Everyone,
        stories: Right::Host,
        rounds: Right::Everyone,
    };
    let create = Command::CreateSession(Box::new(plan));
    let opened = then(Poker::default(), fact(Actor::System, create));
    facts.into_iter().fold(opened, then)
}

fn started(story: StoryId, title: &str, (previous, origin): (Option<StoryId>, Origin)) -> Event {
    Event::StoryCreated {
        story,
        title: title.into(),
        description: None,
        order: if previous.is_some() { 2 } else { 1 },
        previous,
        origin,
        inactive: false,
    }
}

#[test]
fn an_unknown_topic_is_a_new_story() {
    let room = shared([joined(BEN)]);
    let events = facts(&room, &by(BEN), start(Some("ABC-1")));
    assert_eq!(events, [started(TWO, "ABC-1", (None, Origin::Round))]);
}

#[test]
fn a_known_topic_without_an_estimate_is_that_story() {
    let room = shared([joined(BEN), added(ONE)]);
    let again = Event::RoundReset { story: Some(ONE) };
    let topic = start(Some("Export as CSV"));
    assert_eq!(facts(&room, &by(BEN), topic.clone()), [again]);

    let room = then(room, added(THREE));
    let back = Event::StoryActivated {
        story: ONE,
        previous: Some(THREE),
    };
    assert_eq!(facts(&room, &by(BEN), topic.clone()), [back]);

    let room = then(then(room, completed(ONE, "5")), completed(THREE, "5"));
    let events = facts(&room, &by(BEN), topic);
    assert!(matches!(
        &events[..],
        [Event::StoryCreated { story: TWO, .. }]
    ));
}

#[test]
fn without_a_topic_a_planned_story_goes_on_and_anything_else_is_a_new_vote() {
    let planned = shared([joined(BEN), added(ONE)]);
    let again = Event::RoundReset { story: Some(ONE) };
    assert_eq!(facts(&planned, &by(BEN), start(None)), [again]);

    let empty = shared([joined(BEN)]);
    let first = started(TWO, "Vote #1", (None, Origin::Untitled));
    assert_eq!(facts(&empty, &by(BEN), start(None)), [first]);

    let topic = Command::StartRound {
        topic: Some("ABC-1".into()),
        story: ONE,
    };
    let adhoc = then(empty, did(BEN, topic));
    let second = started(TWO, "Vote #2", (Some(ONE), Origin::Untitled));
    assert_eq!(facts(&adhoc, &by(BEN), start(None)), [second]);
}

#[test]
fn a_made_up_title_is_no_topic_until_somebody_gives_a_real_one() {
    let room = shared([did(ANN, start(None))]);
    assert_eq!(room.active_story().and_then(|story| story.topic()), None);
    let titled = StoryChange {
        title: Some("Login".into()),
        ..StoryChange::default()
    };
    let room = then(room, did(ANN, update(StoryRef::Active, titled)));
    assert_eq!(room.active_story().and_then(|it| it.topic()), Some("Login"));
}

#[test]
fn whoever_may_not_start_may_still_start_over_once_the_cards_are_open() {
    let room = given([joined(BEN), added(ONE), voted(BEN, "5")]);
    let refused = room.decide(&by(BEN), start(Some("ABC-1")));
    assert_eq!(refused, Err(Rejection::HostOnly));
    let room = then(room, revealed());
    let again = Event::RoundReset { story: Some(ONE) };
    assert_eq!(facts(&room, &by(BEN), start(Some("ABC-1"))), [again]);
    let refused = given([joined(BEN)]).decide(&by(BEN), start(None));
    assert_eq!(refused, Err(Rejection::HostOnly));
}

#[test]
fn the_oldest_story_nobody_planned_makes_room() {
    let policy = Box::leak(Box::new(Policy {
        max_stories: 2,
        ..Policy::default()
    }));
    let room = shared([added(ONE)]);
    let cx = Cx { policy, ..by(ANN) };
    let third = |room: &Poker, id| {
        let topic = Some("next".to_owned());
        room.decide(&cx, Command::StartRound { topic, story: id })
    };
    let room = after(&room, START, &third(&room, TWO).expect("there is room"));
    let topic = Some("yet another".to_owned());
    let full = Command::StartRound {
        topic,
        story: THREE,
    };
    let refused = room.decide(&cx, full.clone());
    assert_eq!(
        refused,
        Err(Rejection::TooManyStories),
        "one is planned, one active"
    );

    let room = then(room, activated(ONE));
    let events = room.decide(&cx, full).expect("there is room");
    let gone = Event::StoryDeleted {
        story: TWO,
        was_active: false,
    };
    assert_eq!(events[0], gone);
    assert!(matches!(
        events[1],
        Event::StoryCreated { story: THREE, .. }
    ));
}

#[test]
fn cards_are_opened_early_by_whoever_shares_the_right() {
    let facts_so_far = || [joined(BEN), joined(CAT), added(ONE), voted(BEN, "5")];
    let room = shared(facts_so_far());
    assert!(room.decide(&by(CAT), reveal()).is_ok());
    let room = given(facts_so_far());
    assert_eq!(room.decide(&by(CAT), reveal()), Err(Rejection::HostOnly));
    let patch = SettingsPatch {
        reveal: Some(Right::Players(vec![CAT])),
        ..SettingsPatch::default()
    };
    let room = then(room, settled(patch));
    assert!(room.decide(&by(CAT), reveal()).is_ok());
    assert_eq!(room.decide(&by(BEN), reveal()), Err(Rejection::HostOnly));
}

#[test]
fn stories_are_managed_by_whoever_shares_the_right() {
    let patch = SettingsPatch {
        manage_stories: Some(Right::Everyone),
        ..SettingsPatch::default()
    };
    let room = given([joined(BEN)]);
    assert_eq!(room.decide(&by(BEN), add(ONE)), Err(Rejection::HostOnly));
    let room = then(room, settled(patch));
    assert!(room.decide(&by(BEN), add(ONE)).is_ok());
    let stranger = room.decide(&by(NOBODY), add(ONE));
    assert_eq!(stranger, Err(Rejection::HostOnly));
}

#[test]
fn a_reveal_may_name_the_round_it_means() {
    let room = given([added(ONE), voted(ANN, "5")]);
    let of_round = |number| Command::RevealCards(StoryRef::Round(number));
    assert!(room.decide(&by(ANN), of_round(room.rounds)).is_ok());
    let refused = room.decide(&by(ANN), of_round(room.rounds + 1));
    assert_eq!(refused, Err(Rejection::StoryNotActive));
}

#[test]
fn a_countdown_opens_the_cards_at_once_and_says_so() {
    let room = given([added(ONE), voted(ANN, "?")]);
    let events = facts(&room, &by(ANN), Command::CountDown);
    let opened = Event::CardsRevealed {
        story: ONE,
        counted: vec![ANN],
        countdown: true,
    };
    assert_eq!(events, [opened]);
    let refused = given([added(ONE)]).decide(&by(ANN), Command::CountDown);
    assert_eq!(refused, Err(Rejection::NoVotes));
}

#[test]
fn only_cards_of_the_deck_or_of_the_shown_one_are_played() {
    let room = given([added(ONE)]);
    let play = |card: &str| room.decide(&by(ANN), Command::PlayCard(card.into()));
    for card in ["13", "?", "4"] {
        assert!(play(card).is_ok(), "{card} is in one of the decks");
    }
    for card in ["0", "6", "21", ""] {
        assert_eq!(play(card), Err(Rejection::NotInDeck), "{card}");
    }
}

#[test]
fn opened_rounds_are_remembered_as_they_were() {
    let room = given([
        joined(BEN),
        added(ONE).at(1),
        voted(BEN, "3").at(2),
        voted(ANN, "5").at(3),
        revealed().at(4),
        removed(BEN).at(5),
        added(TWO).at(6),
    ]);
    let [past] = &room.history[..] else {
        panic!("one round was opened: {:?}", room.history);
    };
    assert_eq!(past.title.as_deref(), Some("Export as CSV"));
    assert_eq!((past.started_at, past.revealed_at), (moment(1), moment(4)));
    let votes: Vec<_> = past
        .votes
        .iter()
        .map(|it| (it.player, &*it.value))
        .collect();
    assert_eq!(votes, [(BEN, "3"), (ANN, "5")]);
}

#[test]
fn only_the_last_hundred_rounds_are_remembered() {
    let mut room = given([added(ONE)]);
    for _ in 0..=MAX_ROUNDS {
        for fact in [voted(ANN, "5"), revealed(), round_reset()] {
            room = then(room, fact);
        }
    }
    assert_eq!(room.history.len(), MAX_ROUNDS);
    assert_eq!(room.history[0].number, 2, "the first one made room");
}

fn propose(patch: SettingsPatch, host: Option<PlayerId>) -> Command {
    Command::ProposeSettings { patch, host }
}

#[test]
fn everybody_changes_what_is_free_and_the_host_the_rest() {
    let room = given([joined(BEN)]);
    let patch = SettingsPatch {
        name: Some("Sprint 42".into()),
        show_average: Some(false),
        reveal: Some(Right::Everyone),
        ..SettingsPatch::default()
    };
    let wanted = propose(patch.clone(), Some(BEN));
    let free = SettingsPatch {
        reveal: None,
        ..patch.clone()
    };
    let changed = |patch| Event::SettingsChanged { patch };
    assert_eq!(facts(&room, &by(BEN), wanted.clone()), [changed(free)]);
    let all = [changed(patch), host_changed(ANN, BEN)];
    assert_eq!(facts(&room, &by(ANN), wanted.clone()), all);
    let stranger = room.decide(&by(NOBODY), wanted);
    assert_eq!(stranger, Err(Rejection::PlayerUnknown));
}

#[test]
fn without_a_host_who_is_there_everybody_changes_everything() {
    let room = given([joined(BEN), seated(ANN), lost(ANN)]);
    let wanted = propose(SettingsPatch::default(), Some(BEN));
    assert_eq!(facts(&room, &by(BEN), wanted), [host_changed(ANN, BEN)]);
}

#[test]
fn another_shown_deck_replaces_only_a_deck_that_can_be_shown() {
    let extended = || {
        let patch = SettingsPatch {
            shown_deck: Some(ShownDeck::Extended),
            ..SettingsPatch::default()
        };
        did(ANN, propose(patch, None))
    };
    let fibonacci = then(given([]), extended());
    assert_eq!(fibonacci.settings.shown_deck(), ShownDeck::Extended);
    assert_eq!(fibonacci.settings.cards, Settings::default().cards);

    let simple = SettingsPatch {
        cards: Some(["1", "2", "3", "4", "5"].map(String::from).into()),
        ..SettingsPatch::default()
    };
    let room = then(given([settled(simple.clone())]), extended());
    assert_eq!(room.settings.cards.len(), 7);

    let room = then(fibonacci, settled(simple));
    assert_eq!(room.settings.shown_deck(), ShownDeck::Simple, "a new deck");
}
