//! The thread that copies what was committed from the write-ahead log into the file.
//!
//! SQLite would have the writer do it at the end of some commit, and everybody whose change is in the
//! next one would wait for that.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::file;
use super::writer::Joined;

/// So many pages (16 MiB) are committed between two checkpoints. More than SQLite would let pass,
/// because many rooms change the same pages again and again, and each is copied only once.
const PAGES: u32 = 4_000;

/// Whoever sees to it that the write-ahead log is copied.
#[derive(Debug)]
pub(super) struct Checkpointer {
    // Dropped before the thread is waited for, or that would wait for ever.
    due: SyncSender<()>,
    _thread: Joined,
    /// Pages in the log, copied or not.
    pages: Arc<AtomicU32>,
    asked_at: u32,
}

impl Checkpointer {
    /// Starts the thread, which has a connection of its own; `writer` makes no checkpoints any more.
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
        let copy = move || {
            while asked.recv().is_ok() {
                // One that fails, or leaves out what a reader still needs, is made up for by the next.
                let _ = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            }
        };
        let thread = thread::Builder::new().name("store-checkpoint".to_owned());
        Ok(Self {
            due,
            _thread: Joined::new(thread.spawn(copy)?),
            pages,
            asked_at: 0,
        })
    }

    /// Asks for a checkpoint if enough was committed since the last one.
    pub(super) fn consider(&mut self) {
        let pages = self.pages.load(Ordering::Relaxed);
        // The log begins anew when all of it is copied.
        let since = pages.checked_sub(self.asked_at).unwrap_or(pages);
        if since < PAGES {
            return;
        }
        match self.due.try_send(()) {
            Ok(()) => self.asked_at = pages,
            // It is busy with the last one, or gone; the log has a bound of its own.
            Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }
}
