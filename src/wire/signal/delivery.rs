//! What happens in a session, told to its joined connections.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::frames::{News, Scene};
use super::port::Port;
use super::table::Table;
use crate::metrics::Metrics;
use crate::room::{Committed, Delivery, Look};
use crate::rules::ids::SessionId;
use crate::rules::poker::Poker;
use crate::wire::poker::whisper::Whisper;

/// Hands the events of poker sessions to the connections of this dialect.
#[derive(Debug)]
pub struct SignalDelivery {
    tables: Mutex<HashMap<SessionId, Arc<Mutex<Table>>>>,
    max_places: usize,
    metrics: Arc<Metrics>,
}

/// Room for a connection in a session; given back when dropped.
#[derive(Debug)]
pub struct Place {
    delivery: Arc<SignalDelivery>,
    session: SessionId,
    port: Option<Arc<Port>>,
}

impl SignalDelivery {
    /// A delivery to at most `max_places` connections per session.
    #[must_use]
    pub fn new(max_places: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            tables: Mutex::default(),
            max_places,
            metrics,
        })
    }

    /// Reserves room for a connection; `None` if the session has too many.
    #[must_use]
    pub fn reserve(self: &Arc<Self>, session: SessionId) -> Option<Place> {
        let mut tables = self.tables();
        let table = tables.entry(session).or_insert_with(|| {
            let table = Table::new(self.metrics.clone());
            Arc::new(Mutex::new(table))
        });
        let mut table = lock(table);
        if table.places >= self.max_places {
            return None;
        }
        table.places += 1;
        Some(Place {
            delivery: self.clone(),
            session,
            port: None,
        })
    }

    /// Tells every connection of a session something that is no event.
    pub fn announce(&self, scene: Scene<'_>, news: &News<'_>) {
        self.with(scene.session, |table| table.announce(scene, news));
    }

    /// Shows every connection of a session what it can show of a whisper: what is thrown at
    /// somebody.
    pub fn pass_on(&self, scene: Scene<'_>, whisper: &Whisper) {
        match whisper {
            Whisper::Emoji { from, to, emoji } => {
                let (from, to) = (*from, *to);
                self.announce(scene, &News::Emoji { from, to, emoji });
            }
            Whisper::Reaction { .. } => {}
        }
    }

    /// Tells the voter what he has voted for, and the others that he has.
    pub fn echo_vote(&self, scene: Scene<'_>, voter: &Arc<Port>, value: &str) {
        self.with(scene.session, |table| table.echo_vote(scene, voter, value));
    }

    fn with(&self, session: SessionId, act: impl FnOnce(&mut Table)) {
        let table = self.tables().get(&session).cloned();
        if let Some(table) = table {
            act(&mut lock(&table));
        }
    }

    fn tables(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Mutex<Table>>>> {
        lock(&self.tables)
    }
}

impl Delivery<Poker> for Arc<SignalDelivery> {
    fn publish(&self, session: SessionId, committed: &Committed<'_, Poker>) {
        self.with(session, |table| table.publish(session, committed));
    }

    fn overhear(&self, session: SessionId, look: &Look<'_, Poker>, words: &[u8]) {
        let Some(whisper) = Whisper::decode(words) else {
            return;
        };
        let scene = Scene {
            session,
            state: look.state,
            at: look.now,
        };
        self.pass_on(scene, &whisper);
    }

    fn resync(&self, session: SessionId) {
        self.with(session, |table| {
            table.ports.iter().for_each(|port| port.fall_behind());
        });
    }
}

impl Place {
    /// Which session it is in.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Seats a connection: from now on it is told what happens. Called from the room's task.
    pub fn take(&mut self, port: Arc<Port>, state: &Poker) {
        self.port = Some(port.clone());
        self.delivery
            .with(self.session, |table| table.seat(port, state));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut tables = self.delivery.tables();
        let Some(shared) = tables.get(&self.session) else {
            return;
        };
        let mut table = lock(shared);
        if let Some(port) = &self.port {
            table.ports.retain(|other| !Arc::ptr_eq(other, port));
        }
        table.places -= 1;
        let abandoned = table.places == 0;
        drop(table);
        if abandoned {
            tables.remove(&self.session);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
