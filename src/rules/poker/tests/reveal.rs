//! Opening the cards and starting over: who may, when, and to what effect.

use super::*;

#[test]
fn the_host_reveals_as_soon_as_there_is_a_vote() {
    let room = given([joined(BEN), added(ONE)]);
    assert_eq!(room.decide(&by(ANN), reveal()), Err(Rejection::NoVotes));
    let room = then(room, voted(BEN, "5"));
    let events = facts(&room, &by(ANN), reveal());
    assert_eq!(events, [estimated(ONE, "5"), opened(ONE, [BEN])]);
}

#[test]
fn a_member_reveals_once_everybody_has_voted() {
    let room = given([joined(BEN), watching(CAT), added(ONE), voted(BEN, "8")]);
    assert_eq!(room.decide(&by(BEN), reveal()), Err(Rejection::HostOnly));
    let room = then(room, voted(ANN, "3"));
    for member in [BEN, CAT] {
        assert_eq!(
            facts(&room, &by(member), reveal()),
            [opened(ONE, [BEN, ANN])]
        );
    }
}

#[test]
fn a_vanished_voter_does_not_block_the_reveal_once_he_has_left() {
    let room = given([
        joined(BEN),
        joined(CAT),
        seated(CAT),
        added(ONE),
        voted(ANN, "3"),
        voted(BEN, "8"),
    ]);
    assert_eq!(room.decide(&by(BEN), reveal()), Err(Rejection::HostOnly));
    let room = then(room, left(CAT));
    assert!(room.is_complete() && room.decide(&by(BEN), reveal()).is_ok());
}

#[test]
fn open_cards_are_revealed_again_without_any_effect_by_any_member() {
    let room = given([joined(BEN), added(ONE), voted(ANN, "5"), revealed()]);
    for member in [ANN, BEN] {
        assert_eq!(facts(&room, &by(member), reveal()), []);
    }
}

#[test]
fn strangers_neither_reveal_nor_reset() {
    let room = given([added(ONE), voted(ANN, "5")]);
    let open = then(room.clone(), revealed());
    for command in [reveal(), reset()] {
        for room in [&room, &open] {
            let refused = room.decide(&by(NOBODY), command.clone());
            assert_eq!(refused, Err(Rejection::PlayerUnknown));
        }
    }
}

#[test]
fn without_an_active_story_there_is_nothing_to_reveal() {
    let room = given([added(ONE), completed(ONE, "5")]);
    let refused = room.decide(&by(ANN), reveal());
    assert_eq!(refused, Err(Rejection::NoActiveStory));
}

#[test]
fn revealing_or_resetting_another_story_is_refused() {
    let room = given([added(ONE), added(TWO), voted(ANN, "5")]);
    for story in [StoryRef::Id(ONE), StoryRef::Id(THREE), StoryRef::Unknown] {
        for command in [Command::RevealCards(story), Command::ResetRound(story)] {
            let refused = room.decide(&by(ANN), command);
            assert_eq!(refused, Err(Rejection::StoryNotActive));
        }
    }
    assert!(
        room.decide(&by(ANN), Command::ResetRound(StoryRef::Id(TWO)))
            .is_ok()
    );
}

#[test]
fn cards_are_opened_in_the_order_of_first_votes() {
    let room = given([
        joined(BEN),
        added(ONE),
        voted(BEN, "1").at(2),
        voted(ANN, "3").at(3),
        voted(BEN, "8").at(4),
    ]);
    assert_eq!(facts(&room, &by(ANN), reveal()), [opened(ONE, [BEN, ANN])]);
}

#[test]
fn votes_of_somebody_who_left_are_not_revealed_unless_he_returns_in_time() {
    let room = given([
        joined(BEN),
        seated(BEN),
        added(ONE),
        voted(BEN, "8"),
        voted(ANN, "3"),
        left(BEN),
    ]);
    let without = facts(&room, &by(ANN), reveal());
    assert_eq!(without, [estimated(ONE, "3"), opened(ONE, [ANN])]);
    let back = then(room.clone(), seated(BEN));
    assert_eq!(facts(&back, &by(ANN), reveal()), [opened(ONE, [BEN, ANN])]);
    let late = then(after(&room, START, &without), seated(BEN));
    let round = late.round.as_ref().expect("a round");
    let shown: Vec<_> = round.opened().map(|vote| vote.player).collect();
    assert_eq!(shown, [ANN], "the result stays what it was");
}

#[test]
fn agreement_becomes_the_estimate_but_a_question_mark_does_not() {
    let agreed = |value| {
        let room = given([
            joined(BEN),
            added(ONE),
            voted(ANN, value),
            voted(BEN, value),
        ]);
        facts(&room, &by(ANN), reveal())
    };
    assert_eq!(agreed("5"), [estimated(ONE, "5"), opened(ONE, [ANN, BEN])]);
    for value in ["?", "☕", "coffee"] {
        assert_eq!(agreed(value), [opened(ONE, [ANN, BEN])]);
    }
}

