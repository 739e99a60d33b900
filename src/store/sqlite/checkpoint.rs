//! Copying what was committed from the write-ahead log into the file, so that the log can begin anew.
//!
//! SQLite would have the writer do it at the end of some commit, and everybody whose change is in the
//! next one would wait for that. A thread of its own never comes to the end of a log that grows
//! meanwhile, so it copies until little is left, and the writer the rest: then the next commit
//! overwrites the log from its beginning. A log that grows for ever would cost every sync a change of
//! the file's size, for which the file system writes a journal that it shares with everybody.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::file;
use super::writer::Joined;

/// So many pages (16 MiB) are committed between two checkpoints. More than SQLite would let pass,
/// because many rooms change the same pages again and again, and each is copied only once.
const PAGES: u32 = 4_000;
/// So few pages are left to the writer, if the thread can keep up with it.
const FEW: u32 = 8;
/// How often the thread copies what came while it copied.
const ROUNDS: usize = 8;

/// Whoever sees to it that the write-ahead log is copied.
#[derive(Debug)]
pub(super) struct Checkpointer {
    // Dropped before the thread is waited for, or that would wait for ever.
    due: SyncSender<()>,
    /// Told when the thread has copied what it could.
    copied: Receiver<()>,
    _thread: Joined,
    /// Pages in the log, copied or not.
    pages: Arc<AtomicU32>,
    /// How many there were after the last commit.
    seen: u32,
    /// How many there were when the last checkpoint was asked for, or 0 if the log began anew since.
    asked_at: u32,
    /// Whether the thread copies.
    busy: bool,
}

impl Checkpointer {
    /// Starts the thread, which has a connection of its own; `writer` makes no checkpoints any more
    /// unless told to.
    pub(super) fn start(
        path: &Path,
        writer: &mut Connection,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let pages = Arc::<AtomicU32>::default();
        let count = pages.clone();
        // Takes the place of SQLite's own checkpoints, which are such a hook.
        writer.wal_hook(Some(move |_: &mut Wal, in_log: i32| {
            count.store(u32::try_from(in_log).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        let db = file::open_writer(path)?;
        let (due, asked) = sync_channel(1);
        let (done, copied) = sync_channel(1);
        let in_log = pages.clone();
        let work = move || {
            while asked.recv().is_ok() {
                copy_most(&db, &in_log);
                // Nobody listens once the writer has gone.
                let _ = done.send(());
            }
        };
        let thread = thread::Builder::new().name("store-checkpoint".to_owned());
        Ok(Self {
            due,
            copied,
            _thread: Joined::new(thread.spawn(work)?),
            pages,
            seen: 0,
            asked_at: 0,
            busy: false,
        })
    }

    /// Asks for a checkpoint if enough was committed since the last one, and completes one that is
    /// almost done. `writer` is between two commits.
    pub(super) fn consider(&mut self, writer: &Connection) {
        if self.copied.try_recv().is_ok() {
            copy(writer);
            self.busy = false;
        }
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.seen {
            self.asked_at = 0;
        }
        self.seen = pages;
        if self.busy || pages.saturating_sub(self.asked_at) < PAGES {
            return;
        }
        // A thread that is gone is made up for by the log's own bound.
        if self.due.send(()).is_ok() {
            (self.asked_at, self.busy) = (pages, true);
        }
    }
}

/// Copies until only little is left of a log that grows meanwhile.
fn copy_most(db: &Connection, in_log: &AtomicU32) {
    for _ in 0..ROUNDS {
        let copied = copy(db);
        if in_log.load(Ordering::Relaxed).saturating_sub(copied) <= FEW {
            break;
        }
    }
}

/// Copies what no reader still needs; returns how many pages of the log are copied, 0 if that failed.
fn copy(db: &Connection) -> u32 {
    let checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";
    let copied = db.query_row(checkpoint, [], |row| row.get::<_, i32>(2));
    // One that fails, or leaves out what a reader still needs, is made up for by the next.
    copied
        .ok()
        .map_or(0, |pages| u32::try_from(pages).unwrap_or(0))
}
