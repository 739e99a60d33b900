//! The stored format of turn clocks.

use roundtable::rules::ids::CommandId;
use roundtable::rules::turns::command::{Mode, PlannedParticipant};
use roundtable::rules::turns::{Event, Plan, Turns};
use roundtable::rules::{Machine, Recorded, Timestamp};
use uuid::Uuid;

const LOG: &str = include_str!("turns.jsonl");
/// The events that got fields later, as they are written since.
const NAMED: &str = include_str!("turns-named.jsonl");
const FOLDED: &str = include_str!("turns.folded.json");
const START: u64 = 1_795_203_000_000;

fn plan(whole: bool) -> Plan {
    let participant = |id: &str, group: Option<&str>| PlannedParticipant {
        id: id.into(),
        index: 7,
        millis: 180_000,
        group: group.map(str::to_owned),
    };
    Plan {
        id: "7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10".into(),
        mode: Mode::PerCycle,
        participants: vec![
            participant("p0", whole.then_some("g0")),
            participant("p1", None),
        ],
        total_millis: 360_000,
        per_turn_millis: whole.then_some(30_000),
        increment_millis: 2_000,
        max_millis: whole.then_some(90_000),
    }
}

fn sample() -> Vec<Recorded<Event>> {
    let created = |whole, replaced| Event::Created {
        plan: plan(whole),
        replaced,
    };
    let events = [
        created(false, false),
        Event::Expired,
        Event::Deleted {
            existed: false,
            id: None,
        },
        created(true, true),
        Event::Started,
        Event::Switched { next: 1 },
        Event::Paused,
        Event::Resumed,
        Event::Completed,
    ];
    let record = |(count, event): (u64, Event)| Recorded {
        at: Timestamp::from_millis(START + count * 1_000),
        cause: CommandId::new(Uuid::from_u128(u128::from(count))),
        event,
    };
    (0..).zip(events).map(record).collect()
}

fn folded() -> Turns {
    let mut state = Turns::default();
    for recorded in sample() {
        state.evolve(recorded.at, &recorded.event);
    }
    state
}

#[test]
fn clocks_are_written_and_read_as_ever() {
    let encode = |recorded| serde_json::to_string(recorded).expect("an event encodes") + "\n";
    assert_eq!(sample().iter().map(encode).collect::<String>(), LOG);
    let decode = |line| serde_json::from_str(line).expect("an event decodes");
    assert_eq!(
        LOG.lines().map(decode).collect::<Vec<Recorded<Event>>>(),
        sample()
    );
}

#[test]
fn a_deletion_is_written_with_its_id_and_read_without() {
    let recorded = Recorded {
        at: Timestamp::from_millis(START),
        cause: CommandId::new(Uuid::nil()),
        event: Event::Deleted {
            existed: true,
            id: Some(plan(false).id),
        },
    };
    let written = serde_json::to_string(&recorded).expect("an event encodes") + "\n";
    assert_eq!(written, NAMED);
    let read: Recorded<Event> = serde_json::from_str(NAMED).expect("an event decodes");
    assert_eq!(read, recorded);
}

#[test]
fn a_clock_s_log_leads_where_it_ever_led() {
    let stored: Turns = serde_json::from_str(FOLDED).expect("a state decodes");
    assert_eq!(stored, folded());
    let again = serde_json::to_value(folded()).expect("a state encodes");
    super::assert_contains(&again, &super::json(FOLDED), "");
}
