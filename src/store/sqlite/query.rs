//! What is read from the tables, each time from one moment's view of them.

use std::collections::HashMap;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::sweep::Due;
use crate::rules::{Kind, SessionId, Timestamp, Version};
use crate::store::{Census, Position, Snapshot, StoreError, Tail};

/// What can be said of a log without reading it.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// Where it ends; [`Position::START`] if there is none.
    pub(super) end: Position,
    pub(super) kind: Option<Kind>,
    /// What is stored of its life and its next wake, in milliseconds; see [`millis`].
    pub(super) forgettable_at: i64,
    pub(super) wake_at: i64,
}

impl Head {
    const NONE: Self = Self {
        end: Position::START,
        kind: None,
        forgettable_at: 0,
        wake_at: 0,
    };
}

/// The head of a session's log, without what lies among the fresh records.
pub(super) fn head(db: &Connection, session: SessionId) -> rusqlite::Result<Head> {
    let mut select = db.prepare_cached(
        "SELECT epoch, version, kind, forgettable_at, wake_at FROM sessions WHERE id = ?1",
    )?;
    let head = select.query_row([session.uuid().as_bytes()], |row| {
        let kind: Option<String> = row.get(2)?;
        let end = Position {
            epoch: row.get(0)?,
            version: Version(row.get(1)?),
        };
        let kind = kind.as_deref().map(Kind::stored);
        Ok(Head {
            end,
            kind,
            forgettable_at: row.get(3)?,
            wake_at: row.get(4)?,
        })
    });
    Ok(head.optional()?.unwrap_or(Head::NONE))
}

/// Everything behind a position. `unmoved` tells that there may be some among the fresh records.
pub(super) fn tail(
    db: &mut Connection,
    session: SessionId,
    after: Position,
    unmoved: bool,
) -> Result<Tail, StoreError> {
    let view = db.transaction().map_err(StoreError::unavailable)?;
    let Head { mut end, kind, .. } = head(&view, session).map_err(StoreError::unavailable)?;
    let mut unmoved = match unmoved {
        true => fresh(&view, end).map_err(StoreError::unavailable)?,
        false => Vec::new(),
    };
    end.version = unmoved.last().map_or(end.version, |(version, _)| *version);
    after.check_within(end)?;
    let snapshot = snapshot(&view, end.epoch, after.version).map_err(StoreError::unavailable)?;
    let from = snapshot.as_ref().map_or(after.version, |it| it.version);
    let mut records = records(&view, end.epoch, from).map_err(StoreError::unavailable)?;
    unmoved.retain(|(version, _)| *version > from);
    records.append(&mut unmoved);
    check_gapless(&records, from, end.version)
        .map_err(|version| StoreError::Damaged { session, version })?;
    Ok(Tail {
        snapshot,
        records: records.into_iter().map(|(_, record)| record).collect(),
        end,
        kind,
    })
}

