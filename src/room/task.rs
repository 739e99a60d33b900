//! The room's task: waits for commands, hints and deadlines, and does one thing at a time.

mod duties;
mod pace;
mod recovery;
mod settling;
mod trouble;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use self::recovery::is_hopeless;
pub(super) use self::trouble::Trouble;
use super::draft::{Draft, Pending};
use super::hints::Hints;
use super::replica::{Caught, Replica};
use super::{Look, SubmitError, Surroundings};
use crate::rules::{Machine, NodeId};
use crate::store::{Append, Batch, Hint, StoreError};

/// Longest sleep, so that a step of the wall clock is noticed.
const MAX_SLEEP: Duration = Duration::from_secs(30);
/// Pause before a log that could not be read is read again.
const READ_RETRY: Duration = Duration::from_secs(1);
/// Events worth a snapshot when a room goes to sleep.
const FOLD_ON_CLOSE: u64 = 64;

/// How long the store may take before a look shows what is known.
const LOOK_PATIENCE: Duration = Duration::from_millis(500);

/// The room's own lease and that of its door in the directory.
const OWN_LEASES: usize = 2;

/// What a room may be asked.
pub(super) enum Request<M: Machine> {
    /// Boxed: the queue holds room for many requests, also while there are none.
    Submit(Box<Pending<M>>),
    View(View<M>, Freshness),
    /// To act on its deadline, as the store has reminded it to.
    Wake,
}

/// Something that wants to see the state between two events.
pub(super) type View<M> = Box<dyn FnOnce(Result<Look<'_, M>, Arc<StoreError>>) + Send>;

/// How new the state has to be that is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// As the store has it now, or nothing.
    Present,
    /// As the store has it now, or as this node has last heard of it.
    Known,
    /// As this node has last heard of it; the store is not asked, and nobody is kept awake.
    Heard,
}

pub(super) struct Room<M: Machine> {
    pub(super) replica: Replica<M>,
    pub(super) around: Arc<Surroundings<M>>,
    pub(super) inbox: mpsc::Receiver<Request<M>>,
    pub(super) hints: Hints,
    pub(super) whispers: Option<broadcast::Receiver<Bytes>>,
    /// What waits for a store that fails.
    pub(super) trouble: Trouble<M>,
    /// Held by everybody who needs the room in memory.
    pub(super) lease: Arc<()>,
    /// When to look again for seats of dead nodes, if that could not be told before.
    pub(super) mourn_at: Option<Instant>,
    /// Who is alive.
    pub(super) living: watch::Receiver<Arc<HashSet<NodeId>>>,
    pub(super) stop: CancellationToken,
    pub(super) idle_since: Instant,
    pub(super) not_before: Instant,
    /// When those who are many may be told something again.
    pub(super) not_told_before: Instant,
}

impl<M: Machine> Room<M> {
    /// What is rare or passes is boxed: the memory of what is left is held for as long as the room is.
    pub(super) async fn run(&mut self) {
        // Before anybody sees them.
        Box::pin(self.mourn()).await;
        loop {
            let wake = self.wake_at();
            tokio::select! {
                () = self.stop.cancelled() => break,
                request = self.inbox.recv() => match request {
                    Some(request) => self.serve(request).await,
                    None => break,
                },
                hint = self.hints.next() => Box::pin(self.follow(hint)).await,
                words = next_whisper(&mut self.whispers) => self.overhear(&words),
                Ok(()) = self.living.changed() => Box::pin(self.mourn()).await,
                () = time::sleep_until(wake) => {
                    Box::pin(self.attend()).await;
                    if self.is_idle() {
                        break;
                    }
                }
            }
        }
        Box::pin(self.close()).await;
    }

    /// Does what was put off until now.
    async fn attend(&mut self) {
        if self.trouble_at().is_some_and(|at| at <= Instant::now()) {
            self.face_trouble().await;
        }
        if self.mourn_at.is_some_and(|at| at <= Instant::now()) {
            self.mourn().await;
        }
        // A failure is logged already, and what is due stays due.
        let _ = self.act_on_deadline().await;
    }

