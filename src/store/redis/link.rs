//! The link to Redis: one connection for everything, made anew for as long as it takes.
//!
//! While there is no connection, commands fail at once. After every new one all subscriptions are
//! made again, and each ear is told that it may have missed something.

mod keeping;

use std::sync::{Arc, Mutex, PoisonError};

use redis::{
    Cmd, FromRedisValue, Pipeline, RedisResult, ScriptInvocation, Value, from_redis_value,
};
use tokio::sync::RwLock;
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::address::{Form, RedisUrl};
use super::channels::{Channels, Ear, Topic};
use super::connection::{COMMAND_TIMEOUT, Connection};
use super::pulse::Pulse;
use super::script::Mark;
use crate::store::StoreError;

/// A handle on the connection, for whoever wants to share it.
#[derive(Clone)]
pub struct Link(Arc<Shared>);

struct Shared {
    url: RedisUrl,
    connection: Mutex<Option<Connection>>,
    channels: Arc<Channels>,
    pulse: Arc<Pulse>,
    /// Taken for writing by whoever removes subscriptions, for no command of another may overtake.
    subscribing: RwLock<()>,
}

impl Link {
    /// Connects for the first time, and returns what keeps the link until `stop`.
    pub(super) async fn open(
        url: RedisUrl,
        stop: CancellationToken,
    ) -> RedisResult<(Self, impl Future<Output = ()> + Send + 'static)> {
        let link = Self(Arc::new(Shared {
            url,
            connection: Mutex::default(),
            channels: Arc::default(),
            pulse: Arc::default(),
            subscribing: RwLock::default(),
        }));
        let Shared {
            channels, pulse, ..
        } = &*link.0;
        if link.0.url.form() == Form::Cluster {
            channels.insert(pulse.topic(), pulse.clone());
        }
        let fresh = link.first().await?;
        let kept = link.clone();
        let keeper = async move {
            stop.run_until_cancelled(kept.keep(fresh)).await;
            kept.install(None);
        };
        Ok((link, keeper))
    }

    /// Sends a command.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; whether it was carried out is unknown.
    pub async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let mut connection = self.connection()?;
        let answer = time::timeout(COMMAND_TIMEOUT, command.query_async(&mut connection));
        in_time(answer.await)
    }

    /// Sends several commands, whose keys must be in one slot in a cluster.
    ///
    /// # Errors
    /// As [`Link::ask`].
    pub async fn ask_all<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, StoreError> {
        let mut connection = self.connection()?;
        let answer = time::timeout(COMMAND_TIMEOUT, commands.query_async(&mut connection));
        in_time(answer.await)
    }

    /// Runs a script, which is loaded first where it is not known.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        mut call: ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        let mark = Mark::put_on(&mut call);
        let mut connection = self.connection()?;
        let answer = time::timeout(COMMAND_TIMEOUT, call.invoke_async(&mut connection));
        let answer: Value = in_time(answer.await)?;
        let Some(answer) = mark.take_off(answer) else {
            connection.distrust();
            let mixed_up = "Redis gave the answer to something else";
            return Err(StoreError::unavailable(mixed_up));
        };
        from_redis_value(answer).map_err(StoreError::unavailable)
    }

    /// Lets an ear listen to a topic, over all connections to come; instead of the one that does.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the ear listens from the next connection on.
    pub async fn subscribe(&self, topic: Topic, ear: Arc<dyn Ear>) -> Result<(), StoreError> {
        let _order = self.0.subscribing.read().await;
        // Before the connection is asked for: if there is none, the next one will know.
        self.0.channels.insert(topic.clone(), ear);
        let mut connection = self.connection()?;
        let topics = [topic];
        let subscribed = time::timeout(COMMAND_TIMEOUT, connection.subscribe(&topics));
        in_time(subscribed.await)
    }

    /// Ends the subscriptions of ears that are not listening any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the ears are removed, and the next connection does not know them.
    pub async fn unsubscribe(&self, ears: Vec<(Topic, Arc<dyn Ear>)>) -> Result<(), StoreError> {
        let _order = self.0.subscribing.write().await;
        let channels = &self.0.channels;
        let gone = ears
            .into_iter()
            .filter(|(topic, ear)| channels.remove(topic, ear));
        let gone: Vec<_> = gone.map(|(topic, _)| topic).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let mut connection = self.connection()?;
        let done = time::timeout(COMMAND_TIMEOUT, connection.unsubscribe(&gone));
        in_time(done.await)
    }

    fn connection(&self) -> Result<Connection, StoreError> {
        let connection = self.0.connection.lock();
        let connection = connection.unwrap_or_else(PoisonError::into_inner).clone();
        connection.ok_or_else(|| StoreError::unavailable("there is no connection to Redis"))
    }

    fn install(&self, connection: Option<Connection>) {
        let place = self.0.connection.lock();
        *place.unwrap_or_else(PoisonError::into_inner) = connection;
    }
}

fn in_time<T>(answer: Result<RedisResult<T>, time::error::Elapsed>) -> Result<T, StoreError> {
    answer
        .map_err(StoreError::unavailable)?
        .map_err(StoreError::unavailable)
}
