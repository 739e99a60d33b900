//! One socket's task: does what the client asks, in order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use socketioxide::extract::SocketRef;

use super::TurnsIo;
use super::events::ClientEvent;
use super::frames::{self, Answer};
use super::link::{Holder, Link};
use super::watching::Welcome;
use crate::metrics::EventLabels;
use crate::room::{Directory, now};
use crate::rules::turns::{Command, Turns};
use crate::wire::limits::Windows;
use crate::wire::socketio::{Ack, Heard, Inbound, Speaker, dismiss};
use crate::wire::turns::desk::Switch;
use crate::wire::turns::failure::{Code, Failure, Verb};
use crate::wire::turns::limits::EVENT_WINDOW;
use crate::wire::turns::validate::events;

/// One socket and what it has used of its limit.
pub(super) struct Conversation {
    pub(super) turns: Arc<TurnsIo>,
    pub(super) speaker: Speaker<Holder>,
    window: Windows<()>,
}

impl Conversation {
    pub(super) fn new(turns: Arc<TurnsIo>, socket: SocketRef, link: Arc<Link>) -> Self {
        Self {
            speaker: Speaker::new(socket, link, turns.draining.clone()),
            turns,
            window: Windows::of(EVENT_WINDOW, 1),
        }
    }

    pub(super) async fn run(self, named: Option<Value>) {
        let greeted = match &named {
            Some(named) => Box::pin(self.greet(named)).await,
            None => Ok(()),
        };
        match greeted {
            Ok(()) => self.converse().await,
            Err(failure) => self.refuse(ClientEvent::Join.name(), None, &failure).await,
        }
        let link = &self.speaker.link;
        for log in link.holder.watched() {
            self.turns.delivery.leave(log, link);
        }
        if self.speaker.socket.connected() && !self.turns.draining.is_cancelled() {
            dismiss::<Holder>(self.speaker.socket.clone());
        }
    }

    async fn converse(&self) {
        let link = &self.speaker.link;
        loop {
            tokio::select! {
                biased;
                () = self.turns.draining.cancelled() => return,
                heard = link.heard() => match heard {
                    Heard::Event(inbound) => Box::pin(self.handle(inbound)).await,
                    Heard::Behind(logs) => {
                        for log in logs {
                            Box::pin(self.show_again(log)).await;
                        }
                    }
                    Heard::Gone => return,
                }
            }
        }
    }

    async fn handle(&self, inbound: Inbound) {
        let Inbound {
            event: name,
            payload,
            ack,
        } = inbound;
        let event = ClientEvent::named(&name);
        let labels = EventLabels {
            event: event.map_or("other", ClientEvent::name),
        };
        let metrics = &self.rooms().surroundings().metrics;
        metrics.events_in.get_or_create(&labels).inc();
        let ack = Arc::new(ack);
        let outcome = match event {
            Some(event) => self.attend(event, &payload, &ack).await,
            None => self.count().and_then(|()| Err(unknown())),
        };
        if let Err(failure) = &outcome
            && failure.code == Code::RateLimit
        {
            metrics.rate_limited.get_or_create(&labels).inc();
        }
        let ack = Arc::into_inner(ack).flatten();
        match outcome {
            Ok(Some(answer)) => self.speaker.answer(ack, &answer).await,
            Ok(None) => {}
            Err(failure) => self.refuse(&name, ack, &failure).await,
        }
    }

    /// Does what an event asks for. Nothing is left to be answered if that has been done.
    async fn attend(
        &self,
        event: ClientEvent,
        payload: &Value,
        ack: &Arc<Option<Ack>>,
    ) -> Result<Option<Answer>, Failure> {
        if event == ClientEvent::Switch {
            return self.switch(payload).await.map(Some);
        }
        self.count()?;
        let desk = &self.turns.desk;
        let answer = match event {
            ClientEvent::Create => desk.create(payload, frames::with_state).await?,
            ClientEvent::Time => frames::time(now()),
            event => {
                let id = events::session(payload).map_err(|issues| Failure::issues(&issues))?;
                if event == ClientEvent::Join {
                    self.watch(id, Welcome::Answer(ack.clone())).await?;
                    return Ok(None);
                }
                self.attend_to(event, &id).await?
            }
        };
        Ok(Some(answer))
    }

    async fn attend_to(&self, event: ClientEvent, id: &str) -> Result<Answer, Failure> {
        let desk = &self.turns.desk;
        let command = match event {
            ClientEvent::Get => {
                let show = |clock: &_| frames::with_present_state(clock, now());
                return desk.show(id, show).await;
            }
            ClientEvent::Delete => return desk.delete(id).await.map(|()| frames::done()),
            ClientEvent::Start => (Command::Start, Verb::Start),
            ClientEvent::Pause => (Command::Pause, Verb::Pause),
            ClientEvent::Resume => (Command::Resume, Verb::Resume),
            ClientEvent::Complete => (Command::Complete, Verb::Other),
            _ => {
                self.unwatch(id);
                return Ok(frames::done());
            }
        };
        desk.give(id, command, frames::with_state).await
    }

    /// As over REST, a switch that cannot be read counts as any event, one that can as a switch.
    async fn switch(&self, payload: &Value) -> Result<Answer, Failure> {
        let arrived = Instant::now();
        let request = match events::switch(payload) {
            Ok(request) => request,
            Err(issues) => {
                self.count()?;
                return Err(Failure::issues(&issues));
            }
        };
        let desk = &self.turns.desk;
        if let Some(standing) = desk.limits.count_switch(&request.id).await {
            standing.check()?;
        }
        let switch = Switch {
            next: request.next,
            version: request.version,
            arrived,
        };
        desk.switch(&request.id, switch, frames::switched).await
    }

    fn count(&self) -> Result<(), Failure> {
        let standing = self.turns.desk.limits.count_event(&self.window);
        standing.map_or(Ok(()), |standing| standing.check())
    }

    async fn refuse(&self, event: &str, ack: Option<Ack>, failure: &Failure) {
        let metrics = &self.rooms().surroundings().metrics;
        metrics.reject(failure.code.name());
        if let Some(retry) = failure.retry {
            let wait: Duration = retry.after.0;
            self.speaker.send(&frames::rate_limit(event, wait)).await;
            self.speaker.answer(ack, &frames::refusal(failure)).await;
        } else if ack.is_some() {
            self.speaker.answer(ack, &frames::refusal(failure)).await;
        } else {
            self.speaker.send(&frames::error(event, failure)).await;
        }
    }

    pub(super) fn rooms(&self) -> &Arc<Directory<Turns>> {
        &self.turns.desk.rooms
    }
}

fn unknown() -> Failure {
    Failure::new(Code::NotFound, "Unknown event")
}
