//! Who is there: seats, signs of life and dead nodes.

use super::*;
use crate::rules::poker::Proof;
use crate::rules::poker::player::Standing;

fn seat_taken(player: PlayerId, seat: SeatId, woke: bool) -> Event {
    Event::SeatTaken {
        player,
        node: NODE,
        seat,
        woke,
    }
}

fn seat_left(player: PlayerId, seat: SeatId, offline: bool) -> Event {
    Event::SeatLeft {
        player,
        seat,
        offline,
    }
}

fn seen(player: PlayerId, announced: bool) -> Event {
    Event::PlayerSeen { player, announced }
}

#[test]
fn a_first_connection_of_somebody_who_just_joined_tells_the_others_nothing() {
    let room = given([joined(BEN)]);
    let events = facts(&room, &by(BEN), take_seat(BEN, TAB));
    assert_eq!(events, [seat_taken(BEN, TAB, false)]);
}

#[test]
fn a_second_connection_of_a_player_tells_the_others_nothing() {
    let room = given([joined(BEN), seated(BEN)]);
    let events = facts(&room, &by(BEN), take_seat(BEN, OTHER_TAB));
    assert_eq!(events, [seat_taken(BEN, OTHER_TAB, false)]);
}

#[test]
fn the_same_connection_begins_only_once() {
    let room = given([joined(BEN), seated(BEN)]);
    assert_eq!(facts(&room, &by(BEN), take_seat(BEN, TAB)), []);
}

#[test]
fn an_unknown_player_gets_no_seat() {
    let refused = given([]).decide(&by(NOBODY), take_seat(NOBODY, TAB));
    assert_eq!(refused, Err(Rejection::PlayerUnknown));
}

#[test]
fn a_removed_player_gets_no_seat_and_no_call_through() {
    let room = given([joined(BEN), removed(BEN)]);
    for command in [take_seat(BEN, TAB), touch(BEN)] {
        assert_eq!(
            room.decide(&by(BEN), command),
            Err(Rejection::PlayerRemoved)
        );
    }
}

#[test]
fn only_the_last_connection_of_a_player_matters() {
    let room = given([
        joined(BEN),
        seated(BEN),
        did(BEN, take_seat(BEN, OTHER_TAB)),
    ]);
    for how in [Departure::OnPurpose, Departure::Lost] {
        let events = facts(&room, &by(BEN), leave_seat(BEN, TAB, how));
        assert_eq!(events, [seat_left(BEN, TAB, false)]);
        assert!(who(&after(&room, START, &events), BEN).online());
    }
}

#[test]
fn leaving_on_purpose_is_final_at_once() {
    let room = given([joined(BEN), seated(BEN)]);
    let events = facts(&room, &by(BEN), leave_seat(BEN, TAB, Departure::OnPurpose));
    assert_eq!(events, [seat_left(BEN, TAB, false), has_left(BEN)]);
    assert_eq!(
        after(&room, START, &events).player(BEN).map(|p| p.standing),
        Some(Standing::Left)
    );
}

#[test]
fn whoever_s_line_breaks_is_offline_but_stays_on_the_roster() {
    let room = given([joined(BEN), seated(BEN)]);
    let events = facts(&room, &by(BEN), leave_seat(BEN, TAB, Departure::Lost));
    assert_eq!(events, [seat_left(BEN, TAB, true)]);
    let room = after(&room, moment(9), &events);
    let ben = who(&room, BEN);
    assert!(ben.present() && !ben.online());
    assert_eq!(ben.last_seen, moment(9));
    assert_eq!(room.total_players(), 2);
}

#[test]
fn a_connection_that_is_not_there_cannot_end() {
    let room = given([joined(BEN), seated(BEN)]);
    for player in [BEN, ANN, NOBODY] {
        let command = leave_seat(player, OTHER_TAB, Departure::OnPurpose);
        assert_eq!(facts(&room, &by(player), command), []);
    }
}

#[test]
fn a_reconnection_within_the_grace_wakes_the_player_up() {
    let room = given([joined(BEN), seated(BEN), lost(BEN).at(2)]);
    let events = facts(&room, &by(BEN).at(3), take_seat(BEN, TAB));
    assert_eq!(events, [seat_taken(BEN, TAB, true)]);
    assert!(who(&after(&room, moment(3), &events), BEN).online());
}

#[test]
fn a_connection_of_somebody_who_left_brings_him_back() {
    let room = given([joined(BEN), seated(BEN), left(BEN)]);
    let events = facts(&room, &by(BEN).at(3), take_seat(BEN, TAB));
    let returned = Event::PlayerReturned { player: BEN };
    assert_eq!(events, [returned, seat_taken(BEN, TAB, false)]);
    let room = after(&room, moment(3), &events);
    assert!(who(&room, BEN).online() && !who(&room, BEN).awaited);
}

