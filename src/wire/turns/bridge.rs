//! The bridge between clocks and servers of another make on the same Redis (4.1, 4.2, 4.3).
//!
//! Outwards every change is mirrored to the clock's key and published. What others publish is shown
//! to the viewers of this server and changes nothing here. What this program publishes is marked:
//! its servers know it from the log already.

mod news;
mod relay;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::Serialize;

use super::objects::StateObject;
use crate::room::Bridge;
use crate::rules::Timestamp;
use crate::rules::turns::{Clock, Event, Turns};
use crate::store::Echo;

pub use news::{News, What};
pub use relay::{Audience, Relay};

/// Where changes are published.
const UPDATES: &str = "session-updates";
/// What names the publisher of a change.
const ORIGIN: &str = "roundtable";
/// How all begins that this program publishes there.
const OUR_BEGINNING: &str = r#"{"origin":"roundtable","#;
/// What stands before a clock's id in the name of the channel for messages to its viewers.
const MESSAGES_PREFIX: &str = "ws:";

/// Shows the changes of clocks to servers of another make.
#[derive(Clone, Copy, Debug)]
pub struct TurnsBridge {
    life: Duration,
}

/// A change as it is published.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Update<'a> {
    /// The first field, so that our own messages are known by how they begin.
    origin: &'static str,
    session_id: &'a str,
    /// JSON in a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
    timestamp: Timestamp,
}

impl TurnsBridge {
    /// The bridge of clocks that live so long after their last change.
    #[must_use]
    pub const fn new(life: Duration) -> Self {
        Self { life }
    }

    fn changed(self, at: Timestamp, clock: &Clock) -> Vec<Echo> {
        let id = &clock.plan.id;
        let value = encode(&StateObject::from(clock));
        let message = Update {
            origin: ORIGIN,
            session_id: id,
            state: Some(&value),
            deleted: false,
            timestamp: at,
        };
        let publish = publish(&message);
        let (key, life) = (key_of(id), self.life);
        vec![Echo::Set { key, value, life }, publish]
    }
}

impl Bridge<Turns> for TurnsBridge {
    fn echoes(&self, at: Timestamp, event: &Event, after: &Turns) -> Vec<Echo> {
        match (event, &after.clock) {
            (Event::Deleted { id: Some(id), .. }, _) => deleted(at, id),
            // The key expires by itself, as the clock has.
            (Event::Deleted { id: None, .. } | Event::Expired, _) | (_, None) => Vec::new(),
            (_, Some(clock)) => self.changed(at, clock),
        }
    }
}

fn deleted(at: Timestamp, id: &str) -> Vec<Echo> {
    let message = Update {
        origin: ORIGIN,
        session_id: id,
        state: None,
        deleted: true,
        timestamp: at,
    };
    let key = key_of(id);
    vec![Echo::Delete { key }, publish(&message)]
}

fn publish(message: &Update<'_>) -> Echo {
    Echo::Publish {
        channel: UPDATES.to_owned(),
        message: encode(message),
    }
}

/// Where a clock's state is for all to read.
fn key_of(id: &str) -> String {
    format!("session:{id}")
}

fn encode(object: &impl Serialize) -> String {
    serde_json::to_string(object).expect("wire objects always encode")
}
