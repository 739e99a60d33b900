//! What every store promises, as tests that run against each of them, sound and faulty.
//!
//! The promises talk to the store as a room does (see [`Client`]): an error is followed by a look
//! into the log, so the same promise holds for a store that fails now and then.

mod appends;
mod kinds;
mod leases;
mod lives;
mod others;
mod snapshots;
mod wakes;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;
use uuid::Uuid;

use super::faulty::Faulty;
use super::memory::Memory;
use super::sqlite::Sqlite;
use super::{Append, Batch, Census, Hint, Position, Snapshot, Store, StoreError, Tail};
use crate::rules::{Kind, NodeId, SessionId, Timestamp, Version};

/// Makes one test of every promise, for the store that `$open` gives.
macro_rules! promises {
    ($open:expr) => {
        promises!($open;
            appends::an_unknown_log_is_empty_and_ends_at_the_start,
            appends::records_come_back_in_order_and_only_those_behind_the_position,
            appends::an_append_anywhere_but_at_the_end_conflicts_and_writes_nothing,
            appends::a_second_first_append_conflicts,
            appends::logs_do_not_mix,
            appends::racing_writers_leave_every_batch_once_and_whole,
            appends::readers_see_whole_batches_while_others_write,
            lives::a_position_that_was_never_reached_is_rewound,
            lives::a_swept_log_starts_anew_in_another_epoch,
            lives::a_position_of_a_former_life_is_rewound,
            lives::only_logs_whose_time_is_over_are_swept,
            lives::every_append_moves_the_time_to_forget,
            lives::a_census_counts_all_logs_and_names_the_newest_first,
            kinds::a_log_tells_its_kind,
            kinds::a_census_counts_only_logs_of_its_kind,
            kinds::an_append_to_a_log_of_another_kind_is_refused_and_writes_nothing,
            kinds::a_log_that_starts_anew_may_be_of_another_kind,
            wakes::logs_are_due_when_their_time_to_wake_is_over_the_longest_first,
            wakes::logs_of_another_kind_are_not_due,
            wakes::a_log_that_was_named_is_due_again_only_after_a_while,
            wakes::an_append_makes_a_log_that_was_named_due_at_the_time_it_says,
            wakes::every_append_moves_the_time_to_wake,
            wakes::a_log_is_rescheduled_only_where_it_ends,
            wakes::a_log_that_was_swept_is_not_due,
            leases::all_nodes_with_a_lease_are_named,
            leases::a_lease_that_is_not_renewed_ends,
            snapshots::a_fold_stands_for_the_records_it_replaced,
            snapshots::a_folded_log_goes_on,
            snapshots::a_fold_of_less_than_was_folded_changes_nothing,
            snapshots::a_fold_beyond_the_end_or_of_a_former_life_is_refused,
            snapshots::folds_during_appends_lose_nothing,
            others::hints_follow_the_appends,
            others::hints_of_another_log_do_not_come,
            others::all_who_race_for_a_secret_get_the_same,
            others::secrets_of_other_names_differ,
            others::a_store_that_works_answers_a_ping,
        );
    };
    ($open:expr; $($group:ident::$promise:ident),+ $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $promise() {
            // The directory outlives the store.
            let (_home, store) = $open;
            super::$group::$promise(super::Client::of(store)).await;
        }
    )+};
}

mod memory {
    promises!(((), super::Memory::default()));
}

mod sqlite {
    promises!(super::sqlite_at_home());
}

mod faulty_memory {
    promises!(((), super::Faulty::seeded(super::Memory::default())));
}

mod faulty_sqlite {
    promises!({
        let (home, store) = super::sqlite_at_home();
        (home, super::Faulty::seeded(store))
    });
}

mod redis {
    promises!({
        let server = crate::store::redis::tests::Server::start();
        let store = server.store().await;
        (server, store)
    });
}

mod redis_cluster {
    promises!({
        let server = crate::store::redis::tests::Server::cluster().await;
        let store = server.cluster_store().await;
        (server, store)
    });
}

mod faulty_redis {
    promises!({
        let server = crate::store::redis::tests::Server::start();
        let store = super::Faulty::seeded(server.store().await);
        (server, store)
    });
}

fn sqlite_at_home() -> (TempDir, Sqlite) {
    let home = tempfile::tempdir().expect("a temporary directory");
    let store = Sqlite::open(&home.path().join("log.db")).expect("a new file");
    (home, store)
}

/// Of which kind logs are where that does not matter.
pub(crate) const KIND: Kind = Kind::new("trial");

/// The session with this number.
pub(crate) fn session(number: u128) -> SessionId {
    SessionId::new(Uuid::from_u128(number))
}

/// A batch of records with these texts, never to be forgotten.
pub(crate) fn batch<T: AsRef<str>>(records: impl IntoIterator<Item = T>) -> Batch {
    let records = records.into_iter();
    Batch {
        records: records.map(|it| it.as_ref().to_owned().into()).collect(),
        kind: KIND,
        wake_at: Timestamp::NEVER,
        forgettable_at: Timestamp::NEVER,
        patient: false,
        echoes: Vec::new(),
    }
}

