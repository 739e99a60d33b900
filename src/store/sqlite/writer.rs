//! The one thread that writes. Every commit carries all that was waiting for the last one, so that
//! many rooms share one fsync.
//!
//! Nobody gets an answer before the fsync that makes it true.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle, Thread};
use std::time::Instant;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::checkpoint::Checkpointer;
use super::file::Claim;
use super::ledger::{Heads, Ledger};
use super::pace::{Bell, Haste};
use crate::rules::SessionId;
use crate::store::hints::Hints;
use crate::store::{Position, StoreError};

/// How many jobs share one transaction at most.
const MAX_BATCH_JOBS: usize = 512;
/// How many jobs may wait; further askers wait for room in the queue.
const QUEUED_JOBS: usize = 1024;
/// From this size on the write-ahead log is emptied even if new appends must wait for that.
/// The checkpoints keep it much smaller, unless there is always somebody reading or writing.
const WAL_MAX_BYTES: u64 = 64 << 20;

/// The queue in front of the writing thread, which ends after its last job when this is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    // Dropped before the thread is waited for, or that would wait for ever.
    jobs: mpsc::Sender<Box<dyn Job>>,
    bell: Bell,
    thread: Thread,
    _joined: Joined,
}

impl Writer {
    /// Starts the thread; it keeps the claim on the file.
    pub(super) fn start(
        claim: Claim,
        mut db: Connection,
        heads: Heads,
        hints: Arc<Hints>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let (jobs, queue) = mpsc::channel(QUEUED_JOBS);
        let bell = Bell::default();
        let desk = Desk {
            checkpoints: Checkpointer::start(claim.path(), &mut db)?,
            db,
            heads,
            hints,
            bell: bell.clone(),
            wal: claim.wal(),
            checkpoint_at_bytes: WAL_MAX_BYTES,
            _claim: claim,
        };
        let thread = thread::Builder::new().name("store-writer".to_owned());
        let thread = thread.spawn(move || desk.work(queue))?;
        Ok(Self {
            jobs,
            bell,
            thread: thread.thread().clone(),
            _joined: Joined::new(thread),
        })
    }

    /// Has `work` done within a transaction; answers when that is durable.
    pub(super) async fn ask<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Ledger<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        self.ask_in(Haste::Urgent, work).await
    }

    /// As [`Writer::ask`], for work that may be patient.
    pub(super) async fn ask_in<T, F>(&self, haste: Haste, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Ledger<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let (asker, answer) = oneshot::channel();
        let question = Question {
            haste,
            work: Some(work),
            answer: None,
            asker,
        };
        let queued = self.jobs.send(Box::new(question)).await;
        queued.map_err(|_| stopped())?;
        if haste == Haste::Urgent {
            self.bell.ring(&self.thread);
        }
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> StoreError {
    StoreError::unavailable("the writing thread has stopped")
}

/// What the writing thread has on its desk.
struct Desk {
    // Ends before the connection, which tidies up the file if it is the last one.
    checkpoints: Checkpointer,
    db: Connection,
    heads: Heads,
    hints: Arc<Hints>,
    bell: Bell,
    wal: PathBuf,
    checkpoint_at_bytes: u64,
    // Released last: the next owner must not meet an open database.
    _claim: Claim,
}

type Failure = Arc<rusqlite::Error>;

impl Desk {
    fn work(mut self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch = Vec::with_capacity(MAX_BATCH_JOBS);
        let mut last = Instant::now();
        while self.receive(&mut queue, &mut batch, last) > 0 {
            let outcome = self.commit(&mut batch).map_err(Arc::new);
            last = Instant::now();
            for job in batch.drain(..) {
                job.settle(outcome.clone());
            }
            self.checkpoints.consider(&self.db);
            self.bound_the_wal();
        }
    }

    /// Takes what is to be committed next out of the queue; how many jobs that is, 0 after the last.
    fn receive(
        &self,
        queue: &mut mpsc::Receiver<Box<dyn Job>>,
        batch: &mut Vec<Box<dyn Job>>,
        last: Instant,
    ) -> usize {
        // Before the queue is looked at: whoever has rung before is in it.
        self.bell.hush();
        let jobs = queue.blocking_recv_many(batch, MAX_BATCH_JOBS);
        if jobs > 0 && batch.iter().all(|job| job.haste() == Haste::Patient) {
            self.bell.await_others(last);
            let room = MAX_BATCH_JOBS - batch.len();
            batch.extend(std::iter::from_fn(|| queue.try_recv().ok()).take(room));
        }
        batch.len()
    }

    fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
        match self.transact(batch) {
            Ok(grown) => {
                self.heads.fresh.committed();
                self.hints.announce(grown);
                Ok(())
            }
            Err(error) => {
                self.heads.clear();
                Err(error)
            }
        }
    }

    /// Runs a batch in one transaction; returns which logs grew, and how far.
    fn transact(
        &mut self,
        batch: &mut [Box<dyn Job>],
    ) -> rusqlite::Result<Vec<(SessionId, Position)>> {
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        self.heads.fresh.restore(&transaction)?;
        let mut ledger = Ledger::new(&transaction, &mut self.heads);
        for job in batch {
            job.run(&mut ledger)?;
        }
        ledger.move_some()?;
        let grown = ledger.grown;
        transaction.commit()?;
        Ok(grown)
    }

    fn bound_the_wal(&mut self) {
        let bytes = fs::metadata(&self.wal).map_or(0, |wal| wal.len());
        if bytes < self.checkpoint_at_bytes {
            return;
        }
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy = self
            .db
            .query_row(checkpoint, [], |row| row.get::<_, bool>(0));
        // After a failure it may grow by as much again: a patient reader shall not hold up every
        // single commit.
        let failed = busy.unwrap_or(true);
        self.checkpoint_at_bytes = if failed {
            bytes + WAL_MAX_BYTES
        } else {
            WAL_MAX_BYTES
        };
    }
}

/// Something to do within a transaction that others share.
trait Job: Send {
    fn haste(&self) -> Haste;

    fn run(&mut self, ledger: &mut Ledger<'_>) -> rusqlite::Result<()>;

    /// Tells the asker, once it is known how the transaction ended.
    fn settle(self: Box<Self>, outcome: Result<(), Failure>);
}

struct Question<T, F> {
    haste: Haste,
    work: Option<F>,
    answer: Option<T>,
    asker: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Question<T, F>
where
    T: Send,
    F: FnOnce(&mut Ledger<'_>) -> rusqlite::Result<T> + Send,
{
    fn haste(&self) -> Haste {
        self.haste
    }

    fn run(&mut self, ledger: &mut Ledger<'_>) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.answer = Some(work(ledger)?);
        }
        Ok(())
    }

    fn settle(self: Box<Self>, outcome: Result<(), Failure>) {
        let answer = match outcome {
            Ok(()) => Ok(self
                .answer
                .expect("a committed transaction has run every job")),
            Err(failure) => Err(StoreError::unavailable(failure)),
        };
        // An asker who has gone does not want to know.
        let _ = self.asker.send(answer);
    }
}

/// A thread that is waited for.
#[derive(Debug)]
pub(super) struct Joined(Option<JoinHandle<()>>);

impl Joined {
    pub(super) fn new(thread: JoinHandle<()>) -> Self {
        Self(Some(thread))
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // It has panicked at worst, and then its askers know already.
            let _ = thread.join();
        }
    }
}
