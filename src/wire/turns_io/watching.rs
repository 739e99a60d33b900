//! Watching clocks: a socket is shown the state and joins the room between two changes, so that it
//! sees every later one and none twice.

use std::sync::Arc;

use serde_json::Value;

use super::conversation::Conversation;
use super::frames;
use crate::room::{Look, now};
use crate::rules::Version;
use crate::rules::ids::SessionId;
use crate::rules::turns::Turns;
use crate::wire::socketio::{Ack, Backoff, Undelivered, emit};
use crate::wire::turns::failure::{Code, Failure, Verb};
use crate::wire::turns::log_of;
use crate::wire::turns::validate::events;

/// How a socket that begins to watch a clock is shown its state.
#[derive(Clone)]
pub(super) enum Welcome {
    /// In the acknowledgement, if it asked for one.
    Answer(Arc<Option<Ack>>),
    /// By an event, if there is a clock.
    Event,
}

impl Conversation {
    /// Watches the clock that the handshake names.
    pub(super) async fn greet(&self, named: &Value) -> Result<(), Failure> {
        let payload = serde_json::json!({ "sessionId": named });
        let id = events::session(&payload).map_err(|issues| Failure::issues(&issues))?;
        self.watch(id, Welcome::Event).await
    }

    /// Watches a clock, whether there is one or not.
    pub(super) async fn watch(&self, id: String, welcome: Welcome) -> Result<(), Failure> {
        let (log, id): (_, Arc<str>) = (log_of(&id), id.into());
        let failed = |error| Failure::of(&error, &id, Verb::Other);
        let lease = self.rooms().await_session(log).await.map_err(failed)?;
        let holder = &self.speaker.link.holder;
        if !holder.watch(log, id.clone(), lease, self.turns.max_watched) {
            let message = "Too many sessions joined";
            return Err(Failure::new(Code::TooManySessions, message));
        }
        let mut backoff = Backoff::default();
        while self.speaker.is_there() {
            let (socket, id, welcome) = (self.speaker.socket.clone(), id.clone(), welcome.clone());
            let (delivery, link) = (self.turns.delivery.clone(), self.speaker.link.clone());
            let policy = self.rooms().surroundings().policy.clone();
            let shown = self.rooms().view(log, move |look: Look<'_, Turns>| {
                let clock = look.state.clock_at(look.now, &policy);
                let mut told = vec![frames::joined(&id, now())];
                if let (Welcome::Event, Some(clock)) = (&welcome, clock) {
                    told.push(frames::state(clock, now()));
                }
                emit(&socket, &told)?;
                if let Welcome::Answer(ack) = &welcome
                    && let Some(ack) = ack.as_ref()
                {
                    ack.answer(&frames::watching(&id, clock, now()))?;
                }
                delivery.join(log, &socket, &link);
                Ok(())
            });
            match shown.await {
                Ok(Err(Undelivered::Full)) => backoff.pause().await,
                Ok(_) => break,
                Err(error) => {
                    holder.forget(log);
                    return Err(failed(error));
                }
            }
        }
        Ok(())
    }

    /// Watches a clock no more.
    pub(super) fn unwatch(&self, id: &str) {
        let log = log_of(id);
        self.turns.delivery.leave(log, &self.speaker.link);
        self.speaker.link.holder.forget(log);
    }

    /// Shows a clock anew as soon as the client has read what it was sent before.
    pub(super) async fn show_again(&self, log: SessionId) {
        let mut backoff = Backoff::default();
        while self.speaker.is_there() {
            backoff.pause().await;
            let link = self.speaker.link.clone();
            let Some(id) = link.holder.id_of(log) else {
                return;
            };
            let (socket, delivery) = (self.speaker.socket.clone(), self.turns.delivery.clone());
            let shown = self.rooms().view(log, move |look: Look<'_, Turns>| {
                match &look.state.clock {
                    Some(clock) => {
                        emit(&socket, &[frames::state(clock, now())])?;
                        delivery.join(log, &socket, &link);
                    }
                    // There was never a clock here: what was missed came from another server.
                    None if look.version == Version(0) => delivery.join(log, &socket, &link),
                    None => {
                        emit(&socket, &[frames::deleted(&id, now())])?;
                        link.holder.forget(log);
                    }
                }
                Ok(())
            });
            if !matches!(shown.await, Ok(Err(Undelivered::Full)) | Err(_)) {
                return;
            }
        }
    }
}
