//! How a room goes on when an append has not come through.

use tokio::time::Instant;

use super::Room;
use crate::room::SubmitError;
use crate::room::draft::{Draft, Pending};
use crate::room::replica::Caught;
use crate::rules::Machine;
use crate::store::StoreError;

/// Whether the store will fail in the same way for ever.
pub(super) fn is_hopeless(error: &StoreError) -> bool {
    matches!(error, StoreError::Damaged { .. } | StoreError::Foreign(_))
}

impl<M: Machine> Room<M> {
    /// After a conflict or a failure. Returns the commands that are to be decided again at once.
    pub(super) async fn recover(
        &mut self,
        draft: Draft<M>,
        failure: Option<StoreError>,
    ) -> Vec<Pending<M>> {
        let failure = match failure {
            None => self.catch_up().await.err(),
            // The log, which tells what has really happened, is read when the store answers again.
            failure => failure,
        };
        let waiting = draft.into_pending();
        match failure {
            None => self.concede_overdue(waiting),
            Some(error) => {
                self.suffer(waiting, error);
                Vec::new()
            }
        }
    }

    /// Answers the commands whose append landed although nobody said so; returns the others.
    pub(super) fn answer_landed(
        &self,
        waiting: Vec<Pending<M>>,
        caught: &Caught<M::Event>,
    ) -> Vec<Pending<M>> {
        let landed = |pending: &Pending<M>| caught.includes(pending.cause);
        let (done, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(landed);
        for pending in done {
            pending.confirm(self.replica.look());
        }
        waiting
    }

    /// Gives up commands that others have been ahead of for too long.
    fn concede_overdue(&self, waiting: Vec<Pending<M>>) -> Vec<Pending<M>> {
        let patience = self.around.limits.patience;
        let overdue = |it: &Pending<M>| it.asked + patience <= Instant::now();
        let (over, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(overdue);
        for pending in over {
            pending.refuse(SubmitError::Contended);
        }
        waiting
    }
}
