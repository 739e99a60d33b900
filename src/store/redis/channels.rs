//! Who listens to what.
//!
//! A cluster's shard channels are not used: the servers end subscriptions to them by themselves when
//! slots move, which the client library takes for the answer to some other command. What is published
//! on ordinary channels reaches all servers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::{PushInfo, PushKind, Value};

/// What can be listened to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A channel.
    Channel(String),
    /// All channels whose names match a pattern.
    Pattern(String),
}

/// Somebody who listens. Called from the connection's own task: it must not wait.
pub trait Ear: Send + Sync + 'static {
    /// Something was published on a channel.
    fn hear(&self, channel: &str, payload: &[u8]);

    /// The topic is being listened to from now on, or again; anything may have been missed.
    fn doubt(&self);
}

/// The ears of all topics.
#[derive(Default)]
pub(super) struct Channels {
    ears: Mutex<HashMap<Topic, Arc<dyn Ear>>>,
}

impl Channels {
    /// Lets an ear listen, instead of the one that does.
    pub(super) fn insert(&self, topic: Topic, ear: Arc<dyn Ear>) {
        self.lock().insert(topic, ear);
    }

    /// Removes an ear, unless another one is there instead; whether it was there.
    pub(super) fn remove(&self, topic: &Topic, ear: &Arc<dyn Ear>) -> bool {
        let mut ears = self.lock();
        let same = ears.get(topic).is_some_and(|it| Arc::ptr_eq(it, ear));
        if same {
            ears.remove(topic);
        }
        same
    }

    /// All topics with an ear.
    pub(super) fn topics(&self) -> Vec<Topic> {
        self.lock().keys().cloned().collect()
    }

    /// Hands on what the server says by itself.
    pub(super) fn route(&self, push: &PushInfo) {
        match push.kind {
            PushKind::Message => self.say(Topic::Channel, texts(push)),
            PushKind::PMessage => {
                let Some([pattern, channel, payload]) = texts(push) else {
                    return;
                };
                if let Some(ear) = self.ear(Topic::Pattern, pattern) {
                    hear(&*ear, channel, payload);
                }
            }
            PushKind::Subscribe => self.doubt(Topic::Channel, texts(push)),
            PushKind::PSubscribe => self.doubt(Topic::Pattern, texts(push)),
            PushKind::Disconnection => self.doubt_all(),
            _ => {}
        }
    }

    /// Tells every ear that it may have missed something.
    pub(super) fn doubt_all(&self) {
        self.lock().values().for_each(|ear| ear.doubt());
    }

    fn say(&self, topic: fn(String) -> Topic, said: Option<[&[u8]; 2]>) {
        let Some([channel, payload]) = said else {
            return;
        };
        if let Some(ear) = self.ear(topic, channel) {
            hear(&*ear, channel, payload);
        }
    }

    fn doubt(&self, topic: fn(String) -> Topic, name: Option<[&[u8]; 1]>) {
        let ear = name.and_then(|[name]| self.ear(topic, name));
        if let Some(ear) = ear {
            ear.doubt();
        }
    }

    fn ear(&self, topic: fn(String) -> Topic, name: &[u8]) -> Option<Arc<dyn Ear>> {
        let name = str::from_utf8(name).ok()?;
        self.lock().get(&topic(name.to_owned())).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Topic, Arc<dyn Ear>>> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A channel whose name is no text is nobody's.
fn hear(ear: &dyn Ear, channel: &[u8], payload: &[u8]) {
    if let Ok(channel) = str::from_utf8(channel) {
        ear.hear(channel, payload);
    }
}

/// The first texts of a push.
fn texts<const N: usize>(push: &PushInfo) -> Option<[&[u8]; N]> {
    let texts = push.data.iter().map(|value| match value {
        Value::BulkString(text) => Some(text.as_slice()),
        Value::SimpleString(text) => Some(text.as_bytes()),
        _ => None,
    });
    let texts: Option<Vec<_>> = texts.take(N).collect();
    texts?.try_into().ok()
}
