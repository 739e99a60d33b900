//! The joined connections of one session on this node, and what their pages show.
//!
//! Everything here happens in the room's task, in log order, so every connection is told the same
//! story; only who asked for something, or is named by it, is told it in words of his own.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;

use super::frames::{self, News, Scene};
use super::ids::Names;
use super::pages::{self, Pages, To};
use super::port::{Deed, Port};
use crate::metrics::{EventLabels, Metrics};
use crate::room::Committed;
use crate::rules::ids::{CommandId, SessionId};
use crate::rules::poker::{Event, Poker};

/// What a session that has ended, or never was, is called.
pub const UNKNOWN: &str = "Session not found";
/// What a player is told whom the host has removed.
pub const REMOVED: &str = "You have been removed from the session";

/// The joined connections of one session.
#[derive(Debug)]
pub struct Table {
    pub(super) ports: Vec<Arc<Port>>,
    /// Connections that are joined or about to be.
    pub(super) places: usize,
    pages: Pages,
    metrics: Arc<Metrics>,
}

impl Table {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            ports: Vec::new(),
            places: 0,
            pages: Pages::default(),
            metrics,
        }
    }

    /// Takes a connection in; one that takes the same seat makes room.
    pub(super) fn seat(&mut self, port: Arc<Port>, state: &Poker) {
        if self.ports.is_empty() {
            self.pages = Pages::present(state);
        }
        self.ports.retain(|other| other.seat != port.seat);
        self.ports.push(port);
    }

    /// Tells every connection what an event means for it.
    pub(super) fn publish(&mut self, session: SessionId, committed: &Committed<'_, Poker>) {
        if self.ports.is_empty() {
            return;
        }
        let (state, recorded) = (committed.after, committed.recorded);
        let scene = Scene {
            session,
            state,
            at: recorded.at,
        };
        // Whoever is removed is told that he is, not that somebody has left.
        if let Event::PlayerRemoved { player, .. } = &recorded.event {
            self.dismiss(scene, |port| port.player == *player, REMOVED);
        }
        let doer = self.doer(recorded.cause);
        let by_doer = doer.as_ref().map(|(_, deed)| *deed);
        let event = (recorded.cause, &recorded.event);
        let mut script = self.pages.script(state, event, by_doer);
        if committed.ends_command {
            script.extend(self.pages.see_end(state));
        }
        let doer = doer.map(|(port, _)| port);
        for (to, news) in script {
            self.tell(scene, (to, doer.as_ref()), &news);
        }
        self.follow_up(scene, &recorded.event);
    }

    /// The connection that waits for this command, and what it wants of it.
    fn doer(&self, cause: CommandId) -> Option<(Arc<Port>, Deed)> {
        let mut ports = self.ports.iter();
        ports.find_map(|port| Some((port.clone(), port.fulfil(cause)?)))
    }

    /// What else an event does to connections.
    fn follow_up(&mut self, scene: Scene<'_>, event: &Event) {
        match event {
            Event::CardsRevealed {
                countdown: true, ..
            } => {
                let round = scene.state.rounds;
                self.ports.iter().for_each(|port| port.count_down(round));
            }
            Event::SessionDeleted | Event::SessionExpired => self.dismiss(scene, |_| true, UNKNOWN),
            _ => {}
        }
    }

    fn dismiss(&mut self, scene: Scene<'_>, who: impl Fn(&Port) -> bool, reason: &'static str) {
        let frame = frames::session_not_found(reason, scene.at);
        for port in self.ports.extract_if(.., |port| who(port)) {
            port.dismiss(reason);
            deliver(&port, frame.clone(), &self.metrics);
        }
    }

    /// Tells everybody something that is no event of the session.
    pub(super) fn announce(&self, scene: Scene<'_>, news: &News<'_>) {
        self.tell(scene, (To::Everybody, None), news);
    }

    /// Tells that somebody has put the card once more that he had put before.
    pub(super) fn echo_vote(&self, scene: Scene<'_>, voter: &Arc<Port>, value: &str) {
        for (to, news) in pages::voted(voter.player, value) {
            self.tell(scene, (to, Some(voter)), &news);
        }
    }

    /// Encodes once for all whom the news do not name, and once for each other player.
    fn tell(&self, scene: Scene<'_>, (to, doer): (To, Option<&Arc<Port>>), news: &News<'_>) {
        let event = news.name();
        self.metrics
            .events_out
            .get_or_create(&EventLabels { event })
            .inc();
        let mut shared: Option<Utf8Bytes> = None;
        let mut personal: Vec<(&Port, Utf8Bytes)> = Vec::new();
        for port in &self.ports {
            let is_doer = doer.is_some_and(|doer| Arc::ptr_eq(doer, port));
            let addressed = match to {
                To::Everybody => true,
                To::Doer => is_doer,
                To::Others => !is_doer,
            };
            // Nobody takes in what follows a gap, so it need not be encoded.
            if !addressed || port.is_behind() {
                continue;
            }
            let frame = if news.is_personal_for(port.player) || port.is_lookalike() {
                personal_frame(
                    &mut personal,
                    port,
                    |names| news.encode(scene, names),
                    scene.state,
                )
            } else {
                let shared =
                    shared.get_or_insert_with(|| news.encode(scene, Names::of(scene.state, None)));
                shared.clone()
            };
            deliver(port, frame, &self.metrics);
        }
    }
}

/// The frame for this connection: another one of the same person may have it already.
fn personal_frame<'a>(
    known: &mut Vec<(&'a Port, Utf8Bytes)>,
    port: &'a Port,
    encode: impl FnOnce(Names<'_>) -> Utf8Bytes,
    state: &Poker,
) -> Utf8Bytes {
    let same = |(other, _): &&(&Port, Utf8Bytes)| {
        other.player == port.player && other.user_id == port.user_id
    };
    if let Some((_, frame)) = known.iter().find(same) {
        return frame.clone();
    }
    let frame = encode(Names::of(state, Some(port.viewer())));
    known.push((port, frame.clone()));
    frame
}

/// Hands a frame to a connection and counts it if it falls behind.
fn deliver(port: &Port, frame: Utf8Bytes, metrics: &Metrics) {
    if port.send(frame).is_err_and(|full| full.newly) {
        metrics.lagging.inc();
    }
}