/// The texts of a tail's records.
pub(crate) fn texts(tail: &Tail) -> Vec<String> {
    let records = tail.records.iter();
    records
        .map(|it| String::from_utf8(it.to_vec()).expect("text"))
        .collect()
}

/// Somebody who wants the work done and copes with a store that does not answer.
#[derive(Clone)]
pub(crate) struct Client(Arc<dyn Store>);

impl Client {
    pub(crate) fn of(store: impl Store) -> Self {
        Self(Arc::new(store))
    }

    /// Appends a batch of unique records; after an error the log tells whether it landed,
    /// unless others fold it at once.
    pub(crate) async fn append(&self, id: SessionId, expected: Position, batch: Batch) -> Append {
        loop {
            let appended = self.0.append(id, expected, batch.clone()).await;
            let Err(error) = appended else {
                return appended.expect("just checked");
            };
            assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
            match self.read(id, expected).await {
                Ok(tail) if tail.end == expected => {}
                Ok(tail) if tail.records.starts_with(&batch.records) => {
                    return Append::Committed(Position {
                        epoch: tail.end.epoch,
                        version: expected.version.plus(batch.records.len() as u64),
                    });
                }
                _ => return Append::Conflict,
            }
        }
    }

    /// Appends behind the end, which nobody else moves.
    pub(crate) async fn add(&self, id: SessionId, at: Position, batch: Batch) -> Position {
        match self.append(id, at, batch).await {
            Append::Committed(end) => end,
            Append::Conflict => panic!("the log does not end at {at:?}"),
        }
    }

    /// Appends behind the end, wherever others have moved it.
    pub(crate) async fn insist(&self, id: SessionId, batch: Batch) -> Position {
        loop {
            let at = self.all(id).await.end;
            if let Append::Committed(end) = self.append(id, at, batch.clone()).await {
                return end;
            }
        }
    }

    pub(crate) async fn read(&self, id: SessionId, after: Position) -> Result<Tail, StoreError> {
        answered(|| self.0.read(id, after)).await
    }

    /// The whole log.
    pub(crate) async fn all(&self, id: SessionId) -> Tail {
        let tail = self.read(id, Position::START).await;
        tail.expect("the start is a position of every log")
    }

    pub(crate) async fn is_rewound(&self, id: SessionId, after: Position) -> bool {
        matches!(self.read(id, after).await, Err(StoreError::Rewound(at)) if at == after.version)
    }

    /// Folds everything up to `version`, in the life of `at`, into a state of this text.
    async fn fold(&self, id: SessionId, at: Position, state: &str) -> Result<(), StoreError> {
        let snapshot = snapshot(at.version, state);
        answered(|| self.0.fold(id, at, snapshot.clone())).await
    }

    async fn watch(&self, id: SessionId) -> tokio::sync::watch::Receiver<Hint> {
        let hints = answered(|| self.0.watch(id)).await;
        hints.expect("every log can be watched")
    }

    async fn sweep(&self, now: u64) -> u64 {
        let swept = self.0.sweep(Timestamp::from_millis(now)).await;
        swept.expect("sweeps are answered")
    }

    async fn secret(&self, name: &str, candidate: &'static str) -> Bytes {
        let candidate = Bytes::from_static(candidate.as_bytes());
        let secret = answered(|| self.0.secret(name, candidate.clone())).await;
        secret.expect("every secret can be had")
    }

    async fn census(&self, kind: &Kind, newest: usize) -> Census {
        let census = answered(|| self.0.census(kind, newest)).await;
        census.expect("logs can be counted")
    }

    async fn due(&self, kind: &Kind, now: u64) -> Vec<SessionId> {
        let due = self.0.due(kind, Timestamp::from_millis(now), 2).await;
        due.expect("due logs are named")
    }

    async fn reschedule(&self, id: SessionId, at: Position, wake_at: u64) {
        let wake_at = Timestamp::from_millis(wake_at);
        let done =
            answered(|| async move { self.0.reschedule(&KIND, id, at, wake_at).await }).await;
        done.expect("every log can be rescheduled");
    }

    async fn renew(&self, node: NodeId, lease: Duration) -> Vec<NodeId> {
        let mut alive = answered(|| self.0.renew(node, lease))
            .await
            .expect("every node gets a lease");
        alive.sort_unstable();
        alive
    }

    async fn ping(&self) -> Result<(), StoreError> {
        answered(|| self.0.ping()).await
    }
}

fn snapshot(version: Version, state: &str) -> Snapshot {
    Snapshot {
        version,
        state: state.to_owned().into(),
    }
}

/// Asks until the store answers; only for questions that may be asked twice.
async fn answered<T, F>(ask: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    loop {
        match ask().await {
            Err(StoreError::Unavailable(_)) => tokio::task::yield_now().await,
            answer => return answer,
        }
    }
}
