//! How the link is kept: each connection that is lost is replaced by a new one.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{PushInfo, PushKind, RedisError, RedisResult};
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use super::Link;
use crate::store::redis::connection::{COMMAND_TIMEOUT, Connection};
use crate::store::redis::pulse::Pulse;

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

/// A connection, and the token that tells when it does not listen any more.
pub(super) struct Fresh {
    connection: Connection,
    deaf: CancellationToken,
}

/// How a connection was lost.
enum Loss {
    /// Commands are answered still, but nothing is heard.
    Hearing(&'static str),
    Everything(&'static str),
}

impl Link {
    pub(super) async fn first(&self) -> RedisResult<Fresh> {
        let give_up = Instant::now() + START_PATIENCE;
        let mut pause = FIRST_PAUSE;
        loop {
            let attempt = time::timeout_at(give_up, self.restore(None)).await;
            let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut).into());
            match attempt.unwrap_or_else(late) {
                Err(error) if is_transient(&error) && Instant::now() + pause < give_up => {}
                connected => return connected,
            }
            time::sleep(jittered(pause)).await;
            pause = MAX_PAUSE.min(pause * 2);
        }
    }

    /// Replaces each connection that is lost by a new one.
    pub(super) async fn keep(&self, mut fresh: Fresh) {
        loop {
            let (why, rest) = match fresh.outlive(&self.0.pulse).await {
                Loss::Hearing(why) => (why, Some(fresh.connection)),
                Loss::Everything(why) => {
                    self.install(None);
                    (why, None)
                }
            };
            // Before anything can be written to the next server, which may have lost what this had.
            self.0.channels.doubt_all();
            tracing::warn!(redis = %self.0.url, why, "lost the connection to Redis");
            fresh = self.reconnect(rest).await;
            tracing::info!(redis = %self.0.url, "connected to Redis again");
        }
    }

    async fn reconnect(&self, mut rest: Option<Connection>) -> Fresh {
        let mut pause = FIRST_PAUSE;
        loop {
            time::sleep(jittered(pause)).await;
            match self.restore(rest.take()).await {
                Ok(fresh) => return fresh,
                Err(error) => {
                    self.install(None);
                    tracing::debug!(redis = %self.0.url, error = &error as &dyn std::error::Error, "could not connect to Redis");
                }
            }
            pause = MAX_PAUSE.min(pause * 2);
        }
    }

    /// Connects, as far as nothing is left, and subscribes to everything anew.
    async fn restore(&self, rest: Option<Connection>) -> RedisResult<Fresh> {
        let mut fresh = self.connect(rest).await?;
        // First of all, so that whoever subscribes from now on uses it; the others are known.
        self.install(Some(fresh.connection.clone()));
        self.resubscribe(&mut fresh.connection).await?;
        Ok(fresh)
    }

    async fn connect(&self, rest: Option<Connection>) -> RedisResult<Fresh> {
        let deaf = CancellationToken::new();
        let (channels, losing) = (self.0.channels.clone(), deaf.clone());
        let heard = Arc::new(move |push: PushInfo| {
            channels.route(&push);
            if push.kind == PushKind::Disconnection {
                losing.cancel();
            }
            Ok::<(), std::convert::Infallible>(())
        });
        // Of a cluster only a part is lost when one of these is, and the rest goes on.
        let channels = self.0.channels.clone();
        let others = Arc::new(move |push: PushInfo| {
            channels.route(&push);
            Ok::<(), std::convert::Infallible>(())
        });
        let connection = match rest {
            Some(rest) => rest.renewed(&self.0.url, heard, others).await?,
            None => Connection::open(&self.0.url, heard, others).await?,
        };
        Ok(Fresh { connection, deaf })
    }

    async fn resubscribe(&self, connection: &mut Connection) -> RedisResult<()> {
        let _order = self.0.subscribing.read().await;
        for topics in self.0.channels.topics().chunks(SUBSCRIBED_TOPICS) {
            connection.subscribe(topics).await?;
        }
        Ok(())
    }
}

impl Fresh {
    /// Waits until the connection is lost or dumb; says which.
    async fn outlive(&mut self, pulse: &Pulse) -> Loss {
        let connection = &self.connection;
        tokio::select! {
            () = connection.distrusted() => Loss::Everything("it gave the answer to something else"),
            () = self.deaf.cancelled() => match connection.as_cluster() {
                None => Loss::Everything("it was closed"),
                Some(_) => Loss::Hearing("it was closed"),
            },
            loss = sickness(connection.clone(), pulse) => loss,
        }
    }
}

/// Looks after a connection that says nothing by itself, until it does not when it should.
async fn sickness(mut connection: Connection, pulse: &Pulse) -> Loss {
    loop {
        time::sleep(HEARTBEAT).await;
        let ping = redis::cmd("PING");
        let answer = time::timeout(COMMAND_TIMEOUT, connection.req_packed_command(&ping));
        if !matches!(answer.await, Ok(Ok(_))) {
            return Loss::Everything("it does not answer");
        }
        if !pulse.is_felt(&connection).await {
            return Loss::Hearing("it does not hear what is published");
        }
    }
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
