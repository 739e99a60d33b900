//! Which rooms are in memory: opens them on demand, shares them, and lets them go.

mod asking;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OnceCell, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::hints::Hints;
use super::replica::Replica;
use super::task::{Request, Room, Trouble};
use super::{SubmitError, Surroundings};
use crate::rules::{Actor, CommandId, Machine, SessionId};
use crate::store::StoreError;

/// Pause before a session that could not be read is read again.
const LOAD_PAUSE: Duration = Duration::from_millis(100);

/// The rooms of one kind on this node.
pub struct Directory<M: Machine> {
    around: Arc<Surroundings<M>>,
    slots: Mutex<HashMap<SessionId, Slot<M>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// A room that is there or being opened.
type Slot<M> = Arc<OnceCell<Door<M>>>;

struct Door<M: Machine> {
    requests: mpsc::Sender<Request<M>>,
    lease: Arc<()>,
    /// Cancelled when the room's task is over, however it ended.
    ended: CancellationToken,
}

impl<M: Machine> Clone for Door<M> {
    fn clone(&self) -> Self {
        Self {
            requests: self.requests.clone(),
            lease: self.lease.clone(),
            ended: self.ended.clone(),
        }
    }
}

/// What a session is that is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absent {
    /// Nothing.
    Unknown,
    /// One that may begin.
    Begins,
}

/// Keeps a room in memory for as long as it is held.
#[derive(Clone, Debug)]
pub struct Lease(#[expect(dead_code, reason = "held for its reference count")] Arc<()>);

/// A command, who gives it, and the id that its events will carry as their cause.
#[derive(Clone, Debug)]
pub struct Order<M: Machine> {
    /// Who gives it.
    pub actor: Actor,
    /// Its id.
    pub cause: CommandId,
    /// The command.
    pub command: M::Command,
    /// When whoever gives it looks at what it has led to.
    looks: Moment,
}

/// When somebody looks at what a command has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Right after it, before any later event.
    Next,
    /// After all commands of the step, once everybody has been told.
    Last,
}

impl<M: Machine> Order<M> {
    /// A command under a new id.
    #[must_use]
    pub fn new(actor: Actor, command: M::Command) -> Self {
        Self {
            actor,
            cause: CommandId::new(Uuid::now_v7()),
            command,
            looks: Moment::Next,
        }
    }

    /// The same for somebody who looks last: of many at the same time, everybody is told once, and before
    /// any of them looks, who then maybe sees some later events, too.
    #[must_use]
    pub fn looking_last(mut self) -> Self {
        self.looks = Moment::Last;
        self
    }
}

type Error<M> = SubmitError<<M as Machine>::Rejection>;

impl<M: Machine> Directory<M> {
    /// A directory without rooms.
    #[must_use]
    pub fn new(around: Surroundings<M>) -> Arc<Self> {
        Arc::new(Self {
            around: Arc::new(around),
            slots: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }

    /// What all its rooms share.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings<M> {
        &self.around
    }

    /// How many rooms are in memory.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.slots().len()
    }

    /// Keeps the session's room in memory until the lease is dropped.
    ///
    /// # Errors
    /// As [`Directory::view`].
    pub async fn lease(self: &Arc<Self>, session: SessionId) -> Result<Lease, Error<M>> {
        self.hold(session, Absent::Unknown).await
    }

    async fn hold(self: &Arc<Self>, session: SessionId, absent: Absent) -> Result<Lease, Error<M>> {
        loop {
            let door = self.open(session, absent).await?;
            if !door.requests.is_closed() {
                return Ok(Lease(door.lease));
            }
            self.outlive(session, &door).await;
        }
    }

