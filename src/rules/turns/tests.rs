//! The rules of a shared clock as sentences, and its laws over any sequence of commands.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::command::{Mode, PlannedParticipant};
use super::{Clock, Command, Event, Plan, Policy, Rejection, Status, Turns};
use crate::rules::{Actor, Context, Machine, Timestamp};

const START: Timestamp = Timestamp::from_millis(1_795_203_000_000);
const GIVEN_MILLIS: u64 = 180_000;
const INCREMENT_MILLIS: u64 = 2_000;

static POLICY: LazyLock<Policy> = LazyLock::new(Policy::default);

fn plan(participants: usize, increment_millis: u64) -> Plan {
    let planned = |index: usize| PlannedParticipant {
        id: format!("p{index}"),
        index: index as u64,
        millis: GIVEN_MILLIS,
        group: None,
    };
    Plan {
        id: "clock".into(),
        mode: Mode::PerParticipant,
        participants: (0..participants).map(planned).collect(),
        total_millis: 360_000,
        per_turn_millis: None,
        increment_millis,
        max_millis: None,
    }
}

fn create(participants: usize, increment_millis: u64) -> Command {
    Command::Create(Box::new(plan(participants, increment_millis)))
}

fn switch() -> Command {
    Command::Switch {
        next: None,
        version: None,
    }
}

fn switch_to(id: &str) -> Command {
    Command::Switch {
        next: Some(id.into()),
        version: None,
    }
}

fn delete() -> Command {
    let id = "clock".into();
    Command::Delete { id }
}

fn after(millis: u64) -> Timestamp {
    START.after(Duration::from_millis(millis))
}

fn decide(state: &Turns, at: Timestamp, command: Command) -> Result<Vec<Event>, Rejection> {
    let cx = Context {
        now: at,
        actor: Actor::System,
        fresh: Uuid::nil(),
        policy: &*POLICY,
    };
    state.decide(&cx, command)
}

/// The state after these commands, each so many milliseconds after the start.
fn given<const N: usize>(commands: [(u64, Command); N]) -> Turns {
    let mut state = Turns::default();
    for (millis, command) in commands {
        let at = after(millis);
        let events = decide(&state, at, command).expect("nobody refuses this");
        events.iter().for_each(|event| state.evolve(at, event));
    }
    state
}

fn clock(state: &Turns) -> &Clock {
    state.clock.as_ref().expect("there is a clock")
}

#[test]
fn the_first_in_the_order_begins_whatever_his_number() {
    let mut odd = plan(2, 0);
    odd.participants[0].index = 9;
    let state = given([(0, Command::Create(Box::new(odd))), (5, Command::Start)]);
    let clock = clock(&state);
    assert_eq!(
        (clock.status, clock.version, clock.active),
        (Status::Running, 2, Some(0))
    );
    assert_eq!(clock.started_at, Some(after(5)));
    assert_eq!(clock.turn_began_at, clock.started_at);
}

#[test]
fn a_switch_books_the_turn_to_the_millisecond_and_adds_the_increment() {
    let state = given([
        (0, create(2, INCREMENT_MILLIS)),
        (0, Command::Start),
        (42_500, switch()),
    ]);
    let first = &clock(&state).participants[0];
    assert_eq!(first.used_millis, 42_500);
    assert_eq!(first.left_millis, 139_500);
    assert_eq!((first.turns, first.expired), (1, false));
    assert_eq!(clock(&state).active, Some(1));
    assert_eq!(clock(&state).turn_began_at, Some(after(42_500)));
}

#[test]
fn whoever_has_no_time_left_expires_gets_no_increment_and_is_not_skipped() {
    let state = given([
        (0, create(2, INCREMENT_MILLIS)),
        (0, Command::Start),
        (GIVEN_MILLIS + 20, switch()),
        (GIVEN_MILLIS + 30, switch()),
    ]);
    let first = &clock(&state).participants[0];
    assert_eq!(
        first.used_millis,
        GIVEN_MILLIS + 20,
        "it may exceed what was given"
    );
    assert_eq!((first.left_millis, first.expired), (0, true));
    assert_eq!(clock(&state).active, Some(0));
}

