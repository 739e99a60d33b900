//! Connections to one server, or to all servers of a cluster, behind the same calls.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{AsyncPushSender, ConnectionLike, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, Pipeline, RedisFuture, RedisResult, Value,
};
use tokio_util::sync::CancellationToken;

use super::address::{Form, RedisUrl};
use super::channels::Topic;
use super::cluster;

/// How long a connection may take to be made.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a command may take.
pub(super) const COMMAND_TIMEOUT: Duration = Duration::from_millis(1_800);

/// Takes what servers say by themselves.
pub(super) type Pushes = Arc<dyn AsyncPushSender>;

/// What many may use at a time.
#[derive(Clone)]
pub(super) struct Connection {
    commands: Commands,
    /// Whatever is subscribed to, is so here. See [`cluster`] for why that is never a cluster's.
    listening: MultiplexedConnection,
    /// Set when an answer was found not to belong to its command: no other can be trusted then.
    mixed_up: CancellationToken,
}

#[derive(Clone)]
enum Commands {
    /// To one server; does not recover once it is lost.
    Single(MultiplexedConnection),
    /// To a cluster; recovers unless all servers are lost.
    Cluster(ClusterConnection),
}

impl Connection {
    /// Connects. What is said by the server that is listened to goes to `heard`, that of the others
    /// of a cluster to `others`.
    pub(super) async fn open(url: &RedisUrl, heard: Pushes, others: Pushes) -> RedisResult<Self> {
        let (commands, listening) = match url.form() {
            Form::Single => {
                let connection = server(url.nodes()?.swap_remove(0), heard).await?;
                (Commands::Single(connection.clone()), connection)
            }
            Form::Cluster => {
                let mut commands = cluster::connect(url, others).await?;
                let listening = cluster::listen(url, &mut commands, heard).await?;
                (Commands::Cluster(commands), listening)
            }
        };
        Ok(Self {
            commands,
            listening,
            mixed_up: CancellationToken::new(),
        })
    }

    /// The connection to a cluster, if it is one.
    pub(super) fn as_cluster(&self) -> Option<&ClusterConnection> {
        match &self.commands {
            Commands::Single(_) => None,
            Commands::Cluster(commands) => Some(commands),
        }
    }

    /// The same connection to a cluster, but listening anew; a new one if it is to one server.
    pub(super) async fn renewed(
        self,
        url: &RedisUrl,
        heard: Pushes,
        others: Pushes,
    ) -> RedisResult<Self> {
        let Commands::Cluster(mut commands) = self.commands else {
            return Self::open(url, heard, others).await;
        };
        Ok(Self {
            listening: cluster::listen(url, &mut commands, heard).await?,
            commands: Commands::Cluster(commands),
            mixed_up: self.mixed_up,
        })
    }

    /// Has the connection replaced, for it gave somebody the answer to something else.
    pub(super) fn distrust(&self) {
        self.mixed_up.cancel();
    }

    /// Ends when the connection is not trusted any more.
    pub(super) async fn distrusted(&self) {
        self.mixed_up.cancelled().await;
    }

    /// Subscribes to topics.
    pub(super) async fn subscribe(&mut self, topics: &[Topic]) -> RedisResult<()> {
        let (channels, patterns) = names(topics);
        if !channels.is_empty() {
            self.listening.subscribe(channels).await?;
        }
        if !patterns.is_empty() {
            self.listening.psubscribe(patterns).await?;
        }
        Ok(())
    }

    /// The opposite of [`Connection::subscribe`].
    pub(super) async fn unsubscribe(&mut self, topics: &[Topic]) -> RedisResult<()> {
        let (channels, patterns) = names(topics);
        // Without a name it would be all of them.
        if !channels.is_empty() {
            self.listening.unsubscribe(channels).await?;
        }
        if !patterns.is_empty() {
            self.listening.punsubscribe(patterns).await?;
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

/// Connects to one server.
pub(super) async fn server(
    server: ConnectionInfo,
    pushes: Pushes,
) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(COMMAND_TIMEOUT))
        .set_push_sender(pushes);
    Client::open(server)?
        .get_multiplexed_async_connection_with_config(&config)
        .await
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match &mut self.commands {
            Commands::Single(connection) => connection.req_packed_command(cmd),
            Commands::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        cmd: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match &mut self.commands {
            Commands::Single(connection) => connection.req_packed_commands(cmd, offset, count),
            Commands::Cluster(connection) => connection.req_packed_commands(cmd, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match &self.commands {
            Commands::Single(connection) => connection.get_db(),
            Commands::Cluster(connection) => connection.get_db(),
        }
    }
}
