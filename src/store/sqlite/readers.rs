//! A few connections that only read, away from the asynchronous runtime's threads.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio::task;

use super::file;
use crate::store::StoreError;

/// More would only wait for the same disk.
const MAX_READERS: usize = 4;

/// A pool of reading connections; whoever finds none idle waits.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Mutex::default(),
            free: Arc::new(Semaphore::new(MAX_READERS)),
        }
    }

    /// Lets `work` read on a thread that may block.
    pub(super) async fn run<T, F>(self: &Arc<Self>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let free = self.free.clone().acquire_owned().await;
        let free = free.expect("the semaphore is never closed");
        let readers = self.clone();
        let reading = task::spawn_blocking(move || {
            // Held in here, because the thread goes on when the asker has lost patience.
            let _free = free;
            readers.lend(work)
        });
        reading
            .await
            .unwrap_or_else(|gone| Err(StoreError::unavailable(gone)))
    }

    fn lend<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.lock().pop();
        let mut db = match idle {
            Some(db) => db,
            None => file::open_reader(&self.path).map_err(StoreError::unavailable)?,
        };
        let read = work(&mut db);
        self.lock().push(db);
        read
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().expect("no holder panics")
    }
}
