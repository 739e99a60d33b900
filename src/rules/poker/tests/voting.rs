//! Rounds: who may vote on what, and which votes count.

use super::*;

const ALL: StoryRef = StoryRef::Active;

fn submitted(id: VoteId, player: PlayerId, value: &str) -> Event {
    Event::VoteSubmitted {
        vote: id,
        player,
        value: value.into(),
        confidence: None,
        wording: Wording::Submit,
    }
}

/// The id that a first vote in a scene gets.
fn fresh_vote() -> VoteId {
    VoteId::new(FRESH)
}

#[test]
fn a_vote_on_the_active_story_is_taken() {
    let room = given([added(ONE)]);
    for story in [ALL, StoryRef::Id(ONE)] {
        let events = facts(&room, &by(ANN), vote_on(story, "5", None));
        assert_eq!(events, [submitted(fresh_vote(), ANN, "5")]);
    }
}

#[test]
fn a_second_vote_replaces_the_first_and_keeps_its_id_and_time() {
    let sure = did(ANN, vote_on(ALL, "3", Some(4)));
    let room = given([added(ONE), sure.at(2), voted(ANN, "5").at(3)]);
    let round = room.round.as_ref().expect("a round");
    let [only] = &round.votes[..] else {
        panic!("one vote per voter: {round:?}");
    };
    assert_eq!((only.value.as_str(), only.confidence), ("5", None));
    assert_eq!(
        (only.id, only.first_at, only.changed_at),
        (fresh_vote(), moment(2), moment(3))
    );
    assert_eq!(totals(&room), (1, 1));
}

#[test]
fn the_same_vote_again_changes_nothing_but_another_confidence_does() {
    let room = given([added(ONE), voted(ANN, "5")]);
    assert_eq!(facts(&room, &by(ANN), vote("5")), []);
    assert_eq!(facts(&room, &by(ANN), vote_on(ALL, "5", Some(1))).len(), 1);
}

#[test]
fn the_voter_s_wording_is_passed_on() {
    let changing = Command::SubmitVote {
        story: ALL,
        value: "5".into(),
        confidence: Some(3),
        wording: Wording::Change,
    };
    let events = facts(&given([added(ONE)]), &by(ANN), changing);
    let expected = Event::VoteSubmitted {
        vote: fresh_vote(),
        player: ANN,
        value: "5".into(),
        confidence: Some(3),
        wording: Wording::Change,
    };
    assert_eq!(events, [expected]);
}

#[test]
fn a_vote_without_an_active_story_or_on_another_one_is_refused() {
    let none = given([added(ONE), completed(ONE, "5")]);
    assert_eq!(
        none.decide(&by(ANN), vote("5")),
        Err(Rejection::StoryNotActive)
    );
    let room = given([added(ONE), added(TWO)]);
    for story in [StoryRef::Id(ONE), StoryRef::Id(THREE), StoryRef::Unknown] {
        let refused = room.decide(&by(ANN), vote_on(story, "5", None));
        assert_eq!(refused, Err(Rejection::StoryNotActive));
    }
}

#[test]
fn a_vote_after_the_reveal_is_refused() {
    let room = given([joined(BEN), added(ONE), voted(ANN, "5"), revealed()]);
    assert_eq!(
        room.decide(&by(BEN), vote("8")),
        Err(Rejection::AlreadyRevealed)
    );
}

#[test]
fn spectators_cannot_vote() {
    let room = given([watching(BEN), added(ONE)]);
    assert_eq!(
        room.decide(&by(BEN), vote("5")),
        Err(Rejection::SpectatorsCannotVote)
    );
}

#[test]
fn only_people_on_the_roster_vote() {
    let room = given([
        joined(BEN),
        seated(BEN),
        left(BEN),
        joined(CAT),
        removed(CAT),
        added(ONE),
    ]);
    for player in [BEN, CAT, NOBODY] {
        assert_eq!(
            room.decide(&by(player), vote("5")),
            Err(Rejection::PlayerUnknown)
        );
    }
    assert_eq!(
        room.decide(&by_system(), vote("5")),
        Err(Rejection::PlayerUnknown)
    );
}

#[test]
fn a_value_need_not_be_in_the_deck_but_is_short_or_a_card() {
    let deck = SettingsPatch {
        cards: Some(vec!["extra extra large".into(), "S".into()]),
        ..SettingsPatch::default()
    };
    let room = given([added(ONE), settled(deck)]);
    for value in ["0123456789", "🦊🦊🦊🦊🦊", "extra extra large", "99"] {
        assert!(room.decide(&by(ANN), vote(value)).is_ok(), "{value}");
    }
    for value in ["01234567890", "🦊🦊🦊🦊🦊.", "extra extra Large"] {
        let refused = room.decide(&by(ANN), vote(value));
        assert_eq!(refused, Err(Rejection::ValueTooLong), "{value}");
    }
}

#[test]
fn totals_are_those_of_voters_on_the_roster() {
    let room = given([
        joined(BEN),
        watching(CAT),
        seated(BEN),
        added(ONE),
        voted(ANN, "5"),
        voted(BEN, "8"),
    ]);
    assert_eq!(totals(&room), (2, 2));
    assert_eq!(totals(&then(room.clone(), lost(BEN))), (2, 2), "in grace");
    assert_eq!(totals(&then(room, left(BEN))), (1, 1));
}
