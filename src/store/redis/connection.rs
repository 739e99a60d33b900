//! One connection to one server, or to all nodes of a cluster, behind the same calls.

use std::time::Duration;

use redis::aio::{AsyncPushSender, ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, Pipeline, ProtocolVersion, RedisFuture, RedisResult, Value,
};

use super::address::{Form, RedisUrl};
use super::channels::Topic;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a command may take.
pub(super) const COMMAND_TIMEOUT: Duration = Duration::from_millis(1_800);
/// How often a cluster's node is asked again, or the next one instead.
const CLUSTER_RETRIES: u32 = 2;

/// A connection that many may use at a time.
#[derive(Clone)]
pub(super) enum Connection {
    /// To one server; does not recover once it is lost.
    Single(MultiplexedConnection),
    /// To a cluster; recovers unless all nodes are lost.
    Cluster(ClusterConnection),
}

impl Connection {
    /// Connects; what the server says by itself goes to `pushes`.
    pub(super) async fn open(url: &RedisUrl, pushes: impl AsyncPushSender) -> RedisResult<Self> {
        match url.form() {
            Form::Single => single(url, pushes).await.map(Self::Single),
            Form::Cluster => cluster(url, pushes).await.map(Self::Cluster),
        }
    }

    /// Subscribes to topics.
    pub(super) async fn subscribe(&mut self, topics: &[Topic]) -> RedisResult<()> {
        match self {
            Self::Single(connection) => {
                let (channels, patterns) = names(topics);
                if !channels.is_empty() {
                    connection.subscribe(channels).await?;
                }
                if !patterns.is_empty() {
                    connection.psubscribe(patterns).await?;
                }
            }
            Self::Cluster(connection) => {
                // One at a time, for each goes to the server that has the slot of its name.
                for topic in topics {
                    match topic {
                        Topic::Channel(name) => connection.subscribe(name).await?,
                        Topic::Pattern(name) => connection.psubscribe(name).await?,
                    }
                }
            }
        }
        Ok(())
    }

    /// The opposite of [`Connection::subscribe`].
    pub(super) async fn unsubscribe(&mut self, topics: &[Topic]) -> RedisResult<()> {
        match self {
            Self::Single(connection) => {
                let (channels, patterns) = names(topics);
                // Without a name it would be all of them.
                if !channels.is_empty() {
                    connection.unsubscribe(channels).await?;
                }
                if !patterns.is_empty() {
                    connection.punsubscribe(patterns).await?;
                }
            }
            Self::Cluster(connection) => {
                for topic in topics {
                    match topic {
                        Topic::Channel(name) => connection.unsubscribe(name).await?,
                        Topic::Pattern(name) => connection.punsubscribe(name).await?,
                    }
                }
            }
        }
        Ok(())
    }
}

/// The names of channels and those of patterns.
fn names(topics: &[Topic]) -> (Vec<&str>, Vec<&str>) {
    let (mut channels, mut patterns) = (Vec::new(), Vec::new());
    for topic in topics {
        match topic {
            Topic::Channel(name) => channels.push(name.as_str()),
            Topic::Pattern(name) => patterns.push(name.as_str()),
        }
    }
    (channels, patterns)
}

async fn single(
    url: &RedisUrl,
    pushes: impl AsyncPushSender,
) -> RedisResult<MultiplexedConnection> {
    let node = url.nodes()?.swap_remove(0);
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(COMMAND_TIMEOUT))
        .set_push_sender(pushes);
    Client::open(node)?
        .get_multiplexed_async_connection_with_config(&config)
        .await
}

async fn cluster(url: &RedisUrl, pushes: impl AsyncPushSender) -> RedisResult<ClusterConnection> {
    let client = ClusterClient::builder(url.nodes()?)
        .use_protocol(ProtocolVersion::RESP3)
        .connection_timeout(CONNECT_TIMEOUT)
        .response_timeout(COMMAND_TIMEOUT)
        .overall_response_timeout(Some(COMMAND_TIMEOUT))
        .retries(CLUSTER_RETRIES)
        .push_sender(pushes)
        .build()?;
    client.get_async_connection().await
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        cmd: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(cmd, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(cmd, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
