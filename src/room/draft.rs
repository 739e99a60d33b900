//! A step of a room: commands decided one after the other, appended together.
//!
//! Later commands of a step are decided on a state that is not durable yet, so nobody is answered,
//! not even with a refusal, before the append has come through.

use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::replica::encode;
use super::{Look, Order, SubmitError, Surroundings};
use crate::rules::{Actor, CommandId, Context, Machine, Recorded, Timestamp};
use crate::store::{Batch, Echo};

/// Who is told the outcome of a command.
pub(super) enum Answer<M: Machine> {
    /// Somebody who wants to know no more than that, and waits until everybody has been told.
    Outcome(oneshot::Sender<Result<(), Refused<M>>>),
    /// Somebody who looks, inside the room's task, at the state right after the command.
    Look(Looker<M>),
    /// Somebody who looks at what all commands of a step have led to, once everybody has been told.
    LookLast(Looker<M>),
}

/// Looks at the state.
pub(super) type Looker<M> = Box<dyn FnOnce(Result<Look<'_, M>, Refused<M>>) + Send>;

/// Why there is nothing to look at.
pub(super) type Refused<M> = SubmitError<<M as Machine>::Rejection>;

/// A command that waits for its turn.
pub(super) struct Pending<M: Machine> {
    pub(super) actor: Actor,
    pub(super) command: M::Command,
    pub(super) cause: CommandId,
    pub(super) fresh: Uuid,
    /// When it came; its patience is counted from then on.
    pub(super) asked: Instant,
    pub(super) answer: Answer<M>,
}

impl<M: Machine> Pending<M> {
    pub(super) fn new(order: Order<M>, answer: Answer<M>) -> Self {
        let Order {
            actor,
            cause,
            command,
            ..
        } = order;
        Self {
            actor,
            command,
            cause,
            fresh: Uuid::new_v4(),
            asked: Instant::now(),
            answer,
        }
    }
}

impl<M: Machine> Pending<M> {
    /// Tells that the command has had no effect.
    pub(super) fn refuse(self, why: Refused<M>) {
        match self.answer {
            // An asker who has gone does not want to know.
            Answer::Outcome(asker) => drop(asker.send(Err(why))),
            Answer::Look(look) | Answer::LookLast(look) => look(Err(why)),
        }
    }

    /// Tells that the command is done, and shows what it has led to.
    pub(super) fn confirm(self, look: Look<'_, M>) {
        match self.answer {
            Answer::Outcome(asker) => drop(asker.send(Ok(()))),
            Answer::Look(looker) | Answer::LookLast(looker) => looker(Ok(look)),
        }
    }
}

/// Decided commands and the records they lead to.
pub(super) struct Draft<M: Machine> {
    pub(super) records: Vec<Recorded<M::Event>>,
    pub(super) outcomes: Vec<(Pending<M>, Outcome<M>)>,
    pub(super) forgettable_at: Timestamp,
    pub(super) wake_at: Timestamp,
    echoes: Vec<Echo>,
}

/// How a command was decided: the number of records it adds, or a refusal.
pub(super) type Outcome<M> = Result<usize, <M as Machine>::Rejection>;

impl<M: Machine> Draft<M> {
    pub(super) fn decide(
        state: &M,
        now: Timestamp,
        around: &Surroundings<M>,
        waiting: Vec<Pending<M>>,
    ) -> Self {
        let mut draft = Self {
            records: Vec::with_capacity(waiting.len()),
            outcomes: Vec::with_capacity(waiting.len()),
            forgettable_at: Timestamp::NEVER,
            wake_at: Timestamp::NEVER,
            echoes: Vec::new(),
        };
        let policy = &around.policy;
        let mut ahead: Option<M> = None;
        for pending in waiting {
            let Pending { actor, fresh, .. } = pending;
            let cx = Context {
                now,
                actor,
                fresh,
                policy,
            };
            let base = ahead.as_ref().unwrap_or(state);
            let outcome = base.decide(&cx, pending.command.clone());
            if let Ok(events) = &outcome
                && !events.is_empty()
            {
                let next = ahead.get_or_insert_with(|| state.clone());
                for event in events {
                    next.evolve(now, event);
                    if let Some(bridge) = &around.bridge {
                        draft.echo(bridge.echoes(now, event, next));
                    }
                }
            }
            draft.push(pending, now, outcome);
        }
        let end = ahead.as_ref().unwrap_or(state);
        draft.forgettable_at = end.forgettable_at(policy);
        if let Some((at, _)) = end.deadline(policy) {
            draft.wake_at = at;
        }
        draft
    }

    fn push(
        &mut self,
        pending: Pending<M>,
        at: Timestamp,
        outcome: Result<Vec<M::Event>, M::Rejection>,
    ) {
        let outcome = outcome.map(|events| {
            let cause = pending.cause;
            let count = events.len();
            let records = events
                .into_iter()
                .map(|event| Recorded { at, cause, event });
            self.records.extend(records);
            count
        });
        self.outcomes.push((pending, outcome));
    }

    /// Adds what others are shown; of a key they see only what it holds in the end.
    fn echo(&mut self, echoes: Vec<Echo>) {
        for echo in echoes {
            let stays = |former: &Echo| echo.key().is_none() || former.key() != echo.key();
            self.echoes.retain(stays);
            self.echoes.push(echo);
        }
    }

    /// What is to be appended; to be asked for once.
    pub(super) fn take_batch(&mut self) -> Batch {
        Batch {
            records: self.records.iter().map(encode).collect(),
            kind: M::KIND,
            wake_at: self.wake_at,
            forgettable_at: self.forgettable_at,
            patient: self.records.iter().all(|it| M::is_presence(&it.event)),
            echoes: std::mem::take(&mut self.echoes),
        }
    }

    /// When the first of the commands came.
    pub(super) fn asked(&self) -> Instant {
        let asked = self.outcomes.iter().map(|(pending, _)| pending.asked);
        asked.min().unwrap_or_else(Instant::now)
    }

    /// The commands, to be decided again.
    pub(super) fn into_pending(self) -> Vec<Pending<M>> {
        self.outcomes
            .into_iter()
            .map(|(pending, _)| pending)
            .collect()
    }
}
