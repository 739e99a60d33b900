//! Getting in: over REST, by name over a socket, or back under the old id.

use super::*;
use crate::rules::poker::Proof;

fn rejoined(player: PlayerId, name: &str, returned: bool) -> Event {
    Event::PlayerRejoined {
        player,
        name: name.into(),
        avatar: "🦊".into(),
        returned,
        woke: false,
    }
}

fn player_joined(id: PlayerId) -> Event {
    let Newcomer {
        id,
        name,
        avatar,
        spectator,
        proof,
        key,
    } = newcomer(id);
    let player = NewPlayer {
        id,
        name,
        avatar,
        spectator,
        proof,
        key,
    };
    Event::PlayerJoined { player }
}

#[test]
fn whoever_joins_over_rest_is_on_the_roster_and_online_before_he_connects() {
    let room = given([joined(BEN).at(5)]);
    let ben = who(&room, BEN);
    assert!(ben.present() && ben.online() && ben.seats.is_empty());
    assert_eq!((ben.joined_at, ben.last_seen), (moment(5), moment(5)));
    let roster: Vec<_> = room.roster().map(|player| player.id).collect();
    assert_eq!(roster, [ANN, BEN]);
}

#[test]
fn names_may_repeat_over_rest() {
    let twin = Newcomer {
        name: "Ann".into(),
        ..newcomer(BEN)
    };
    let room = given([did(BEN, enter(twin, None))]);
    assert_eq!(room.roster().count(), 2);
}

#[test]
fn a_socket_that_joins_by_name_is_a_player_with_a_seat() {
    let events = facts(
        &given([]),
        &by_system(),
        enter_by_socket(newcomer(BEN), TAB),
    );
    let seat = Event::SeatTaken {
        player: BEN,
        node: NODE,
        seat: TAB,
        woke: false,
    };
    assert_eq!(events, [player_joined(BEN), seat]);
}

#[test]
fn a_socket_cannot_join_under_a_name_that_is_exactly_on_the_roster() {
    let room = given([joined(BEN)]);
    let named = |name: &str| {
        let name = name.into();
        let newcomer = Newcomer {
            name,
            ..newcomer(CAT)
        };
        room.decide(&by_system(), enter_by_socket(newcomer, TAB))
    };
    assert_eq!(named("Ben"), Err(Rejection::NameTaken));
    assert!(named("ben").is_ok());
}

#[test]
fn the_name_of_somebody_who_left_is_free() {
    let room = given([joined(BEN), seated(BEN), left(BEN)]);
    let newcomer = Newcomer {
        name: "Ben".into(),
        ..newcomer(CAT)
    };
    assert!(
        room.decide(&by_system(), enter_by_socket(newcomer, TAB))
            .is_ok()
    );
}

#[test]
fn a_token_and_the_same_name_bring_back_the_same_player() {
    let room = given([joined(BEN)]);
    let again = Newcomer {
        name: "  BEN ".into(),
        ..newcomer(CAT)
    };
    let events = facts(&room, &by_system(), enter(again, Some(BEN)));
    assert_eq!(events, [rejoined(BEN, "  BEN ", false)]);
}

#[test]
fn a_rejoining_player_takes_his_new_name_and_avatar_and_keeps_his_vote() {
    let again = Newcomer {
        name: "ANN".into(),
        avatar: "🚀".into(),
        ..newcomer(CAT)
    };
    let room = given([
        added(ONE),
        voted(ANN, "5"),
        did(ANN, enter(again, Some(ANN))),
    ]);
    let ann = who(&room, ANN);
    assert_eq!(
        (ann.name.as_str(), ann.avatar.as_str(), ann.joined_at),
        ("ANN", "🚀", START)
    );
    assert!(room.has_voted(ANN) && room.is_host(ANN));
    assert_eq!(room.players.len(), 1);
}

#[test]
fn rejoining_after_having_left_is_a_return() {
    let room = given([joined(BEN), seated(BEN), left(BEN)]);
    let events = facts(&room, &by_system(), enter(newcomer(CAT), Some(BEN)));
    assert_eq!(events.len(), 1, "Cat is not Ben: {events:?}");
    let again = Newcomer {
        name: "ben".into(),
        ..newcomer(CAT)
    };
    let events = facts(&room, &by_system(), enter(again, Some(BEN)));
    assert_eq!(events, [rejoined(BEN, "ben", true)]);
    let room = after(&room, moment(9), &events);
    assert!(who(&room, BEN).online() && room.roster().count() == 2);
}

