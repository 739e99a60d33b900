//! What a joined client wants of its session. Whatever is refused is answered by showing the page
//! what is really the case (5.2), never by an error, which would switch it off.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::Instant;
use uuid::Uuid;

use super::conversation::Conversation;
use crate::room::{Look, Order, SubmitError};
use crate::rules::Actor;
use crate::rules::ids::{SessionId, StoryId, utf16_len};
use crate::rules::poker::command::StoryRef;
use crate::rules::poker::{Command, Poker, Rejection};
use crate::wire::poker::text::MAX_EMOJI;
use crate::wire::poker::whisper::Whisper;
use crate::wire::signal::frames::{News, Scene};
use crate::wire::signal::ids::Names;
use crate::wire::signal::message::{Topic, Unreadable, Wish};
use crate::wire::signal::objects::Shot;
use crate::wire::signal::pages;
use crate::wire::signal::port::{Deed, Port, Report};
use crate::wire::signal::settings::Proposal;

/// A page fires twice at the end of a countdown; the second time never opens anything (5.3).
const DOUBLE_FIRE: Duration = Duration::from_millis(800);

type Failed = SubmitError<Rejection>;

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// It changed the session.
    Changed,
    /// It was as if it had been done before.
    Unchanged,
    /// It was refused.
    Refused,
}

impl Conversation {
    pub(super) async fn fulfil(&mut self, port: &Arc<Port>, wish: Wish) {
        match wish {
            Wish::Vote { player_id, value } => {
                let own = player_id.as_deref() == Some(&*port.user_id);
                self.vote(port, value.filter(|_| own)).await;
            }
            Wish::Start(topic) => self.start(port, topic).await,
            Wish::Reveal => self.reveal(port).await,
            Wish::CountDown => {
                // A page whose countdown is refused runs it all the same, and is answered then.
                self.submit(port, Command::CountDown, Deed::Other).await;
            }
            Wish::Settings(payload) => self.settle(port, payload).await,
            Wish::Emoji { from, to, emoji } => {
                let own = from.as_deref() == Some(&*port.user_id);
                let thrown = to.zip(emoji).filter(|_| own);
                self.throw(port, thrown).await;
            }
            Wish::Leave(id) if id.as_deref() == Some(&*port.user_id) => self.leave().await,
            Wish::Leave(_) => {
                self.show(port, |_| vec![News::Session(Shot::Present)])
                    .await
            }
            Wish::Malformed => self.complain(Unreadable::Format),
        }
    }

