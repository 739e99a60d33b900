//! The local copy of one session: its state, and how far it has read the log.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Committed, Look, now};
use crate::rules::{CommandId, Machine, Recorded, SessionId, Timestamp, Version};
use crate::store::{Append, Batch, Position, Snapshot, Store, StoreError, Tail};

pub(super) struct Replica<M: Machine> {
    session: SessionId,
    store: Arc<dyn Store>,
    state: M,
    position: Position,
    last_at: Timestamp,
    changed_at: Instant,
    /// The command that the last record is of, unless only a fold is known.
    last_cause: Option<CommandId>,
    folded: Version,
}

/// A state as the store keeps it.
#[derive(Serialize, Deserialize)]
struct Folded<S> {
    at: Timestamp,
    state: S,
}

/// How a replica caught up with its log.
#[derive(Debug)]
pub(super) enum Caught<E> {
    /// Event by event; these are the ones it had missed.
    Up(Vec<Recorded<E>>),
    /// By starting over; nothing that was shown can be relied on.
    Anew,
}

impl<M: Machine> Replica<M> {
    /// A session nobody has written to yet.
    pub(super) fn unborn(session: SessionId, store: Arc<dyn Store>) -> Self {
        let (position, last_at, folded) = (Position::START, Timestamp::default(), Version(0));
        Self {
            session,
            store,
            state: M::default(),
            position,
            last_at,
            changed_at: Instant::now(),
            last_cause: None,
            folded,
        }
    }

    /// Reads a session from the store; `None` if there is none of this kind.
    pub(super) async fn load(
        session: SessionId,
        store: Arc<dyn Store>,
    ) -> Result<Option<Self>, StoreError> {
        let tail = store.read(session, Position::START).await?;
        if tail.end == Position::START || tail.is_foreign_to(&M::KIND) {
            return Ok(None);
        }
        let mut replica = Self::unborn(session, store);
        replica.replay(&tail)?;
        Ok(Some(replica))
    }

    pub(super) fn session(&self) -> SessionId {
        self.session
    }

    pub(super) fn state(&self) -> &M {
        &self.state
    }