    /// Ends all rooms after they have answered whoever is waiting.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn ask(
        self: &Arc<Self>,
        session: SessionId,
        request: Request<M>,
    ) -> Result<(), Error<M>> {
        let mut request = request;
        loop {
            let door = self.open(session, Absent::Unknown).await?;
            request = match door.requests.try_send(request) {
                Ok(()) => return Ok(()),
                Err(mpsc::error::TrySendError::Full(_)) => return Err(SubmitError::Busy),
                Err(mpsc::error::TrySendError::Closed(request)) => request,
            };
            if self.stop.is_cancelled() {
                return Err(SubmitError::Busy);
            }
            self.outlive(session, &door).await;
        }
    }

    /// Waits for a room that takes no more requests to end. Before that its successor must not be
    /// opened: both would hand the last events to the session's connections.
    async fn outlive(&self, session: SessionId, door: &Door<M>) {
        door.ended.cancelled().await;
        self.forget(session, &door.lease);
    }

    async fn open(
        self: &Arc<Self>,
        session: SessionId,
        absent: Absent,
    ) -> Result<Door<M>, Error<M>> {
        let slot = self.slots().entry(session).or_default().clone();
        if let Some(door) = slot.get() {
            return Ok(door.clone());
        }
        // Boxed, because every asker would have room for a load in its memory.
        let load = || Box::pin(self.load(session, absent));
        let opened = slot.get_or_try_init(load).await.cloned();
        if opened.is_err() {
            self.forget_unopened(session, &slot);
        }
        opened
    }

    async fn load(
        self: &Arc<Self>,
        session: SessionId,
        absent: Absent,
    ) -> Result<Door<M>, Error<M>> {
        let store = || self.around.store.clone();
        let replica = self.load_replica(session).await;
        let replica = match (replica.map_err(store_error::<M>)?, absent) {
            (Some(replica), _) => replica,
            (None, Absent::Begins) => Replica::unborn(session, store()),
            (None, Absent::Unknown) => return Err(SubmitError::UnknownSession),
        };
        self.spawn(replica).await.map_err(store_error::<M>)
    }

    /// Reads a session, with the patience that its commands have.
    async fn load_replica(&self, session: SessionId) -> Result<Option<Replica<M>>, StoreError> {
        let give_up = Instant::now() + self.around.limits.patience;
        loop {
            let loaded = Replica::load(session, self.around.store.clone()).await;
            let unavailable = matches!(loaded, Err(StoreError::Unavailable(_)));
            let in_time = Instant::now() + LOAD_PAUSE < give_up;
            if !unavailable || !in_time || self.stop.is_cancelled() {
                return loaded;
            }
            tokio::time::sleep(LOAD_PAUSE).await;
        }
    }

    async fn spawn(self: &Arc<Self>, replica: Replica<M>) -> Result<Door<M>, StoreError> {
        let session = replica.session();
        let hints = self.around.store.watch(session).await?;
        let (requests, inbox) = mpsc::channel(self.around.limits.inbox);
        let lease = Arc::new(());
        let mut room = Room {
            replica,
            around: self.around.clone(),
            inbox,
            hints: Hints::new(hints),
            whispers: self.around.store.whispers(session),
            lease: lease.clone(),
            trouble: Trouble::none(self.around.limits.patience),
            mourn_at: None,
            living: self.around.nodes.living(),
            stop: self.stop.clone(),
            idle_since: Instant::now(),
            not_before: Instant::now(),
            not_told_before: Instant::now(),
        };
        let (directory, held) = (Arc::downgrade(self), Arc::downgrade(&lease));
        self.around.metrics.rooms.inc();
        let metrics = self.around.metrics.clone();
        let ended = CancellationToken::new();
        let over = ended.clone().drop_guard();
        self.tasks.spawn(async move {
            let _over = over;
            room.run().await;
            metrics.rooms.dec();
            if let (Some(directory), Some(lease)) = (directory.upgrade(), held.upgrade()) {
                directory.forget(session, &lease);
            }
        });
        Ok(Door {
            requests,
            lease,
            ended,
        })
    }

    /// Takes a room that has ended out of the directory, unless a successor is there already.
    fn forget(&self, session: SessionId, lease: &Arc<()>) {
        let mut slots = self.slots();
        let door = slots.get(&session).and_then(|slot| slot.get());
        if door.is_some_and(|door| Arc::ptr_eq(&door.lease, lease)) {
            slots.remove(&session);
        }
    }

    fn forget_unopened(&self, session: SessionId, slot: &Slot<M>) {
        let mut slots = self.slots();
        let unopened = |known: &Slot<M>| Arc::ptr_eq(known, slot) && !known.initialized();
        if slots.get(&session).is_some_and(unopened) {
            slots.remove(&session);
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<SessionId, Slot<M>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn store_error<M: Machine>(error: StoreError) -> Error<M> {
    SubmitError::Store(Arc::new(error))
}
