//! Hands what others publish on to the viewers of this server.
//!
//! Redis' reader only puts it down; a task of its own reads it. What does not fit is lost, as
//! everything published is to whoever is too slow.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::news::News;
use super::{MESSAGES_PREFIX, OUR_BEGINNING, UPDATES};
use crate::store::redis::{Ear, Link, Topic};

/// Messages that may wait to be read.
const WAITING_MESSAGES: usize = 256;
/// Most bytes of a message.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Pause before a topic that could not be listened to is tried again.
const LISTEN_RETRY: Duration = Duration::from_secs(5);

/// Whoever shows clocks to viewers.
pub trait Audience: Send + Sync + 'static {
    /// Shows them what is new. It must not wait for anybody.
    fn show(&self, news: &News);
}

/// Listens to what others publish.
pub struct Relay {
    link: Link,
    ear: Arc<dyn Ear>,
    heard: mpsc::Receiver<Heard>,
    /// What is not listened to yet.
    missing: Vec<Topic>,
}

/// What was published, and on which channel.
struct Heard {
    channel: String,
    payload: Vec<u8>,
}

/// The end of a relay that Redis' reader has.
struct Desk(mpsc::Sender<Heard>);

impl Relay {
    /// Listens from now on.
    pub async fn open(link: Link) -> Self {
        let (desk, heard) = mpsc::channel(WAITING_MESSAGES);
        let mut relay = Self {
            link,
            ear: Arc::new(Desk(desk)),
            heard,
            missing: vec![
                Topic::Channel(UPDATES.to_owned()),
                Topic::Pattern(format!("{MESSAGES_PREFIX}*")),
            ],
        };
        relay.listen().await;
        relay
    }

    /// Hands on what it hears until `stop`.
    pub async fn run(mut self, audiences: Vec<Arc<dyn Audience>>, stop: CancellationToken) {
        let relaying = async {
            loop {
                tokio::select! {
                    Some(heard) = self.heard.recv() => heard.show(&audiences),
                    () = sleep(LISTEN_RETRY), if !self.missing.is_empty() => self.listen().await,
                }
            }
        };
        stop.run_until_cancelled(relaying).await;
    }

    /// Tries to listen to whatever is missing.
    async fn listen(&mut self) {
        for topic in std::mem::take(&mut self.missing) {
            let ear = || self.ear.clone();
            let Err(error) = self.link.subscribe(topic.clone(), ear()).await else {
                continue;
            };
            tracing::warn!(
                ?topic,
                error = &error as &dyn Error,
                "could not listen to other servers"
            );
            // A topic that Redis refuses would keep the next connection from being used. A failure
            // is that of the connection.
            let _ = self.link.unsubscribe(vec![(topic.clone(), ear())]).await;
            self.missing.push(topic);
        }
    }
}

impl Heard {
    fn show(&self, audiences: &[Arc<dyn Audience>]) {
        match News::read(&self.channel, &self.payload) {
            Ok(Some(news)) => audiences.iter().for_each(|it| it.show(&news)),
            Ok(None) => {}
            Err(error) => {
                let channel = &self.channel;
                tracing::debug!(
                    channel,
                    error = &error as &dyn Error,
                    "could not read what was published"
                );
            }
        }
    }
}

impl Ear for Desk {
    fn hear(&self, channel: &str, payload: &[u8]) {
        if payload.starts_with(OUR_BEGINNING.as_bytes()) {
            return;
        }
        let heard = Heard {
            channel: channel.to_owned(),
            payload: payload.to_vec(),
        };
        if payload.len() > MAX_MESSAGE_BYTES || self.0.try_send(heard).is_err() {
            let payload_bytes = payload.len();
            tracing::debug!(channel, payload_bytes, "dropped what was published");
        }
    }

    fn doubt(&self) {}
}
