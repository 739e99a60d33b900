//! Who listens on which channel.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::{PushInfo, PushKind, Value};

/// Somebody who listens on a channel. Called from the connection's own task: it must not wait.
pub trait Ear: Send + Sync + 'static {
    /// Something was published.
    fn hear(&self, payload: &[u8]);

    /// The channel is being listened on from now on, or again; anything may have been missed.
    fn doubt(&self);
}

/// The ears of all channels.
#[derive(Default)]
pub(super) struct Channels {
    ears: Mutex<HashMap<String, Arc<dyn Ear>>>,
}

impl Channels {
    /// Lets an ear listen, instead of the one that does.
    pub(super) fn insert(&self, channel: String, ear: Arc<dyn Ear>) {
        self.lock().insert(channel, ear);
    }

    /// Removes an ear, unless another one is there instead; whether it was there.
    pub(super) fn remove(&self, channel: &str, ear: &Arc<dyn Ear>) -> bool {
        let mut ears = self.lock();
        let same = ears.get(channel).is_some_and(|it| Arc::ptr_eq(it, ear));
        if same {
            ears.remove(channel);
        }
        same
    }

    /// The names of all channels with an ear.
    pub(super) fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Hands on what the server says by itself.
    pub(super) fn route(&self, push: &PushInfo) {
        match push.kind {
            PushKind::Message | PushKind::SMessage => {
                let Some([channel, payload]) = texts(push) else {
                    return;
                };
                if let Some(ear) = self.ear(channel) {
                    ear.hear(payload);
                }
            }
            PushKind::Subscribe | PushKind::SSubscribe | PushKind::SUnsubscribe => {
                let Some([channel]) = texts(push) else {
                    return;
                };
                if let Some(ear) = self.ear(channel) {
                    ear.doubt();
                }
            }
            // Of a cluster only a part is lost then, and the rest goes on.
            PushKind::Disconnection => self.doubt(),
            _ => {}
        }
    }

    /// Tells every ear that it may have missed something.
    pub(super) fn doubt(&self) {
        self.lock().values().for_each(|ear| ear.doubt());
    }

    fn ear(&self, channel: &[u8]) -> Option<Arc<dyn Ear>> {
        let channel = str::from_utf8(channel).ok()?;
        self.lock().get(channel).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<dyn Ear>>> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
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
