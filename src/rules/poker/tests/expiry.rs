//! What falls due by itself: graces, the host's absence, the session's end.

use super::*;

const DISCONNECT_GRACE: u64 = 15;
const JOIN_GRACE: u64 = 60;
const HANDOVER: u64 = 120;

fn due(room: &Poker) -> Timestamp {
    let (at, command) = room.deadline(&POLICY).expect("something is due");
    assert_eq!(command, Command::Elapse);
    at
}

fn elapse(room: &Poker, secs: u64) -> Vec<Event> {
    facts(room, &by_system().at(secs), Command::Elapse)
}

/// Does what is due until nothing is; panics if that does not come to an end.
fn settle(room: &Poker, policy: &'static Policy, now: Timestamp) -> Poker {
    let cx = Cx {
        now,
        policy,
        ..by_system()
    };
    let mut room = room.clone();
    for _ in 0..50 {
        if room.deadline(policy).is_none_or(|(at, _)| at > now) {
            return room;
        }
        let events = facts(&room, &cx, Command::Elapse);
        assert!(!events.is_empty(), "a deadline that does nothing");
        room = after(&room, now, &events);
    }
    panic!("the deadline never moves on");
}

#[test]
fn a_session_without_anything_due_waits_for_its_end() {
    let room = given([seated(ANN)]);
    assert_eq!(due(&room), moment(48 * 3600));
    assert_eq!(elapse(&room, 48 * 3600 - 1), []);
    assert_eq!(elapse(&room, 48 * 3600), [Event::SessionExpired]);
}

#[test]
fn nothing_is_due_before_a_session_begins_and_after_it_ends() {
    let over = given([did(ANN, Command::DeleteSession)]);
    for room in [Poker::default(), over] {
        assert_eq!(room.deadline(&POLICY), None);
        assert_eq!(elapse(&room, 48 * 3600), []);
    }
}

#[test]
fn whoever_joined_over_rest_and_never_connects_leaves_after_the_join_grace() {
    let room = given([seated(ANN), joined(BEN).at(7)]);
    assert_eq!(due(&room), moment(7 + JOIN_GRACE));
    assert_eq!(elapse(&room, 7 + JOIN_GRACE - 1), []);
    assert_eq!(elapse(&room, 7 + JOIN_GRACE), [has_left(BEN)]);
}

#[test]
fn an_authenticated_call_renews_the_join_grace() {
    let room = given([seated(ANN), joined(BEN), did(BEN, touch(BEN)).at(30)]);
    assert_eq!(due(&room), moment(30 + JOIN_GRACE));
}

#[test]
fn whoever_s_line_breaks_leaves_after_the_disconnect_grace() {
    let room = given([seated(ANN), joined(BEN), seated(BEN), lost(BEN).at(40)]);
    assert_eq!(due(&room), moment(40 + DISCONNECT_GRACE));
    assert_eq!(elapse(&room, 40 + DISCONNECT_GRACE - 1), []);
    assert_eq!(elapse(&room, 40 + DISCONNECT_GRACE), [has_left(BEN)]);
}

#[test]
fn calls_over_rest_are_no_new_connection_for_whoever_s_line_broke() {
    let room = given([
        seated(ANN),
        joined(BEN),
        seated(BEN),
        lost(BEN).at(40),
        did(BEN, touch(BEN)).at(50),
    ]);
    assert_eq!(due(&room), moment(40 + DISCONNECT_GRACE));
}

#[test]
fn a_new_connection_within_the_grace_ends_it() {
    let room = given([
        seated(ANN),
        joined(BEN),
        seated(BEN),
        lost(BEN).at(40),
        seated(BEN).at(50),
    ]);
    assert_eq!(elapse(&room, 100), []);
}

#[test]
fn whoever_left_is_remembered_and_his_vote_kept_but_not_counted() {
    let room = given([
        seated(ANN),
        joined(BEN),
        added(ONE),
        voted(ANN, "3"),
        voted(BEN, "8"),
    ]);
    let events = elapse(&room, JOIN_GRACE);
    let gone = after(&room, moment(JOIN_GRACE), &events);
    assert_eq!(totals(&gone), (1, 1));
    assert!(gone.has_voted(BEN) && !who(&gone, BEN).online());
    let back = then(gone, seated(BEN).at(99));
    assert_eq!(totals(&back), (2, 2));
}

#[test]
fn several_graces_that_ran_out_are_one_step() {
    let room = given([seated(ANN), joined(BEN), joined(CAT)]);
    assert_eq!(elapse(&room, JOIN_GRACE), [has_left(BEN), has_left(CAT)]);
}

#[test]
fn a_host_who_leaves_on_purpose_is_followed_by_the_longest_joined_voter_online() {
    let room = given([
        watching(CAT),
        joined(BEN),
        seated(ANN),
        seated(BEN),
        seated(CAT),
    ]);
    let leave = leave_seat(ANN, TAB, Departure::OnPurpose);
    let events = facts(&room, &by(ANN), leave);
    assert_eq!(events[1..], [has_left(ANN), host_changed(ANN, BEN)]);
}

