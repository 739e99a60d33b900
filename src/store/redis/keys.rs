//! The names of everything in Redis.

use uuid::Uuid;

use crate::rules::{Kind, SessionId};

/// The sessions to be forgotten, each with its kind, by the time of that.
pub(super) const FORGET: &str = "rt:forget";
/// The nodes that are alive, by the end of their leases.
pub(super) const NODES: &str = "rt:nodes";
/// What is written to see whether writing works.
pub(super) const PROBE: &str = "rt:probe";

/// A log's keys. They share a hash tag, so that one server of a cluster has them all.
pub(super) struct LogKeys {
    pub(super) log: String,
    pub(super) head: String,
    pub(super) fold: String,
}

impl LogKeys {
    pub(super) fn of(session: SessionId) -> Self {
        let key = |part| format!("rt:{{{session}}}:{part}");
        Self {
            log: key("log"),
            head: key("head"),
            fold: key("fold"),
        }
    }
}

/// Where a log's hints are published.
pub(super) fn hint(session: SessionId) -> String {
    format!("rt:{{{session}}}:hint")
}

/// Where one connection hears itself.
pub(super) fn pulse(connection: Uuid) -> String {
    format!("rt:pulse:{connection}")
}

/// The sessions of a kind, by epoch.
pub(super) fn logs(kind: &Kind) -> String {
    format!("rt:logs:{}", kind.name())
}

/// The sessions of a kind that want to wake, by the time of that.
pub(super) fn due(kind: &Kind) -> String {
    format!("rt:due:{}", kind.name())
}

/// A session's name among those to be forgotten.
pub(super) fn forgettable(kind: &Kind, session: SessionId) -> String {
    format!("{}:{session}", kind.name())
}

/// The opposite of [`forgettable`].
pub(super) fn forgettable_session(name: &str) -> Option<(Kind, SessionId)> {
    let (kind, session) = name.rsplit_once(':')?;
    Some((Kind::stored(kind), SessionId::parse(session)?))
}

/// A server-wide secret.
pub(super) fn secret(name: &str) -> String {
    format!("rt:secret:{name}")
}
