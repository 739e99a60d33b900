//! The client's events.

/// An event that clients may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientEvent {
    Join,
    Leave,
    Get,
    Create,
    Start,
    Pause,
    Resume,
    Complete,
    Switch,
    Delete,
    Time,
}

use ClientEvent as E;

const EVENTS: [(E, &str); 11] = [
    (E::Join, "sync:join"),
    (E::Leave, "sync:leave"),
    (E::Get, "sync:get"),
    (E::Create, "sync:create"),
    (E::Start, "sync:start"),
    (E::Pause, "sync:pause"),
    (E::Resume, "sync:resume"),
    (E::Complete, "sync:complete"),
    (E::Switch, "sync:switch"),
    (E::Delete, "sync:delete"),
    (E::Time, "sync:time"),
];

impl ClientEvent {
    pub(super) fn named(name: &str) -> Option<Self> {
        EVENTS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    pub(super) fn name(self) -> &'static str {
        let row = EVENTS.iter().find(|row| row.0 == self);
        row.expect("every event has its row").1
    }
}