    fn wake_at(&self) -> Instant {
        let now = Instant::now();
        let deadline = self.replica.state().deadline(&self.around.policy);
        let due = deadline.map(|(at, _)| now + at.since(self.replica.now()).min(MAX_SLEEP));
        let idle = self.idle_since + self.around.limits.idle;
        let look = if idle > now {
            idle
        } else if self.is_idle() {
            now
        } else {
            // A room that is idle but held looks again later.
            now + MAX_SLEEP
        };
        let due = due.map_or(look, |due| due.max(self.not_before).min(look));
        let soonest = [self.mourn_at, self.trouble_at()];
        soonest.into_iter().flatten().fold(due, Instant::min)
    }

    async fn serve(&mut self, first: Request<M>) {
        self.gather().await;
        let mut waiting = Vec::new();
        let mut next = Some(first);
        let mut count = 0;
        // Whoever is served here asked before, so one look into the store is enough for all.
        let mut looked = false;
        while let Some(request) = next {
            if !matches!(request, Request::View(_, Freshness::Heard)) {
                self.idle_since = Instant::now();
            }
            match request {
                Request::Submit(pending) if self.trouble.waiting() >= self.around.limits.inbox => {
                    pending.refuse(SubmitError::Busy);
                }
                Request::Submit(pending) => waiting.push(*pending),
                Request::View(view, freshness) => {
                    self.commit(std::mem::take(&mut waiting)).await;
                    self.show(view, freshness, &mut looked).await;
                }
                Request::Wake => {
                    self.commit(std::mem::take(&mut waiting)).await;
                    Box::pin(self.wake()).await;
                }
            }
            count += 1;
            let more = count < self.around.limits.batch;
            next = more.then(|| self.inbox.try_recv().ok()).flatten();
        }
        self.commit(waiting).await;
        self.dispatch();
        self.fold_if_long().await;
    }

    async fn show(&mut self, view: View<M>, freshness: Freshness, looked: &mut bool) {
        let asks = freshness != Freshness::Heard && self.around.store.is_shared();
        if asks && !*looked {
            let failure = match self.trouble.error().filter(|_| self.trouble.holds()) {
                Some(error) => Some(error),
                None => Box::pin(self.catch_up_for(freshness)).await.err(),
            };
            match failure {
                None => *looked = true,
                Some(error) if freshness == Freshness::Present => return view(Err(error)),
                Some(_) => {}
            }
        }
        view(Ok(self.replica.look()));
    }