#[test]
fn a_spectator_follows_only_where_no_voter_is_online() {
    let room = given([
        joined(BEN),
        watching(CAT),
        seated(ANN),
        seated(BEN),
        lost(BEN),
        seated(CAT),
    ]);
    let leave = leave_seat(ANN, TAB, Departure::OnPurpose);
    let events = facts(&room, &by(ANN), leave);
    assert_eq!(events[1..], [has_left(ANN), host_changed(ANN, CAT)]);
}

#[test]
fn with_nobody_online_the_host_stays_host() {
    let room = given([seated(ANN), left(ANN)]);
    assert!(room.is_host(ANN));
    assert_eq!(due(&room), moment(48 * 3600));
}

#[test]
fn a_player_who_is_not_the_host_leaves_without_consequences() {
    let room = given([joined(BEN), seated(ANN), seated(BEN), left(BEN)]);
    assert!(room.is_host(ANN));
}

#[test]
fn an_absent_host_leaves_after_the_grace_but_is_replaced_only_after_the_handover_time() {
    let room = given([joined(BEN), seated(BEN), seated(ANN), lost(ANN).at(10)]);
    let room = settle(&room, &POLICY, moment(10 + HANDOVER - 1));
    assert!(!who(&room, ANN).present() && room.is_host(ANN));
    assert_eq!(due(&room), moment(10 + HANDOVER));
    assert_eq!(elapse(&room, 10 + HANDOVER), [host_changed(ANN, BEN)]);
}

#[test]
fn a_host_who_still_calls_over_rest_is_not_absent() {
    let room = given([
        joined(BEN),
        seated(BEN),
        did(ANN, touch(ANN)).at(50),
        did(ANN, touch(ANN)).at(100),
    ]);
    assert!(elapse(&room, HANDOVER + 30).is_empty());
    assert_eq!(
        elapse(&room, 100 + HANDOVER),
        [has_left(ANN), host_changed(ANN, BEN)]
    );
}

#[test]
fn a_host_without_a_successor_is_replaced_as_soon_as_somebody_is_there() {
    let room = given([joined(BEN), seated(BEN), lost(BEN), seated(ANN), lost(ANN)]);
    let room = settle(&room, &POLICY, moment(500));
    assert!(room.is_host(ANN));
    let room = then(room, seated(BEN).at(501));
    assert_eq!(elapse(&room, 501), [host_changed(ANN, BEN)]);
}

#[test]
fn a_policy_without_handover_keeps_the_host_for_ever() {
    let policy: &'static Policy = Box::leak(Box::new(Policy {
        host_handover: None,
        ..Policy::default()
    }));
    let room = given([joined(BEN), seated(BEN), seated(ANN), lost(ANN)]);
    assert!(settle(&room, policy, moment(9000)).is_host(ANN));
}

#[test]
fn an_absent_host_is_never_replaced_by_somebody_who_is_absent_longer() {
    let policy: &'static Policy = Box::leak(Box::new(Policy {
        join_grace: Duration::from_secs(600),
        ..Policy::default()
    }));
    let room = given([joined(BEN), did(ANN, touch(ANN)).at(10)]);
    assert!(settle(&room, policy, moment(300)).is_host(ANN));
    let room = given([joined(BEN).at(10)]);
    assert!(settle(&room, policy, moment(300)).is_host(BEN));
}

#[test]
fn an_heir_who_leaves_at_the_same_moment_does_not_inherit() {
    let room = given([
        joined(BEN).at(HANDOVER - JOIN_GRACE),
        joined(CAT).at(HANDOVER - 10),
        seated(CAT).at(HANDOVER - 10),
    ]);
    assert!(settle(&room, &POLICY, moment(HANDOVER)).is_host(CAT));
}

/// Ann's session, which ends a day after the last event if nobody is connected.
fn idling<const N: usize>(facts: [Fact; N]) -> Poker {
    let life = Life::Idle(Duration::from_secs(DAY_SECS));
    let create = Command::CreateSession(Box::new(NewSession { life, ..plan() }));
    let opened = then(Poker::default(), fact(Actor::System, create));
    facts.into_iter().fold(opened, then)
}

const DAY_SECS: u64 = 24 * 3600;

#[test]
fn a_session_that_ends_by_idling_lives_for_a_day_after_the_last_event() {
    let room = idling([seated(ANN).at(1), left(ANN).at(100)]);
    assert_eq!(room.expires_at, moment(100 + DAY_SECS));
    let end = 100 + DAY_SECS;
    assert_eq!(elapse(&room, end), [Event::SessionExpired]);
    assert_eq!(
        room.stage_at(moment(end - 1)),
        crate::rules::poker::Stage::Open
    );
    let refused = room.decide(&by(ANN).at(end), touch(ANN));
    assert_eq!(refused, Err(Rejection::SessionExpired));
}

#[test]
fn a_session_that_ends_by_idling_goes_on_while_somebody_is_connected() {
    let room = idling([seated(ANN).at(1)]);
    let end = 1 + DAY_SECS;
    assert_eq!(elapse(&room, end), [Event::SessionProlonged]);
    assert!(room.decide(&by(ANN).at(end), add(ONE)).is_ok());
    let room = after(&room, moment(end), &[Event::SessionProlonged]);
    assert_eq!(due(&room), moment(end + DAY_SECS));
}