/// Up to `limit` logs of a kind whose time to wake is over, those first that have waited longest.
pub(super) fn sleepers(
    db: &Connection,
    kind: &Kind,
    now: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<SessionId>> {
    // Reads the whole table, too.
    let mut select = db.prepare_cached(
        "SELECT id FROM sessions
         WHERE wake_at <= ?2 AND kind = ?1 AND id IS NOT NULL ORDER BY wake_at LIMIT ?3",
    )?;
    let found = select.query_map(params![kind.name(), millis(now), limit], |row| {
        row.get(0).map(session_id)
    })?;
    found.collect()
}

/// Up to `limit` logs whose time is over or whose deletion is under way, in order of their epochs.
pub(super) fn outdated(
    db: &Connection,
    now: Timestamp,
    after_epoch: u64,
    limit: usize,
) -> rusqlite::Result<Vec<Due>> {
    // Reads the whole table, but an index on the time would have to be changed with every row.
    let mut select = db.prepare_cached(
        "SELECT epoch, id FROM sessions
         WHERE epoch > ?1 AND (forgettable_at <= ?2 OR id IS NULL) ORDER BY epoch LIMIT ?3",
    )?;
    let found = select.query_map(params![after_epoch, millis(now), limit], |row| {
        let id: Option<[u8; 16]> = row.get(1)?;
        Ok(Due {
            epoch: row.get(0)?,
            session: id.map(session_id),
        })
    })?;
    found.collect()
}

/// How many logs of a kind there are, and which were begun last. Those that do not tell their kind
/// are counted as any.
pub(super) fn census(db: &Connection, kind: &Kind, newest: usize) -> rusqlite::Result<Census> {
    let mut select = db.prepare_cached(
        "SELECT id FROM sessions WHERE id IS NOT NULL AND coalesce(kind, ?1) = ?1
         ORDER BY epoch DESC LIMIT ?2",
    )?;
    let ids = select.query_map(params![kind.name(), newest], |row| {
        row.get(0).map(session_id)
    })?;
    let mut count =
        db.prepare_cached("SELECT count(id) FROM sessions WHERE coalesce(kind, ?1) = ?1")?;
    Ok(Census {
        logs: count.query_row([kind.name()], |row| row.get(0))?,
        newest: ids.collect::<rusqlite::Result<_>>()?,
    })
}

fn session_id(bytes: [u8; 16]) -> SessionId {
    SessionId::new(uuid::Uuid::from_bytes(bytes))
}

/// The logs of which there are fresh records, and in which life (epoch).
pub(super) fn unmoved(db: &Connection) -> rusqlite::Result<HashMap<SessionId, u64>> {
    let mut select = db.prepare(
        "SELECT id, epoch FROM sessions
         WHERE id IS NOT NULL AND epoch IN (SELECT epoch FROM fresh)",
    )?;
    let found = select.query_map([], |row| Ok((session_id(row.get(0)?), row.get(1)?)))?;
    found.collect()
}

/// The greatest epoch still known; 0 if there is none.
pub(super) fn last_epoch(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row("SELECT coalesce(max(epoch), 0) FROM sessions", [], |row| {
        row.get(0)
    })
}

/// A moment as SQLite can store it; the end of its range stands for never.
pub(super) fn millis(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_millis()).unwrap_or(i64::MAX)
}

fn snapshot(db: &Connection, epoch: u64, after: Version) -> rusqlite::Result<Option<Snapshot>> {
    let mut select = db
        .prepare_cached("SELECT version, state FROM snapshots WHERE epoch = ?1 AND version > ?2")?;
    let found = select.query_row([epoch, after.0], |row| {
        let (version, state) = versioned(row)?;
        Ok(Snapshot { version, state })
    });
    found.optional()
}

fn records(db: &Connection, epoch: u64, after: Version) -> rusqlite::Result<Vec<(Version, Bytes)>> {
    let mut select = db.prepare_cached(
        "SELECT version, record FROM records WHERE epoch = ?1 AND version > ?2 ORDER BY version",
    )?;
    select.query_map([epoch, after.0], versioned)?.collect()
}

/// Which fresh records there are of a log that goes to `end` without them. Reads those of all logs,
/// which are not many.
fn fresh(db: &Connection, end: Position) -> rusqlite::Result<Vec<(Version, Bytes)>> {
    let mut select = db.prepare_cached(
        "SELECT version, record FROM fresh WHERE epoch = ?1 AND version > ?2 ORDER BY version",
    )?;
    let found = select.query_map([end.epoch, end.version.0], versioned)?;
    found.collect()
}

fn versioned(row: &Row<'_>) -> rusqlite::Result<(Version, Bytes)> {
    let bytes = row.get_ref(1)?.as_blob()?;
    Ok((Version(row.get(0)?), Bytes::copy_from_slice(bytes)))
}

/// Fails with the first version that is missing.
fn check_gapless(records: &[(Version, Bytes)], from: Version, end: Version) -> Result<(), Version> {
    let stored = records.iter().map(|(version, _)| *version);
    let mut due = (1..).map(|count| from.plus(count));
    match stored.zip(due.by_ref()).find(|(stored, due)| stored != due) {
        Some((_, missing)) => Err(missing),
        None if from.plus(records.len() as u64) != end => Err(from.plus(records.len() as u64 + 1)),
        None => Ok(()),
    }
}
