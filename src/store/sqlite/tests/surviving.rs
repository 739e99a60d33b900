//! Restarts, crashes, full disks and sweeps.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;

use super::{Append, Batch, Connection, Position, Snapshot, Sqlite, Store, StoreError, Timestamp};
use super::{add, batch, home, session, texts};

#[tokio::test]
async fn a_reopened_store_has_everything_and_goes_on() {
    let (_home, path) = home();
    let store = Sqlite::open(&path).unwrap();
    let two = add(&store, 1, Position::START, batch(["a", "b"])).await;
    let three = add(&store, 1, two, batch(["c"])).await;
    let (version, state) = (two.version, "ab".into());
    let snapshot = Snapshot { version, state };
    store.fold(session(1), two, snapshot.clone()).await.unwrap();
    let secret = store.secret("key", "red".into()).await.unwrap();
    drop(store);

    let store = Sqlite::open(&path).unwrap();
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!((tail.snapshot, tail.end), (Some(snapshot), three));
    assert_eq!(tail.records, ["c"]);
    assert_eq!(store.secret("key", "blue".into()).await.unwrap(), secret);
    let four = add(&store, 1, three, batch(["d"])).await;
    assert_eq!((four.epoch, four.version.0), (three.epoch, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_store_finishes_its_queue() {
    let (_home, path) = home();
    let store = Sqlite::open(&path).unwrap();
    for number in 0..50 {
        let append = store.append(session(number), Position::START, batch(["a"]));
        // Polled once, which queues it; nobody waits for the answer.
        let mut append = Box::pin(append);
        let _ = futures_util::poll!(&mut append);
    }
    drop(store);
    let store = Sqlite::open(&path).unwrap();
    for number in 0..50 {
        let tail = store.read(session(number), Position::START).await.unwrap();
        assert_eq!(texts(&tail), ["a"], "session {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_loses_nothing_that_was_acknowledged() {
    const ROOMS: u128 = 4;
    let (_home, path) = home();
    let store = Arc::new(Sqlite::open(&path).unwrap());
    let stop = Arc::new(AtomicBool::new(false));
    let (tell, mut acknowledged) = tokio::sync::watch::channel([Position::START; ROOMS as usize]);
    let mut rooms = JoinSet::new();
    for number in 0..ROOMS {
        let (store, stop, tell) = (store.clone(), stop.clone(), tell.clone());
        rooms.spawn(async move {
            let mut end = Position::START;
            while !stop.load(Ordering::Relaxed) {
                end = add(&store, number, end, batch([record(end.version.0 + 1)])).await;
                tell.send_modify(|ends| ends[number as usize] = end);
            }
        });
    }
    for crash in 1..=5 {
        let busy = |ends: &[Position; 4]| ends.iter().all(|end| end.version.0 >= 40 * crash);
        let ends = *acknowledged.wait_for(busy).await.unwrap();
        let (_elsewhere, copy) = home();
        copy_as_a_crash_leaves_it(&path, &copy);
        check_copy(&copy, &ends).await;
    }
    stop.store(true, Ordering::Relaxed);
    rooms.join_all().await;
}

fn record(version: u64) -> String {
    format!("{version} {}", "x".repeat(500))
}

/// Copies the file and its log. In this order the log has whatever a checkpoint was moving into the
/// file, unless it was begun anew meanwhile, which shows in its header.
pub(super) fn copy_as_a_crash_leaves_it(from: &Path, to: &Path) {
    let [wal, wal_copy] = [from, to].map(|path| format!("{}-wal", path.display()));
    let generation = || fs::read(&wal).unwrap()[..32].to_vec();
    loop {
        let before = generation();
        fs::copy(from, to).unwrap();
        fs::copy(&wal, &wal_copy).unwrap();
        if generation() == before {
            return;
        }
    }
}

async fn check_copy(copy: &Path, acknowledged: &[Position]) {
    let store = Sqlite::open(copy).unwrap();
    for (number, end) in (0..).zip(acknowledged) {
        let tail = store.read(session(number), Position::START).await.unwrap();
        assert!(tail.end.version >= end.version, "{:?} < {end:?}", tail.end);
        let written = (1..=tail.end.version.0).map(record);
        assert!(texts(&tail).into_iter().eq(written));
        add(&store, number, tail.end, batch(["and on"])).await;
    }
    drop(store);
    let db = Connection::open(copy).unwrap();
    let verdict = db.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(verdict.unwrap(), "ok");
}

#[tokio::test]
async fn a_full_disk_fails_appends_and_leaves_the_log_as_it_was() {
    let (_home, path) = home();
    let store = Sqlite::open(&path).unwrap();
    let begun = add(&store, 1, Position::START, batch(["a"])).await;
    let end = add(&store, 1, begun, batch(["b"])).await;
    limit_pages(&store, 1).await;

    let big = batch(["x".repeat(100_000)]);
    let failed = store.append(session(1), end, big.clone()).await;
    assert!(
        matches!(failed, Err(StoreError::Unavailable(_))),
        "{failed:?}"
    );
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!((texts(&tail).concat(), tail.end), ("ab".to_owned(), end));

    limit_pages(&store, 1_000_000).await;
    add(&store, 1, end, big).await;
}

#[tokio::test]
async fn nothing_is_remembered_of_a_transaction_that_failed() {
    let (_home, path) = home();
    let store = Sqlite::open(&path).unwrap();
    let end = add(&store, 1, Position::START, batch(["a"])).await;
    let failing = store.writer.ask(move |ledger| {
        ledger.append(session(1), end, &batch(["b"]))?.unwrap();
        ledger
            .append(session(2), Position::START, &batch(["b"]))?
            .unwrap();
        ledger.db.execute_batch("nonsense")
    });
    let failed = failing.await;
    assert!(
        matches!(failed, Err(StoreError::Unavailable(_))),
        "{failed:?}"
    );
    add(&store, 1, end, batch(["c"])).await;
    add(&store, 2, Position::START, batch(["c"])).await;
}

/// Lets the file grow no further, or to this many pages.
async fn limit_pages(store: &Sqlite, pages: u32) {
    let limit = format!("PRAGMA max_page_count = {pages}");
    let limited = store
        .writer
        .ask(move |ledger| ledger.db.execute_batch(&limit));
    limited.await.unwrap();
}

#[tokio::test]
async fn records_that_are_missing_are_reported() {
    let (_home, path) = home();
    let store = Sqlite::open(&path).unwrap();
    add(&store, 1, Position::START, batch(["a", "b", "c"])).await;
    for (lost, first) in [(3, 3), (2, 2)] {
        let delete = format!("DELETE FROM records WHERE version = {lost}");
        let deleted = store
            .writer
            .ask(move |ledger| ledger.db.execute_batch(&delete));
        deleted.await.unwrap();
        let read = store.read(session(1), Position::START).await;
        let Err(StoreError::Damaged { version, .. }) = read else {
            panic!("{read:?}");
        };
        assert_eq!(version.0, first);
    }
}

#[tokio::test]
async fn a_sweep_of_long_logs_takes_several_transactions_and_leaves_nothing() {
    let (_home, path) = home();
    let store = Sqlite::open(&path).unwrap();
    for number in 0..3 {
        add(&store, number, Position::START, long_log(2_500, 10)).await;
    }
    let due = store.outdated(Timestamp::from_millis(1), 0).await.unwrap();
    let part = store
        .writer
        .ask(move |ledger| ledger.forget(due, Timestamp::from_millis(1)));
    let part = part.await.unwrap();
    assert_eq!((part.logs, part.unfinished.len()), (1, 3));
    // As if the process had died in the middle of the sweep.
    drop(store);

    let store = Sqlite::open(&path).unwrap();
    assert_eq!(store.sweep(Timestamp::from_millis(1)).await.unwrap(), 2);
    drop(store);
    let db = Connection::open(&path).unwrap();
    for table in ["sessions", "snapshots", "records", "fresh"] {
        let count = format!("SELECT count(*) FROM {table}");
        let rows: u64 = db.query_row(&count, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn appends_have_their_turn_during_a_sweep() {
    let (_home, path) = home();
    let store = Sqlite::open(&path).unwrap();
    for number in 1..=20 {
        add(&store, number, Position::START, long_log(1_000, 100)).await;
    }
    let mut end = Position::START;
    let mut sweep = std::pin::pin!(store.sweep(Timestamp::from_millis(1)));
    loop {
        tokio::select! {
            biased;
            swept = &mut sweep => break assert_eq!(swept.unwrap(), 20),
            appended = store.append(session(0), end, batch(["a"])) => match appended.unwrap() {
                Append::Committed(at) => end = at,
                Append::Conflict => panic!("the sweep touched another log"),
            },
        }
    }
    assert!(end.version.0 > 3, "{end:?}");
}

#[tokio::test]
async fn the_file_stays_small_however_many_sessions_come_and_go() {
    const ROUNDS: usize = 6;
    let (_home, path) = home();
    let mut store = Sqlite::open(&path).unwrap();
    let mut sizes = Vec::new();
    for _ in 0..ROUNDS {
        for number in 0..40 {
            add(&store, number, Position::START, long_log(100, 1_000)).await;
        }
        assert_eq!(store.sweep(Timestamp::from_millis(1)).await.unwrap(), 40);
        let wal = fs::metadata(format!("{}-wal", path.display())).unwrap();
        assert!(wal.len() < 32 << 20, "{}", wal.len());
        drop(store);
        sizes.push(fs::metadata(&path).unwrap().len());
        store = Sqlite::open(&path).unwrap();
    }
    assert!(sizes.iter().all(|bytes| *bytes < 2 << 20), "{sizes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_write_ahead_log_begins_anew_although_somebody_always_writes() {
    let (_home, path) = home();
    let store = Arc::new(Sqlite::open(&path).unwrap());
    let wal = format!("{}-wal", path.display());
    let writers = (1..=4).map(|number| {
        let (store, wal) = (store.clone(), wal.clone());
        tokio::spawn(async move {
            let (mut end, mut longest) = (Position::START, 0);
            for _ in 0..500 {
                end = add(&store, number, end, long_log(1, 64_000)).await;
                longest = fs::metadata(&wal).unwrap().len().max(longest);
            }
            longest
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        let longest = writer.await.unwrap();
        assert!(longest < 64 << 20, "{longest}");
    }
}

/// Records of this size, of no interest from the first millisecond on.
fn long_log(records: usize, bytes: usize) -> Batch {
    Batch {
        forgettable_at: Timestamp::from_millis(1),
        ..batch((0..records).map(|_| "x".repeat(bytes)))
    }
}
