//! What a run is measured on: one server, or several that share a Redis.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use super::process::{Meter, resident_bytes};
use super::recipe::{Keeping, Recipe};
use super::redis::Redis;
use super::server::Server;

/// The part of each timed run that does not count for its figures.
pub(crate) const WARM_UP: Duration = Duration::from_secs(1);

/// How the members of a room are spread over several servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Spread {
    /// Each member at the next one: all of them change the same sessions.
    Apart,
    /// The whole room at one, the next room at the next one.
    Together,
}

/// Running servers.
pub(crate) struct Stand {
    spread: Spread,
    addresses: Vec<SocketAddr>,
    servers: Vec<Server>,
    /// A server that runs already, if it may be looked at.
    watched: Option<u32>,
    /// Goes after the servers.
    redis: Option<Redis>,
    /// The time that counts for the figures.
    pub(crate) measured: Duration,
}

impl Stand {
    /// One server of its own.
    pub(crate) fn of(recipe: &Recipe, dir: Option<&Path>, measured: Duration) -> Result<Self> {
        Ok(Self::with(
            vec![Server::start(recipe, dir)?],
            None,
            measured,
        ))
    }

    /// Nodes that share a Redis of their own, which keeps what it has acknowledged.
    pub(crate) fn cluster(
        (binary, flags): (PathBuf, Vec<String>),
        (nodes, spread): (usize, Spread),
        dir: Option<&Path>,
        measured: Duration,
    ) -> Result<Self> {
        let redis = Redis::start(dir)?;
        let recipe = Recipe::Roundtable {
            binary,
            store: Keeping::Redis(redis.url()),
            flags,
        };
        let servers = (0..nodes).map(|_| Server::start(&recipe, dir));
        let servers = servers.collect::<Result<_>>()?;
        Ok(Self {
            spread,
            ..Self::with(servers, Some(redis), measured)
        })
    }

    /// A server that runs already, as the process of that id if it is known.
    pub(crate) fn at(address: SocketAddr, pid: Option<u32>, measured: Duration) -> Self {
        Self {
            spread: Spread::Apart,
            addresses: vec![address],
            servers: Vec::new(),
            watched: pid,
            redis: None,
            measured,
        }
    }

    fn with(servers: Vec<Server>, redis: Option<Redis>, measured: Duration) -> Self {
        Self {
            spread: Spread::Apart,
            addresses: servers.iter().map(Server::address).collect(),
            servers,
            watched: None,
            redis,
            measured,
        }
    }

    /// The address of the first server.
    pub(crate) fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// The address of the server that a member of a room talks to.
    pub(crate) fn address_of(&self, room: usize, member: usize) -> SocketAddr {
        let number = match self.spread {
            Spread::Apart => member,
            Spread::Together => room,
        };
        self.addresses[number % self.addresses.len()]
    }

    /// Starts to measure what the servers spend.
    pub(crate) fn meter(&self) -> Result<Meter> {
        Meter::start(self.pids())
    }

    /// Starts to measure what the Redis spends, if there is one.
    pub(crate) fn redis_meter(&self) -> Result<Meter> {
        Meter::start(self.redis.iter().map(Redis::pid).collect())
    }

    /// The memory of all servers.
    pub(crate) fn resident_bytes(&self) -> Result<u64> {
        self.pids().into_iter().map(resident_bytes).sum()
    }

    /// Whether the processes of the servers are known.
    pub(crate) fn is_watched(&self) -> bool {
        !self.pids().is_empty()
    }

    /// The processes of the servers, as far as they are known.
    pub(crate) fn pids(&self) -> Vec<u32> {
        let started = self.servers.iter().map(Server::pid);
        started.chain(self.watched).collect()
    }
}