    pub(super) fn look(&self) -> Look<'_, M> {
        Look {
            version: self.version(),
            now: self.now(),
            changed_at: self.changed_at,
            state: self.state(),
        }
    }

    pub(super) fn version(&self) -> Version {
        self.position.version
    }

    /// The room's clock: the wall clock, but never before the last event.
    pub(super) fn now(&self) -> Timestamp {
        now().max(self.last_at)
    }

    /// Writes records behind what this replica has seen; does not apply them.
    pub(super) async fn append(&self, batch: Batch) -> Result<Append, StoreError> {
        self.store.append(self.session, self.position, batch).await
    }

    /// Tells the store when the room wants to wake, as no append does.
    pub(super) async fn reschedule(&self, wake_at: Timestamp) -> Result<(), StoreError> {
        self.store
            .reschedule(&M::KIND, self.session, self.position, wake_at)
            .await
    }

    /// Whether a hint tells of something that this replica has not seen.
    pub(super) fn is_surprised_by(&self, end: Position) -> bool {
        end.epoch != self.position.epoch || end.version > self.position.version
    }

    /// Remembers in which life of the log an append of this replica landed.
    pub(super) fn landed(&mut self, end: Position) {
        self.position.epoch = end.epoch;
    }

    /// Folds the first of the next events of the log into the state.
    pub(super) fn apply<'a>(
        &'a mut self,
        recorded: &'a Recorded<M::Event>,
        rest: &[Recorded<M::Event>],
    ) -> Committed<'a, M> {
        self.position.version = self.position.version.plus(1);
        self.last_at = self.last_at.max(recorded.at);
        self.changed_at = Instant::now();
        self.last_cause = Some(recorded.cause);
        self.state.evolve(recorded.at, &recorded.event);
        Committed {
            version: self.position.version,
            recorded,
            after: &self.state,
            ends_command: rest.first().is_none_or(|next| next.cause != recorded.cause),
        }
    }

    /// Reads what others have appended. The missed events are returned, not applied.
    pub(super) async fn catch_up(&mut self) -> Result<Caught<M::Event>, StoreError> {
        let tail = match self.store.read(self.session, self.position).await {
            Err(StoreError::Rewound(_)) => return self.start_over().await,
            tail => tail?,
        };
        if tail.is_foreign_to(&M::KIND) {
            return Ok(Caught::Up(Vec::new()));
        }
        if tail.snapshot.is_some() {
            self.replay(&tail)?;
            return Ok(Caught::Anew);
        }
        self.position.epoch = tail.end.epoch;
        self.missed(&tail.records)
    }

    /// As [`Replica::catch_up`], for a log that may have lost its end and grown again: makes sure
    /// that it still holds the last record that this replica has seen.
    pub(super) async fn catch_up_warily(&mut self) -> Result<Caught<M::Event>, StoreError> {
        let seen = self.position.version;
        let (Some(cause), true) = (self.last_cause, seen > self.folded) else {
            return self.catch_up().await;
        };
        let before = Position {
            version: Version(seen.0 - 1),
            ..self.position
        };
        let tail = match self.store.read(self.session, before).await {
            Err(StoreError::Rewound(_)) => return self.start_over().await,
            tail => tail?,
        };
        let Some((last, rest)) = tail.records.split_first() else {
            return self.start_over().await;
        };
        let same = tail.snapshot.is_none() && self.decode(seen, last)?.cause == cause;
        if !same {
            return self.start_over().await;
        }
        self.missed(rest)
    }

    fn missed(&self, records: &[Bytes]) -> Result<Caught<M::Event>, StoreError> {
        let numbered = (1..).zip(records);
        let missed = numbered.map(|(at, it)| self.decode(self.position.version.plus(at), it));
        missed.collect::<Result<_, _>>().map(Caught::Up)
    }

    async fn start_over(&mut self) -> Result<Caught<M::Event>, StoreError> {
        let tail = self.store.read(self.session, Position::START).await?;
        *self = Self::unborn(self.session, self.store.clone());
        if !tail.is_foreign_to(&M::KIND) {
            self.replay(&tail)?;
        }
        Ok(Caught::Anew)
    }

    fn replay(&mut self, tail: &Tail) -> Result<(), StoreError> {
        if let Some(snapshot) = &tail.snapshot {
            let folded: Folded<M> = serde_json::from_slice(&snapshot.state)
                .map_err(|_| self.damaged(snapshot.version))?;
            self.state = folded.state;
            self.last_at = folded.at;
            self.position.version = snapshot.version;
            self.folded = snapshot.version;
        }
        for record in &tail.records {
            let recorded = self.decode(self.position.version.plus(1), record)?;
            self.apply(&recorded, &[]);
        }
        if self.position.version != tail.end.version {
            return Err(self.damaged(self.position.version.plus(1)));
        }
        self.position = tail.end;
        Ok(())
    }

    fn decode(&self, version: Version, record: &Bytes) -> Result<Recorded<M::Event>, StoreError> {
        serde_json::from_slice(record).map_err(|_| self.damaged(version))
    }

    fn damaged(&self, version: Version) -> StoreError {
        StoreError::Damaged {
            session: self.session,
            version,
        }
    }

    /// How many events the log holds behind its snapshot.
    pub(super) fn unfolded(&self) -> u64 {
        self.position.version.0 - self.folded.0
    }

    /// Replaces the log by the state it leads to.
    pub(super) async fn fold(&mut self) -> Result<(), StoreError> {
        let folded = Folded {
            at: self.last_at,
            state: &self.state,
        };
        let state = serde_json::to_vec(&folded)
            .expect("a state always encodes")
            .into();
        let version = self.position.version;
        self.store
            .fold(self.session, self.position, Snapshot { version, state })
            .await?;
        self.folded = version;
        Ok(())
    }
}

impl<E> Caught<E> {
    /// Whether this command is among what was missed: its append landed although nobody said so.
    pub(super) fn includes(&self, cause: CommandId) -> bool {
        match self {
            Self::Up(missed) => missed.iter().any(|recorded| recorded.cause == cause),
            Self::Anew => false,
        }
    }
}

/// An event as the log keeps it.
pub(super) fn encode<E: Serialize>(recorded: &Recorded<E>) -> Bytes {
    serde_json::to_vec(recorded)
        .expect("an event always encodes")
        .into()
}