    /// Whoever is content with what is known is not kept waiting for a silent store.
    async fn catch_up_for(&mut self, freshness: Freshness) -> Result<(), Arc<StoreError>> {
        let patience = match freshness {
            Freshness::Present => self.around.limits.patience,
            Freshness::Known | Freshness::Heard => LOOK_PATIENCE,
        };
        self.trouble.asks();
        let caught = time::timeout(patience, self.catch_up()).await;
        match caught.unwrap_or_else(|late| Err(StoreError::unavailable(late))) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.trouble.note(error)),
        }
    }

    /// Decides, appends, applies and answers, until it is done or the store fails.
    async fn commit(&mut self, new: Vec<Pending<M>>) {
        if self.trouble.holds() {
            return self.wait(new);
        }
        let mut looked = !self.around.store.is_shared();
        if self.trouble.is_in_doubt() || self.hints.present_doubt().is_some() {
            let asked = new.iter().map(|it| it.asked).chain(self.trouble.asked());
            let limit = asked.min().unwrap_or_else(Instant::now) + self.around.limits.patience;
            self.trouble.asks();
            let caught = time::timeout_at(limit, Box::pin(self.catch_up())).await;
            if let Err(error) = caught.unwrap_or_else(|late| Err(StoreError::unavailable(late))) {
                return self.suffer_unread(new, error);
            }
            looked = true;
        }
        let mut waiting = self.trouble.take();
        waiting.extend(new);
        while !waiting.is_empty() {
            let (state, now) = (self.replica.state(), self.replica.now());
            let mut draft = Draft::decide(state, now, &self.around, waiting);
            if draft.records.is_empty() && looked {
                return self.settle(draft);
            }
            let failure = if draft.records.is_empty() {
                // A refusal rests on what is so, not on what this node has heard of so far.
                None
            } else {
                let asked = draft.asked();
                match self.append(draft.take_batch(), asked).await {
                    Ok(Append::Committed(end)) => {
                        self.trouble.end();
                        self.replica.landed(end);
                        return self.settle(draft);
                    }
                    Ok(Append::Conflict) => None,
                    Err(error) => Some(error),
                }
            };
            waiting = Box::pin(self.recover(draft, failure)).await;
            looked = true;
        }
    }

    /// Appends a batch, but waits no longer than a command can that was asked for at `asked`.
    async fn append(&mut self, batch: Batch, asked: Instant) -> Result<Append, StoreError> {
        let started = Instant::now();
        let limit = asked + self.around.limits.patience;
        self.trouble.asks();
        let appended = time::timeout_at(limit, self.replica.append(batch)).await;
        let appended = appended.unwrap_or_else(|late| Err(StoreError::unavailable(late)));
        self.around
            .metrics
            .append_seconds
            .observe(started.elapsed().as_secs_f64());
        appended
    }

    async fn catch_up(&mut self) -> Result<Caught<M::Event>, StoreError> {
        let doubt = self.hints.present_doubt();
        let caught = match doubt {
            Some(_) => self.replica.catch_up_warily().await?,
            None => self.replica.catch_up().await?,
        };
        if let Some(hint) = doubt {
            self.hints.settle(hint);
        }
        self.trouble.settle();
        match &caught {
            Caught::Up(missed) => {
                self.apply_all(missed);
                let waiting = self.trouble.take();
                let waiting = self.answer_landed(waiting, &caught);
                self.trouble.add(waiting);
            }
            Caught::Anew => {
                // Whether those who wait are part of what was read cannot be told.
                if let Some(error) = self.trouble.error() {
                    let waiting = self.trouble.take();
                    self.refuse(waiting, &error);
                }
                let session = self.replica.session();
                tracing::warn!(%session, "the log was rewound; every connection gets a fresh snapshot");
                self.around
                    .deliveries
                    .iter()
                    .for_each(|delivery| delivery.resync(session));
            }
        }
        Ok(caught)
    }

    async fn follow(&mut self, hint: Hint) {
        if !self.hints.doubts(hint) && !self.replica.is_surprised_by(hint.end) {
            return;
        }
        if self.trouble.holds() {
            return self.hints.repeat_after(READ_RETRY);
        }
        self.trouble.asks();
        match self.catch_up().await {
            Ok(_) => self.hints.settle(hint),
            Err(error) => {
                let error = self.trouble.note(error);
                let session = self.replica.session();
                tracing::warn!(%session, error = &error as &dyn std::error::Error, "could not read the log");
                if !is_hopeless(&error) {
                    self.hints.repeat_after(READ_RETRY);
                }
            }
        }
    }

    fn overhear(&mut self, words: &[u8]) {
        let look = self.replica.look();
        for delivery in &self.around.deliveries {
            delivery.overhear(self.replica.session(), &look, words);
        }
        self.dispatch();
    }

    fn is_idle(&self) -> bool {
        let unused = Arc::strong_count(&self.lease) <= OWN_LEASES;
        let idle = self.inbox.is_empty() && self.trouble.waiting() == 0;
        unused && idle && self.idle_since.elapsed() >= self.around.limits.idle
    }

    async fn fold_if_long(&mut self) {
        if self.replica.unfolded() >= self.around.limits.fold_every {
            Box::pin(self.fold()).await;
        }
    }

    async fn fold(&mut self) {
        if let Err(error) = self.replica.fold().await {
            let session = self.replica.session();
            tracing::warn!(%session, error = &error as &dyn std::error::Error, "could not fold the log");
        }
    }

    /// Serves whoever got in before the door closed, then leaves the state to the log.
    async fn close(&mut self) {
        self.inbox.close();
        while let Some(request) = self.inbox.recv().await {
            self.serve(request).await;
        }
        while let Some(at) = self.trouble_at() {
            time::sleep_until(at).await;
            self.face_trouble().await;
        }
        let forgettable_at = self.replica.state().forgettable_at(&self.around.policy);
        if self.replica.unfolded() >= FOLD_ON_CLOSE && self.replica.now() < forgettable_at {
            self.fold().await;
        }
    }
}

/// The next words of another node. Those that were missed are not missed by anybody.
async fn next_whisper(whispers: &mut Option<broadcast::Receiver<Bytes>>) -> Bytes {
    use broadcast::error::RecvError;
    while let Some(words) = whispers {
        match words.recv().await {
            Ok(words) => return words,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => *whispers = None,
        }
    }
    std::future::pending().await
}
