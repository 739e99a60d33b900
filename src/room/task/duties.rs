//! What a room does by itself: it meets deadlines and gives up the seats of dead nodes.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Room;
use crate::room::draft::{Answer, Pending};
use crate::room::{Order, SubmitError};
use crate::rules::{Actor, Machine, Timestamp};

/// Pause before dead nodes are looked for again after that has failed.
const MOURNING_RETRY: Duration = Duration::from_secs(1);
/// Shortest pause before a deadline that could not be met is tried again.
const DEADLINE_RETRY: Duration = Duration::from_secs(1);

/// A command of the room's own is not done: the store fails.
pub(super) struct Unsettled;

impl<M: Machine> Room<M> {
    /// Gives up the seats of dead nodes.
    pub(super) async fn mourn(&mut self) {
        self.mourn_at = None;
        let known = self.living.borrow_and_update().clone();
        let state = self.replica.state();
        if state.bereaved(&|node| known.contains(&node)).is_none() {
            return;
        }
        let Some(living) = self.around.nodes.confirm().await else {
            self.mourn_at = Some(Instant::now() + MOURNING_RETRY);
            return;
        };
        let command = self
            .replica
            .state()
            .bereaved(&|node| living.contains(&node));
        if let Some(command) = command {
            // A failure is logged already, and the next node that opens the room tries again.
            let _ = self.submit_as_system(command).await;
        }
    }

    /// Does what is due; whether the store has failed.
    pub(super) async fn act_on_deadline(&mut self) -> Result<(), Unsettled> {
        if self.trouble.waiting() > 0 {
            self.not_before = Instant::now() + DEADLINE_RETRY;
            return Err(Unsettled);
        }
        let deadline = self.replica.state().deadline(&self.around.policy);
        let Some((_, command)) = deadline.filter(|&(at, _)| at <= self.replica.now()) else {
            return Ok(());
        };
        let before = self.replica.version();
        let acted = self.submit_as_system(command).await;
        if self.replica.version() == before {
            self.not_before = Instant::now() + DEADLINE_RETRY;
        }
        acted
    }

    /// Does what is due; if that changes nothing, tells the store when to remind it again.
    pub(super) async fn wake(&mut self) {
        let before = self.replica.version();
        if self.act_on_deadline().await.is_err() || self.replica.version() != before {
            return;
        }
        let deadline = self.replica.state().deadline(&self.around.policy);
        // What is due but changes nothing will change nothing before the next event.
        let later = deadline.filter(|&(at, _)| at > self.replica.now());
        let wake_at = later.map_or(Timestamp::NEVER, |(at, _)| at);
        if let Err(error) = self.replica.reschedule(wake_at).await {
            let session = self.replica.session();
            tracing::warn!(%session, error = &error as &dyn std::error::Error, "could not reschedule the session");
        }
    }

    /// Commits a command of the server's own; whether the store has failed.
    async fn submit_as_system(&mut self, command: M::Command) -> Result<(), Unsettled> {
        let (tell, mut told) = oneshot::channel();
        let order = Order::new(Actor::System, command);
        self.commit(vec![Pending::new(order, Answer::Outcome(tell))])
            .await;
        match told.try_recv() {
            // Nothing is told while the command waits for the store.
            Ok(Err(SubmitError::Store(_))) | Err(_) => Err(Unsettled),
            Ok(_) => Ok(()),
        }
    }
}
