//! The stored format of poker sessions: what was written once is read for ever, and what is written
//! today is written the same way. Never edit a file in `tests/golden/`; add lines for new events.

#[path = "golden/sample.rs"]
mod sample;

use std::collections::BTreeSet;

use roundtable::rules::poker::{Event, Poker};
use roundtable::rules::{Machine, Recorded, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const FULL: &str = include_str!("golden/poker-full.jsonl");
const MINIMAL: &str = include_str!("golden/poker-minimal.jsonl");
const FULL_FOLDED: &str = include_str!("golden/poker-full.folded.json");
const MINIMAL_FOLDED: &str = include_str!("golden/poker-minimal.folded.json");

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
}

#[test]
fn events_are_read_as_ever() {
    assert_eq!(decoded(FULL), sample::full());
    assert_eq!(decoded(MINIMAL), sample::minimal());
}

#[test]
fn every_kind_of_event_has_a_golden_line_in_full_and_with_the_least() {
    let kinds = |log: &str| -> BTreeSet<String> {
        let kind = |line| json(line)["event"]["type"].as_str().map(str::to_owned);
        log.lines().filter_map(kind).collect()
    };
    let all: BTreeSet<String> = sample::KINDS.map(str::to_owned).into();
    assert_eq!(kinds(MINIMAL), all);
    let endings = ["session_deleted", "session_expired"].map(str::to_owned);
    let open = all.difference(&endings.into()).cloned().collect();
    assert_eq!(kinds(FULL), open, "the full log leads to an open session");
    for recorded in decoded(FULL).iter().chain(&decoded(MINIMAL)) {
        assert!(sample::KINDS.contains(&sample::kind(&recorded.event)));
    }
}

#[test]
fn a_log_leads_where_it_ever_led() {
    for (log, state) in [(FULL, FULL_FOLDED), (MINIMAL, MINIMAL_FOLDED)] {
        let folded = serde_json::to_value(folded(&decoded(log))).expect("a state encodes");
        assert_eq!(folded, json(state));
    }
}

#[test]
fn a_folded_log_is_read_as_ever() {
    for (log, state) in [(FULL, FULL_FOLDED), (MINIMAL, MINIMAL_FOLDED)] {
        let stored: Folded = serde_json::from_str(state).expect("a folded log");
        assert_eq!(stored, folded(&decoded(log)));
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
