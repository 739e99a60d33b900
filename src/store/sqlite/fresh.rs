//! The newest records of all logs, in the order in which they came.
//!
//! In the table of all records each log has its own place, so that rooms that are busy at the same
//! time write all over the file: each append would rewrite two pages, and each checkpoint would copy
//! and sync hundreds of them, for which the next commits wait. Here, the appends of a moment share a
//! page, and nothing else changes. When there are many, they are moved to their logs, some with each
//! commit.
//!
//! A log's row in `sessions` always tells of what `records` has; what lies here goes on from there.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec;

use rusqlite::{Connection, params};

use super::ledger::Ledger;
use super::query::{self, Head, millis};
use crate::rules::{SessionId, Timestamp, Version};
use crate::store::Batch;

/// So many records (a few MB) are moved at once.
const MANY: u64 = 1 << 14;
/// Larger records profit little from lying together, and would be written twice.
const SMALL_BYTES: usize = 1 << 10;
/// How many records at least come to their logs with one commit, and how many that came there are
/// deleted with one: so few that nobody who waits for the commit notices. A commit that brings many
/// moves or deletes more than it brings, or there would be more and more.
const MOVED: u64 = 32;
const DELETED: u64 = 256;

/// Moves everything to its log, whatever of it was moved before.
const MOVE_ALL: &str = include_str!("move_all.sql");

/// What lies in the table, as the one writer remembers it.
#[derive(Debug)]
pub(super) struct Fresh {
    /// From so many records on they are moved to their logs.
    pub(super) many: u64,
    /// Logs with records that were not moved, by their epochs.
    waiting: BTreeMap<u64, Waiting>,
    /// The places of all rows; every place in it is taken.
    places: Range<u64>,
    /// How many rows came since the last part of a move.
    came: u64,
    moving: Option<Moving>,
    /// Logs that were moved in this transaction.
    moved: Vec<(u64, SessionId)>,
    /// Whether all this is a lie, because a transaction has failed or none was there yet.
    lost: bool,
    unmoved: Arc<Unmoved>,
}

#[derive(Debug)]
struct Waiting {
    session: SessionId,
    places: Vec<u64>,
    version: Version,
    forgettable_at: Timestamp,
}

/// A move under way.
#[derive(Debug)]
struct Moving {
    logs: vec::IntoIter<u64>,
    /// Everything before this place is deleted once the logs are done.
    before: u64,
}

/// Which logs a reader does not find complete where they belong, and in which life (epoch).
/// Possibly a few more.
#[derive(Debug, Default)]
pub(super) struct Unmoved(Mutex<HashMap<SessionId, u64>>);

impl Unmoved {
    pub(super) fn has(&self, session: SessionId) -> bool {
        self.lock().contains_key(&session)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fresh {
    /// What an earlier process has left. It can be read; the first transaction moves it.
    pub(super) fn left_in(db: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            many: MANY,
            waiting: BTreeMap::new(),
            places: 0..0,
            came: 0,
            moving: None,
            moved: Vec::new(),
            lost: true,
            unmoved: Arc::new(Unmoved(Mutex::new(query::unmoved(db)?))),
        })
    }

    /// What readers have to ask before they read a log.
    pub(super) fn unmoved(&self) -> Arc<Unmoved> {
        self.unmoved.clone()
    }

    /// Where the log of this epoch ends, if that is here.
    pub(super) fn version(&self, epoch: u64) -> Option<Version> {
        self.waiting.get(&epoch).map(|log| log.version)
    }

    /// After a commit: readers find everything that was moved.
    pub(super) fn committed(&mut self) {
        let mut unmoved = self.unmoved.lock();
        if self.lost {
            self.lost = false;
            let left = self.waiting.iter();
            *unmoved = left.map(|(epoch, log)| (log.session, *epoch)).collect();
        }
        for (epoch, session) in self.moved.drain(..) {
            let is_next_life = unmoved.get(&session).is_some_and(|it| *it != epoch);
            if !is_next_life && !self.waiting.contains_key(&epoch) {
                unmoved.remove(&session);
            }
        }
    }

    /// After a failure: what is remembered here is not what lies there.
    pub(super) fn failed(&mut self) {
        self.lost = true;
    }

    /// Makes what is remembered true again, at the beginning of a transaction.
    pub(super) fn restore(&mut self, db: &Connection) -> rusqlite::Result<()> {
        if self.lost {
            db.execute_batch(MOVE_ALL)?;
            self.waiting.clear();
            self.moved.clear();
            (self.places, self.moving) = (0..0, None);
        }
        Ok(())
    }

