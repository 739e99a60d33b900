//! What can be done with a clock, whoever asks: REST and Socket.IO differ only in how they answer.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::failure::{Failure, Verb};
use super::limits::Limits;
use super::{log_of, validate};
use crate::room::{Directory, SubmitError};
use crate::rules::Actor;
use crate::rules::turns::{Clock, Command, Rejection, Turns};

/// Commands clocks and shows them.
pub struct TurnsDesk {
    /// The clocks.
    pub rooms: Arc<Directory<Turns>>,
    /// How much may be asked for.
    pub limits: Limits,
}

/// What a switch is to do.
#[derive(Clone, Debug)]
pub struct Switch {
    /// Whose turn it is next; that of the next in the order if unset.
    pub next: Option<String>,
    /// The version the switch is meant for; any if unset.
    pub version: Option<u64>,
    /// When it came.
    pub arrived: Instant,
}

impl TurnsDesk {
    /// A desk for these clocks.
    #[must_use]
    pub fn new(rooms: Arc<Directory<Turns>>, limits: Limits) -> Arc<Self> {
        Arc::new(Self { rooms, limits })
    }

    /// Makes the clock that the body of 2.3 describes.
    ///
    /// # Errors
    /// The contract's refusal.
    pub async fn create<R: Send + 'static>(
        &self,
        body: &Value,
        look: impl FnOnce(&Clock) -> R + Send + 'static,
    ) -> Result<R, Failure> {
        let plan = validate::plan(body).map_err(|issues| Failure::issues(&issues))?;
        if let Some(id) = validate::duplicate(&plan) {
            return Err(Failure::invalid(format!("Duplicate participant_id: {id}")));
        }
        let (id, log) = (plan.id.clone(), log_of(&plan.id));
        let command = Command::Create(Box::new(plan));
        let created = self
            .rooms
            .begin(log, command, |seen| seen.state.clock.as_ref().map(look));
        let created = created.await;
        let created = created.map_err(|error| Failure::of(&error, &id, Verb::Other))?;
        created.ok_or_else(|| Failure::unknown(&id))
    }

    /// Shows a clock.
    ///
    /// # Errors
    /// The contract's refusal.
    pub async fn show<R: Send + 'static>(
        &self,
        id: &str,
        look: impl FnOnce(&Clock) -> R + Send + 'static,
    ) -> Result<R, Failure> {
        let policy = self.rooms.surroundings().policy.clone();
        let shown = self.rooms.glance(log_of(id), move |seen| {
            seen.state.clock_at(seen.now, &policy).map(look)
        });
        let shown = shown.await;
        let shown = shown.map_err(|error| Failure::of(&error, id, Verb::Other))?;
        shown.ok_or_else(|| Failure::unknown(id))
    }

    /// Removes a clock; whoever waits for one that never was is let go, too.
    ///
    /// # Errors
    /// The contract's refusal.
    pub async fn delete(&self, id: &str) -> Result<(), Failure> {
        let command = Command::Delete { id: id.to_owned() };
        let deleted = self.rooms.begin(log_of(id), command, |_| ());
        let deleted = deleted.await;
        deleted.map_err(|error| Failure::of(&error, id, Verb::Other))
    }

    /// Gives a command.
    ///
    /// # Errors
    /// The contract's refusal.
    pub async fn give<R: Send + 'static>(
        &self,
        id: &str,
        (command, verb): (Command, Verb),
        look: impl FnOnce(&Clock) -> R + Send + 'static,
    ) -> Result<R, Failure> {
        let done = self.submit(id, command, look).await;
        done.map_err(|error| Failure::of(&error, id, verb))
    }

    /// Ends the running turn.
    ///
    /// # Errors
    /// The contract's refusal.
    pub async fn switch<R: Send + 'static>(
        &self,
        id: &str,
        switch: Switch,
        look: impl FnOnce(&Clock) -> R + Send + 'static,
    ) -> Result<R, Failure> {
        let command = Command::Switch {
            next: switch.next.clone(),
            version: switch.version,
        };
        let error = match self.submit(id, command, look).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if let (SubmitError::Rejected(Rejection::ParticipantUnknown), Some(next)) =
            (&error, &switch.next)
        {
            return Err(Failure::unknown_participant(next));
        }
        let conflict = self.overtaken(id, &error, switch.arrived).await;
        Err(conflict.unwrap_or_else(|| Failure::of(&error, id, Verb::Switch)))
    }

    /// A switch that others were always ahead of, or that came before anybody knew that the clock
    /// runs no more, has lost a race, and is told so (3.8).
    async fn overtaken(
        &self,
        id: &str,
        error: &SubmitError<Rejection>,
        arrived: Instant,
    ) -> Option<Failure> {
        let contended = matches!(error, SubmitError::Contended);
        let raced = matches!(error, SubmitError::Rejected(Rejection::WrongStatus(_)));
        if !contended && !raced {
            return None;
        }
        let changed = self.rooms.view(log_of(id), move |look| {
            let clock = look.state.clock.as_ref()?;
            (contended || look.changed_at > arrived).then_some(clock.version)
        });
        let actual = changed.await.ok().flatten()?;
        let expected = actual.saturating_sub(1);
        let outdated = SubmitError::Rejected(Rejection::Outdated { expected, actual });
        Some(Failure::of(&outdated, id, Verb::Switch))
    }

    async fn submit<R: Send + 'static>(
        &self,
        id: &str,
        command: Command,
        look: impl FnOnce(&Clock) -> R + Send + 'static,
    ) -> Result<R, SubmitError<Rejection>> {
        let done = self
            .rooms
            .submit_then(log_of(id), Actor::System, command, |seen| {
                seen.state.clock.as_ref().map(look)
            });
        done.await?.ok_or(SubmitError::UnknownSession)
    }
}
