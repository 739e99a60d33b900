//! Records that lie in the order in which they came, and their way to their logs: nobody notices.

use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::surviving::copy_as_a_crash_leaves_it;
use super::{Append, Batch, Connection, Position, Snapshot, Sqlite, Store, StoreError, Timestamp};
use super::{batch, home, session, texts};
use crate::rules::Version;
use crate::store::contract::KIND;
use crate::store::memory::Memory;

const LOGS: u128 = 12;
/// So few records are many here.
const MANY: u64 = 30;

/// What happens to both stores.
#[derive(Clone, Debug)]
enum Step {
    Append {
        log: u128,
        sizes: Vec<usize>,
        forgettable_at: u64,
        wake_at: u64,
    },
    /// All but the last few records.
    Fold {
        log: u128,
        but: u64,
    },
    Reschedule {
        log: u128,
        wake_at: u64,
    },
    Wake {
        now: u64,
    },
    Sweep {
        now: u64,
    },
    /// An append in a transaction that fails.
    Fail {
        log: u128,
    },
    Reopen,
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let log = || 0..LOGS;
    let sizes = prop::collection::vec(prop_oneof![9 => 1..40usize, 1 => 2_000..2_001usize], 1..4);
    let forgettable_at = prop_oneof![4 => Just(u64::MAX), 1 => 1..30u64];
    let wake_at = prop_oneof![9 => Just(u64::MAX), 1 => 1..30u64];
    let append = (log(), sizes, forgettable_at, wake_at);
    prop_oneof![
        40 => append.prop_map(|(log, sizes, forgettable_at, wake_at)| Step::Append {
            log,
            sizes,
            forgettable_at,
            wake_at
        }),
        4 => (log(), 0..4u64).prop_map(|(log, but)| Step::Fold { log, but }),
        2 => (log(), 1..30u64).prop_map(|(log, wake_at)| Step::Reschedule { log, wake_at }),
        2 => (1..30u64).prop_map(|now| Step::Wake { now }),
        2 => (1..30u64).prop_map(|now| Step::Sweep { now }),
        2 => log().prop_map(|log| Step::Fail { log }),
        1 => Just(Step::Reopen),
        1 => Just(Step::Crash),
    ]
}

/// A store in a file and one in memory to which the same happens.
struct Twins {
    home: (TempDir, PathBuf),
    file: Sqlite,
    memory: Memory,
    written: u64,
}

impl Twins {
    async fn new() -> Self {
        let home = home();
        Self {
            file: open(&home).await,
            home,
            memory: Memory::default(),
            written: 0,
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Append {
                log,
                sizes,
                forgettable_at,
                wake_at,
            } => {
                let batch = Batch {
                    patient: self.written.is_multiple_of(2),
                    forgettable_at: Timestamp::from_millis(forgettable_at),
                    wake_at: Timestamp::from_millis(wake_at),
                    ..self.batch(&sizes)
                };
                add(&self.memory, log, batch.clone()).await;
                add(&self.file, log, batch).await;
            }
            Step::Fold { log, but } => {
                fold(&self.memory, log, but).await;
                fold(&self.file, log, but).await;
            }
            Step::Reschedule { log, wake_at } => {
                let wake_at = Timestamp::from_millis(wake_at);
                for store in self.stores() {
                    let end = end(store, log).await;
                    store
                        .reschedule(&KIND, session(log), end, wake_at)
                        .await
                        .unwrap();
                }
            }
            Step::Wake { now } => {
                let now = Timestamp::from_millis(now);
                let file = self.file.due(&KIND, now, 99).await.unwrap();
                let memory = self.memory.due(&KIND, now, 99).await.unwrap();
                assert_eq!(sorted(file), sorted(memory));
            }
            Step::Sweep { now } => {
                let [one, other] = self
                    .stores()
                    .map(|it| it.sweep(Timestamp::from_millis(now)));
                assert_eq!(one.await.unwrap(), other.await.unwrap());
            }
            Step::Fail { log } => self.fail(log).await,
            Step::Reopen => self.replace(false).await,
            Step::Crash => self.replace(true).await,
        }
    }

    fn stores(&self) -> [&dyn Store; 2] {
        [&self.file, &self.memory]
    }

    fn batch(&mut self, sizes: &[usize]) -> Batch {
        batch(sizes.iter().map(|size| {
            self.written += 1;
            format!("{} {}", self.written, "x".repeat(*size))
        }))
    }

    async fn fail(&self, log: u128) {
        let at = end(&self.file, log).await;
        let failing = self.file.writer.ask(move |ledger| {
            ledger.append(session(log), at, &batch(["lost"]))?.unwrap();
            ledger.db.execute_batch("nonsense")
        });
        let failed = failing.await;
        assert!(
            matches!(failed, Err(StoreError::Unavailable(_))),
            "{failed:?}"
        );
    }

    /// Goes on with what is in the file, or with what a crash would have left of it.
    async fn replace(&mut self, by_crash: bool) {
        if by_crash {
            let copy = home();
            copy_as_a_crash_leaves_it(&self.home.1, &copy.1);
            self.file = open(&copy).await;
            self.home = copy;
        } else {
            // A file is open only once, so the old store has to go first.
            let elsewhere = home();
            self.file = open(&elsewhere).await;
            self.file = open(&self.home).await;
        }
    }

