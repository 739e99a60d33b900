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
/// Time for what is only passing to be given back.
const REST: Duration = Duration::from_secs(1);

/// Memory without load.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Idle {
    pub(crate) shape: Shape,
    /// After the start.
    pub(crate) start_bytes: u64,
    /// With all rooms open and their players known.
    pub(crate) open_bytes: u64,
    /// With all players connected.
    pub(crate) connected_bytes: u64,
    /// The growth from open to connected, per connection.
    pub(crate) bytes_per_connection: u64,
}

/// Measures a server of its own.
pub(crate) async fn run(binary: &Path, args: &Args) -> Result<Idle> {
    let server = Server::start(binary, args)?;
    let start_bytes = settled_bytes(&server).await?;
    let shape = shape(args.idle)?;
    let seats = rooms::open(server.address(), shape).await?;
    let open_bytes = settled_bytes(&server).await?;
    let connected = rooms::connect(server.address(), seats).await?;
    let connected_bytes = settled_bytes(&server).await?;
    // Until here they had to stay.
    drop(connected);
    let connections = (shape.rooms * shape.members) as u64;
    Ok(Idle {
        shape,
        start_bytes,
        open_bytes,
        connected_bytes,
        bytes_per_connection: connected_bytes.saturating_sub(open_bytes) / connections,
    })
}

async fn settled_bytes(server: &Server) -> Result<u64> {
    sleep(REST).await;
    resident_bytes(server.pid())
}

/// As many connections as are asked for, or as the system allows.
fn shape(wanted: usize) -> Result<Shape> {
    let allowed = open_files_limit()?.saturating_sub(OTHER_FILES);
    let members = MEMBERS.min(wanted);
    let rooms = wanted.min(allowed) / members;
    ensure!(rooms > 0, "the limit of open files is too low");
    Ok(Shape { rooms, members })
}