#[test]
fn a_turn_may_go_to_anybody_even_to_the_same_and_to_nobody_else() {
    let state = given([(0, create(3, 0)), (0, Command::Start)]);
    for (id, next) in [("p2", 2), ("p0", 0)] {
        let switched = decide(&state, after(1), switch_to(id));
        assert_eq!(switched, Ok(vec![Event::Switched { next }]));
    }
    let refused = decide(&state, after(1), switch_to("p3"));
    assert_eq!(refused, Err(Rejection::ParticipantUnknown));
}

#[test]
fn a_single_participant_follows_himself() {
    let state = given([(0, create(1, 0)), (0, Command::Start), (10, switch())]);
    assert_eq!(clock(&state).active, Some(0));
    assert_eq!(clock(&state).participants[0].turns, 1);
}

#[test]
fn a_pause_books_without_ending_the_turn() {
    let state = given([
        (0, create(2, INCREMENT_MILLIS)),
        (0, Command::Start),
        (GIVEN_MILLIS, Command::Pause),
    ]);
    let first = &clock(&state).participants[0];
    assert_eq!(
        (first.left_millis, first.turns, first.expired),
        (0, 0, false)
    );
    assert_eq!(clock(&state).active, Some(0));
    assert_eq!(clock(&state).turn_began_at, None);
}

#[test]
fn completing_books_nothing_and_may_be_repeated() {
    let state = given([
        (0, create(2, 0)),
        (0, Command::Start),
        (1_000, Command::Complete),
        (2_000, Command::Complete),
    ]);
    let clock = clock(&state);
    assert_eq!(clock.participants[0].used_millis, 0);
    assert_eq!((clock.active, clock.version), (None, 4));
    assert_eq!(clock.completed_at, Some(after(2_000)));
}

#[test]
fn every_command_needs_the_status_that_the_contract_names() {
    let states = [
        given([(0, create(2, 0))]),
        given([(0, create(2, 0)), (0, Command::Start)]),
        given([(0, create(2, 0)), (0, Command::Start), (0, Command::Pause)]),
        given([(0, create(2, 0)), (0, Command::Complete)]),
    ];
    let allowed = [
        (Command::Start, [true, false, false, false]),
        (switch(), [false, true, false, false]),
        (Command::Pause, [false, true, false, false]),
        (Command::Resume, [false, false, true, false]),
        (Command::Complete, [true; 4]),
        (delete(), [true; 4]),
        (create(2, 0), [true; 4]),
    ];
    for (command, allowed) in allowed {
        for (state, allowed) in states.iter().zip(allowed) {
            let decided = decide(state, after(1), command.clone());
            let status = clock(state).status;
            assert_eq!(decided.is_ok(), allowed, "{command:?} while {status:?}");
            if !allowed {
                assert_eq!(decided, Err(Rejection::WrongStatus(status)));
            }
        }
    }
}

#[test]
fn a_clock_that_is_not_there_knows_only_creation_and_deletion() {
    let gone = given([(0, create(2, 0)), (0, delete())]);
    for state in [Turns::default(), gone] {
        for command in [Command::Start, switch(), Command::Pause, Command::Complete] {
            assert_eq!(decide(&state, after(1), command), Err(Rejection::Unknown));
        }
        assert!(decide(&state, after(1), delete()).is_ok());
    }
}

#[test]
fn a_new_clock_makes_the_old_one_forgotten() {
    let state = given([(0, create(2, 0)), (0, Command::Start), (9, create(3, 0))]);
    let clock = clock(&state);
    assert_eq!((clock.version, clock.status), (1, Status::Pending));
    assert_eq!(clock.created_at, after(9));
}

