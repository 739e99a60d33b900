//! What to measure and how much of it; every number is bounded.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Error, bail, ensure};
use clap::builder::{RangedI64ValueParser, RangedU64ValueParser};
use clap::{Args as Flags, Parser, Subcommand, ValueEnum};
use serde::Serialize;

use self::scenarios::{Churn, Join, Load, Slow};
use super::recipe::{Keeping, Recipe};

pub(crate) mod scenarios;

/// Measures Roundtable servers on this machine.
#[derive(Clone, Debug, Parser)]
#[command(name = "storm")]
pub(crate) struct Args {
    /// What to measure.
    #[command(subcommand)]
    pub(crate) job: Job,
    /// How.
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The kinds of measurements.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Job {
    /// One server, everything about it.
    Measure(Measure),
    /// Roundtable and the baseline on Node in turn, under the same load.
    Compare(Compare),
    /// One node with SQLite, one with Redis, and more of them.
    Cluster(Cluster),
    /// How the cost grows with connections and with the size of rooms.
    Grow(Grow),
    /// Meetings of any size in any dialect, also at a server that runs already.
    Load(Load),
    /// Everybody's line breaks at once, again and again, while votes go on.
    Churn(Churn),
    /// Members who stop reading, and what that does to the others.
    Slow(Slow),
    /// Rooms that come together within a second, beside the baseline on Node.
    Join(Join),
}

/// What all measurements have in common.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Common {
    /// The server binary to start and to measure.
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        default_value = "target/release/roundtable"
    )]
    pub(crate) server: PathBuf,
    /// The directory of the baseline on Node.
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        default_value = "benches/baseline"
    )]
    pub(crate) baseline: PathBuf,
    /// Directory in which each server gets a directory of its own. Default: the system's temporary one.
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) dir: Option<PathBuf>,
    /// Measured seconds of each run; a second of warm-up precedes them.
    #[arg(long, global = true, default_value = "6", value_parser = RangedU64ValueParser::<u64>::new().range(1..=3600))]
    pub(crate) seconds: u64,
    /// Prints JSON instead of tables.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// A further flag for the started Roundtables; repeatable.
    #[arg(
        long = "flag",
        global = true,
        value_name = "FLAG",
        allow_hyphen_values = true
    )]
    pub(crate) flags: Vec<String>,
}

impl Common {
    /// The time that counts for the figures of a run.
    pub(crate) fn measured(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// A Roundtable that keeps its sessions there.
    pub(crate) fn roundtable(&self, store: Keeping) -> Recipe {
        Recipe::Roundtable {
            binary: self.server.clone(),
            store,
            flags: self.flags.clone(),
        }
    }

    /// The same job on Node.
    pub(crate) fn node(&self) -> Recipe {
        Recipe::Baseline {
            directory: self.baseline.clone(),
        }
    }
}

/// How much of everything.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Measure {
    /// A server that runs on this machine with `--rate-limits off`, such as http://127.0.0.1:3001.
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<Target>,
    /// Where the started server keeps its sessions: `sqlite` or `memory`.
    #[arg(long, value_enum, default_value = "sqlite")]
    pub(crate) store: Store,
    /// Rooms in the runs with many rooms.
    #[arg(long, default_value = "100", value_parser = count(2000))]
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
    #[arg(long, default_value = "2000", value_parser = count(19_900))]
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
}

/// The load that both servers get.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Compare {
    /// How often each server is measured.
    #[arg(long, default_value = "3", value_parser = count(20))]
    pub(crate) passes: usize,
    /// Rooms of 10 that vote.
    #[arg(long, default_value = "1000", value_parser = count(1990))]
    pub(crate) rooms: usize,
    /// Votes per second over all rooms in the run at a fixed rate.
    #[arg(long, default_value = "2000", value_parser = rate())]
    pub(crate) rate: u32,
    /// What is measured; repeatable. Default: everything.
    #[arg(long, value_enum)]
    pub(crate) only: Vec<Part>,
}

/// A part of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Many small rooms: connecting, memory, votes.
    Votes,
    /// Reactions in rooms of 100.
    Hundreds,
    /// Reactions in a room of 1,000.
    Thousand,
}

impl Compare {
    /// Whether this part is to be measured.
    pub(crate) fn includes(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// The size of clusters and their load.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Cluster {
    /// How often each one is measured.
    #[arg(long, default_value = "2", value_parser = count(20))]
    pub(crate) passes: usize,
    /// Most nodes.
    #[arg(long, default_value = "3", value_parser = count(8))]
    pub(crate) nodes: usize,
    /// Rooms.
    #[arg(long, default_value = "200", value_parser = count(1990))]
    pub(crate) rooms: usize,
    /// Players in each room.
    #[arg(long, default_value = "6", value_parser = count(20))]
    pub(crate) members: usize,
    /// Votes per second over all rooms in the run at a fixed rate.
    #[arg(long, default_value = "500", value_parser = rate())]
    pub(crate) rate: u32,
}

/// Where to stop.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Grow {
    /// Most connections.
    #[arg(long, default_value = "19900", value_parser = count(19_950))]
    pub(crate) connections: usize,
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

impl Store {
    pub(crate) fn keeping(self) -> Keeping {
        match self {
            Self::Sqlite => Keeping::Sqlite,
            Self::Memory => Keeping::Memory,
        }
    }
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

pub(crate) fn count(most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=most)
}

pub(crate) fn rate() -> RangedI64ValueParser<u32> {
    RangedI64ValueParser::new().range(1..=20_000)
}