#[test]
fn an_authenticated_call_brings_back_whoever_left() {
    let room = given([joined(BEN), seated(BEN), left(BEN)]);
    let events = facts(&room, &by(BEN).at(3), touch(BEN));
    assert_eq!(events, [Event::PlayerReturned { player: BEN }]);
    assert!(who(&after(&room, moment(3), &events), BEN).online());
}

#[test]
fn a_call_is_a_silent_sign_of_life_of_whoever_has_no_connection() {
    let room = given([joined(BEN)]);
    assert_eq!(facts(&room, &by(BEN).at(5), touch(BEN)), [seen(BEN, false)]);
    assert_eq!(facts(&room, &by(BEN).at(4), touch(BEN)), [], "too soon");
    let room = then(room, seated(BEN));
    assert_eq!(facts(&room, &by(BEN).at(5), touch(BEN)), [], "connected");
}

#[test]
fn a_call_of_nobody_is_refused() {
    let refused = given([]).decide(&by(NOBODY), touch(NOBODY));
    assert_eq!(refused, Err(Rejection::PlayerUnknown));
}

#[test]
fn a_call_proves_its_address_once() {
    let call = || Command::Touch {
        player: ANN,
        proof: Some(Proof(7)),
    };
    let proven = Event::AddressProven {
        player: ANN,
        proof: Proof(7),
    };
    let room = given([]);
    assert_eq!(facts(&room, &by(ANN), call()), [proven]);
    let room = then(room, did(ANN, call()));
    assert!(who(&room, ANN).proven_from(Proof(7)));
    assert_eq!(facts(&room, &by(ANN), call()), []);
}

#[test]
fn a_player_keeps_his_sixteen_newest_addresses() {
    let mut room = given([]);
    for proof in 1..=17 {
        let proof = Some(Proof(proof));
        room = then(room, did(ANN, Command::Touch { player: ANN, proof }));
    }
    let ann = who(&room, ANN);
    assert_eq!(ann.proofs.len(), 16);
    assert!(!ann.proven_from(Proof(1)) && ann.proven_from(Proof(17)));
}

#[test]
fn activity_is_told_to_the_room_at_most_once_in_five_seconds() {
    let active = |audience| Command::NoteActivity {
        player: BEN,
        audience,
    };
    let room = given([joined(BEN), seated(BEN)]);
    let told = facts(&room, &by(BEN).at(5), active(Audience::Room));
    assert_eq!(told, [seen(BEN, true)]);
    let untold = facts(&room, &by(BEN).at(5), active(Audience::Nobody));
    assert_eq!(untold, [seen(BEN, false)]);
    let room = after(&room, moment(5), &told);
    assert_eq!(who(&room, BEN).last_seen, moment(5));
    assert_eq!(facts(&room, &by(BEN).at(9), active(Audience::Room)), []);
    assert_eq!(
        facts(&room, &by(BEN).at(10), active(Audience::Room)),
        [seen(BEN, true)]
    );
}

#[test]
fn activity_of_somebody_who_is_not_on_the_roster_is_refused() {
    let room = given([joined(BEN), seated(BEN), left(BEN)]);
    for player in [BEN, NOBODY] {
        let audience = Audience::Room;
        let refused = room.decide(&by(player), Command::NoteActivity { player, audience });
        assert_eq!(refused, Err(Rejection::PlayerUnknown));
    }
}

#[test]
fn when_a_node_dies_whoever_sat_only_there_is_offline() {
    let elsewhere = Command::TakeSeat {
        player: ANN,
        node: OTHER_NODE,
        seat: OTHER_TAB,
    };
    let room = given([joined(BEN), seated(ANN), seated(BEN), did(ANN, elsewhere)]);
    let command = room.bereaved(&|node| node != NODE);
    assert_eq!(command, Some(Command::LoseNodes(vec![NODE])));
    let events = facts(&room, &by_system(), Command::LoseNodes(vec![NODE]));
    assert_eq!(
        events,
        [seat_left(ANN, TAB, false), seat_left(BEN, TAB, true)]
    );
    let room = after(&room, moment(1), &events);
    assert!(who(&room, ANN).online() && !who(&room, BEN).online());
    assert_eq!(room.bereaved(&|node| node != NODE), None);
    assert_eq!(
        facts(&room, &by_system(), Command::LoseNodes(vec![NODE])),
        []
    );
}

#[test]
fn both_seats_of_a_player_on_a_dead_node_make_him_offline_once() {
    let room = given([seated(ANN), did(ANN, take_seat(ANN, OTHER_TAB))]);
    let events = facts(&room, &by_system(), Command::LoseNodes(vec![NODE]));
    assert_eq!(
        events,
        [seat_left(ANN, TAB, false), seat_left(ANN, OTHER_TAB, true)]
    );
}

#[test]
fn a_session_that_is_over_mourns_nobody() {
    let room = given([seated(ANN), did(ANN, Command::DeleteSession)]);
    assert_eq!(room.bereaved(&|_| false), None);
}
