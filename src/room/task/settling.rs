//! What has been appended becomes true: it is applied, told to everybody, and then answered.

use super::Room;
use crate::room::SubmitError;
use crate::room::draft::{Answer, Draft, Pending};
use crate::rules::{Machine, Recorded};

impl<M: Machine> Room<M> {
    /// Applies what was appended, each command's part before its answer.
    pub(super) fn settle(&mut self, draft: Draft<M>) {
        let mut records = draft.records.into_iter();
        let mut told = Vec::with_capacity(draft.outcomes.len());
        for (pending, outcome) in draft.outcomes {
            let outcome = outcome.map(|count| {
                let done: Vec<_> = records.by_ref().take(count).collect();
                self.publish(&done);
            });
            match &pending.answer {
                Answer::Outcome(_) | Answer::LookLast(_) => told.push((pending, outcome)),
                Answer::Look(_) => {
                    self.dispatch();
                    self.answer(pending, outcome);
                }
            }
        }
        self.dispatch();
        for (pending, outcome) in told {
            self.answer(pending, outcome);
        }
    }

    fn answer(&self, pending: Pending<M>, outcome: Result<(), M::Rejection>) {
        match outcome {
            Ok(()) => pending.confirm(self.replica.look()),
            Err(rejection) => pending.refuse(SubmitError::Rejected(rejection)),
        }
    }

    pub(super) fn apply_all(&mut self, records: &[Recorded<M::Event>]) {
        self.publish(records);
        self.dispatch();
    }

    fn publish(&mut self, mut records: &[Recorded<M::Event>]) {
        let session = self.replica.session();
        while let [first, rest @ ..] = records {
            let committed = self.replica.apply(first, rest);
            for delivery in &self.around.deliveries {
                delivery.publish(session, &committed);
            }
            records = rest;
        }
    }
}