#[test]
fn a_clock_is_gone_an_hour_after_its_last_change() {
    let hour = 3_600_000;
    let state = given([(0, create(2, 0)), (500, Command::Start)]);
    let (due, command) = state.deadline(&POLICY).expect("it will expire");
    assert_eq!(due, after(500 + hour));
    assert!(state.clock_at(after(499 + hour), &POLICY).is_some());
    assert!(state.clock_at(due, &POLICY).is_none());
    assert_eq!(decide(&state, due, command), Ok(vec![Event::Expired]));
    assert_eq!(decide(&state, due, switch()), Err(Rejection::Unknown));
}

#[test]
fn a_switch_may_be_meant_for_one_version_only() {
    let state = given([(0, create(2, 0)), (0, Command::Start)]);
    let meant_for = |version| Command::Switch {
        next: None,
        version: Some(version),
    };
    assert!(decide(&state, after(1), meant_for(2)).is_ok());
    assert_eq!(
        decide(&state, after(1), meant_for(1)),
        Err(Rejection::Outdated {
            expected: 1,
            actual: 2
        })
    );
}

fn a_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        8 => Just(switch()),
        2 => (0..4_usize).prop_map(|place| switch_to(&format!("p{place}"))),
        3 => Just(Command::Pause),
        4 => Just(Command::Resume),
        1 => Just(Command::Start),
    ]
}

/// Milliseconds for which turns ran, by the log's own moments alone.
#[derive(Default)]
struct Stopwatch {
    running_since: Option<Timestamp>,
    total_millis: u64,
}

impl Stopwatch {
    fn note(&mut self, at: Timestamp, event: &Event) {
        if let Some(since) = self.running_since.take() {
            self.total_millis += at.as_millis() - since.as_millis();
        }
        if !matches!(event, Event::Paused) {
            self.running_since = Some(at);
        }
    }
}

proptest! {
    #[test]
    fn time_is_neither_created_nor_lost(
        steps in prop::collection::vec((0..90_000_u64, a_command()), 0..60),
        increment in prop_oneof![Just(0_u64), Just(INCREMENT_MILLIS)],
    ) {
        let mut state = given([(0, create(3, increment)), (0, Command::Start)]);
        let mut watch = Stopwatch { running_since: Some(START), total_millis: 0 };
        let mut at = START;
        for (pause, command) in steps {
            // The room's clock never goes back, and a clock lives for an hour.
            at = at.after(Duration::from_millis(pause));
            let Ok(events) = decide(&state, at, command) else { continue };
            for event in &events {
                state.evolve(at, event);
                watch.note(at, event);
            }
            let clock = clock(&state);
            let used: u64 = clock.participants.iter().map(|it| it.used_millis).sum();
            prop_assert_eq!(used, watch.total_millis);
            let turns: u64 = clock.participants.iter().map(|it| it.turns).sum();
            for it in &clock.participants {
                let granted = GIVEN_MILLIS + increment * it.turns;
                prop_assert!(it.left_millis + it.used_millis >= GIVEN_MILLIS);
                if !it.expired && it.left_millis > 0 {
                    prop_assert_eq!(it.left_millis + it.used_millis, granted);
                }
            }
            prop_assert!(turns < clock.version);
            prop_assert_eq!(clock.active.is_some(), clock.status != Status::Completed);
        }
    }

    #[test]
    fn a_stored_clock_resumes_where_it_was(
        steps in prop::collection::vec((0..90_000_u64, a_command()), 0..30),
    ) {
        let mut state = given([(0, create(3, 0)), (0, Command::Start)]);
        let mut at = START;
        for (pause, command) in steps {
            at = at.after(Duration::from_millis(pause));
            for event in decide(&state, at, command).unwrap_or_default() {
                let text = serde_json::to_string(&event).expect("an event encodes");
                let stored: Event = serde_json::from_str(&text).expect("an event decodes");
                prop_assert_eq!(&stored, &event);
                state.evolve(at, &stored);
            }
        }
        let text = serde_json::to_string(&state).expect("a state encodes");
        let resumed: Turns = serde_json::from_str(&text).expect("a state decodes");
        prop_assert_eq!(resumed, state);
    }
}