    /// Both stores have the same to tell, of whole logs and of their ends.
    async fn compare(&self) {
        for log in 0..LOGS {
            let [file, memory] = self.stores().map(|store| story(store, log));
            let (file, memory) = (file.await, memory.await);
            assert_eq!(file, memory, "log {log}");
        }
    }
}

async fn open(home: &(TempDir, PathBuf)) -> Sqlite {
    let store = Sqlite::open(&home.1).unwrap();
    let few = store.writer.ask(|ledger| {
        ledger.heads.fresh.many = MANY;
        Ok(())
    });
    few.await.unwrap();
    store
}

async fn end(store: &dyn Store, log: u128) -> Position {
    store.read(session(log), Position::START).await.unwrap().end
}

async fn add(store: &dyn Store, log: u128, batch: Batch) {
    let at = end(store, log).await;
    let added = store.append(session(log), at, batch).await.unwrap();
    assert!(matches!(added, Append::Committed(_)), "{added:?}");
}

async fn fold(store: &dyn Store, log: u128, but: u64) {
    let end = end(store, log).await;
    let version = Version(end.version.0.saturating_sub(but));
    if version > Version::default() {
        let state = format!("all up to {version:?}").into();
        let snapshot = Snapshot { version, state };
        store.fold(session(log), end, snapshot).await.unwrap();
    }
}

/// What a store tells of a log: everything, and what is behind its middle.
async fn story(store: &dyn Store, log: u128) -> Vec<(Option<Snapshot>, Vec<String>, Version)> {
    let end = end(store, log).await;
    let version = Version(end.version.0 / 2);
    let mut story = Vec::new();
    for after in [Position::START, Position { version, ..end }] {
        let tail = store.read(session(log), after).await.unwrap();
        story.push((tail.snapshot.clone(), texts(&tail), tail.end.version));
    }
    story
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_file_tells_what_memory_tells_wherever_its_records_lie(
        steps in prop::collection::vec(step(), 1..150)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut twins = Twins::new().await;
            for step in steps {
                twins.take(step).await;
                twins.compare().await;
            }
        });
    }
}

#[tokio::test]
async fn records_come_to_their_logs_when_there_are_many() {
    let home = home();
    let store = open(&home).await;
    for _ in 0..10 * MANY {
        add(&store, 1, batch(["a"])).await;
    }
    let (records, fresh) = (count(&store, "records").await, count(&store, "fresh").await);
    assert!(
        records >= 8 * MANY && fresh <= 2 * MANY,
        "{records}, {fresh}"
    );
}

#[tokio::test]
async fn there_are_never_much_more_however_many_come_with_each_commit() {
    const BATCH: u64 = 600;
    let home = home();
    let store = open(&home).await;
    for _ in 0..40 {
        add(&store, 1, batch((0..BATCH).map(|_| "a"))).await;
        let fresh = count(&store, "fresh").await;
        assert!(fresh <= MANY + 4 * BATCH, "{fresh}");
    }
}

#[tokio::test]
async fn what_was_left_can_be_read_before_anything_is_written() {
    let home = home();
    let store = open(&home).await;
    for text in ["a", "b", "c"] {
        add(&store, 1, batch([text])).await;
    }
    drop(store);
    let store = Sqlite::open(&home.1).unwrap();
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!(texts(&tail), ["a", "b", "c"]);
    let db = Connection::open(&home.1).unwrap();
    let left: u64 = db
        .query_row("SELECT count(*) FROM fresh", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 2);
}

#[tokio::test]
async fn what_was_folded_does_not_come_to_its_log_any_more() {
    let home = home();
    let store = open(&home).await;
    for _ in 0..9 {
        add(&store, 1, batch(["a"])).await;
    }
    fold(&store, 1, 2).await;
    drop(store);
    let store = open(&home).await;
    assert_eq!(count(&store, "records").await, 2);
    assert_eq!(count(&store, "fresh").await, 0);
}

#[tokio::test]
async fn a_log_that_starts_anew_in_the_commit_that_forgets_it_is_whole() {
    let home = home();
    let store = open(&home).await;
    let now = Timestamp::from_millis(1);
    for text in ["a", "b"] {
        let forgettable_at = now;
        let batch = Batch {
            forgettable_at,
            ..batch([text])
        };
        add(&store, 1, batch).await;
    }
    let due = store.outdated(now, 0).await.unwrap();
    let anew = store.writer.ask(move |ledger| {
        ledger.forget(due, now)?;
        let mut end = Position::START;
        for text in ["c", "d"] {
            let appended = ledger.append(session(1), end, &batch([text]))?.unwrap();
            let Append::Committed(at) = appended else {
                panic!("{appended:?}");
            };
            end = at;
        }
        Ok(())
    });
    anew.await.unwrap();
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!(texts(&tail), ["c", "d"]);
}

/// How many rows there are.
async fn count(store: &Sqlite, table: &str) -> u64 {
    let select = format!("SELECT count(*) FROM {table}");
    let rows = store
        .writer
        .ask(move |ledger| ledger.db.query_row(&select, [], |row| row.get(0)));
    rows.await.unwrap()
}