    async fn vote(&self, port: &Arc<Port>, value: Option<String>) {
        let Some(value) = value else {
            return self.show_round(port).await;
        };
        let command = Command::PlayCard(value.clone());
        let (voter, delivery) = (port.clone(), self.signal.delivery.clone());
        let echo = move |session: SessionId, look: &Look<'_, Poker>| {
            if voter.waits() {
                delivery.echo_vote(scene(session, look), &voter, &value);
            }
        };
        let voted = self.submit_then(port, (command, Deed::Vote), echo).await;
        if voted == Done::Refused {
            self.show_round(port).await;
        }
    }

    async fn start(&self, port: &Arc<Port>, topic: Option<Topic>) {
        let done = match topic {
            Some(topic) => {
                let story = StoryId::new(Uuid::new_v4());
                let command = Command::StartRound { topic, story };
                self.submit(port, command, Deed::Other).await
            }
            None => Done::Refused,
        };
        if done == Done::Refused {
            self.show(port, pages::resync).await;
        }
    }

    async fn reveal(&mut self, port: &Arc<Port>) {
        let now = Instant::now();
        let last = self.revealed_at.replace(now);
        let doubled = last.is_some_and(|last| now - last < DOUBLE_FIRE);
        let round = self.look(|state| {
            let round = state.round.as_ref()?;
            Some((round.number, round.is_revealed()))
        });
        let Ok(Some((round, revealed))) = round.await else {
            return;
        };
        let report = port.report(round, revealed);
        let done = if revealed {
            Done::Unchanged
        } else if report == Report::Leftover || doubled {
            Done::Refused
        } else {
            // Whatever has begun meanwhile is not what the page wants to see.
            let command = Command::RevealCards(StoryRef::Round(round));
            self.submit(port, command, Deed::Reveal).await
        };
        match done {
            Done::Changed => {}
            Done::Unchanged => {
                self.show(port, |_| vec![News::Session(Shot::Present)])
                    .await
            }
            Done::Refused => self.show(port, pages::resync).await,
        }
    }

    async fn settle(&self, port: &Arc<Port>, payload: Map<String, Value>) {
        let viewer = port.clone();
        let read = self
            .look(move |state| Proposal::read(&payload, Names::of(state, Some(viewer.viewer()))));
        let Ok(proposal) = read.await else { return };
        let (command, delivery) = (proposal.command(), self.signal.delivery.clone());
        let told = proposal.clone();
        let announce = move |session: SessionId, look: &Look<'_, Poker>| {
            if let Some(changes) = told.in_force(look.state) {
                delivery.announce(scene(session, look), &News::Settings(changes));
            }
        };
        self.submit_then(port, (command, Deed::Settle), announce)
            .await;
        let unmet = move |state: &Poker| {
            let news = News::Session(Shot::Present);
            (!proposal.is_met(state))
                .then_some(news)
                .into_iter()
                .collect()
        };
        self.show(port, unmet).await;
    }

    async fn throw(&self, port: &Arc<Port>, thrown: Option<(String, String)>) {
        let Some((to, emoji)) = thrown else { return };
        if !(1..=MAX_EMOJI).contains(&utf16_len(&emoji)) {
            return;
        }
        let (delivery, port) = (self.signal.delivery.clone(), port.clone());
        let Some(session) = self.session() else {
            return;
        };
        let thrown = self.signal.gate.rooms.view(session, move |look| {
            let names = Names::of(look.state, Some(port.viewer()));
            let target = names.player(&to).filter(|player| player.is_voter());
            let target = target.filter(|_| look.state.settings.effects.fun)?;
            let thrown = Whisper::Emoji {
                from: port.player,
                to: target.id,
                emoji,
            };
            delivery.pass_on(scene(session, &look), &thrown);
            Some(thrown)
        });
        // Nobody misses an emoji for good.
        if let Ok(Some(thrown)) = thrown.await {
            let store = &self.signal.gate.rooms.surroundings().store;
            let _ = store.whisper(session, thrown.encode()).await;
        }
    }

    /// Shows the result to a page that has not reported the end of its countdown.
    pub(super) async fn finish_countdown(&self) {
        let Some(port) = self.port() else { return };
        let watched = port.clone();
        self.show(&port, move |state| {
            let open = state.round.as_ref().filter(|round| round.is_revealed());
            if watched.is_overdue(open.map(|round| round.number)) {
                vec![News::Revealed, News::Session(Shot::Present)]
            } else {
                Vec::new()
            }
        })
        .await;
    }

    /// `S`, if there is a round.
    pub(super) async fn show_round(&self, port: &Arc<Port>) {
        let news = |state: &Poker| {
            let round = state.round.as_ref();
            round
                .map(|_| News::Session(Shot::Present))
                .into_iter()
                .collect()
        };
        self.show(port, news).await;
    }

    /// Shows a page that has missed something the present state.
    pub(super) async fn resync(&self, port: &Arc<Port>) -> Result<(), Failed> {
        let catching = port.clone();
        self.tell(port, move |state| {
            catching.catch_up();
            pages::resync(state)
        })
        .await
    }

    async fn show(
        &self,
        port: &Arc<Port>,
        news: impl FnOnce(&Poker) -> Vec<News<'static>> + Send + 'static,
    ) {
        if let Err(error) = self.tell(port, news).await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a page could not be corrected"
            );
            port.fall_behind();
        }
    }

    /// Tells one connection something, between two events.
    async fn tell(
        &self,
        port: &Arc<Port>,
        news: impl FnOnce(&Poker) -> Vec<News<'static>> + Send + 'static,
    ) -> Result<(), Failed> {
        let Some(session) = self.session() else {
            return Ok(());
        };
        let port = port.clone();
        let told = self.signal.gate.rooms.view(session, move |look| {
            if port.dismissed().is_some() {
                return;
            }
            let names = Names::of(look.state, Some(port.viewer()));
            let frames: Vec<_> = news(look.state)
                .iter()
                .map(|it| it.encode(scene(session, &look), names))
                .collect();
            // What does not fit is shown later.
            let _ = port.send_all(&frames);
        });
        told.await
    }

    async fn look<R: Send + 'static>(
        &self,
        look: impl FnOnce(&Poker) -> R + Send + 'static,
    ) -> Result<R, Failed> {
        let session = self.session().ok_or(SubmitError::UnknownSession)?;
        let looked = self
            .signal
            .gate
            .rooms
            .view(session, move |seen| look(seen.state));
        looked.await
    }

    async fn submit(&self, port: &Arc<Port>, command: Command, deed: Deed) -> Done {
        self.submit_then(port, (command, deed), |_, _| ()).await
    }

    /// Submits a command; `then` runs behind its events and before all others.
    async fn submit_then(
        &self,
        port: &Arc<Port>,
        (command, deed): (Command, Deed),
        then: impl FnOnce(SessionId, &Look<'_, Poker>) + Send + 'static,
    ) -> Done {
        let Some(session) = self.session() else {
            return Done::Refused;
        };
        let order = Order::new(Actor::Player(port.player), command);
        port.expect(order.cause, deed);
        let then = move |look: Look<'_, Poker>| then(session, &look);
        let placed = self.signal.gate.rooms.place(session, order, then).await;
        let unchanged = port.give_up();
        match placed {
            Ok(()) if unchanged => Done::Unchanged,
            Ok(()) => Done::Changed,
            Err(error) => {
                let failure = crate::wire::poker::failure::Failure::from(&error);
                self.signal.gate.metrics.reject(failure.code);
                Done::Refused
            }
        }
    }

    fn session(&self) -> Option<SessionId> {
        let joined = self.joined.as_ref()?;
        Some(joined.place.session())
    }
}

fn scene<'a>(session: SessionId, look: &Look<'a, Poker>) -> Scene<'a> {
    Scene {
        session,
        state: look.state,
        at: look.now,
    }
}
