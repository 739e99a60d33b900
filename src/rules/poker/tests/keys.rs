//! Coming in by key: the same key is the same player, and a key of this session only.

use super::*;
use crate::rules::poker::Key;

const ROOM_FOR: usize = 3;

/// Comes in under this name with this key; would be `id` if he were new.
fn unlock(id: PlayerId, (key, name): (u64, &str), seat: SeatId) -> Command {
    let newcomer = Newcomer {
        name: name.into(),
        key: Some(Key {
            fingerprint: key,
            alias: None,
        }),
        ..newcomer(id)
    };
    let by = Door::Key {
        node: NODE,
        seat,
        max_players: ROOM_FOR,
    };
    Command::Enter(Box::new(Entrance { newcomer, by }))
}

fn unlocked(id: PlayerId, key: u64) -> Fact {
    did(id, unlock(id, (key, name(id)), TAB))
}

fn came_in(room: &Poker, command: Command) -> Result<Vec<Event>, Rejection> {
    room.decide(&by_system(), command)
}

fn takes_seat(player: PlayerId, seat: SeatId, woke: bool) -> Event {
    Event::SeatTaken {
        player,
        node: NODE,
        seat,
        woke,
    }
}

#[test]
fn a_new_key_is_a_new_player_with_a_seat() {
    let room = given([]);
    let events = came_in(&room, unlock(BEN, (7, "Ben"), TAB)).expect("he may come in");
    assert!(matches!(&events[0], Event::PlayerJoined { player } if player.id == BEN));
    assert_eq!(events[1..], [takes_seat(BEN, TAB, false)]);
}

#[test]
fn a_known_key_is_the_same_player_under_the_name_he_gives_now() {
    let room = given([unlocked(BEN, 7)]);
    let events = came_in(&room, unlock(CAT, (7, "Benjamin"), OTHER_TAB));
    let renamed = Event::PlayerUpdated {
        player: BEN,
        name: Some("Benjamin".into()),
        avatar: None,
        spectator: None,
    };
    assert_eq!(events, Ok(vec![renamed, takes_seat(BEN, OTHER_TAB, false)]));
}

#[test]
fn whoever_was_lost_wakes_up_and_whoever_left_returns_by_his_key() {
    let lost = given([unlocked(BEN, 7), lost(BEN)]);
    let events = came_in(&lost, unlock(CAT, (7, "Ben"), OTHER_TAB));
    assert_eq!(events, Ok(vec![takes_seat(BEN, OTHER_TAB, true)]));

    let gone = given([unlocked(BEN, 7), left(BEN)]);
    let events = came_in(&gone, unlock(CAT, (7, "Ben"), OTHER_TAB));
    let returned = Event::PlayerReturned { player: BEN };
    let seat = takes_seat(BEN, OTHER_TAB, false);
    assert_eq!(events, Ok(vec![returned, seat.clone()]));
    let events = came_in(&gone, unlock(CAT, (7, "Benjamin"), OTHER_TAB));
    let rejoined = Event::PlayerRejoined {
        player: BEN,
        name: "Benjamin".into(),
        avatar: "🦊".into(),
        returned: true,
        woke: false,
    };
    assert_eq!(events, Ok(vec![rejoined, seat]));
}

#[test]
fn a_player_without_a_key_is_found_by_none() {
    let room = given([joined(BEN)]);
    let events = came_in(&room, unlock(CAT, (7, "Ben"), TAB)).expect("he may come in");
    assert!(matches!(&events[0], Event::PlayerJoined { player } if player.id == CAT));
}

#[test]
fn a_removed_player_s_key_opens_nothing_any_more() {
    let room = given([unlocked(BEN, 7), removed(BEN)]);
    let refused = came_in(&room, unlock(CAT, (7, "Ben"), TAB));
    assert_eq!(refused, Err(Rejection::PlayerRemoved));
}

#[test]
fn a_session_with_a_password_has_no_door_for_keys() {
    let passcode = Some(crate::rules::poker::PasscodeHash("hash".into()));
    let plan = NewSession { passcode, ..plan() };
    let create = Command::CreateSession(Box::new(plan));
    let room = then(Poker::default(), fact(Actor::System, create));
    let refused = came_in(&room, unlock(BEN, (7, "Ben"), TAB));
    assert_eq!(refused, Err(Rejection::SessionUnknown));
}

#[test]
fn a_full_roster_takes_back_whom_it_knows_and_nobody_new() {
    let room = given([unlocked(BEN, 7), unlocked(CAT, 8)]);
    let refused = came_in(&room, unlock(NOBODY, (9, "Dan"), TAB));
    assert_eq!(refused, Err(Rejection::SessionFull));
    assert!(came_in(&room, unlock(NOBODY, (8, "Cat"), OTHER_TAB)).is_ok());
}

#[test]
fn whoever_leaves_with_his_card_takes_an_open_one_only() {
    let leave = leave_seat(BEN, TAB, Departure::WithCard);
    let seat_left = Event::SeatLeft {
        player: BEN,
        seat: TAB,
        offline: false,
    };
    let open = given([unlocked(BEN, 7), added(ONE), voted(BEN, "0")]);
    let withdrawn = Event::VoteWithdrawn { player: BEN };
    let gone = [seat_left.clone(), withdrawn, has_left(BEN)];
    let events = facts(&open, &by(BEN), leave.clone());
    assert_eq!(events, gone);
    assert!(!after(&open, START, &events).has_voted(BEN));

    let revealed = given([unlocked(BEN, 7), added(ONE), voted(BEN, "0"), revealed()]);
    let events = facts(&revealed, &by(BEN), leave);
    assert_eq!(events, [seat_left, has_left(BEN)]);
}

#[test]
fn a_card_stays_while_its_player_has_another_connection() {
    let room = given([
        unlocked(BEN, 7),
        did(CAT, unlock(CAT, (7, "Ben"), OTHER_TAB)),
        added(ONE),
        voted(BEN, "5"),
        did(BEN, leave_seat(BEN, TAB, Departure::WithCard)),
    ]);
    assert!(room.has_voted(BEN) && who(&room, BEN).present());
}