    /// The move under way, or else one of everything there is.
    fn moving(&mut self) -> &mut Moving {
        let (logs, before) = (&self.waiting, self.places.end);
        self.moving.get_or_insert_with(|| Moving {
            logs: logs.keys().copied().collect::<Vec<_>>().into_iter(),
            before,
        })
    }

    fn add(&mut self, session: SessionId, end: &Head, batch: &Batch) {
        let count = batch.records.len() as u64;
        let places = self.places.end..self.places.end + count;
        self.places.end = places.end;
        self.came += count;
        let log = self.waiting.entry(end.end.epoch).or_insert_with(|| {
            self.unmoved.lock().insert(session, end.end.epoch);
            Waiting {
                session,
                places: Vec::new(),
                version: end.end.version,
                forgettable_at: batch.forgettable_at,
            }
        });
        log.places.extend(places);
        log.version = end.end.version;
        log.forgettable_at = batch.forgettable_at;
    }
}

/// Whether a batch may lie here: everything about its log but its end and its life stays as it is.
/// A life that becomes shorter has to be seen by sweeps.
pub(super) fn suits(head: &Head, batch: &Batch) -> bool {
    head.kind.as_ref() == Some(&batch.kind)
        && head.wake_at == millis(batch.wake_at)
        && head.forgettable_at <= millis(batch.forgettable_at)
        && batch.records.iter().all(|it| it.len() <= SMALL_BYTES)
}

impl Ledger<'_> {
    /// Adds a batch that suits, behind everything else; the log will end at `head`.
    pub(super) fn add_fresh(
        &mut self,
        session: SessionId,
        head: &Head,
        batch: &Batch,
    ) -> rusqlite::Result<()> {
        let mut insert = self
            .db
            .prepare_cached("INSERT INTO fresh VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let count = batch.records.len() as u64;
        let versions = head.end.version.0 + 1 - count..;
        let places = self.heads.fresh.places.end..;
        let forgettable_at = millis(batch.forgettable_at);
        for ((place, version), record) in places.zip(versions).zip(&batch.records) {
            let (epoch, record) = (head.end.epoch, record.as_ref());
            insert.execute(params![place, epoch, version, forgettable_at, record])?;
        }
        self.heads.fresh.add(session, head, batch);
        Ok(())
    }

    /// Moves what a log has here to where it belongs, in front of a change that needs it there; returns
    /// how many records that were.
    pub(super) fn move_log(&mut self, epoch: u64) -> rusqlite::Result<u64> {
        let Some(log) = self.heads.fresh.waiting.remove(&epoch) else {
            return Ok(0);
        };
        let mut record = self.db.prepare_cached(
            "INSERT INTO records SELECT epoch, version, record FROM fresh WHERE place = ?1",
        )?;
        for place in &log.places {
            record.execute([place])?;
        }
        self.db
            .prepare_cached(
                "UPDATE sessions SET version = ?2, forgettable_at = ?3 WHERE epoch = ?1",
            )?
            .execute(params![epoch, log.version.0, millis(log.forgettable_at)])?;
        self.heads.fresh.moved.push((epoch, log.session));
        // What is known of its life was stored before.
        self.heads.forget(log.session);
        Ok(log.places.len() as u64)
    }

    /// Moves or deletes a part of what there is, if that is much.
    pub(super) fn move_some(&mut self) -> rusqlite::Result<()> {
        let fresh = &mut self.heads.fresh;
        let more = 2 * mem::take(&mut fresh.came);
        if fresh.moving.is_none() && fresh.places.end - fresh.places.start < fresh.many {
            return Ok(());
        }
        let mut moved = 0;
        while moved < more.max(MOVED) {
            let Some(epoch) = self.heads.fresh.moving().logs.next() else {
                return self.delete_moved(more.max(DELETED));
            };
            moved += self.move_log(epoch)?;
        }
        Ok(())
    }

    fn delete_moved(&mut self, most: u64) -> rusqlite::Result<()> {
        let fresh = &mut self.heads.fresh;
        let before = fresh.moving().before;
        fresh.places.start = before.min(fresh.places.start + most);
        if fresh.places.start == before {
            fresh.moving = None;
        }
        self.db
            .prepare_cached("DELETE FROM fresh WHERE place < ?1")?
            .execute([fresh.places.start])?;
        Ok(())
    }
}
