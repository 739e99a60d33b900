//! One server under the load of many small rooms: connecting them, holding them, votes as fast as the
//! rooms take them, votes at a fixed rate.

use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use super::figures::per_second;
use super::idle::settled_bytes;
use super::latency::{self, Latency};
use super::process::socket_bytes;
use super::rooms::{self, Room, Shape};
use super::rounds::{self, Rounds};
use super::stand::Stand;

/// The figures of one visit.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Visit {
    pub(crate) connecting: Connecting,
    /// Per connection, before the first vote.
    pub(crate) idle: Footprint,
    /// Per connection, after the last one.
    pub(crate) active: Footprint,
    pub(crate) rounds: Rounds,
    pub(crate) paced: Latency,
}

/// Clients coming in, as many at a time as the storm has under way.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Connecting {
    pub(crate) connections: usize,
    pub(crate) per_second: f64,
    pub(crate) server_ms_each: f64,
}

/// Memory per connection, in bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Footprint {
    /// The server's own.
    pub(crate) resident: u64,
    /// The kernel's, for both ends of a connection: the storm's are on the same machine.
    pub(crate) sockets: u64,
}

/// The memory before anybody was connected.
pub(crate) struct Bare {
    resident: u64,
    sockets: u64,
    connections: u64,
}

/// Visits the servers of a stand with so many rooms; the votes are at `rate` per second.
pub(crate) async fn run(stand: &Stand, shape: Shape, rate: u32) -> Result<Visit> {
    let seats = rooms::open(stand, shape).await?;
    let bare = Bare::of(stand, shape).await?;
    let (mut rooms, connecting) = connect(stand, shape, seats).await?;
    let idle = bare.footprint(stand).await?;
    let rounds = rounds::run(stand, shape, &mut rooms).await?;
    let paced = latency::run_in(stand, shape, rate, &mut rooms).await?;
    let active = bare.footprint(stand).await?;
    Ok(Visit {
        connecting,
        idle,
        active,
        rounds,
        paced,
    })
}

async fn connect(
    stand: &Stand,
    shape: Shape,
    seats: Vec<Vec<super::rest::Seat>>,
) -> Result<(Vec<Room>, Connecting)> {
    let connections = shape.rooms * shape.members;
    let (meter, started) = (stand.meter()?, Instant::now());
    let rooms = rooms::connect(stand, seats).await?;
    let took = started.elapsed();
    let spent = meter.read(0)?.server_seconds.unwrap_or_default();
    let connecting = Connecting {
        connections,
        per_second: per_second(connections as u64, took),
        server_ms_each: 1000.0 * spent / connections as f64,
    };
    Ok((rooms, connecting))
}

impl Bare {
    /// The memory of a stand where that many are going to be.
    pub(crate) async fn of(stand: &Stand, shape: Shape) -> Result<Self> {
        Ok(Self {
            resident: settled_bytes(stand).await?,
            sockets: socket_bytes()?,
            connections: (shape.rooms * shape.members) as u64,
        })
    }

    /// What each of them takes.
    pub(crate) async fn footprint(&self, stand: &Stand) -> Result<Footprint> {
        let resident = settled_bytes(stand).await?.saturating_sub(self.resident);
        let sockets = socket_bytes()?.saturating_sub(self.sockets);
        Ok(Footprint {
            resident: resident / self.connections,
            sockets: sockets / self.connections,
        })
    }
}
