//! What a room does while its store fails: commands wait for their patience to end, not longer, and
//! whoever only looks is served at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Room;
use super::recovery::is_hopeless;
use crate::room::SubmitError;
use crate::room::draft::{Draft, Pending};
use crate::rules::Machine;
use crate::store::StoreError;

/// Pause before a store that failed is asked again; doubled each time, up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const MAX_PAUSE: Duration = Duration::from_millis(500);
/// Attempts that fit into a command's patience at least, if the store answers at once.
const ATTEMPTS: u32 = 10;

/// The commands that wait for a store that fails, and why.
pub(in crate::room) struct Trouble<M: Machine> {
    waiting: Vec<Pending<M>>,
    error: Option<Arc<StoreError>>,
    /// Whether some of the commands may be in the log already.
    in_doubt: bool,
    asked_at: Instant,
    retry_at: Instant,
    pause: Duration,
    max_pause: Duration,
}

impl<M: Machine> Trouble<M> {
    /// None yet, for commands of this patience, which have to see more than one attempt.
    pub(in crate::room) fn none(patience: Duration) -> Self {
        Self {
            waiting: Vec::new(),
            error: None,
            in_doubt: false,
            asked_at: Instant::now(),
            retry_at: Instant::now(),
            pause: FIRST_PAUSE,
            max_pause: MAX_PAUSE.min(patience / ATTEMPTS),
        }
    }

    /// How many commands wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// When the first of them came.
    pub(super) fn asked(&self) -> Option<Instant> {
        self.waiting.iter().map(|it| it.asked).min()
    }

    /// Whether the store is not to be asked now.
    pub(super) fn holds(&self) -> bool {
        self.error.is_some() && Instant::now() < self.retry_at
    }

    /// Whether the log must be read before those who wait are tried again.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// The log was read.
    pub(super) fn settle(&mut self) {
        self.in_doubt = false;
    }

    /// Why the store failed the last time.
    pub(super) fn error(&self) -> Option<Arc<StoreError>> {
        self.error.clone()
    }

    /// The store is asked for something.
    pub(super) fn asks(&mut self) {
        self.asked_at = Instant::now();
    }

    /// The store works.
    pub(super) fn end(&mut self) {
        self.error = None;
        self.pause = FIRST_PAUSE;
    }

    /// The commands, to be tried again.
    pub(super) fn take(&mut self) -> Vec<Pending<M>> {
        std::mem::take(&mut self.waiting)
    }

    /// Lets commands wait behind those that do.
    pub(super) fn add(&mut self, waiting: Vec<Pending<M>>) {
        self.waiting.extend(waiting);
    }

    /// The store has failed; it is left alone for a while.
    pub(super) fn note(&mut self, error: StoreError) -> Arc<StoreError> {
        let error = Arc::new(error);
        self.error = Some(error.clone());
        // A store that fails slowly keeps the room from answering others.
        let pause = self.pause.max(self.asked_at.elapsed()).min(self.max_pause);
        self.retry_at = Instant::now() + pause;
        self.pause = self.max_pause.min(self.pause * 2);
        error
    }
}

impl<M: Machine> Room<M> {
    /// When something is to be done about those who wait, if anybody does.
    pub(super) fn trouble_at(&self) -> Option<Instant> {
        let patience = self.around.limits.patience;
        let first = self.trouble.asked()?;
        Some(self.trouble.retry_at.min(first + patience))
    }

    /// Lets commands wait until the store is asked again, but for those that do not need it.
    pub(super) fn wait(&mut self, new: Vec<Pending<M>>) {
        if self.around.store.is_shared() {
            return self.trouble.add(new);
        }
        for pending in new {
            let (state, now) = (self.replica.state(), self.replica.now());
            let draft = Draft::decide(state, now, &self.around, vec![pending]);
            if draft.records.is_empty() {
                self.settle(draft);
            } else {
                self.trouble.add(draft.into_pending());
            }
        }
    }

    /// Refuses those whose patience has ended and tries the others again.
    pub(super) async fn face_trouble(&mut self) {
        if let Some(error) = self.trouble.error() {
            self.refuse_overdue(&error);
        }
        if !self.trouble.holds() {
            self.commit(Vec::new()).await;
        }
    }

    /// The store has failed these commands; they wait if it may still do better in time.
    pub(super) fn suffer(&mut self, waiting: Vec<Pending<M>>, error: StoreError) {
        if is_hopeless(&error) {
            return self.refuse(waiting, &error.into());
        }
        self.trouble.add(waiting);
        self.trouble.in_doubt = true;
        let error = self.trouble.note(error);
        self.refuse_overdue(&error);
    }

    /// The log could not be read before these commands were decided; not every one needs it.
    pub(super) fn suffer_unread(&mut self, new: Vec<Pending<M>>, error: StoreError) {
        if is_hopeless(&error) {
            return self.refuse(new, &error.into());
        }
        self.suffer(Vec::new(), error);
        self.wait(new);
    }

    fn refuse_overdue(&mut self, error: &Arc<StoreError>) {
        let overdue = |it: &Pending<M>| it.asked + self.around.limits.patience <= Instant::now();
        let (over, waiting) = self.trouble.take().into_iter().partition(overdue);
        self.trouble.add(waiting);
        self.refuse(over, error);
    }

    /// Tells commands that the store has failed them; they may have come to pass all the same.
    pub(super) fn refuse(&self, waiting: Vec<Pending<M>>, error: &Arc<StoreError>) {
        if waiting.is_empty() {
            return;
        }
        let session = self.replica.session();
        tracing::error!(%session, error = error as &dyn std::error::Error, "commands were refused because the store failed");
        for pending in waiting {
            pending.refuse(SubmitError::Store(error.clone()));
        }
    }
}