#[test]
fn an_estimate_by_reveal_does_not_complete_the_story() {
    let room = given([added(ONE), voted(ANN, "5"), revealed()]);
    let one = room.story(ONE).expect("story one");
    assert_eq!(one.estimate.as_deref(), Some("5"));
    assert_eq!(one.completed_at, None);
    assert!(room.is_active(ONE));
}

#[test]
fn the_host_resets_always_and_a_member_while_the_cards_are_open() {
    let room = given([joined(BEN), added(ONE), voted(ANN, "5")]);
    assert_eq!(room.decide(&by(BEN), reset()), Err(Rejection::HostOnly));
    let was_reset = [Event::RoundReset { story: Some(ONE) }];
    assert_eq!(facts(&room, &by(ANN), reset()), was_reset);
    let room = then(room, revealed());
    for member in [ANN, BEN] {
        assert_eq!(facts(&room, &by(member), reset()), was_reset);
    }
}

#[test]
fn a_reset_starts_a_new_round_without_votes_and_keeps_the_estimate() {
    let room = given([added(ONE), voted(ANN, "5"), revealed(), round_reset()]);
    assert!(!room.is_revealed() && !room.has_voted(ANN));
    assert_eq!(totals(&room), (0, 1));
    assert_eq!(
        room.story(ONE).and_then(|one| one.estimate.as_deref()),
        Some("5")
    );
    assert_eq!(room.view().round, 2);
    assert!(room.decide(&by(ANN), vote("8")).is_ok());
}

#[test]
fn the_host_may_reset_where_no_story_is_active() {
    let room = given([joined(BEN)]);
    assert_eq!(
        facts(&room, &by(ANN), reset()),
        [Event::RoundReset { story: None }]
    );
    assert_eq!(room.decide(&by(BEN), reset()), Err(Rejection::HostOnly));
}

/// A session in which the server opens the cards, with a story and a vote of Ann's.
fn automatic() -> Poker {
    given([
        joined(BEN),
        seated(BEN),
        settled(auto_reveal(true)),
        added(ONE),
        voted(ANN, "5"),
    ])
}

#[test]
fn with_auto_reveal_the_last_vote_opens_the_cards() {
    let events = facts(&automatic(), &by(BEN), vote("8"));
    assert_eq!(events[1..], [opened(ONE, [ANN, BEN])]);
    let events = facts(&automatic(), &by(BEN), vote("5"));
    assert_eq!(events[1..], [estimated(ONE, "5"), opened(ONE, [ANN, BEN])]);
}

#[test]
fn with_auto_reveal_whatever_completes_the_round_opens_the_cards() {
    let opens = |cx: Cx, command| {
        let events = facts(&automatic(), &cx, command);
        assert_eq!(events.last(), Some(&opened(ONE, [ANN])), "{events:?}");
    };
    opens(by(BEN), leave_seat(BEN, TAB, Departure::OnPurpose));
    opens(by(BEN), watch_only(BEN, true));
    opens(by(ANN), Command::RemovePlayer(BEN));
    let waiting = then(automatic(), lost(BEN));
    let events = facts(&waiting, &by_system().at(15), Command::Elapse);
    assert_eq!(
        events,
        [has_left(BEN), estimated(ONE, "5"), opened(ONE, [ANN])]
    );
}

#[test]
fn auto_reveal_that_is_turned_on_opens_a_complete_round() {
    let room = given([added(ONE), voted(ANN, "5")]);
    let on = Command::UpdateSettings(auto_reveal(true));
    assert_eq!(facts(&room, &by(ANN), on).len(), 3);
    let open = then(room, revealed());
    let on = Command::UpdateSettings(auto_reveal(true));
    assert_eq!(facts(&open, &by(ANN), on).len(), 1);
}

#[test]
fn auto_reveal_opens_nothing_where_nobody_is_asked_for_a_vote() {
    let room = given([settled(auto_reveal(true)), added(ONE)]);
    assert_eq!(facts(&room, &by(ANN), watch_only(ANN, true)).len(), 1);
}

#[test]
fn auto_reveal_that_is_turned_off_in_the_same_breath_opens_nothing() {
    let room = given([added(ONE), voted(ANN, "5")]);
    let off = Command::UpdateSettings(SettingsPatch {
        name: Some("Sprint 42".into()),
        ..auto_reveal(false)
    });
    assert_eq!(facts(&room, &by(ANN), off).len(), 1);
}

#[test]
fn a_round_is_remembered_as_it_was_when_its_cards_were_opened() {
    let renamed = PlayerChange {
        name: Some("Benjamin".into()),
        ..PlayerChange::default()
    };
    let room = given([
        joined(BEN),
        added(ONE),
        did(BEN, vote_on(StoryRef::Active, "5", Some(2))),
        revealed(),
        did(BEN, change(BEN, renamed)),
        did(ANN, Command::RemovePlayer(BEN)),
    ]);
    let [round] = &room.history[..] else {
        panic!("one round was opened: {:?}", room.history);
    };
    let [vote] = &round.votes[..] else {
        panic!("one card was opened: {round:?}");
    };
    assert_eq!((round.number, round.story), (1, Some(ONE)));
    let name = vote.name.as_deref();
    assert_eq!(
        (name, &*vote.value, vote.confidence),
        (Some("Ben"), "5", Some(2))
    );
}