#[test]
fn whoever_is_removed_connected_or_renamed_is_not_rejoined_but_new() {
    let again = || enter(newcomer(CAT), Some(BEN));
    let named_ben = || Newcomer {
        name: "Ben".into(),
        ..newcomer(CAT)
    };
    let removed = given([joined(BEN), removed(BEN)]);
    let connected = given([joined(BEN), seated(BEN)]);
    let room = given([joined(BEN)]);
    let cases = [
        (&removed, enter(named_ben(), Some(BEN))),
        (&connected, enter(named_ben(), Some(BEN))),
        (&room, again()),
        (&room, enter(named_ben(), Some(NOBODY))),
    ];
    for (room, command) in cases {
        let events = facts(room, &by_system(), command);
        assert!(
            matches!(&events[..], [Event::PlayerJoined { player }] if player.id == CAT),
            "{events:?}"
        );
    }
}

#[test]
fn a_rejoin_from_a_new_address_proves_that_address() {
    let proof = Some(Proof(7));
    let again = || Newcomer {
        proof,
        ..newcomer(BEN)
    };
    let room = given([joined(BEN)]);
    let events = facts(&room, &by_system(), enter(again(), Some(BEN)));
    let proven = Event::AddressProven {
        player: BEN,
        proof: Proof(7),
    };
    assert_eq!(events, [rejoined(BEN, "Ben", false), proven]);
    let room = after(&room, START, &events);
    let events = facts(&room, &by_system(), enter(again(), Some(BEN)));
    assert_eq!(events, [rejoined(BEN, "Ben", false)]);
}

#[test]
fn spectators_get_in_only_where_the_session_allows_them() {
    let open = given([]);
    let strict = given([settled(no_spectators())]);
    for command in [
        enter(spectator(BEN), None),
        enter_by_socket(spectator(BEN), TAB),
    ] {
        assert!(open.decide(&by_system(), command.clone()).is_ok());
        let refused = strict.decide(&by_system(), command);
        assert_eq!(refused, Err(Rejection::SpectatorsNotAllowed));
    }
}

#[test]
fn a_full_roster_lets_nobody_in() {
    let policy: &'static Policy = Box::leak(Box::new(Policy {
        max_players: 2,
        ..Policy::default()
    }));
    let cx = Cx {
        policy,
        ..by_system()
    };
    let room = given([joined(BEN)]);
    let refused = room.decide(&cx, enter(newcomer(CAT), None));
    assert_eq!(refused, Err(Rejection::SessionFull));
}

#[test]
fn when_the_memory_is_full_whoever_left_longest_ago_without_a_vote_is_forgotten() {
    let policy: &'static Policy = Box::leak(Box::new(Policy {
        max_records: 2,
        ..Policy::default()
    }));
    let cx = Cx {
        policy,
        ..by_system()
    };
    let command = || enter(newcomer(CAT), None);
    let there = given([joined(BEN), seated(BEN)]);
    assert_eq!(there.decide(&cx, command()), Err(Rejection::SessionFull));

    let gone = given([joined(BEN), seated(BEN), left(BEN)]);
    let forgotten = Event::PlayerForgotten { player: BEN };
    let events = facts(&gone, &cx, command());
    assert_eq!(events, [forgotten, player_joined(CAT)]);
    assert!(after(&gone, START, &events).player(BEN).is_none());

    let voter = given([
        joined(BEN),
        seated(BEN),
        added(ONE),
        voted(BEN, "5"),
        left(BEN),
    ]);
    assert_eq!(voter.decide(&cx, command()), Err(Rejection::SessionFull));
}

#[test]
fn the_same_entrance_twice_lets_one_player_in() {
    let rest = given([joined(BEN)]);
    assert_eq!(facts(&rest, &by(BEN), enter(newcomer(BEN), None)), []);
    let by_socket = || enter_by_socket(newcomer(BEN), TAB);
    let socket = given([did(BEN, by_socket())]);
    assert_eq!(facts(&socket, &by(BEN), by_socket()), []);
}
