//! Forgetting: in portions, each a small part of one transaction, so that no append waits for long.
//!
//! A forgotten log loses its id at once and with it its existence; its records go after it. Where a
//! crash interrupts that, the next sweep goes on.

use rusqlite::params;

use super::ledger::Ledger;
use super::query::millis;
use crate::rules::{SessionId, Timestamp};

/// How many records a sweep deletes in one transaction.
const PURGED_RECORDS: usize = 1_000;
/// How many free pages a sweep gives back to the file system in one transaction.
const SHRUNK_PAGES: u64 = 256;
/// Free pages that stay in the file, because the next sessions will need them.
const KEPT_FREE_PAGES: u64 = 256;

/// A log that a sweep found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) epoch: u64,
    /// Whose log; `None` once it is forgotten and only its records are left.
    pub(super) session: Option<SessionId>,
}

/// What a part of a sweep did.
#[derive(Debug, Default)]
pub(super) struct Forgot {
    pub(super) logs: u64,
    /// Those that still have records.
    pub(super) unfinished: Vec<Due>,
}

impl Ledger<'_> {
    /// Forgets those of the logs that are still due at `now`, as far as one transaction may.
    pub(super) fn forget(&mut self, logs: Vec<Due>, now: Timestamp) -> rusqlite::Result<Forgot> {
        let mut forgot = Forgot::default();
        let mut left = PURGED_RECORDS;
        for mut log in logs {
            if left == 0 {
                forgot.unfinished.push(log);
                continue;
            }
            if let Some(session) = log.session.take() {
                if !self.detach(session, log.epoch, now)? {
                    continue;
                }
                forgot.logs += 1;
            }
            left -= self.purge(log.epoch, left)?;
            if left == 0 {
                forgot.unfinished.push(log);
            }
        }
        Ok(forgot)
    }

    /// Gives free pages back to the file system; whether there are more to give.
    pub(super) fn shrink(&self) -> rusqlite::Result<bool> {
        let free: u64 = self
            .db
            .pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        let pages = free.saturating_sub(KEPT_FREE_PAGES).min(SHRUNK_PAGES);
        if pages == 0 {
            return Ok(false);
        }
        let vacuum = format!("PRAGMA incremental_vacuum({pages})");
        let mut vacuum = self.db.prepare(&vacuum)?;
        // Each row that it returns stands for one page given back. Too few rows mean that there is
        // no more to be had, whatever the free list says.
        let mut steps = vacuum.query([])?;
        let mut given = 0;
        while steps.next()?.is_some() {
            given += 1;
        }
        Ok(given == SHRUNK_PAGES)
    }

    /// Lets go of a log's id, from when on it does not exist for anybody; false if not due.
    fn detach(&mut self, session: SessionId, epoch: u64, now: Timestamp) -> rusqlite::Result<bool> {
        self.move_log(epoch)?;
        let detached = self
            .db
            .prepare_cached(
                "UPDATE sessions SET id = NULL
                 WHERE epoch = ?1 AND id IS NOT NULL AND forgettable_at <= ?2",
            )?
            .execute(params![epoch, millis(now)])?;
        if detached > 0 {
            self.heads.forget(session);
            self.db
                .prepare_cached("DELETE FROM snapshots WHERE epoch = ?1")?
                .execute([epoch])?;
        }
        Ok(detached > 0)
    }

    /// Deletes up to `limit` records of a forgotten log, and what is left of it with the last.
    fn purge(&mut self, epoch: u64, limit: usize) -> rusqlite::Result<usize> {
        let purged = self
            .db
            .prepare_cached(
                "DELETE FROM records WHERE epoch = ?1
                 AND version IN (SELECT version FROM records WHERE epoch = ?1 LIMIT ?2)",
            )?
            .execute(params![epoch, limit])?;
        if purged < limit {
            self.db
                .prepare_cached("DELETE FROM sessions WHERE epoch = ?1")?
                .execute([epoch])?;
        }
        Ok(purged)
    }
}
