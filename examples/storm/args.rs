//! What to measure and how much of it; every number is bounded.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Error, bail, ensure};
use clap::builder::{RangedI64ValueParser, RangedU64ValueParser};
use clap::{Parser, ValueEnum};
use serde::Serialize;

/// Measures a Roundtable server on this machine.
#[derive(Clone, Debug, Parser)]
#[command(name = "storm")]
pub(crate) struct Args {
    /// The server binary to start and to measure.
    #[arg(
        long,
        value_name = "PATH",
        required_unless_present = "target",
        conflicts_with = "target"
    )]
    pub(crate) server: Option<PathBuf>,
    /// A server that runs on this machine with `--rate-limits off`, such as http://127.0.0.1:3001.
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<Target>,
    /// Where the started server keeps its sessions: `sqlite` or `memory`.
    #[arg(long, value_enum, default_value = "sqlite")]
    pub(crate) store: Store,
    /// Directory in which the server gets a directory of its own. Default: the system's temporary one.
    #[arg(long, value_name = "PATH")]
    pub(crate) dir: Option<PathBuf>,
    /// Measured seconds of each run; a second of warm-up precedes them.
    #[arg(long, default_value = "6", value_parser = RangedU64ValueParser::<u64>::new().range(1..=60))]
    pub(crate) seconds: u64,
    /// Rooms in the runs with many rooms.
    #[arg(long, default_value = "100", value_parser = count(1000))]
    pub(crate) rooms: usize,
    /// Players in each room.
    #[arg(long, default_value = "5", value_parser = count(20))]
    pub(crate) members: usize,
    /// Players in the one large room of the delivery run.
    #[arg(long, default_value = "50", value_parser = count(200))]
    pub(crate) audience: usize,
    /// Votes per second over all rooms in the delivery run with many rooms.
    #[arg(long, default_value = "1000", value_parser = rate())]
    pub(crate) rate: u32,
    /// Votes per second in the delivery run with one large room.
    #[arg(long, default_value = "100", value_parser = rate())]
    pub(crate) audience_rate: u32,
    /// Idle connections whose memory is measured.
    #[arg(long, default_value = "2000", value_parser = count(15_000))]
    pub(crate) idle: usize,
    /// Viewers of turn clocks that are held.
    #[arg(long, default_value = "5000", value_parser = count(15_000))]
    pub(crate) viewers: usize,
    /// Seconds for which they are held.
    #[arg(long, default_value = "20", value_parser = RangedU64ValueParser::<u64>::new().range(1..=60))]
    pub(crate) hold: u64,
    /// Starts of which the median is taken.
    #[arg(long, default_value = "7", value_parser = count(50))]
    pub(crate) starts: usize,
    /// Prints JSON instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
    /// Further flags for the started server.
    #[arg(last = true)]
    pub(crate) server_flags: Vec<String>,
}

/// Where a started server keeps its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Store {
    /// In a SQLite file.
    Sqlite,
    /// In memory.
    Memory,
}

/// The address of a server that runs already; always a loopback one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target(pub(crate) SocketAddr);

impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let rest = ["http://", "ws://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .context("the address must begin with http:// or ws://")?;
        let host = rest.trim_end_matches('/');
        let Some(address) = host.to_socket_addrs()?.next() else {
            bail!("{host} has no address");
        };
        ensure!(address.ip().is_loopback(), "{host} is not on this machine");
        Ok(Self(address))
    }
}

fn count(most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=most)
}

fn rate() -> RangedI64ValueParser<u32> {
    RangedI64ValueParser::new().range(1..=20_000)
}
