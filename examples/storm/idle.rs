//! The memory of a server with nothing to do, alone and with many connections.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;
use tokio::time::sleep;

use super::args::Args;
use super::process::{open_files_limit, resident_bytes};
use super::rooms::{self, Shape};
use super::server::Server;

/// Members of each room that the idle connections sit in.
const MEMBERS: usize = 10;
/// Files that a process needs besides its connections.
const OTHER_FILES: usize = 128;
/// Time for what connecting has left behind to be given back.
const REST: Duration = Duration::from_secs(1);

/// Memory without load.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Idle {
    /// After the start.
    pub(crate) start_bytes: u64,
    pub(crate) connections: usize,
    pub(crate) rooms: usize,
    /// With all connections.
    pub(crate) connected_bytes: u64,
    /// The growth per connection, with its share of player and room.
    pub(crate) bytes_per_connection: u64,
}

/// Measures a server of its own.
pub(crate) async fn run(binary: &Path, args: &Args) -> Result<Idle> {
    let server = Server::start(binary, args)?;
    sleep(REST).await;
    let start_bytes = resident_bytes(server.pid())?;
    let shape = shape(args.idle)?;
    let filled = rooms::fill(server.address(), shape).await?;
    sleep(REST).await;
    let connected_bytes = resident_bytes(server.pid())?;
    let connections = filled.iter().map(|room| room.members.len()).sum();
    let growth = connected_bytes.saturating_sub(start_bytes);
    Ok(Idle {
        start_bytes,
        connections,
        rooms: shape.rooms,
        connected_bytes,
        bytes_per_connection: growth / connections as u64,
    })
}

/// As many connections as are asked for, or as the system allows.
fn shape(wanted: usize) -> Result<Shape> {
    let allowed = open_files_limit()?.saturating_sub(OTHER_FILES);
    let members = MEMBERS.min(wanted);
    let rooms = wanted.min(allowed) / members;
    ensure!(rooms > 0, "the limit of open files is too low");
    Ok(Shape { rooms, members })
}
