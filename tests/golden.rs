//! The stored format of sessions: what was written once is read for ever, and what is written
//! today is written the same way. Never edit a file in `tests/golden/`; add lines for new events.

#[path = "golden/planned.rs"]
mod planned;
#[path = "golden/sample.rs"]
mod sample;
#[path = "golden/turns.rs"]
mod turns;

use std::collections::BTreeSet;

use roundtable::rules::poker::{Event, Poker};
use roundtable::rules::{Machine, Recorded, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const FULL: &str = include_str!("golden/poker-full.jsonl");
const MINIMAL: &str = include_str!("golden/poker-minimal.jsonl");
const FULL_FOLDED: &str = include_str!("golden/poker-full.folded.json");
const KEYED: &str = include_str!("golden/poker-keyed.jsonl");
const KEYED_FOLDED: &str = include_str!("golden/poker-keyed.folded.json");
const MINIMAL_FOLDED: &str = include_str!("golden/poker-minimal.folded.json");

const PLANNED: &str = include_str!("golden/poker-planned.jsonl");
const PLANNED_FOLDED: &str = include_str!("golden/poker-planned.folded.json");

/// Every log with the state it led to when it was written.
const FOLDED: [(&str, &str); 4] = [
    (FULL, FULL_FOLDED),
    (MINIMAL, MINIMAL_FOLDED),
    (KEYED, KEYED_FOLDED),
    (PLANNED, PLANNED_FOLDED),
];

/// A state as the store keeps it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Folded {
    at: Timestamp,
    state: Poker,
}

fn decoded(log: &str) -> Vec<Recorded<Event>> {
    let decode = |line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{line}: {why}"));
    log.lines().map(decode).collect()
}

fn encoded(log: &[Recorded<Event>]) -> String {
    let encode = |recorded| serde_json::to_string(recorded).expect("an event encodes") + "\n";
    log.iter().map(encode).collect()
}

fn folded(log: &[Recorded<Event>]) -> Folded {
    let mut state = Poker::default();
    for recorded in log {
        state.evolve(recorded.at, &recorded.event);
    }
    let at = log.last().map(|recorded| recorded.at).unwrap_or_default();
    Folded { at, state }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn events_are_written_as_ever() {
    assert_eq!(encoded(&sample::full()), FULL);
    assert_eq!(encoded(&sample::minimal()), MINIMAL);
    assert_eq!(encoded(&sample::keyed()), KEYED);
    assert_eq!(encoded(&planned::planned()), PLANNED);
}

#[test]
fn events_are_read_as_ever() {
    assert_eq!(decoded(FULL), sample::full());
    assert_eq!(decoded(MINIMAL), sample::minimal());
    assert_eq!(decoded(KEYED), sample::keyed());
    assert_eq!(decoded(PLANNED), planned::planned());
}

#[test]
fn every_kind_of_event_has_a_golden_line_in_full_and_with_the_least() {
    let kinds = |log: &str| -> BTreeSet<String> {
        let kind = |line| json(line)["event"]["type"].as_str().map(str::to_owned);
        log.lines().filter_map(kind).collect()
    };
    let all: BTreeSet<String> = sample::KINDS.map(str::to_owned).into();
    let (full, minimal) = (kinds(FULL), kinds(MINIMAL));
    let newer = &kinds(KEYED) | &kinds(PLANNED);
    assert_eq!(&minimal | &newer, all);
    let endings = ["session_deleted", "session_expired"].map(str::to_owned);
    let open: BTreeSet<_> = all.difference(&endings.into()).cloned().collect();
    assert_eq!(&full | &newer, open, "these logs lead to open sessions");
    for recorded in [FULL, MINIMAL, KEYED, PLANNED]
        .into_iter()
        .flat_map(decoded)
    {
        assert!(sample::KINDS.contains(&sample::kind(&recorded.event)));
    }
}

#[test]
fn a_log_leads_where_it_ever_led() {
    for (log, state) in FOLDED {
        let folded = serde_json::to_value(folded(&decoded(log))).expect("a state encodes");
        assert_contains(&folded, &json(state), "");
    }
}

#[test]
fn a_folded_log_is_read_as_ever() {
    for (_, state) in FOLDED {
        let stored: Folded = serde_json::from_str(state).expect("a folded log");
        let again = serde_json::to_value(&stored).expect("a state encodes");
        assert_contains(&again, &json(state), "");
    }
    let stored: Folded = serde_json::from_str(PLANNED_FOLDED).expect("a folded log");
    assert_eq!(
        stored,
        folded(&decoded(PLANNED)),
        "the newest format is whole"
    );
}

/// A later version may know more of a session, but says all that the former one said.
fn assert_contains(later: &Value, former: &Value, place: &str) {
    match (later, former) {
        (Value::Object(later), Value::Object(former)) => {
            for (key, value) in former {
                assert_contains(&later[key], value, &format!("{place}.{key}"));
            }
        }
        (Value::Array(later), Value::Array(former)) => {
            assert_eq!(later.len(), former.len(), "the length of {place}");
            for (at, (later, former)) in later.iter().zip(former).enumerate() {
                assert_contains(later, former, &format!("{place}[{at}]"));
            }
        }
        _ => assert_eq!(later, former, "{place}"),
    }
}

#[test]
fn fields_of_a_later_version_do_not_disturb() {
    for line in FULL.lines() {
        let mut later = json(line);
        later["event"]["added_later"] = Value::from(1);
        later["node"] = Value::from("somewhere");
        let recorded: Recorded<Event> =
            serde_json::from_value(later).expect("unknown fields are ignored");
        assert_eq!(Ok(recorded), serde_json::from_str(line).map_err(|_| ()));
    }
}
