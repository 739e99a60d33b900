//! The link to Redis: one connection for everything, made anew for as long as it takes.
//!
//! While there is no connection, commands fail at once. After every new one all subscriptions are
//! made again, and each ear is told that it may have missed something.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{Cmd, FromRedisValue, Pipeline, PushInfo, PushKind, RedisError, RedisResult};
use tokio::sync::RwLock;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use super::address::RedisUrl;
use super::channels::{Channels, Ear, Topic};
use super::connection::{COMMAND_TIMEOUT, Connection};
use crate::store::StoreError;

/// Pause before the first attempt to connect again; doubled each time, up to the maximum, and each
/// of a random length between its half and its whole.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(2);
/// Time between looks whether a silent connection is still alive.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How long the first connection may take, all attempts together.
const START_PATIENCE: Duration = Duration::from_secs(5);
/// How many topics are subscribed to at a time.
const SUBSCRIBED_TOPICS: usize = 500;

/// A handle on the connection, for whoever wants to share it.
#[derive(Clone)]
pub struct Link(Arc<Shared>);

struct Shared {
    url: RedisUrl,
    connection: Mutex<Option<Connection>>,
    channels: Arc<Channels>,
    /// Taken for writing by whoever removes subscriptions, for no command of another may overtake.
    subscribing: RwLock<()>,
}

/// A connection, and the token that tells when it is lost.
struct Fresh {
    connection: Connection,
    lost: CancellationToken,
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
            subscribing: RwLock::default(),
        }));
        let fresh = link.first().await?;
        link.install(Some(fresh.connection.clone()));
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
        script: &redis::ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection()?;
        let answer = time::timeout(COMMAND_TIMEOUT, script.invoke_async(&mut connection));
        in_time(answer.await)
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

    async fn first(&self) -> RedisResult<Fresh> {
        let give_up = Instant::now() + START_PATIENCE;
        let mut pause = FIRST_PAUSE;
        loop {
            let attempt = time::timeout_at(give_up, self.connect()).await;
            let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut).into());
            match attempt.unwrap_or_else(late) {
                Err(error) if is_transient(&error) && Instant::now() + pause < give_up => {}
                connected => return connected,
            }
            time::sleep(jittered(pause)).await;
            pause = MAX_PAUSE.min(pause * 2);
        }
    }

    async fn connect(&self) -> RedisResult<Fresh> {
        let lost = CancellationToken::new();
        let (channels, losing) = (self.0.channels.clone(), lost.clone());
        let pushes = move |push: PushInfo| {
            channels.route(&push);
            if push.kind == PushKind::Disconnection {
                losing.cancel();
            }
            Ok::<(), std::convert::Infallible>(())
        };
        let connection = Connection::open(&self.0.url, pushes).await?;
        Ok(Fresh { connection, lost })
    }

    /// Replaces each connection that is lost by a new one.
    async fn keep(&self, mut fresh: Fresh) {
        loop {
            let why = outlive(&mut fresh).await;
            self.install(None);
            // Before anything can be written to the next server, which may have lost what this had.
            self.0.channels.doubt_all();
            tracing::warn!(redis = %self.0.url, why, "lost the connection to Redis");
            fresh = self.reconnect().await;
            tracing::info!(redis = %self.0.url, "connected to Redis again");
        }
    }

    async fn reconnect(&self) -> Fresh {
        let mut pause = FIRST_PAUSE;
        loop {
            time::sleep(jittered(pause)).await;
            match self.restore().await {
                Ok(fresh) => return fresh,
                Err(error) => {
                    self.install(None);
                    tracing::debug!(redis = %self.0.url, error = &error as &dyn std::error::Error, "could not connect to Redis");
                }
            }
            pause = MAX_PAUSE.min(pause * 2);
        }
    }

    /// Connects and subscribes to everything anew.
    async fn restore(&self) -> RedisResult<Fresh> {
        let mut fresh = self.connect().await?;
        // First of all, so that whoever subscribes from now on uses it; the others are known.
        self.install(Some(fresh.connection.clone()));
        self.resubscribe(&mut fresh.connection).await?;
        Ok(fresh)
    }

    async fn resubscribe(&self, connection: &mut Connection) -> RedisResult<()> {
        let _order = self.0.subscribing.read().await;
        for topics in self.0.channels.topics().chunks(SUBSCRIBED_TOPICS) {
            connection.subscribe(topics).await?;
        }
        Ok(())
    }
}

/// Waits until a connection is lost or dumb; says which.
async fn outlive(fresh: &mut Fresh) -> &'static str {
    let Fresh { connection, lost } = fresh;
    loop {
        let single = matches!(connection, Connection::Single(_));
        let pause = time::sleep(HEARTBEAT);
        tokio::select! {
            () = lost.cancelled(), if single => return "it was closed",
            () = pause => {}
        }
        let ping = redis::cmd("PING");
        let answer = time::timeout(COMMAND_TIMEOUT, connection.req_packed_command(&ping));
        if !matches!(answer.await, Ok(Ok(_))) {
            return "it does not answer";
        }
    }
}

fn in_time<T>(answer: Result<RedisResult<T>, time::error::Elapsed>) -> Result<T, StoreError> {
    answer
        .map_err(StoreError::unavailable)?
        .map_err(StoreError::unavailable)
}

/// Whether trying again may help.
fn is_transient(error: &RedisError) -> bool {
    let loading = error.code() == Some("LOADING");
    loading || error.is_io_error() || error.is_cluster_error()
}

fn jittered(pause: Duration) -> Duration {
    let luck = getrandom::u32().unwrap_or(u32::MAX);
    pause / 2 + (pause / 2).mul_f64(f64::from(luck) / f64::from(u32::MAX))
}
