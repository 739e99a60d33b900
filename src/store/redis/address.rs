//! Where the Redis is: one server or a cluster.

use std::fmt;
use std::str::FromStr;

use redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

/// Schemes of a cluster, and those of each of its nodes.
const CLUSTER_SCHEMES: [(&str, &str); 2] = [
    ("redis-cluster://", "redis://"),
    ("rediss-cluster://", "rediss://"),
];

/// The address of one server - `redis://[user[:password]@]host[:port][/db]`, `rediss://` with TLS -
/// or of some nodes of a cluster: `redis-cluster://[user[:password]@]host[:port],host[:port]`,
/// `rediss-cluster://`. It is printed without user and password.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl {
    nodes: Vec<String>,
    form: Form,
}

/// What is at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One server has all keys.
    Single,
    /// Every node has some.
    Cluster,
}

impl RedisUrl {
    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// How to connect to each node named.
    pub(super) fn nodes(&self) -> redis::RedisResult<Vec<ConnectionInfo>> {
        self.nodes.iter().map(|node| connection(node)).collect()
    }
}

fn connection(node: &str) -> redis::RedisResult<ConnectionInfo> {
    let info = node.into_connection_info()?;
    let settings = info.redis_settings().clone();
    // Only this protocol has hints and answers on one connection.
    Ok(info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3)))
}

impl FromStr for RedisUrl {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let cluster = CLUSTER_SCHEMES
            .iter()
            .find_map(|(scheme, node_scheme)| Some((text.strip_prefix(scheme)?, *node_scheme)));
        let url = match cluster {
            Some((nodes, scheme)) => Self {
                nodes: cluster_nodes(nodes, scheme),
                form: Form::Cluster,
            },
            None => Self {
                nodes: vec![text.to_owned()],
                form: Form::Single,
            },
        };
        let nodes = url.nodes().map_err(|_| ())?;
        let tcp = |node: &ConnectionInfo| !matches!(node.addr(), redis::ConnectionAddr::Unix(_));
        let sound = !nodes.is_empty() && nodes.iter().all(tcp);
        sound.then_some(url).ok_or(())
    }
}

/// The addresses of single nodes, each with the user and password of the whole.
fn cluster_nodes(nodes: &str, scheme: &str) -> Vec<String> {
    let (user, hosts) = nodes
        .rsplit_once('@')
        .map_or(("", nodes), |(user, hosts)| (user, hosts));
    let at = if user.is_empty() { "" } else { "@" };
    let hosts = hosts.split(',');
    hosts
        .map(|host| format!("{scheme}{user}{at}{host}"))
        .collect()
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, node) in self.nodes.iter().enumerate() {
            let (scheme, rest) = node.split_once("://").unwrap_or(("redis", ""));
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            let shown = host.split(['?', '#']).next().unwrap_or_default();
            if at > 0 {
                f.write_str(",")?;
            }
            let cluster = match self.form {
                Form::Single => "",
                Form::Cluster => "-cluster",
            };
            write!(f, "{scheme}{cluster}://{shown}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_clusters_are_told_apart() {
        for (text, form, nodes) in [
            ("redis://localhost", Form::Single, 1),
            ("rediss://ann:secret@redis.example:6380/3", Form::Single, 1),
            ("redis-cluster://one:7000,two:7001", Form::Cluster, 2),
            (
                "rediss-cluster://ann:secret@one,two,three",
                Form::Cluster,
                3,
            ),
        ] {
            let url: RedisUrl = text.parse().expect(text);
            let found = url.nodes().expect(text);
            assert_eq!((url.form(), found.len()), (form, nodes), "{text}");
            let password = found[0].redis_settings().password();
            assert_eq!(password.is_some(), text.contains("secret"), "{text}");
        }
        for text in [
            "",
            "redis:",
            "redis://",
            "http://localhost",
            "redis-cluster://",
            "unix:/x",
        ] {
            assert!(text.parse::<RedisUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        for (text, kept) in [
            ("redis://ann:hunter2@localhost:6379/1", "redis://localhost"),
            (
                "redis-cluster://:hunter2@one:1,two:2",
                "redis-cluster://one:1",
            ),
            ("redis://localhost/?password=hunter2", "redis://localhost"),
        ] {
            let url: RedisUrl = text.parse().expect(text);
            for shown in [format!("{url}"), format!("{url:?}")] {
                assert!(!shown.contains("hunter2"), "{shown}");
                assert!(shown.contains(kept), "{shown}");
            }
        }
    }
}
