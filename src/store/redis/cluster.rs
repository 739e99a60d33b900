//! Connections to a cluster: one for commands, to all its servers, and one that listens, to any.
//!
//! Nothing is ever subscribed to over the former. Whenever slots have moved, redis 1.8 subscribes to
//! everything anew there, with one command for all channels that a server has
//! (`send_subscription_pipeline`). It counts one answer for that, but the server confirms each
//! channel, and the other confirmations are taken for the answers to the commands behind it: these
//! get each other's answers from then on, until nobody waits for any.
//!
//! What is published on an ordinary channel reaches all servers, so that one is enough.

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::{
    Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, ProtocolVersion, RedisResult, Value,
    from_redis_value,
};

use super::address::RedisUrl;
use super::connection::{self, COMMAND_TIMEOUT, CONNECT_TIMEOUT, Pushes};

/// How often a cluster's server is asked again, or the next one instead.
const RETRIES: u32 = 2;

/// Connects to all servers.
pub(super) async fn connect(url: &RedisUrl, pushes: Pushes) -> RedisResult<ClusterConnection> {
    let client = ClusterClient::builder(url.nodes()?)
        .use_protocol(ProtocolVersion::RESP3)
        .connection_timeout(CONNECT_TIMEOUT)
        .response_timeout(COMMAND_TIMEOUT)
        .overall_response_timeout(Some(COMMAND_TIMEOUT))
        .retries(RETRIES)
        .push_sender(pushes)
        .build()?;
    client.get_async_connection().await
}

/// Connects to the first server that can be reached, in random order.
pub(super) async fn listen(
    url: &RedisUrl,
    commands: &mut ClusterConnection,
    pushes: Pushes,
) -> RedisResult<MultiplexedConnection> {
    let mut named = url.nodes()?;
    // Those that the address names may be gone for long.
    let known = masters(commands).await.unwrap_or_default();
    let known = known.into_iter().filter_map(|at| at_address(&named, at));
    let mut servers: Vec<_> = known.collect();
    shuffle(&mut servers);
    shuffle(&mut named);
    servers.append(&mut named);
    let mut failure = (ErrorKind::ClusterConnectionNotFound, "no server is known").into();
    for server in servers {
        match connection::server(server, pushes.clone()).await {
            Ok(listening) => return Ok(listening),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Has any server carry out a command, whichever keys or channels it names.
pub(super) async fn ask_any(commands: &mut ClusterConnection, command: Cmd) -> RedisResult<Value> {
    let anywhere = RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random);
    commands
        .route_command(command, anywhere)
        .await?
        .extract_error()
}

/// Host and port of each master.
async fn masters(commands: &mut ClusterConnection) -> RedisResult<Vec<(String, u16)>> {
    let mut ask = redis::cmd("CLUSTER");
    ask.arg("SLOTS");
    let ranges: Vec<Vec<Value>> = from_redis_value(ask_any(commands, ask).await?)?;
    let mut masters: Vec<_> = ranges.into_iter().filter_map(master).collect();
    masters.sort();
    masters.dedup();
    Ok(masters)
}

/// The master of a range: first slot, last slot, master, replicas.
fn master(range: Vec<Value>) -> Option<(String, u16)> {
    let server = range.into_iter().nth(2)?.into_sequence().ok()?;
    let mut parts = server.into_iter();
    let host: String = from_redis_value(parts.next()?).ok()?;
    let port = from_redis_value(parts.next()?).ok()?;
    // What a server says that does not know its own address.
    let unknown = host.is_empty() || host == "?";
    (!unknown).then_some((host, port))
}

/// How to connect to another server than those named, which are all connected to in the same way.
fn at_address(named: &[ConnectionInfo], (host, port): (String, u16)) -> Option<ConnectionInfo> {
    let like = named.first()?;
    let address = match like.addr() {
        ConnectionAddr::TcpTls {
            insecure,
            tls_params,
            ..
        } => ConnectionAddr::TcpTls {
            host,
            port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        _ => ConnectionAddr::Tcp(host, port),
    };
    Some(like.clone().set_addr(address))
}

fn shuffle(servers: &mut [ConnectionInfo]) {
    servers.sort_by_cached_key(|_| getrandom::u64().unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_reached_as_those_that_the_address_names() {
        let url: RedisUrl = "rediss-cluster://ann:secret@one:7000".parse().unwrap();
        let found = at_address(&url.nodes().unwrap(), ("two".to_owned(), 7001)).unwrap();
        assert_eq!(found.addr().to_string(), "two:7001");
        assert!(matches!(found.addr(), ConnectionAddr::TcpTls { .. }));
        assert_eq!(found.redis_settings().password(), Some("secret"));
    }

    #[test]
    fn masters_that_do_not_know_their_address_are_not_asked() {
        let text = |text: &str| Value::BulkString(text.into());
        let range = |host| {
            let server = Value::Array(vec![host, Value::Int(7000), text("id")]);
            vec![Value::Int(0), Value::Int(16_383), server]
        };
        assert_eq!(master(range(text("one"))), Some(("one".to_owned(), 7000)));
        for unknown in [text(""), text("?"), Value::Nil] {
            assert_eq!(master(range(unknown)), None);
        }
        assert_eq!(master(Vec::new()), None);
    }
}
