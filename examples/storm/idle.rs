//! The memory of a server with nothing to do, alone and with many connections.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;
use tokio::time::sleep;

use super::process::open_files_limit;
use super::rooms::{self, Shape};
use super::stand::Stand;

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

/// Measures the server of a stand of its own.
pub(crate) async fn run(stand: &Stand, connections: usize) -> Result<Idle> {
    let start_bytes = settled_bytes(stand).await?;
    let shape = shape(connections)?;
    let seats = rooms::open(stand, shape).await?;
    let open_bytes = settled_bytes(stand).await?;
    let connected = rooms::connect(stand, seats).await?;
    let connected_bytes = settled_bytes(stand).await?;
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

/// The memory of a stand's servers once what is only passing has been given back.
pub(crate) async fn settled_bytes(stand: &Stand) -> Result<u64> {
    sleep(REST).await;
    stand.resident_bytes()
}

/// As many connections as are asked for, or as the system allows.
fn shape(wanted: usize) -> Result<Shape> {
    let allowed = open_files_limit()?.saturating_sub(OTHER_FILES);
    let members = MEMBERS.min(wanted);
    let rooms = wanted.min(allowed) / members;
    ensure!(rooms > 0, "the limit of open files is too low");
    Ok(Shape { rooms, members })
}
