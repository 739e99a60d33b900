//! A store that fails and dawdles, the same way for the same seed and the same calls.
//!
//! It fails before the work, when nothing has happened, and after it, when all has happened and
//! only the answer is lost. Whoever copes with this copes with a real store.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use super::{Append, Batch, Census, Hint, Position, Snapshot, Store, StoreError, Tail};
use crate::rules::{Kind, NodeId, SessionId, Timestamp};

/// Repeats a run: set it to the seed that the failed one has printed.
const SEED_VARIABLE: &str = "FAULT_SEED";

/// Another store with faults.
#[derive(Debug)]
pub(crate) struct Faulty<S> {
    inner: S,
    seed: u64,
    calls: AtomicU64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Before,
    After,
    Delay(u64),
}

impl<S: Store> Faulty<S> {
    pub(crate) fn new(inner: S, seed: u64) -> Self {
        println!("faults follow {SEED_VARIABLE}={seed}");
        let calls = AtomicU64::new(0);
        Self { inner, seed, calls }
    }

    /// Takes the seed from the environment, or else a new one.
    pub(crate) fn seeded(inner: S) -> Self {
        let given = std::env::var(SEED_VARIABLE).ok();
        let given = given.map(|seed| seed.parse().expect("a number"));
        let seed = given.unwrap_or_else(|| getrandom::u64().expect("the system has randomness"));
        Self::new(inner, seed)
    }

    /// The fate of the next call: half of them go wrong in some way.
    fn fault(&self) -> Fault {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let luck = mix(self.seed.wrapping_add(call));
        match luck % 12 {
            0 | 1 => Fault::Before,
            2 | 3 => Fault::After,
            4 | 5 => Fault::Delay(luck >> 32 & 0xf),
            _ => Fault::None,
        }
    }

    async fn suffer<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let fault = self.fault();
        if fault == Fault::Before {
            return Err(StoreError::unavailable("failed before the work"));
        }
        if let Fault::Delay(turns) = fault {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
        }
        let done = work.await?;
        if fault == Fault::After {
            return Err(StoreError::unavailable("failed after the work"));
        }
        Ok(done)
    }
}

/// SplitMix64's finish: neighbouring numbers come out unlike each other.
const fn mix(number: u64) -> u64 {
    let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[async_trait]
impl<S: Store> Store for Faulty<S> {
    async fn append(
        &self,
        session: SessionId,
        expected: Position,
        batch: Batch,
    ) -> Result<Append, StoreError> {
        self.suffer(self.inner.append(session, expected, batch))
            .await
    }

    async fn read(&self, session: SessionId, after: Position) -> Result<Tail, StoreError> {
        self.suffer(self.inner.read(session, after)).await
    }

    async fn fold(
        &self,
        session: SessionId,
        at: Position,
        snapshot: Snapshot,
    ) -> Result<(), StoreError> {
        self.suffer(self.inner.fold(session, at, snapshot)).await
    }

    async fn watch(&self, session: SessionId) -> Result<watch::Receiver<Hint>, StoreError> {
        self.suffer(self.inner.watch(session)).await
    }

    // A lost answer loses the count, and what remains is an ordinary failure.
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.inner.sweep(now).await
    }

    async fn census(&self, kind: &Kind, newest: usize) -> Result<Census, StoreError> {
        self.suffer(self.inner.census(kind, newest)).await
    }

    // A lost answer postpones what it named, and what remains is an ordinary failure.
    async fn due(
        &self,
        kind: &Kind,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.inner.due(kind, now, most).await
    }

    async fn reschedule(
        &self,
        kind: &Kind,
        session: SessionId,
        at: Position,
        wake_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.suffer(self.inner.reschedule(kind, session, at, wake_at))
            .await
    }

    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>, StoreError> {
        self.suffer(self.inner.renew(node, lease)).await
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }

    async fn secret(&self, name: &str, candidate: Bytes) -> Result<Bytes, StoreError> {
        self.suffer(self.inner.secret(name, candidate)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.suffer(self.inner.ping()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::memory::Memory;

    #[test]
    fn the_same_seed_gives_the_same_faults_of_every_kind() {
        let faults = |seed| {
            let store = Faulty::new(Memory::default(), seed);
            (0..100).map(|_| store.fault()).collect::<Vec<_>>()
        };
        assert_eq!(faults(7), faults(7));
        assert_ne!(faults(7), faults(8));
        for kind in [Fault::None, Fault::Before, Fault::After] {
            assert!(faults(7).contains(&kind), "{kind:?}");
        }
        assert!(faults(7).iter().any(|it| matches!(it, Fault::Delay(_))));
    }
}
