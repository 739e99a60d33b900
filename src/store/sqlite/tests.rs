//! What only a file can promise: to survive, to stay small, and to be left alone when it is not ours.

mod moving;
mod opening;
mod surviving;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{OpenError, Sqlite};
use crate::rules::Timestamp;
use crate::store::contract::{batch, session, texts};
use crate::store::{Append, Batch, Position, Snapshot, Store, StoreError};

/// A directory for one test, and the database file in it.
fn home() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("log.db");
    (home, path)
}

/// Appends and expects to succeed.
async fn add(store: &Sqlite, number: u128, at: Position, batch: Batch) -> Position {
    match store.append(session(number), at, batch).await.unwrap() {
        Append::Committed(end) => end,
        Append::Conflict => panic!("the log does not end at {at:?}"),
    }
}

/// Every file of a directory with its contents.
fn contents(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = directory.read_dir().unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let mut contents: Vec<_> = paths
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    contents.sort();
    contents
}
