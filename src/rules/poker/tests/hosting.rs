//! The host's rights over players, and everybody's over himself.

use super::*;

fn player_removed(player: PlayerId, by: PlayerId) -> Event {
    Event::PlayerRemoved { player, by }
}

fn renamed(name: &str) -> PlayerChange {
    PlayerChange {
        name: Some(name.into()),
        ..PlayerChange::default()
    }
}

#[test]
fn the_host_removes_a_player_for_good() {
    let room = given([joined(BEN), seated(BEN)]);
    let events = facts(&room, &by(ANN), Command::RemovePlayer(BEN));
    assert_eq!(events, [player_removed(BEN, ANN)]);
    let room = after(&room, START, &events);
    assert!(!who(&room, BEN).present() && who(&room, BEN).seats.is_empty());
    assert_eq!(room.roster().count(), 1);
}

#[test]
fn a_removed_player_s_votes_are_deleted() {
    let room = given([joined(BEN), added(ONE), voted(ANN, "5"), voted(BEN, "8")]);
    assert_eq!(totals(&room), (2, 2));
    let room = then(room, removed(BEN));
    assert_eq!(totals(&room), (1, 1));
    assert!(!room.has_voted(BEN));
}

#[test]
fn a_removed_player_s_opened_votes_and_those_of_earlier_stories_are_deleted() {
    let room = given([
        joined(BEN),
        added(ONE),
        voted(ANN, "5"),
        voted(BEN, "8"),
        revealed(),
    ]);
    let open = then(room.clone(), removed(BEN));
    let cards = |round: &crate::rules::poker::Round| -> Vec<PlayerId> {
        round.opened().map(|vote| vote.player).collect()
    };
    assert_eq!(open.round.as_ref().map(cards), Some(vec![ANN]));
    let archived = then(then(room, added(TWO)), removed(BEN));
    let one = archived.story(ONE).expect("story one");
    assert_eq!(one.last_round.as_ref().map(cards), Some(vec![ANN]));
    assert!(one.voted, "a story that had votes stays");
}

#[test]
fn whoever_left_can_still_be_removed() {
    let room = given([joined(BEN), seated(BEN), left(BEN)]);
    let events = facts(&room, &by(ANN), Command::RemovePlayer(BEN));
    assert_eq!(events, [player_removed(BEN, ANN)]);
}

#[test]
fn only_the_host_removes_and_promotes() {
    let room = given([joined(BEN), joined(CAT)]);
    for command in [Command::RemovePlayer(CAT), Command::PromotePlayer(BEN)] {
        assert_eq!(room.decide(&by(BEN), command), Err(Rejection::HostOnly));
    }
}

#[test]
fn the_host_cannot_remove_himself() {
    let refused = given([]).decide(&by(ANN), Command::RemovePlayer(ANN));
    assert_eq!(refused, Err(Rejection::CannotRemoveHost));
}

#[test]
fn nobody_is_removed_twice_or_unknown() {
    let room = given([joined(BEN), removed(BEN)]);
    for player in [BEN, NOBODY] {
        let refused = room.decide(&by(ANN), Command::RemovePlayer(player));
        assert_eq!(refused, Err(Rejection::PlayerUnknown));
    }
}

#[test]
fn promotion_moves_the_host_s_rights() {
    let room = given([joined(BEN)]);
    let events = facts(&room, &by(ANN), Command::PromotePlayer(BEN));
    assert_eq!(events, [host_changed(ANN, BEN)]);
    let room = after(&room, START, &events);
    assert!(facts(&room, &by(BEN), add(ONE)).len() == 1);
    assert_eq!(room.decide(&by(ANN), add(ONE)), Err(Rejection::HostOnly));
}

#[test]
fn promoting_oneself_changes_nothing() {
    assert_eq!(facts(&given([]), &by(ANN), Command::PromotePlayer(ANN)), []);
}

#[test]
fn only_somebody_on_the_roster_is_promoted() {
    let room = given([
        joined(BEN),
        seated(BEN),
        left(BEN),
        joined(CAT),
        removed(CAT),
    ]);
    for player in [BEN, CAT, NOBODY] {
        let refused = room.decide(&by(ANN), Command::PromotePlayer(player));
        assert_eq!(refused, Err(Rejection::PlayerUnknown));
    }
}

#[test]
fn the_host_may_be_a_spectator() {
    let room = given([watching(BEN), did(ANN, Command::PromotePlayer(BEN))]);
    assert!(room.is_host(BEN) && room.total_players() == 1);
}

#[test]
fn a_player_changes_his_own_data_and_only_changes_are_facts() {
    let wanted = PlayerChange {
        name: Some("Ann".into()),
        avatar: Some("🚀".into()),
        spectator: Some(false),
    };
    let events = facts(&given([]), &by(ANN), change(ANN, wanted));
    let updated = Event::PlayerUpdated {
        player: ANN,
        name: None,
        avatar: Some("🚀".into()),
        spectator: None,
    };
    assert_eq!(events, [updated]);
}

#[test]
fn data_as_they_are_change_nothing() {
    for wanted in [renamed("Ann"), PlayerChange::default()] {
        assert_eq!(facts(&given([]), &by(ANN), change(ANN, wanted)), []);
    }
}

#[test]
fn a_new_name_may_be_somebody_else_s() {
    let room = given([joined(BEN), did(BEN, change(BEN, renamed("Ann")))]);
    assert_eq!(who(&room, BEN).name, "Ann");
}

#[test]
fn whoever_is_not_on_the_roster_changes_nothing() {
    let room = given([joined(BEN), seated(BEN), left(BEN)]);
    let refused = room.decide(&by(BEN), change(BEN, renamed("Bob")));
    assert_eq!(refused, Err(Rejection::PlayerUnknown));
}

#[test]
fn nobody_becomes_a_spectator_where_there_are_none() {
    let room = given([watching(BEN), settled(no_spectators())]);
    let refused = room.decide(&by(ANN), watch_only(ANN, true));
    assert_eq!(refused, Err(Rejection::SpectatorsNotAllowed));
    assert_eq!(facts(&room, &by(BEN), watch_only(BEN, true)), []);
    assert!(room.decide(&by(BEN), watch_only(BEN, false)).is_ok());
}

#[test]
fn a_spectator_s_earlier_vote_counts_again_when_he_plays_again() {
    let room = given([joined(BEN), added(ONE), voted(BEN, "8")]);
    assert_eq!(totals(&room), (1, 2));
    let room = then(room, did(BEN, watch_only(BEN, true)));
    assert_eq!(totals(&room), (0, 1));
    let room = then(room, did(BEN, watch_only(BEN, false)));
    assert_eq!(totals(&room), (1, 2));
}
