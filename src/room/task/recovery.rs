//! How a room goes on when an append has not come through.

use std::sync::Arc;

use tokio::time::Instant;

use super::Room;
use crate::room::SubmitError;
use crate::room::draft::{Draft, Pending};
use crate::rules::Machine;
use crate::store::StoreError;

/// How to go on after an append that did not succeed.
pub(super) enum Recovery<M: Machine> {
    Again(Vec<Pending<M>>),
    Pause(Vec<Pending<M>>),
}

/// Whether the store will fail in the same way for ever.
pub(super) fn is_hopeless(error: &StoreError) -> bool {
    matches!(error, StoreError::Damaged { .. } | StoreError::Foreign(_))
}

impl<M: Machine> Room<M> {
    /// After a conflict or a failure: reads the log, which tells what has really happened.
    pub(super) async fn recover(
        &mut self,
        draft: Draft<M>,
        failure: Option<StoreError>,
        give_up: Instant,
    ) -> Recovery<M> {
        let caught = match self.catch_up().await {
            Ok(caught) => caught,
            Err(error) => return self.despair(draft, failure.unwrap_or(error), give_up),
        };
        let landed = |pending: &Pending<M>| caught.includes(pending.cause);
        let (done, waiting): (Vec<_>, Vec<_>) = draft.into_pending().into_iter().partition(landed);
        for pending in done {
            (pending.answer)(Ok(self.replica.look()));
        }
        match failure {
            None if Instant::now() >= give_up => self.concede(waiting),
            None => Recovery::Again(waiting),
            Some(error) if is_hopeless(&error) || Instant::now() >= give_up => {
                self.refuse(waiting, error)
            }
            Some(_) => Recovery::Pause(waiting),
        }
    }

    fn despair(&self, draft: Draft<M>, error: StoreError, give_up: Instant) -> Recovery<M> {
        if is_hopeless(&error) || Instant::now() >= give_up {
            return self.refuse(draft.into_pending(), error);
        }
        Recovery::Pause(draft.into_pending())
    }

    fn concede(&self, waiting: Vec<Pending<M>>) -> Recovery<M> {
        for pending in waiting {
            (pending.answer)(Err(SubmitError::Contended));
        }
        Recovery::Again(Vec::new())
    }

    fn refuse(&self, waiting: Vec<Pending<M>>, error: StoreError) -> Recovery<M> {
        let session = self.replica.session();
        tracing::error!(%session, error = &error as &dyn std::error::Error, "commands were refused because the store failed");
        let error = Arc::new(error);
        for pending in waiting {
            (pending.answer)(Err(SubmitError::Store(error.clone())));
        }
        Recovery::Again(Vec::new())
    }
}
